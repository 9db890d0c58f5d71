"""Where an address leads that has moved, and what is accepted as one."""

import pytest

from dlabook.reader.addresses import addresses
from dlabook.reader.addresses.addresses import (
    accept_addresses,
    listed,
    lost,
    redirects,
    resolve,
)
from dlabook.site import build as site


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("a", "a"),
        ("a#eq-x", "a#eq-x"),
        ("a#eq-gone", None),
        ("old", "a"),
        ("old#eq-x", "a#eq-x"),  # a page that moved takes its anchors along
        ("old#eq-y", "b#eq-y"),  # but for those that moved elsewhere
        ("older#eq-x", "a#eq-x"),
        ("round", None),
    ],
)
def test_where_an_address_leads(address, target):
    rules = {
        "old": "a",
        "older": "old",
        "old#eq-y": "b#eq-y",
        "round": "about",
        "about": "round",
    }
    assert resolve(address, rules, {"a", "a#eq-x", "b", "b#eq-y"}) == target


@pytest.fixture
def book(tmp_path):
    page = tmp_path / "_build/html/book/page.html"
    page.parent.mkdir(parents=True)
    page.write_text('<div id="pst-x"><span id="sec-a"></span><div class="equation" id="eq-b">')
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    (tmp_path / "book").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "_build/html.key").write_text(site.build_key(tmp_path) + " frame")
    return tmp_path


def test_accepting_adds_and_never_removes(book):
    (book / addresses.LIST).write_text("book/page#fig-gone\n")
    assert lost(book, book / "_build/html") == ["book/page#fig-gone"]
    assert accept_addresses(book) == f"{addresses.LIST}: 3 new"
    assert listed(book) == {"book/page", "book/page#sec-a", "book/page#eq-b", "book/page#fig-gone"}


def test_nothing_is_accepted_from_a_site_of_other_sources(book):
    (book / "book/page.md").write_text("changed")
    assert "not built from these sources" in accept_addresses(book)
    assert listed(book) == set()


@pytest.mark.parametrize("text", ["one\n", "a b c\n", "a b\na c\n"])
def test_a_rule_has_two_addresses_and_is_given_once(book, text):
    (book / addresses.REDIRECTS).write_text(text)
    with pytest.raises(ValueError, match="expected 'old new'"):
        redirects(book)
