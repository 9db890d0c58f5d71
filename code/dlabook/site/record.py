"""What each page says, worked out when the page is read, and kept with it.

One typed record in Sphinx's environment: no extension has an attribute of
its own there. A page that is read again is forgotten first; what pages say
that were read by another process is merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from dlabook.source.chapters import OralQuestion


@dataclass
class Page:
    """What one page says."""

    questions: dict[str, OralQuestion] = field(default_factory=dict)  # label -> oral question
    predictions: dict[str, bool] = field(default_factory=dict)  # label -> held; decided ones
    files: set[str] = field(default_factory=set)  # sounds and figures that it shows
    figures: list[tuple[str, ...]] = field(default_factory=list)  # label, words, files of each
    part: str | None = None  # subpackage of the library that it is the page of
    modules: list[str] = field(default_factory=list)  # the subpackage's, as they were
    named: dict[str, list[str]] = field(default_factory=dict)  # label or page -> who names it
    sections: list[Any] = field(default_factory=list)  # what can be found (`reader.search`)
    anchors: dict[str, str] = field(default_factory=dict)  # id of a section -> its label
    skeleton: nodes.Element | None = None  # its sections and what has a number in them
    shown: dict[str, str] = field(default_factory=dict)  # kind of source -> what it was (`shows`)


@dataclass
class Record:
    """What the pages say, by their names, and what they were made of."""

    pages: dict[str, Page] = field(default_factory=dict)
    executed: dict[str, str] = field(default_factory=dict)  # page -> its executed notebook
    shared: str = ""  # fingerprint of what pages show of each other
    trained: str = ""  # fingerprint of the questions that the trainer's page lists

    def of(self, docname: str) -> Page:
        """The record of a page that is being read, empty at first."""
        return self.pages.setdefault(docname, Page())

    def get(self, docname: str) -> Page:
        """The record of a page that was read; an empty one of any other."""
        return self.pages.get(docname) or Page()

    def forget(self, docname: str) -> None:
        """The page is read again, or is gone."""
        self.pages.pop(docname, None)

    def merge(self, other: Record, docnames: Iterable[str]) -> None:
        """Take over what another process read."""
        for docname in docnames:
            if docname in other.pages:
                self.pages[docname] = other.pages[docname]

    def each(self) -> Iterable[tuple[str, Page]]:
        """The pages in the order of their names, whichever was read first."""
        return sorted(self.pages.items())


# What a page may show that is in other pages' sources: kind -> its present fingerprint.
_KINDS: dict[str, Callable[[Path], str]] = {}


def declare_kind(kind: str, fingerprint: Callable[[Path], str]) -> None:
    """Pages may show what the sources of others say; ``fingerprint`` tells when that changes."""
    _KINDS[kind] = fingerprint


def shows(env: BuildEnvironment, kind: str) -> None:
    """The page that is being read shows something of a kind: it is read again when that changes."""
    record_of(env).of(env.docname).shown[kind] = _KINDS[kind](Path(env.srcdir))


def outdated_pages(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> set[str]:
    """The pages that show something which is not what it was when they were read."""
    pages = record_of(env).pages
    shown = {kind for page in pages.values() for kind in page.shown}
    now = {kind: _KINDS[kind](Path(app.srcdir)) for kind in shown & set(_KINDS)}
    return {
        name
        for name, page in pages.items()
        if any(now.get(kind) != then for kind, then in page.shown.items())
    } & env.found_docs


def record_of(env: BuildEnvironment) -> Record:
    """The record of a book, made when it is first asked for."""
    if not hasattr(env, "dlabook"):
        env.dlabook = Record()
    return env.dlabook


def once(app: Sphinx, work: Callable[[Sphinx], Any]) -> Any:
    """``work(app)``, of what all pages say: worked out once while a build writes them."""
    known = _WORKED_OUT.setdefault(app, {})
    if work not in known:
        known[work] = work(app)
    return known[work]


_WORKED_OUT: WeakKeyDictionary[Sphinx, dict[Callable, Any]] = WeakKeyDictionary()


def _forget_what_was_worked_out(app: Sphinx, env: BuildEnvironment) -> None:
    """The pages of another build, or read since, say something else."""
    _WORKED_OUT.pop(app, None)


def _forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    record_of(env).forget(docname)


def _merge_pages(app: Sphinx, env: BuildEnvironment, docnames, other: BuildEnvironment) -> None:
    record_of(env).merge(record_of(other), docnames)


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.connect("env-purge-doc", _forget_page)
    app.connect("env-merge-info", _merge_pages)
    app.connect("env-updated", _forget_what_was_worked_out)
    return {
        "version": "1",
        "env_version": 3,  # pages read by an earlier one are read again
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
