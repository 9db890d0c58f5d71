"""Pages read side by side give the bytes of pages read one after the other."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from places import ROOT
from small_site import write

from dlabook.site.application import UNUSED, book_config

PAGES = 9  # more than Sphinx reads side by side at least
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def make_book(root: Path) -> None:
    config = CONFIG | {"bibtex_bibfiles": ["book/references.bib"]}
    config["html"] = config["html"] | {"favicon": ""}
    config["sphinx"]["config"]["html_static_path"] = [str(ROOT / "code/dlabook/site/static")]
    write(root, "_config.yml", yaml.safe_dump(config))
    names = [f"book/part/p{k}" for k in range(PAGES)]
    toc = {
        "format": "jb-book",
        "root": "book/index",
        "parts": [{"caption": "P", "numbered": True, "chapters": [{"file": n} for n in names]}],
    }
    write(root, "_toc.yml", yaml.safe_dump(toc))
    write(root, "CITATION.cff", "title: T\nversion: 1.0.0\ndate-released: 2020-01-01\nauthors:\n"
          "  - name: A\n")  # fmt: skip
    write(root, "book/references.bib", "@book{Two2020, title={T}, author={A B}, year={2020}}\n")
    write(root, "book/index.md", "# Index\n")
    for k, name in enumerate(names):
        write(root, f"{name}.md", page(k))
    (root / "node_modules").symlink_to(ROOT / "node_modules")


def page(k: int) -> str:
    other = (k + 4) % PAGES
    return (
        f"(sec-x-{k})=\n# Page {k}\n\nSee {{ref}}`sec-x-{other}`, {{eq}}`eq-x-{other}` and "
        f"{{cite:p}}`Two2020`.\n\n$$\n\\frac{{x_{k}}}{{{k}}} = \\sum_{{n={k}}} n\n$$ (eq-x-{k})\n\n"
        f"```{{exercise}}\n:label: ex-x-{k}\n\nWhy {k}?\n```\n\n"
        f"```{{prf:definition}} D\n:label: def-x-{k}d\n\n$y = {k}$.\n```\n"
    )


def build(root: Path, jobs: int) -> dict[str, bytes]:
    command = [sys.executable, "-m", "dlabook.site.application", str(root), "--jobs", str(jobs)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    site = root / "_build" / "html"
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    root = tmp_path_factory.mktemp("serial") / "b"
    make_book(root)
    return root, build(root, 1)


def different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def test_two_processes_write_the_same_bytes(serial, tmp_path):
    make_book(tmp_path / "b")
    assert different(serial[1], build(tmp_path / "b", 2)) == []
    assert any("eq-x-4" in name or b"(eq-x-4" in text or b"equation-eq-x-4" in text
               for name, text in serial[1].items() if name.endswith("p0.html"))  # fmt: skip


def test_a_changed_page_gives_the_bytes_of_a_build_from_nothing(serial, tmp_path):
    root = tmp_path / "b"
    make_book(root)
    build(root, 2)
    text = page(3).replace("Why 3?", "Why three, and $\\sqrt{7}$?")
    write(root, "book/part/p3.md", text)
    later = build(root, 2)
    fresh = tmp_path / "fresh" / "b"
    make_book(fresh)
    write(fresh, "book/part/p3.md", text)
    assert different(build(fresh, 1), later) == []
    assert different(serial[1], later) != []


def test_the_configuration_is_jupyter_book_s_without_what_pages_side_by_side_do_not_bear():
    config = book_config(ROOT)
    assert "dlabook.site.record" in config["extensions"]
    assert UNUSED not in config["extensions"]
    assert config["nb_execution_mode"] == "cache"
