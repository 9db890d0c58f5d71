"""Sphinx extension of the pages "Twenty minutes": a chapter on two sheets of A4.

Each is made from the chapter: what it says is to be remembered, its key
equations, one figure that the page names, and its six questions with what
is said in sixty seconds. The meaning of an equation and the answer to a
question are closed until asked for; on paper they are open.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx

from dlabook.output.nodes import SVG_MIME
from dlabook.reader.study.study import KeyEquation, Page, topic_pages
from dlabook.run.executed import executed_path, load_as_it_ran
from dlabook.site.directives import KIND_TITLES, SPOKEN_TITLE, BookDirective, closed, details_of
from dlabook.site.outputs import figure_of_page
from dlabook.site.record import declare_kind, shows
from dlabook.site.static import publish
from dlabook.source.chapters import ORAL_KINDS, Chapter, OralQuestion, SourceError, find_root
from dlabook.source.memo import digest_of_file

MEANING_TITLE = "What it says"


class TwentyMinutes(BookDirective):
    """A chapter, named by its page below ``book``, with the figure that ``:figure:`` names."""

    has_content = False
    option_spec = {"figure": directives.unchanged_required}

    def run(self):
        shows(self.env, "brief")
        pages = _topic(find_root(Path(self.env.srcdir)), f"book/{self.arguments[0]}")
        box = nodes.container(classes=["brief"])
        self.parse_text(f"From {{ref}}`{pages[0].sections[0].label}`.", box)
        for title, part in (
            ("To remember", self.remember(pages)),
            ("Key equations", self.equations(pages)),
            ("Six questions", self.questions(pages)),
            ("One figure", self.figure(pages)),
        ):
            heading = nodes.paragraph("", "", nodes.strong("", title), classes=["brief-title"])
            box += nodes.container("", heading, *part, classes=["brief-part"])
        return [box]

    def remember(self, pages: list[Page]) -> list[nodes.Node]:
        box = nodes.container(classes=["brief-remember"])
        self.parse_text(remembered(pages), box)
        return [box]

    def equations(self, pages: list[Page]) -> list[nodes.Node]:
        return [self.equation(key) for page in pages for key in page.key_equations]

    def equation(self, key: KeyEquation) -> nodes.Node:
        item = nodes.container(classes=["formula", "brief-equation"])
        meaning = nodes.container()
        self.parse_text(f"{{eq}}`{key.label}` {key.sentence}", meaning)
        item += nodes.math_block(
            key.latex, key.latex, nowrap=False, number=None, label=None, docname=None
        )
        item += closed(MEANING_TITLE, *meaning.children)
        return item

    def questions(self, pages: list[Page]) -> list[nodes.Node]:
        found = []
        for question in six(pages):
            item = nodes.container(classes=["brief-question"])
            heading = nodes.paragraph("", "", nodes.strong("", KIND_TITLES[question.kind]))
            heading += nodes.inline("", f" {details_of(question)}", classes=["oral-details"])
            item += heading
            self.parse_text(question.question, item)
            said = nodes.container()
            self.parse_text(question.spoken, said)
            item += closed(SPOKEN_TITLE, *said.children)
            found.append(item)
        return found

    def figure(self, pages: list[Page]) -> list[nodes.Node]:
        name = self.options.get("figure", "")
        _, metadata, svg = named_figure(pages, name)
        alt = " ".join(metadata["image"]["alt"].split())
        box = nodes.container(classes=["brief-figure"])
        box += figure_of_page(self.env, svg, alt)
        self.parse_text(f"{{numref}}`{name}` {metadata['figure']['caption']}", box)
        return [box]


def _topic(root: Path, main: str) -> list[Page]:
    """The pages of the chapter whose first page is named.

    Raises:
        SourceError: there is no such chapter.
    """
    topics = {pages[0].chapter.docname: pages for pages in topic_pages(root)}
    if main not in topics:
        raise SourceError(f"twenty-minutes: no chapter {main!r}; there are {', '.join(topics)}")
    return topics[main]


def remembered(pages: list[Page]) -> str:
    """The text of the chapter's section "To remember".

    Raises:
        SourceError: it has none.
    """
    for page in pages:
        for section in page.sections:
            if section.label.endswith("-remember"):
                return section.text
    raise SourceError(f"{pages[0].chapter.docname}: no section sec-...-remember")


def six(pages: list[Page]) -> list[OralQuestion]:
    """The chapter's first question of each kind, in the order of an examination."""
    asked = [question for page in pages for question in page.chapter.oral_questions]
    first: dict[str, OralQuestion] = {}
    for question in asked:
        first.setdefault(question.kind, question)
    return [first[kind] for kind in ORAL_KINDS if kind in first]


def named_figure(pages: list[Page], name: str) -> tuple[Chapter, dict, str]:
    """The page, metadata and SVG of a chapter's figure.

    Raises:
        SourceError: the chapter has no such figure, or it was not drawn.
    """
    names = []
    for page in pages:
        for number, (_, cell) in enumerate(page.chapter.code_cells):
            metadata = cell.metadata.get("mystnb", {})
            if "figure" not in metadata:
                continue
            names.append(metadata["figure"]["name"])
            if names[-1] == name:
                return page.chapter, metadata, _drawn(page.chapter, number, name)
    raise SourceError(f"twenty-minutes: no figure {name!r}; the chapter has {', '.join(names)}")


def _drawn(chapter: Chapter, number: int, name: str) -> str:
    notebook = load_as_it_ran(chapter)
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"] if notebook else []
    for output in ran[number].get("outputs", []) if number < len(ran) else []:
        if SVG_MIME in output.get("data", {}):
            return output["data"][SVG_MIME]
    raise SourceError(f"{chapter.docname}: the cell of {name} has drawn nothing")


def _digest_of_brief(root: Path) -> str:
    """Fingerprint of what these pages show of the chapters."""
    said = [
        (
            [page.sections[0].label for page in pages],
            [page.key_equations for page in pages],
            [s.text for page in pages for s in page.sections if s.label.endswith("-remember")],
            six(pages),
            [
                (metadata["figure"], metadata.get("image"))
                for page in pages
                for _, cell in page.chapter.code_cells
                if "figure" in (metadata := cell.metadata.get("mystnb", {}))
            ],
            [digest_of_file(executed_path(page.chapter)) for page in pages],
        )
        for pages in topic_pages(root)
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def add_style(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """On these pages only."""
    if pagename.startswith("book/exam/brief/"):
        app.add_css_file("brief.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.site.outputs")
    publish(app, __file__, "brief.css")
    declare_kind("brief", _digest_of_brief)
    app.add_directive("twenty-minutes", TwentyMinutes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
