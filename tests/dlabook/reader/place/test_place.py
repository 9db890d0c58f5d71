"""The script and style of the place where one is come to pages that have a source."""

from types import SimpleNamespace

from docutils.utils import new_document

from dlabook.reader.place.place import add_parts


def parts(doctree) -> list[str]:
    found: list[str] = []
    app = SimpleNamespace(
        add_js_file=lambda name, **options: found.append(name),
        add_css_file=lambda name: found.append(name),
    )
    add_parts(app, "book/a", "page.html", {}, doctree)
    return found


def test_a_page_with_a_source_knows_where_one_is_and_the_search_needs_nothing():
    assert parts(new_document("a")) == ["place.js", "place.css"]
    assert parts(None) == []
