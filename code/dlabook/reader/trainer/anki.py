"""The oral questions as a deck for Anki, the same bytes for the same questions and time.

Identifiers never change: a note's comes from the question's label, a deck's
from its chapter's page. So who imports a later deck keeps what was learned.
Anki takes over new words only from a note that was written later than its
own: a deck is as old as the commit that it was made of.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import astuple, dataclass
from html import escape
from pathlib import Path

import genanki
from docutils import nodes

from dlabook.site.directives import FULL_TITLE, OUTLINE_TITLE, SPOKEN_TITLE

NAME = "Deep Learning for Audio"
MODEL_ID = 1_607_392_319  # of this book's notes; never to be changed
_ZIP_DATE = (2026, 1, 1, 0, 0, 0)
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|gather|alignat)\*?\}")
_FRONT = '<div class="kind">{{Chapter}}: {{Kind}}</div>{{Question}}'
_BACK = '{{FrontSide}}<hr id="answer">{{Answer}}<div class="rubric">{{Rubric}}</div>{{Proof}}'
_STYLE = """.card { font: 18px/1.45 sans-serif; max-width: 40em; margin: 0 auto; }
.kind { font-weight: bold; margin-bottom: 0.5em; }
.rubric { border-left: 3px solid gray; padding-left: 0.75em; margin: 1em 0; }
"""


@dataclass(frozen=True)
class Card:
    """A question as Anki shows it: HTML with TeX for MathJax."""

    label: str
    chapter: str  # page
    title: str  # the chapter's
    kind: str
    kind_title: str
    outcomes: tuple[str, ...]
    prompt: str
    model: str
    rubric: tuple[str, ...]
    proof: str
    outline: str = ""
    spoken: str = ""

    @property
    def answer(self) -> str:
        """The back: a field of its own for each part would be another kind of note in Anki,
        and what was learned of the old kind would be lost."""
        if not self.spoken:
            return self.model
        outline = f"<h4>{OUTLINE_TITLE}</h4>{self.outline}" if self.outline else ""
        spoken = f"<h4>{SPOKEN_TITLE}</h4>{self.spoken}"
        return f"{outline}{spoken}<h4>{FULL_TITLE}</h4>{self.model}"


# ---------------------------------------------------------------- from the page to the card


def with_tex(content: list[nodes.Node], macros: dict[str, str]) -> list[nodes.Node]:
    r"""Copies of nodes with formulas as ``\( \)`` and ``\[ \]``, and text instead of links."""
    box = nodes.compound("", *[node.deepcopy() for node in content])
    for node in list(box.findall(nodes.math)):
        node.replace_self(plain(rf"\({expanded(node.astext(), macros)}\)"))
    for node in list(box.findall(nodes.math_block)):
        # an environment for displays becomes one for the inside of \[ \]
        latex = _ENVIRONMENT.sub(r"\\\1{\2ed}", node.astext())
        node.replace_self(plain(rf"\[{expanded(latex, macros)}\]"))
    for node in list(box.findall(nodes.reference)):
        node.replace_self(nodes.inline("", "", *[child.deepcopy() for child in node.children]))
    return box.children


def plain(text: str) -> nodes.raw:
    return nodes.raw("", escape(text, quote=False), format="html")


def expanded(latex: str, macros: dict[str, str]) -> str:
    """TeX without the book's macros.

    Raises:
        ValueError: a macro takes arguments.
    """
    for name, meaning in macros.items():
        if "#" in meaning:
            raise ValueError(f"macro {name} takes arguments ({meaning}); the deck cannot expand it")
        latex = re.sub(
            re.escape(name) + r"(?![A-Za-z])", lambda _, text=meaning: f"{{{text}}}", latex
        )
    return latex


# ---------------------------------------------------------------- from the cards to the deck


def identifier(text: str) -> int:
    """A number for a text, where Anki wants a time in milliseconds."""
    return (1 << 30) + int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % (1 << 30)


def model() -> genanki.Model:
    fields = ("Label", "Chapter", "Kind", "Question", "Answer", "Rubric", "Proof")
    return genanki.Model(
        MODEL_ID,
        f"{NAME}: oral question",
        fields=[{"name": name} for name in fields],
        templates=[{"name": "Say the answer", "qfmt": _FRONT, "afmt": _BACK}],
        css=_STYLE,
    )


def decks(cards: list[Card]) -> list[genanki.Deck]:
    """A deck below the book's for each chapter."""
    kind_of_note, found = model(), {}
    for card in cards:
        if card.chapter not in found:
            name = f"{NAME}::{card.title.replace('::', ':')}"
            found[card.chapter] = genanki.Deck(identifier(card.chapter), name)
        rubric = "".join(f"<li>{line}</li>" for line in card.rubric)
        content = [card.label, escape(card.title), card.kind_title, card.prompt, card.answer]
        note = genanki.Note(
            model=kind_of_note,
            fields=[*content, f"<ul>{rubric}</ul>", card.proof],
            guid=genanki.guid_for("dla-book", card.label),
            tags=[f"kind::{card.kind}", *card.outcomes],
        )
        found[card.chapter].add_note(note)
    return list(found.values())


def package(cards: list[Card], written: int) -> bytes:
    """The file that Anki imports, with notes written at a time in s since 1970."""
    made, again = io.BytesIO(), io.BytesIO()
    genanki.Package(decks(cards)).write_to_file(made, timestamp=written)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(again, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED, 9)
    return again.getvalue()


def write_deck(cards: list[Card], target: Path, key: Path, written: int) -> None:
    """Write the deck if its words are others than the key says; a later time alone is no reason."""
    words = json.dumps([astuple(card) for card in cards])
    digest = hashlib.sha256((words + Path(__file__).read_text(encoding="utf-8")).encode())
    if target.exists() and key.exists() and key.read_text() == digest.hexdigest():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(package(cards, written))
    key.write_text(digest.hexdigest())
