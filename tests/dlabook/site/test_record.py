"""A page is forgotten when it is read again, and merged when another process read it."""

from types import SimpleNamespace

from dlabook.site import record
from dlabook.site.record import Page, Record, outdated_pages, record_of, shows


def test_a_page_is_forgotten_alone():
    book = Record()
    book.of("a").files.add("x")
    book.of("b").files.add("y")
    book.forget("a")
    book.forget("never read")
    assert [(name, page.files) for name, page in book.each()] == [("b", {"y"})]


def test_asking_for_a_page_that_was_not_read_makes_none():
    book = Record()
    assert book.get("search") == Page()
    assert book.pages == {}


def test_only_the_pages_that_another_process_read_are_taken_over():
    mine, other = Record(), Record()
    mine.of("a").part = "mine"
    other.of("a").part = "as it was before the fork"
    other.of("b").part = "read there"
    mine.merge(other, ["b", "c"])
    assert [(name, page.part) for name, page in mine.each()] == [("a", "mine"), ("b", "read there")]


def test_pages_come_in_the_order_of_their_names():
    book = Record()
    for name in ("b", "c", "a"):
        book.of(name)
    assert [name for name, _ in book.each()] == ["a", "b", "c"]


def test_a_page_that_shows_what_changed_is_read_again(monkeypatch, tmp_path):
    now = {"questions": "1", "times": "1"}
    monkeypatch.setattr(record, "_KINDS", {})
    for kind in now:
        record.declare_kind(kind, lambda root, kind=kind: now[kind])
    env = SimpleNamespace(srcdir=tmp_path, found_docs={"sheet", "plan"})
    for env.docname, kind in (("sheet", "questions"), ("plan", "times"), ("gone", "times")):
        shows(env, kind)
    app = SimpleNamespace(srcdir=tmp_path)
    assert outdated_pages(app, env, set(), set(), set()) == set()
    now["times"] = "2"
    assert outdated_pages(app, env, set(), set(), set()) == {"plan"}


def test_there_is_one_record_in_an_environment():
    env = SimpleNamespace()
    record_of(env).of("a")
    assert "a" in record_of(env).pages
