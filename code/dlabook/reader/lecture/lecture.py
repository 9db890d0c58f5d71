"""Sphinx extension: the ninety-minute cut of each chapter, made from its pages.

The minutes of a section are those that the study plan counts: listen to its
sounds, read its text, derive its key equations. The questions of a class
are not on the pages; `QUESTIONS` of the ninety minutes are left for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.reader.study.pages import ReadingTimes, hours
from dlabook.reader.study.study import Page, Section, minutes_of
from dlabook.site.directives import closed
from dlabook.site.static import contains, publish

LESSON, QUESTIONS = 90, 15  # minutes
FRAME = ("hear", "problem", "assumptions", "remember")  # how a chapter opens, and how it ends
AT_HOME = ("exercises", "oral", "literature")


@dataclass(frozen=True)
class Shown:
    """A section of a chapter's core, and what it takes in class."""

    page: Page
    section: Section
    minutes: int
    keys: int  # of its equations, those that are to be known by heart
    predictions: int  # on which a class can bet before it reads on

    @property
    def is_frame(self) -> bool:
        return self.section.label.rpartition("-")[2] in FRAME


@dataclass(frozen=True)
class Cut:
    """A chapter in ninety minutes: what is shown, in order, and what of its core is not."""

    shown: list[Shown]
    left_out: list[Shown]

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.shown)


def cut(pages: list[Page], minutes: int = LESSON - QUESTIONS) -> Cut:
    """The sections of a chapter's core that fit into a lesson.

    Of all choices that fit, the one with the most sections that open and close
    a chapter or a page; of these the one with the most key equations and
    predictions together; of these the one that fills the time best.

    Args:
        pages: of the chapter.
        minutes: that the sections may take together.
    """
    parts = core_sections(pages)
    worth = [(part.is_frame, part.keys + part.predictions, part.minutes) for part in parts]
    best: list[tuple[tuple[int, int, int], tuple[int, ...]]] = [((0, 0, 0), ())] * (minutes + 1)
    for index, part in enumerate(parts):  # best[m]: what is worth most in m minutes, so far
        for room in range(minutes, part.minutes - 1, -1):
            value, chosen = best[room - part.minutes]
            value = tuple(a + b for a, b in zip(value, worth[index], strict=True))
            if value > best[room][0]:
                best[room] = (value, (*chosen, index))
    chosen = set(best[minutes][1])
    return Cut(
        [part for k, part in enumerate(parts) if k in chosen],
        [part for k, part in enumerate(parts) if k not in chosen],
    )


def core_sections(pages: list[Page]) -> list[Shown]:
    """The sections of the core that are for a class, each of a minute at least."""
    found = []
    for page in pages:
        keys = [key.label for key in page.key_equations]
        for section in page.sections:
            known = sum(label in keys for label in section.derived + section.defined)
            for_class = section.label.rpartition("-")[2] not in AT_HOME
            if section.further or not for_class or (section.level == 1 and not known):
                continue
            spent = minutes_of(section, keys)
            taken = spent.listen + spent.read + spent.key
            bets = section.count("prediction")
            found.append(Shown(page, section, max(1, round(taken)), known, bets))
    return found


class NinetyMinutes(ReadingTimes):
    """Of each chapter that is written: what to show in ninety minutes, with the minutes."""

    def run(self):
        found = []
        for pages in self.topics():
            lesson = cut(pages)
            title = nodes.paragraph()
            box = nodes.container()
            self.parse_text(f"{{ref}}`{pages[0].sections[0].label}`", box)
            title += next(box.findall(nodes.paragraph)).children
            title += nodes.Text(f": {_count(len(lesson.shown), 'section')}, {lesson.minutes} min")
            title["classes"].append("lesson-title")
            content = [*self.table(_lesson_rows(lesson)), *self.rest(pages, lesson)]
            found += [title, closed(f"What to show in {LESSON} minutes", *content)]
        return [nodes.container("", *found, classes=["lessons"])]

    def rest(self, pages: list[Page], lesson: Cut) -> list[nodes.Node]:
        """What is not in the lesson, in words."""
        box = nodes.container()
        self.parse_text(" ".join(_rest_of(pages, lesson)), box)
        return box.children


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def _lesson_rows(lesson: Cut) -> list[str]:
    rows, last = ["| section | minutes | key equations | predictions |", "|---|--:|--:|--:|"], None
    for part in lesson.shown:
        if part.page is not last and part.page.sections[0] is not part.section:
            rows.append(f"| **{{ref}}`{part.page.sections[0].label}`** | | | |")
        last = part.page
        counted = f"{part.keys or ''} | {part.predictions or ''}"
        rows.append(f"| {{ref}}`{part.section.label}` | {part.minutes} | {counted} |")
    keys, bets = (
        sum(getattr(part, name) for part in lesson.shown) for name in ("keys", "predictions")
    )
    rows.append(f"| questions of the class, a show of hands at predictions | {QUESTIONS} | | |")
    rows.append(f"| **together** | **{lesson.minutes + QUESTIONS}** | **{keys}** | **{bets}** |")
    return rows


def _rest_of(pages: list[Page], lesson: Cut) -> list[str]:
    said = []
    if lesson.left_out:
        listed = "; ".join(
            f"{{ref}}`{part.section.label}` ({part.minutes} min)" for part in lesson.left_out
        )
        said.append(f"Left out of the core: {listed}.")
    else:
        said.append("Nothing of the core is left out.")
    sections = [section for page in pages for section in page.sections]
    further = [section for section in sections if section.further]
    practice = sum(section.count("exercise") for section in sections)
    asked = sum(section.count("oral") for section in sections)
    spent = sum((page.minutes.whole for page in pages), 0.0)
    said.append(
        f"At home: {_count(len(further), 'further section')}, {_count(practice, 'exercise')}, "
        f"{_count(asked, 'oral question')}; the whole chapter takes {hours(spent)} alone."
    )
    return said


def _is_lessons(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and "lessons" in node["classes"]


def add_style(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """On the page that has the lessons only."""
    if contains(doctree, _is_lessons):
        app.add_css_file("lecture.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.reader.study.pages")
    publish(app, __file__, "lecture.css")
    app.add_directive("ninety-minutes", NinetyMinutes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
