"""Chapters as their sources say: cells, equations, checks, predictions, oral questions."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from dlabook.source.memo import known
from dlabook.source.pages import EXAMINATION

if TYPE_CHECKING:
    from sphinx_external_toc.api import SiteMap

DISPLAY = re.compile(r"\$\$(?P<body>.+?)\$\$[ \t]*(?:\((?P<label>[\w-]+)\))?", re.DOTALL)
FENCE = re.compile(
    r"^(?P<ticks>`{3,}|:{3,})\{(?P<name>[\w:-]+)\}[ ]*(?P<argument>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=ticks)[ ]*$",
    re.DOTALL | re.MULTILINE,
)
# Of a page, with its fences.
HEADER = re.compile(r"---.*?^(?:---|\.\.\.)", re.DOTALL | re.MULTILINE)
OPTION = re.compile(r"^:(?P<key>[\w-]+):[ ]*(?P<value>.*)$")
ORAL_KINDS = ("present", "define", "compute", "why", "break", "transfer")
ORAL_PARTS = ("outline", "spoken", "answer", "rubric")  # after the question, in this order
OUTLINE = 5  # points for the board, of a question to present
SPOKEN = (90, 150)  # words that take about sixty seconds, fewest and most
RUBRIC = ("definition correct", "assumptions named", "limit case", "failure mode", "link")


class SourceError(ValueError):
    """A chapter's source does not have the form that the book asks for."""


def find_root(start: Path | None = None) -> Path:
    """The book's root: the nearest folder at or above ``start`` with a ``_toc.yml``.

    Raises:
        FileNotFoundError: there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "_toc.yml").exists():
            return folder
    raise FileNotFoundError(f"no _toc.yml in {start} or above it: start in the book's folder")


@dataclass(frozen=True)
class Equation:
    """A displayed equation: derived (``eq-``) or a definition (``def-``)."""

    label: str | None
    body: str
    cell: int

    @property
    def is_derived(self) -> bool:
        return not (self.label or "").startswith("def-")


@dataclass(frozen=True)
class Directive:
    """A fenced directive in a chapter's text; ``cell`` is its place in the notebook."""

    name: str
    argument: str
    options: dict[str, str]
    body: str
    cell: int


@dataclass(frozen=True)
class OralQuestion:
    """A question of an oral block with what is said to it (MyST text).

    Attributes:
        answer: the full one.
        outline: five points for the board, of a question to present; else empty.
        spoken: the answer as one says it in sixty seconds.
    """

    label: str
    kind: str
    difficulty: int
    outcomes: tuple[str, ...]
    proof: tuple[str, ...]
    question: str
    answer: str
    rubric: str
    outline: str = ""
    spoken: str = ""


@dataclass(frozen=True)
class Chapter:
    """One page of the book, executable or not.

    Args:
        root: the book's root.
        docname: path below the root without its ending.
    """

    root: Path
    docname: str
    path: Path = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "path", self.root / f"{self.docname}.md")

    @property
    def name(self) -> str:
        """Part and chapter, as people type it: without the leading ``book/``."""
        return self.docname.removeprefix("book/")

    @cached_property
    def text(self) -> str:
        """The source, without a byte order mark: as Sphinx reads it.

        Raises:
            SourceError: it is not UTF-8.
        """
        return _read_source(self.path)

    @property
    def is_executable(self) -> bool:
        header = HEADER.match(self.text)
        return header is not None and _is_notebook_header(header[0])

    def notebook(self) -> nbformat.NotebookNode:
        """The unexecuted notebook, exactly as MyST-NB reads it."""
        return copy.deepcopy(_notebook(self.root, self.text, str(self.path)))

    @cached_property
    def cells(self) -> list[nbformat.NotebookNode]:
        """The cells of ``notebook``, to be read only: all who ask for a text's share them."""
        return _notebook(self.root, self.text, str(self.path)).cells

    @property
    def code_cells(self) -> list[tuple[int, nbformat.NotebookNode]]:
        return [(i, cell) for i, cell in enumerate(self.cells) if cell.cell_type == "code"]

    @property
    def markdown_cells(self) -> list[tuple[int, nbformat.NotebookNode]]:
        return [(i, cell) for i, cell in enumerate(self.cells) if cell.cell_type == "markdown"]

    @property
    def equations(self) -> list[Equation]:
        """All displayed equations, in order."""
        return [
            Equation(match["label"], match["body"], index)
            for index, cell in self.markdown_cells
            for match in DISPLAY.finditer(cell.source)
        ]

    @property
    def checks(self) -> dict[str, list[int]]:
        """Equation label -> the cells whose metadata say that they check it."""
        checks: dict[str, list[int]] = {}
        for index, cell in self.code_cells:
            for label in cell.metadata.get("checks", []):
                checks.setdefault(label, []).append(index)
        return checks

    def directives(self, name: str) -> list[Directive]:
        """All directives of a name, in order."""
        found = _directives(self.root, self.text, str(self.path))
        return [parse_directive(match, index) for index, match in found if match["name"] == name]

    @property
    def oral_questions(self) -> list[OralQuestion]:
        fences = (match for match in FENCE.finditer(self.text) if match["name"] == "oral")
        found = [parse_directive(match, -1) for match in fences]
        return [parse_oral(d.argument, d.options, d.body) for d in found]


def _read_source(path: Path) -> str:
    """A text of the book: UTF-8, with or without a byte order mark.

    Raises:
        SourceError: it is another encoding; the message says where.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from error


@cache
def _is_notebook_header(header: str) -> bool:
    """Whether MyST-NB executes a page with this header: nearly all pages have the same one."""
    from myst_nb.core.read import is_myst_markdown_notebook

    return is_myst_markdown_notebook(header)


@lru_cache(maxsize=256)
def _notebook(root: Path, text: str, path: str) -> nbformat.NotebookNode:
    """Read once: several processes of a build ask for it, and later builds."""
    content = f"{metadata.version('myst-nb')}\0{path}\0{text}"
    return known(root, _read_notebook_of, content, text, path)


def _read_notebook_of(text: str, path: str) -> nbformat.NotebookNode:
    from myst_nb.core.read import read_myst_markdown_notebook

    return read_myst_markdown_notebook(text, add_source_map=True, path=path)


@lru_cache(maxsize=256)
def _directives(root: Path, text: str, path: str) -> list[tuple[int, re.Match]]:
    cells = enumerate(_notebook(root, text, path).cells)
    marked = [(index, cell.source) for index, cell in cells if cell.cell_type == "markdown"]
    return [(index, match) for index, source in marked for match in FENCE.finditer(source)]


def parse_directive(match: re.Match, cell: int) -> Directive:
    """Options (``:key: value`` lines on top) and body of a matched fence."""
    lines = match["body"].splitlines()
    options = {}
    while lines and (option := OPTION.match(lines[0])):
        options[option["key"]] = option["value"].strip()
        lines.pop(0)
    body = "\n".join(lines).strip()
    return Directive(match["name"], match["argument"].strip(), options, body, cell)


def parse_oral(label: str, options: dict[str, str], body: str) -> OralQuestion:
    """Read the options and the parts of an oral question.

    The question comes first; each other part begins with a line ``+++ name``:
    ``outline`` (of kind ``present`` only), ``spoken``, ``answer``, ``rubric``.

    Raises:
        SourceError: a part, an option or a line of the rubric is missing or unknown.
    """
    if not re.fullmatch(r"oral-[\w-]+", label):
        raise SourceError(f"oral question {label!r}: its label must begin with 'oral-'")
    kind = options.get("kind", "")
    if kind not in ORAL_KINDS:
        raise SourceError(f"oral question {label}: kind {kind!r}, expected one of {ORAL_KINDS}")
    difficulty = options.get("difficulty", "")
    if difficulty not in ("1", "2", "3"):
        raise SourceError(f"oral question {label}: difficulty {difficulty!r}, expected 1, 2 or 3")
    parts = _parts_of_oral(label, kind, body)
    missing = [line for line in RUBRIC if f"{line}:" not in parts["rubric"]]
    if missing:
        raise SourceError(f"oral question {label}: the rubric lacks {', '.join(missing)}")
    outcomes, proof = (
        tuple(filter(None, re.split(r"[,\s]+", options.get(key, ""))))
        for key in ("outcomes", "proof")
    )
    if not outcomes or not proof:
        raise SourceError(f"oral question {label}: outcomes and proof must name at least one each")
    return OralQuestion(label, kind, int(difficulty), outcomes, proof, **parts)


def _parts_of_oral(label: str, kind: str, body: str) -> dict[str, str]:
    """The parts of an oral question by their names.

    Raises:
        SourceError: what arrived is not what the kind asks for.
    """
    question, *rest = re.split(r"^\+\+\+[ \t]*(.*?)[ \t]*$", body, flags=re.MULTILINE)
    names, texts = rest[::2], [text.strip() for text in rest[1::2]]
    if names == ["", ""]:  # before parts had names: a model answer and a rubric
        names = ["answer", "rubric"]
        expected = ORAL_PARTS[2:]
    else:
        expected = ORAL_PARTS if kind == "present" else ORAL_PARTS[1:]
    if names != list(expected):
        arrived = ", ".join(name or "one without a name" for name in names) or "none"
        raise SourceError(
            f"oral question {label} of kind {kind}: found the parts {arrived}; after the question "
            f"expected {', '.join(expected)}, each after a line '+++ name'"
        )
    parts = {"question": question.strip()} | dict(zip(names, texts, strict=True))
    empty = [name for name, text in parts.items() if not text]
    if empty:
        raise SourceError(f"oral question {label}: nothing stands in the part {', '.join(empty)}")
    if "outline" in parts:
        _check_outline(label, parts["outline"])
    if "spoken" in parts:
        _check_spoken(label, parts["spoken"])
    return parts


def _check_outline(label: str, text: str) -> None:
    points = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    if points != OUTLINE or not re.match(r"\d+\. ", text):
        raise SourceError(
            f"oral question {label}: the outline has {points} numbered points, "
            f"expected a list of {OUTLINE} ('1. ...') and nothing else"
        )


def _check_spoken(label: str, text: str) -> None:
    fewest, most = SPOKEN
    count = spoken_words(text)
    if not fewest <= count <= most:
        raise SourceError(
            f"oral question {label}: the spoken answer has {count} words, "
            f"expected {fewest} to {most} (sixty seconds; a formula counts as one)"
        )
    if re.search(r"^([-*]|\d+\.) |^\$\$", text, re.MULTILINE):
        raise SourceError(
            f"oral question {label}: the spoken answer has a list or a displayed formula, "
            "expected sentences"
        )


def spoken_words(text: str) -> int:
    """Words of MyST text as they are said; a formula or a reference is one.

    >>> spoken_words("The *well-known* sum $a + b$ is {eq}`eq-a`, not 3.")
    8
    """
    text = re.sub(r"\$[^$]+\$|(\{[\w:]+\})?`[^`]+`", " formula ", text)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def book_chapters(root: Path) -> list[Chapter]:
    """All pages of ``_toc.yml``, in reading order."""
    return [Chapter(root, docname) for docname in contents(root)]


def contents(root: Path) -> SiteMap:
    """The table of contents, to be read only."""
    path = root / "_toc.yml"
    return _contents(path, _read_source(path))


@lru_cache(maxsize=64)
def _contents(path: Path, text: str) -> SiteMap:
    from sphinx_external_toc.parsing import parse_toc_yaml

    return parse_toc_yaml(path)


def topics(root: Path) -> list[list[Chapter]]:
    """The chapters on a method, each as its page and the pages below it in ``_toc.yml``.

    Pages about the book itself (``book/page``, in no part's folder) and those of
    the part on the examination (``book/exam/page``) are left out.
    """
    site_map = contents(root)

    def with_pages_below(docname: str) -> list[Chapter]:
        below = [with_pages_below(name) for name in site_map[docname].child_files()]
        return [Chapter(root, docname), *(page for pages in below for page in pages)]

    chapters = site_map.root.child_files()
    return [
        with_pages_below(name)
        for name in chapters
        if name.count("/") == 2 and not name.startswith(EXAMINATION)
    ]


def executable_chapters(root: Path, names: list[str] | None = None) -> list[Chapter]:
    """The chapters with code, or those of them that are named.

    Raises:
        ValueError: a name is not a chapter with code; the message lists those there are.
    """
    chapters = [chapter for chapter in book_chapters(root) if chapter.is_executable]
    if not names:
        return chapters
    found = []
    for name in names:
        wanted = name.removesuffix(".md").removeprefix("./").removeprefix("book/")
        matches = [c for c in chapters if c.name == wanted or c.name.startswith(f"{wanted}/")]
        matches = matches or [c for c in chapters if c.name.rsplit("/", 1)[-1] == wanted]
        if not matches:
            known = "\n  ".join(chapter.name for chapter in chapters)
            raise ValueError(f"no chapter {name!r} with code in _toc.yml; there are\n  {known}")
        found.extend(matches)
    return found
