"""What a section trains, how long it takes, and which equations to know by heart.

Authors write three marks: ``outcomes`` under a section's title, ``further``
there if the section is not on the core path, and ``key`` beside an equation
that belongs on the formula sheet. From these and from
what a chapter consists of come the matrix of outcomes, the reading times,
the study paths and the formula sheet.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dlabook.output.clip import CLIPS_MIME
from dlabook.run.executed import executed_path, load_as_it_ran
from dlabook.source.cells import is_folded
from dlabook.source.chapters import DISPLAY, FENCE, Chapter, SourceError, parse_directive, topics
from dlabook.source.memo import digest_of_file, known
from dlabook.source.outcomes import checked_outcomes
from dlabook.source.pages import PLANNED

# Minutes. Silent reading of English nonfiction: 238 words a minute (Brysbaert, 2019). The
# others are this book's assumptions; the page that shows the times states them.
WORDS_PER_MINUTE = 238
DERIVED, DEFINED, FIGURE, CODE_LINE, EXERCISE, ORAL, RECALLED = 4.0, 1.0, 0.5, 0.1, 12.0, 6.0, 2.0
CORE_MOST = 135  # budget of a chapter
_HEADING = re.compile(r"^\((?P<label>(?:sec|ch)-[\w-]+)\)=\n(?P<level>#{1,2}) (?P<title>.+)$", re.M)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]+")


@dataclass
class Section:
    """A labelled section of a page with what is in it."""

    docname: str
    label: str
    title: str
    level: int
    outcomes: tuple[str, ...] = ()
    further: bool = False  # not on the core path
    text: str = ""  # MyST, without directives
    directives: list = field(default_factory=list)
    derived: list[str] = field(default_factory=list)  # labels
    defined: list[str] = field(default_factory=list)
    code_lines: int = 0  # of the cells that are not folded
    figures: int = 0
    sound: float = 0.0  # s

    def count(self, name: str) -> int:
        return sum(directive.name == name for directive in self.directives)

    @property
    def is_practice(self) -> bool:
        """Whether it is a chapter's section of exercises, whose solutions are read by who tried."""
        return self.label.endswith("-exercises")

    @property
    def words(self) -> int:
        # a solution is code between two directives; what is said in an oral block is not read
        return len(_WORD.findall(DISPLAY.sub(" ", self.text)))


@dataclass(frozen=True)
class Minutes:
    """Time that a learner needs, by what is done."""

    listen: float = 0.0
    read: float = 0.0
    derive: float = 0.0
    code: float = 0.0
    exercises: float = 0.0
    oral: float = 0.0
    key: float = 0.0  # derive the key equations only
    recall: float = 0.0  # say the key equations once more
    aside: float = 0.0  # of what is listened to and read: that in further sections and exercises

    def __add__(self, other: Minutes) -> Minutes:
        return Minutes(*(a + b for a, b in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[float, ...]:
        return (
            self.listen, self.read, self.derive, self.code,
            self.exercises, self.oral, self.key, self.recall, self.aside,
        )  # fmt: skip

    @property
    def whole(self) -> float:
        """Everything on the pages, once."""
        return self.listen + self.read + self.derive + self.code + self.exercises + self.oral

    @property
    def core(self) -> float:
        """Listen, read (no exercise, nothing further), derive the key equations, answer aloud."""
        return self.listen + self.read - self.aside + self.key + self.oral

    @property
    def last(self) -> float:
        """The days before the examination: key equations and answers."""
        return self.recall + self.oral


@dataclass(frozen=True)
class KeyEquation:
    """An equation of the formula sheet, with the sentence that goes with it."""

    docname: str
    label: str
    latex: str
    sentence: str


@dataclass(frozen=True)
class Page:
    """A page's sections in order; the first is what stands under its title."""

    chapter: Chapter
    sections: list[Section]
    key_equations: list[KeyEquation]  # in the order in which the page marks them

    @property
    def title(self) -> str:
        return self.sections[0].title if self.sections else self.chapter.name

    @cached_property
    def minutes(self) -> Minutes:
        keys = [key.label for key in self.key_equations]
        return sum((minutes_of(section, keys) for section in self.sections), Minutes())


def _read_sections(chapter: Chapter) -> list[Section]:
    found: list[Section] = []
    sounds = _seconds_of_sound(chapter)
    for index, cell in enumerate(chapter.cells):
        if cell.cell_type == "code":
            if found:
                if not is_folded(cell.source, cell.metadata):
                    found[-1].code_lines += len(cell.source.splitlines())
                found[-1].figures += "figure" in cell.metadata.get("mystnb", {})
                found[-1].sound += sounds.get(index, 0.0)
            continue
        if cell.cell_type != "markdown":
            continue
        position = 0
        for heading in _HEADING.finditer(cell.source):
            if found:
                take(found[-1], cell.source[position : heading.start()], index)
            level = len(heading["level"])
            found.append(Section(chapter.docname, heading["label"], heading["title"], level))
            position = heading.end()
        if found:
            take(found[-1], cell.source[position:], index)
    return found


def _read_key_equations(chapter: Chapter) -> list[KeyEquation]:
    """The marked equations of a page.

    Raises:
        SourceError: a mark names an equation that is not on the page, or says nothing.
    """
    bodies = {equation.label: equation.body for equation in chapter.equations}
    found = []
    for directive in chapter.directives("key"):
        label, sentence = directive.argument, " ".join(directive.body.split())
        if label not in bodies or not sentence:
            raise SourceError(
                f"{chapter.name}: the key equation {label!r} "
                + ("has no sentence" if label in bodies else "is not on this page")
            )
        found.append(KeyEquation(chapter.docname, label, bodies[label].strip(), sentence))
    return found


def take(section: Section, text: str, cell: int) -> None:
    """Add a piece of a page's source to its section.

    Raises:
        SourceError: an outcome that the module does not have, or a further section with what
            the core path needs.
    """
    directives = [parse_directive(match, cell) for match in FENCE.finditer(text)]
    for directive in directives:
        if directive.name == "outcomes":
            section.outcomes += checked_outcomes(directive.argument, section.label)
        section.further |= directive.name == "further"
    section.directives += directives
    if section.further:
        _check_further(section)
    section.text += FENCE.sub(" ", text)
    for match in DISPLAY.finditer(text):
        label = match["label"] or ""
        (section.defined if label.startswith("def-") else section.derived).append(label)


def _check_further(section: Section) -> None:
    needed = [d for d in section.directives if d.name in ("key", "oral")]
    if section.level == 1 or needed:
        what = f"{needed[0].name} {needed[0].argument}" if needed else "the title of its page"
        raise SourceError(
            f"{section.docname}: the further section {section.label} has {what}; "
            "key equations and oral questions belong to the core, and a page is not marked whole"
        )


def minutes_of(section: Section, keys: list[str]) -> Minutes:
    """What a section takes; ``keys`` are the labels of its page's key equations."""
    key = sum(label in keys for label in section.derived)
    known = sum(label in keys for label in section.defined)
    defined = DEFINED * len(section.defined)
    listen = section.sound / 60
    read = section.words / WORDS_PER_MINUTE + FIGURE * section.figures + defined
    return Minutes(
        listen=listen,
        read=read,
        derive=DERIVED * len(section.derived),
        code=CODE_LINE * section.code_lines,
        exercises=EXERCISE * section.count("exercise"),
        oral=ORAL * section.count("oral"),
        key=DERIVED * key,
        recall=RECALLED * (key + known),
        aside=listen + read if section.further or section.is_practice else 0.0,
    )


def _seconds_of_sound(chapter: Chapter) -> dict[int, float]:
    """Index of a cell -> seconds of the sounds that it plays, each once."""
    notebook = load_as_it_ran(chapter) if chapter.is_executable else None
    if notebook is None:
        return {}
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        index: sum(
            row["seconds"]
            for output in cell.get("outputs", [])
            for row in output.get("data", {}).get(CLIPS_MIME, {}).get("rows", [])
        )
        for (index, _), cell in zip(chapter.code_cells, ran, strict=False)
    }


def topic_pages(root: Path) -> list[list[Page]]:
    """The chapters on a method, each as its pages."""
    return [[page_of(chapter) for chapter in pages] for pages in topics(root)]


def planned_chapters(root: Path) -> list[tuple[str, str]]:
    """Page below ``book`` and subject of each chapter that is not written yet."""
    path = root / PLANNED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [line.split(maxsplit=1) for line in lines if line.strip() and line[0] != "#"]
    written = {pages[0].docname for pages in topics(root)}
    return [(name, subject) for name, subject in found if f"book/{name}" not in written]


def course_chapters(root: Path) -> int:
    """How many chapters the whole book is to have."""
    return len(topics(root)) + len(planned_chapters(root))


def page_of(chapter: Chapter) -> Page:
    """The chapter's page: kept, until its source or its outputs change."""
    content = f"{chapter.docname}\0{chapter.text}\0{digest_of_file(executed_path(chapter))}"
    sections, keys = known(chapter.root, _read_page, content, chapter)
    return Page(chapter, sections, keys)


def _read_page(chapter: Chapter) -> tuple[list[Section], list[KeyEquation]]:
    return _read_sections(chapter), _read_key_equations(chapter)


def digest_of_study(root: Path) -> str:
    """Fingerprint of what the formula sheet and the study plan show of the chapters."""
    said = [
        (
            page.chapter.docname,
            page.key_equations,
            page.minutes,
            [(s.label, s.title, s.level, s.outcomes, s.further) for s in page.sections],
        )
        for pages in topic_pages(root)
        for page in pages
    ]
    return hashlib.sha256(repr((said, planned_chapters(root))).encode()).hexdigest()


def topic_minutes(pages: list[Page]) -> Minutes:
    return sum((page.minutes for page in pages), Minutes())
