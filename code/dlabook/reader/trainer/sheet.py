"""Sphinx extension of the printable sheets: the oral questions, with and without answers."""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from dlabook.site.directives import (
    FULL_TITLE,
    KIND_TITLES,
    OUTLINE_TITLE,
    SPOKEN_TITLE,
    BookDirective,
    details_of,
    part_title,
)
from dlabook.site.record import declare_kind, shows
from dlabook.source.chapters import ORAL_KINDS, Chapter, OralQuestion, find_root, topics
from dlabook.source.labels import link_to
from dlabook.source.pages import DECK


class OralSheet(BookDirective):
    """The questions of all chapters, or of the parts (folders) that are named, to be printed."""

    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = False
    option_spec = {"answers": directives.flag}

    def run(self):
        with_answers = "answers" in self.options
        parts = self.arguments[0].split() if self.arguments else None
        shows(self.env, "questions")
        box = nodes.container(classes=["oral-sheet"])
        for main, questions in _questions_in(find_root(Path(self.env.srcdir))):
            if parts and main.docname.split("/")[1] not in parts:
                continue
            self.parse_text(f"**{{doc}}`/{main.docname}`**", box)
            for question in questions:
                box += self.item(question, with_answers)
        if not box.children:
            raise self.error(f"oral-sheet: no questions in {parts or 'the book'}")
        return [box]

    def item(self, question: OralQuestion, with_answers: bool) -> nodes.container:
        item = nodes.container(classes=["sheet-question"])
        heading = nodes.paragraph("", "", nodes.strong("", KIND_TITLES[question.kind]))
        heading += nodes.inline("", f" {details_of(question)}", classes=["oral-details"])
        item += heading
        self.parse_text(question.question, item)
        if with_answers:
            answer = nodes.container(classes=["sheet-answer"])
            if question.outline:
                answer += part_title(OUTLINE_TITLE)
                self.parse_text(question.outline, answer)
            if question.spoken:
                answer += part_title(SPOKEN_TITLE)
                self.parse_text(question.spoken, answer)
                answer += part_title(FULL_TITLE)
            self.parse_text(question.answer, answer)
            self.parse_text(question.rubric, answer)
            self.parse_text(f"Proved by {', '.join(map(link_to, question.proof))}.", answer)
            item += answer
        return item


def _questions_in(root: Path) -> list[tuple[Chapter, list[OralQuestion]]]:
    """The questions of each chapter that has any, in the order of an examination."""
    found = []
    for pages in topics(root):
        questions = [question for page in pages for question in page.oral_questions]
        if questions:
            questions.sort(key=lambda question: ORAL_KINDS.index(question.kind))
            found.append((pages[0], questions))
    return found


def _digest_of_questions(root: Path) -> str:
    """Fingerprint of all questions as the sources have them."""
    asked = [(main.docname, questions) for main, questions in _questions_in(root)]
    return hashlib.sha256(repr(asked).encode()).hexdigest()


def _deck_link(name, rawtext, text, lineno, inliner, options=None, content=()):
    """Role: a link to the deck for Anki, which is written when the build ends."""
    page = inliner.document.settings.env.docname
    return [nodes.reference(rawtext, text, refuri=relative_to(page, DECK), internal=False)], []


def relative_to(page: str, target: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.site.record")
    declare_kind("questions", _digest_of_questions)
    app.add_directive("oral-sheet", OralSheet)
    app.add_role("anki-deck", _deck_link)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
