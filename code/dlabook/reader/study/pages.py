"""Sphinx extension of the formula sheet and the study plan: marks, and what is made from them."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.reader.study.study import (
    Minutes,
    Page,
    digest_of_study,
    page_of,
    planned_chapters,
    topic_minutes,
    topic_pages,
)
from dlabook.site.directives import BookDirective
from dlabook.site.record import declare_kind, shows
from dlabook.source.chapters import Chapter, SourceError, find_root, topics
from dlabook.source.outcomes import OUTCOMES, checked_outcomes

FURTHER = "further"
ALONE, IN_CLASS, TOGETHER_ALOUD = 55, 20, 6  # hours; the last: oral blocks with the clock


class Outcomes(BookDirective):
    """Under a section's title: the learning outcomes that it practises."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = False

    def run(self):
        names = checked_outcomes(self.arguments[0], self.env.docname)
        line = nodes.paragraph(classes=["outcomes-note"])
        line += nodes.Text("Practises ")
        for k, name in enumerate(names):
            line += nodes.Text(", " if k else "")
            line += nodes.abbreviation("", name, explanation=OUTCOMES[name])
        return [line]


class further_mark(nodes.Invisible, nodes.Element):
    """Stands in a section that is not on the core path, until `mark_further` has seen it."""


class Further(BookDirective):
    """Under a section's title: the section is not on the core path."""

    required_arguments = 0
    has_content = False

    def run(self):
        return [further_mark()]


def mark_further(app: Sphinx, doctree: nodes.document) -> None:
    """Say it at the section, whose title then shows it, and in the page's contents."""
    further = set()
    for mark in list(doctree.findall(further_mark)):
        section = mark.parent
        if not any(name.startswith("sec-") for name in section.get("ids", ())):
            raise SourceError(
                f"{app.env.docname}: {{further}} stands in no section with a label (sec-...)"
            )
        section["classes"].append(FURTHER)
        further.update(f"#{name}" for name in section["ids"])
        section.remove(mark)
    for entry in app.env.tocs[app.env.docname].findall(nodes.reference):
        if entry.get("anchorname") in further:
            entry += nodes.inline("", f" {FURTHER}", classes=["further-mark"])


def show_minutes(app: Sphinx, doctree: nodes.document) -> None:
    """Under a page's title: what it costs, as the study plan counts it."""
    root, docname = Path(app.srcdir), app.env.docname
    titled = next(doctree.findall(nodes.section), None)
    if titled is None or all(page.docname != docname for pages in topics(root) for page in pages):
        return
    spent = page_of(Chapter(root, docname)).minutes
    text = f"Core {hours_or_minutes(spent.core)}, all of it {hours_or_minutes(spent.whole)}"
    titled.insert(
        titled.first_child_matching_class(nodes.title) + 1,
        nodes.paragraph("", text, classes=["page-minutes"]),
    )


def hours_or_minutes(minutes: float) -> str:
    """As the study plan says it, but less than an hour in minutes."""
    rounded = 5 * round(minutes / 5)
    return hours(minutes) if rounded >= 60 else f"{rounded}\u00a0min"


class Key(BookDirective):
    """Puts the equation of its argument on the formula sheet, with a sentence."""

    def run(self):
        keys = self.env.temp_data.setdefault("dlabook_keys", set())
        keys.add(self.arguments[0])
        return []


class FormulaSheet(BookDirective):
    """The key equations of all chapters, with their numbers and sentences."""

    required_arguments = 0
    has_content = False

    def run(self):
        box = nodes.container(classes=["formula-sheet"])
        for pages in self.topics():
            keys = [key for page in pages for key in page.key_equations]
            if not keys:
                continue
            part = nodes.container(classes=["formula-chapter"])
            first = pages[0].sections[0]
            self.parse_text(f"**{{ref}}`{first.label}`**", part)
            for key in keys:
                item = nodes.container(classes=["formula"])
                self.parse_text(f"{{eq}}`{key.label}` {key.sentence}", item)
                item += _unnumbered(key.latex)
                part += item
            box += part
        return [box]

    def topics(self) -> list[list[Page]]:
        shows(self.env, "study")
        return topic_pages(find_root(Path(self.env.srcdir)))


def _unnumbered(latex: str) -> nodes.Element:
    """A displayed formula without a number of its own: the number beside it is the chapter's."""
    return nodes.math_block(latex, latex, nowrap=False, number=None, label=None, docname=None)


class ReadingTimes(FormulaSheet):
    """What the chapters written so far cost, by what is done."""

    def run(self):
        head = (
            "| chapter | listen | read | derive | run code | exercises | oral block | **all** "
            "| core |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        )
        rows, total = [head], Minutes()
        for pages in self.topics():
            spent = topic_minutes(pages)
            rows.append(_time_row(f"{{ref}}`{pages[0].sections[0].label}`", spent))
            total += spent
        rows.append(_time_row("**together**", total))
        return self.table(rows)

    def table(self, rows: list[str]) -> list[nodes.Node]:
        box = nodes.container(classes=["study-table"])
        self.parse_text("\n".join(rows), box)
        return box.children


def _time_row(title: str, spent: Minutes) -> str:
    parts = (spent.listen, spent.read, spent.derive, spent.code, spent.exercises, spent.oral)
    cells = " | ".join(f"{part:.0f}" for part in parts)
    return f"| {title} | {cells} | **{hours(spent.whole)}** | {hours(spent.core)} |"


def hours(minutes: float) -> str:
    """Hours and minutes, to the nearest five.

    The spaces do not break.
    """
    rounded = 5 * round(minutes / 5)
    return f"{rounded // 60}\u00a0h\u00a0{rounded % 60:02d}"


class OutcomeMatrix(ReadingTimes):
    """Which section practises which outcome."""

    def run(self):
        head = "| section | " + " | ".join(OUTCOMES) + " |"
        rows = [head, "|---|" + ":-:|" * len(OUTCOMES)]
        for pages in self.topics():
            for page in pages:
                rows.append(f"| **{{ref}}`{page.sections[0].label}`** |" + " |" * len(OUTCOMES))
                for section in page.sections:
                    if section.outcomes:
                        marks = " | ".join("●" if n in section.outcomes else "" for n in OUTCOMES)
                        aside = f", {FURTHER}" if section.further else ""
                        rows.append(f"| {{ref}}`{section.label}`{aside} | {marks} |")
        return self.table(rows)


class OutcomeList(ReadingTimes):
    """The outcomes, with the number of sections that practise each."""

    def run(self):
        sections = [s for pages in self.topics() for page in pages for s in page.sections]
        rows = ["| mark | you can ... | sections |", "|---|---|--:|"]
        for name, text in OUTCOMES.items():
            count = sum(name in section.outcomes for section in sections)
            rows.append(f"| {name} | {text} | {count} |")
        return self.table(rows)


class StudyPath(ReadingTimes):
    """A path through the book: ``term``, ``two-weeks`` or ``three-days``."""

    required_arguments = 1

    def run(self):
        rest = len(planned_chapters(find_root(Path(self.env.srcdir))))
        paths = {
            "term": lambda pages: term(pages, rest),
            "two-weeks": two_weeks,
            "three-days": three_days,
        }
        name = self.arguments[0]
        if name not in paths:
            raise self.error(f"study path {name!r}: expected one of {', '.join(paths)}")
        return self.table(paths[name](self.topics()))


def term(topics: list[list[Page]], rest: int) -> list[str]:
    """One chapter a week, all that the module asks for; ``rest`` chapters are not written yet."""
    course = len(topics) + rest
    rows = ["| week | in class (h) | alone (h) | chapter | alone, in this order |"]
    rows.append("|--:|--:|--:|---|---|")
    budget = (ALONE - TOGETHER_ALOUD) / course
    lesson = IN_CLASS / course
    for week, pages in enumerate(topics, start=1):
        spent = topic_minutes(pages)
        left = budget * 60 - spent.core
        then = (
            f"core {hours(spent.core)}, then {hours(left)} of exercises"
            if left > 0
            else f"core {hours(spent.core)}: more than its share, leave out what you know"
        )
        title = f"{{ref}}`{pages[0].sections[0].label}`"
        rows.append(f"| {week} | {lesson:.2f} | {budget:.1f} | {title} | {then} |")
    if rest:
        rows.append(
            f"| {len(topics) + 1} to {course} | {rest * lesson:.2f} | {rest * budget:.1f} "
            f"| {rest} chapters in preparation | as above |"
        )
    rows.append(
        f"| last | 0 | {TOGETHER_ALOUD} | {{doc}}`trainer` | oral blocks aloud, with the clock |"
    )
    rows.append(f"| **together** | **{IN_CLASS}** | **{ALONE}** | | |")
    return rows


def two_weeks(topics: list[list[Page]]) -> list[str]:
    """Ten days: the core of every chapter, and each oral block a second time some days later."""
    days, rows = 10, ["| day | learn: the core | say again | time |", "|--:|---|---|--:|"]
    load = [[] for _ in range(days)]
    for k, pages in enumerate(topics):
        load[k * (days - 2) // max(len(topics), 1)].append(pages)
    for day in range(days):
        again = [pages for d in range(max(0, day - 3), day - 1) for pages in load[d]]
        if day >= days - 2:  # everything once more, a half on each of the last days
            half = (len(topics) + 1) // 2
            again = topics[:half] if day == days - 2 else topics[half:]
        spent = sum(topic_minutes(pages).core for pages in load[day])
        spent += sum(topic_minutes(pages).last for pages in again)
        if load[day] or again:
            row = f"| {day + 1} | {links(load[day])} | {links(again)} | {hours(spent)} |"
            rows.append(row)
    return rows


def three_days(topics: list[list[Page]]) -> list[str]:
    """Three days: formula sheet and oral blocks only; what is weak is read again."""
    rows = ["| day | what | time |", "|--:|---|--:|"]
    half = (len(topics) + 1) // 2
    for day, chosen in ((1, topics[:half]), (2, topics[half:])):
        spent = sum(topic_minutes(pages).last for pages in chosen)
        what = "key equations and oral block, then the sections that the trainer calls weak: "
        rows.append(f"| {day} | {what}{links(chosen)} | {hours(spent)} |")
    spent = sum(topic_minutes(pages).recall for pages in topics)
    rows.append(
        "| 3 | {doc}`formula-sheet` once more; three examinations of thirty minutes in the "
        f"{{doc}}`trainer` | {hours(spent + 90)} |"
    )
    return rows


def links(topics: list[list[Page]]) -> str:
    return "; ".join(f"{{ref}}`{pages[0].sections[0].label}`" for pages in topics)


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    declare_kind("study", digest_of_study)
    for name, directive in {
        "outcomes": Outcomes,
        "further": Further,
        "key": Key,
        "formula-sheet": FormulaSheet,
        "reading-times": ReadingTimes,
        "outcome-matrix": OutcomeMatrix,
        "outcome-list": OutcomeList,
        "study-path": StudyPath,
    }.items():
        app.add_directive(name, directive)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
