"""Repairs of printed pages: folded boxes, tables, names, the 404 page."""

import re

from dlabook.site.markup import from_root, native_dropdowns, repair_body, with_named_toggles


def test_folded_boxes_open_without_a_script():
    box = (
        '<div class="solution dropdown admonition" id="a">\n<p class="admonition-title">Solution to'
        '<a class="reference" href="#b"> Exercise 1</a></p>\n<div class="x"><div>in</div></div>\n'
        "</div><p>after</p>"
    )
    assert native_dropdowns(box + box.replace('"a"', '"c"')).count("<details") == 2
    assert re.sub(r"\s+", " ", native_dropdowns(box)) == (
        '<details class="solution dropdown admonition" id="a"><summary class="admonition-title">'
        'Solution to Exercise 1</summary> <div class="x"><div>in</div></div> </details><p>after</p>'
    )


def test_a_box_that_is_not_folded_stays():
    box = '<div class="admonition note">\n<p class="admonition-title">Note</p>\n<p>x</p>\n</div>'
    assert native_dropdowns(box) == box


def test_tables_scroll_inside_themselves():
    assert repair_body("<table><tr></tr></table>") == (
        '<div class="table-scroll"><table><tr></tr></table></div>'
    )


def test_the_toggles_of_the_contents_have_a_name():
    contents = (
        '<a class="current reference internal" href="#">1. PIT</a><details open="open"><summary>'
    )
    named = with_named_toggles(lambda kind: contents)("sidebar")
    assert named.endswith('<details open="open"><summary aria-label="Pages of 1. PIT">')


def test_links_of_the_404_page_start_at_the_root():
    body = '<a href="index.html#top">a</a> <a href="../x.html">b</a> <a href="https://a.org">c</a>'
    assert from_root(body, "book/404") == (
        '<a href="/book/index.html#top">a</a> <a href="/x.html">b</a> <a href="https://a.org">c</a>'
    )
    assert from_root('<a href="#here">', "book/404") == '<a href="#here">'
