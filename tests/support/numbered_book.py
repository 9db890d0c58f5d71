"""A numbered book of a few pages with the configuration of this one, for tests."""

import subprocess
import sys
from pathlib import Path

import yaml
from places import ROOT
from small_site import write

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
    """Its site, built by a process of its own from what the last build left."""
    command = [sys.executable, "-m", "dlabook.site.application", str(root), "--jobs", str(jobs)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    return files_of(root)


def files_of(root: Path) -> dict[str, bytes]:
    """Each file of its site."""
    site = root / "_build" / "html"
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


def different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
