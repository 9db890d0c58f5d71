"""Scripts and styles lie beside their Python, and are found where the site looks for them."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from places import DLABOOK

from dlabook.site.static import contains, publish


def app_that_connects() -> SimpleNamespace:
    connected = []
    return SimpleNamespace(
        connect=lambda event, handler: connected.append((event, handler)), connected=connected
    )


def test_files_beside_a_module_are_added_to_what_there_is(tmp_path):
    (tmp_path / "tool.js").write_text("")
    app, config = app_that_connects(), SimpleNamespace(html_static_path=["static"])
    publish(app, str(tmp_path / "tool.py"), "tool.js")
    ((event, add),) = app.connected
    add(app, config)
    assert event == "config-inited"
    assert config.html_static_path == ["static", str(tmp_path / "tool.js")]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"tool\.css is missing: .*tool\.py publishes it"):
        publish(app_that_connects(), str(tmp_path / "tool.py"), "tool.css")


def test_every_script_and_style_of_a_tool_is_published_by_its_folder():
    for path in sorted((DLABOOK / "reader").rglob("*.[cj]s*")):
        sources = "".join(module.read_text() for module in path.parent.glob("*.py"))
        assert f'"{path.name}"' in sources.partition("publish(app, __file__,")[2], path


def test_no_two_tools_have_files_of_one_name():
    names = [path.name for path in DLABOOK.rglob("*.[cj]s*")]
    assert len(names) == len(set(names))


def test_a_page_contains_what_is_anywhere_in_it_and_a_page_without_source_nothing():
    document = new_document("page")
    document += nodes.section("", nodes.paragraph("", "text", classes=["outcome"]))
    assert contains(document, nodes.paragraph)
    assert contains(document, lambda node: node.astext() == "text")
    assert not contains(document, nodes.table)
    assert not contains(None, nodes.paragraph)
