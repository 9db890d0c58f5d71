"""What the reader's tools cost is measured by leaving them out: the list of them fits the book."""

import shutil
from pathlib import Path

import pytest
import yaml
from places import ROOT

from dlabook.host.benchmark import TOOLS, cost_table, leave_out

FRAME = {  # of every site
    *("site.remember", "site.theme", "site.mathematics", "site.translator", "site.outputs"),
    *("site.directives", "site.incremental", "site.record", "site.numbers", "site.parallel"),
    "site.sitemap",
    "reader.front.front",
    *("reader.player.player", "reader.study.pages"),
    *("reader.fold.fold", "reader.prediction.prediction", "reader.formula.formula"),
}


@pytest.fixture
def copy(tmp_path):
    for name in ("_config.yml", "_toc.yml"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def loaded(root: Path) -> set[str]:
    names = yaml.safe_load((root / "_config.yml").read_text())["sphinx"]["extra_extensions"]
    return {name.removeprefix("dlabook.") for name in names if name.startswith("dlabook.")}


def pages(root: Path) -> set[str]:
    parts = yaml.safe_load((root / "_toc.yml").read_text())["parts"]
    return {entry["file"] for part in parts for entry in part["chapters"]}


def test_every_extension_is_a_tool_or_belongs_to_every_site(copy):
    leave_out(copy, tuple(TOOLS))
    assert loaded(copy) == FRAME
    assert not any(page.startswith(("book/exam/", "book/api")) for page in pages(copy))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_is_left_out_alone(copy, tool):
    leave_out(copy, (tool,))
    extensions, files = (set(names.split()) for names in TOOLS[tool])
    assert loaded(copy) == loaded(ROOT) - {f"reader.{name}" for name in extensions}
    assert pages(copy) == pages(ROOT) - files
    assert files <= pages(ROOT) and (extensions or files)


def test_a_tool_that_the_book_does_not_load_is_named(copy):
    text = (copy / "_config.yml").read_text()
    (copy / "_config.yml").write_text(text.replace("    - dlabook.reader.search.search\n", ""))
    with pytest.raises(
        RuntimeError, match=r"dlabook\.reader\.search\.search: in TOOLS, not in _config\.yml"
    ):
        leave_out(copy, ("search by symbols and names",))


def test_shares_are_of_the_build_without_the_tool():
    seconds = dict.fromkeys([f"without {tool}" for tool in TOOLS], 12.0)
    seconds |= {"everything": 12.0, "none": 10.0, "everything, sounds not drawn yet": 15.0}
    seconds["without notebooks to take away"] = 8.0
    title, _, rows = cost_table(seconds)
    found = {name: (added, share) for name, added, share in rows}
    assert "12.0; without: 10.0" in title
    assert found["notebooks to take away"] == ("4.0", "50%")
    assert found["search by symbols and names"] == ("0.0", "0%")
    assert found["pictures of sounds, the first time"] == ("3.0", "25%")
    assert found["all but the pictures"] == ("2.0", "20%")
