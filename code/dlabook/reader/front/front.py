"""Sphinx extension of the first page: its lists and times are those of the pages, never typed.

What there is comes from ``_toc.yml``, what is to come from ``book/planned.txt``,
all times from `dlabook.reader.study`; the sound is one that a chapter's page made.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.output.clip import CLIPS_MIME
from dlabook.reader.study.pages import (
    ALONE,
    IN_CLASS,
    TOGETHER_ALOUD,
    ReadingTimes,
    hours,
    hours_or_minutes,
)
from dlabook.reader.study.study import (
    course_chapters,
    planned_chapters,
    topic_minutes,
    topic_pages,
)
from dlabook.run.executed import executed_path, load_executed
from dlabook.site.directives import BookDirective
from dlabook.site.outputs import clips_of_page
from dlabook.site.record import declare_kind, shows
from dlabook.site.static import publish
from dlabook.source.chapters import Chapter, SourceError, contents, find_root
from dlabook.source.memo import digest_of_file

EXAMINATION = 30  # minutes


def plan(root: Path) -> dict[str, str]:
    """What the role ``plan`` may say, by name."""
    chapters = course_chapters(root)
    written = topic_pages(root)
    core = [topic_minutes(pages).core for pages in written]
    return {
        "in-class": str(IN_CLASS),
        "alone": str(ALONE),
        "together": str(IN_CLASS + ALONE),
        "examination": str(EXAMINATION),
        "aloud": str(TOGETHER_ALOUD),
        "chapters": str(chapters),
        "written": str(len(written)),
        "each": hours((ALONE - TOGETHER_ALOUD) / chapters * 60),
        "core-least": hours(min(core, default=0.0)),
        "core-most": hours(max(core, default=0.0)),
        "core": hours(sum(core)),
        "whole": hours(sum(topic_minutes(pages).whole for pages in written)),
    }


def _say_plan(name, rawtext, text, lineno, inliner, options=None, content=()):
    """Role: a number of the course's plan."""
    env = inliner.document.settings.env
    shows(env, "front")
    known = plan(find_root(Path(env.srcdir)))
    if text not in known:
        message = f"plan: no {text!r}; there are {', '.join(known)}"
        return [], [inliner.reporter.error(message, line=lineno)]
    return [nodes.Text(known[text])], []


class BookParts(ReadingTimes):
    """The parts of the book: the chapters that there are, with their core, and those to come."""

    def run(self):
        shows(self.env, "front")
        return self.table(_part_rows(find_root(Path(self.env.srcdir))))


class BookChapters(BookDirective):
    """In one sentence: the chapters that there are."""

    required_arguments = 0
    has_content = False

    def run(self):
        root = find_root(Path(self.env.srcdir))
        shows(self.env, "front")
        box = nodes.container()
        self.parse_text(chapters_sentence(root), box)
        return box.children


def chapters_sentence(root: Path) -> str:
    """How many chapters are written, and their names with links; chapters of one part by commas."""
    written = [
        ", ".join(f"{{ref}}`{label}`" for label, _ in chapters)
        for _, chapters, _ in parts(root)
        if chapters
    ]
    said = plan(root)
    return f"**There are** {said['written']} of {said['chapters']} chapters: {'; '.join(written)}."


def _part_rows(root: Path) -> list[str]:
    rows = ["| part | to read now (its core) | in preparation |", "|---|---|---|"]
    for title, written, planned in parts(root):
        now = ", ".join(f"{{ref}}`{label}` ({hours_or_minutes(core)})" for label, core in written)
        rows.append(f"| **{title}** | {now} | {'; '.join(planned)} |")
    return rows


def parts(root: Path) -> list[tuple[str, list[tuple[str, float]], list[str]]]:
    """Of each part its title; label and minutes (core) of what is written; what is planned."""
    by_docname = {pages[0].chapter.docname: pages for pages in topic_pages(root)}
    planned: dict[str, list[str]] = {}
    for docname, title in planned_chapters(root):
        planned.setdefault(docname.split("/")[0].capitalize(), []).append(title)
    found = []
    for tree in contents(root).root.subtrees:
        written = [
            (pages[0].sections[0].label, topic_minutes(pages).core)
            for pages in (by_docname.get(str(name)) for name in tree.items)
            if pages
        ]
        if written:
            found.append((tree.caption, written, planned.pop(tree.caption, [])))
    return found + [(title, [], titles) for title, titles in planned.items()]


class FirstSound(BookDirective):
    """The first player of a page, which is named as below ``book``, without its code."""

    has_content = False

    def run(self):
        root = find_root(Path(self.env.srcdir))
        shows(self.env, "front-sound")
        chapter = Chapter(root, f"book/{self.arguments[0]}")
        notebook = load_executed(chapter) if chapter.path.exists() else None
        for cell in notebook.cells if notebook else ():
            for output in cell.get("outputs", []):
                if CLIPS_MIME in output.get("data", {}):
                    content = output["data"][CLIPS_MIME]
                    return clips_of_page(self.env, content, cell.get("metadata", {}))
        if notebook is None:  # not executed yet: a page without outputs, as others are then
            return []
        raise SourceError(f"first-sound: {chapter.docname} plays nothing")


def _digest_of_front(root: Path) -> str:
    """Fingerprint of what the first page says of the others."""
    return hashlib.sha256(repr((plan(root), parts(root))).encode()).hexdigest()


def _digest_of_sounds(root: Path) -> str:
    """Fingerprint of what ran on the first pages of the chapters."""
    ran = [digest_of_file(executed_path(pages[0].chapter)) for pages in topic_pages(root)]
    return hashlib.sha256(repr(ran).encode()).hexdigest()


def add_style(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """On the first page only."""
    if pagename == app.config.root_doc:
        app.add_css_file("front.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.reader.study.pages")
    app.setup_extension("dlabook.site.outputs")
    publish(app, __file__, "front.css")
    declare_kind("front", _digest_of_front)
    declare_kind("front-sound", _digest_of_sounds)
    app.add_role("plan", _say_plan)
    app.add_directive("book-parts", BookParts)
    app.add_directive("book-chapters", BookChapters)
    app.add_directive("first-sound", FirstSound)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
