"""The questions to take away: the deck for Anki, read with sqlite3, and the sheets to print."""

import json
import re
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import genanki
import pytest
from docutils import nodes
from places import ROOT, SITE

from dlabook.reader.trainer.anki import (
    Card,
    decks,
    expanded,
    identifier,
    package,
    with_tex,
    write_deck,
)
from dlabook.source.chapters import book_chapters, topics
from dlabook.source.pages import DECK
from dlabook.source.version import book_time

QUESTIONS = [q for page in book_chapters(ROOT) for q in page.oral_questions]
MACROS = json.loads((ROOT / "book" / "macros.json").read_text())
CARD = Card(
    "oral-a-why", "book/p/a", "A: b", "why", "Why", ("LO1",), r"\(x\)", "m", ("l",) * 5, "(1)"
)


def tables(data: bytes, folder: Path) -> tuple[list, dict, dict]:
    """Of a deck's file: its notes with the deck of their card, its decks, and its note types."""
    (folder / "deck.apkg").write_bytes(data)
    with zipfile.ZipFile(folder / "deck.apkg") as file:
        file.extract("collection.anki2", folder)
    base = sqlite3.connect(folder / "collection.anki2")
    rows = base.execute(
        "select n.guid, n.tags, n.flds, c.did from notes n join cards c on c.nid = n.id"
    ).fetchall()
    decks, models = base.execute("select decks, models from col").fetchone()
    base.close()
    return rows, json.loads(decks), json.loads(models)


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    return tables((SITE / DECK).read_bytes(), tmp_path_factory.mktemp("anki"))


def test_the_deck_has_a_note_of_each_question_with_its_tags(deck):
    rows = {fields.split("\x1f")[0]: set(tags.split()) for _, tags, fields, _ in deck[0]}
    assert len(rows) == len(deck[0]) == len(QUESTIONS)
    assert rows == {q.label: {f"kind::{q.kind}", *q.outcomes} for q in QUESTIONS}


def test_the_identifiers_come_from_labels_and_pages_alone(deck):
    rows, decks, models = deck
    assert {guid for guid, *_ in rows} == {genanki.guid_for("dla-book", q.label) for q in QUESTIONS}
    wanted = {
        str(identifier(pages[0].docname))
        for pages in topics(ROOT)
        if any(p.oral_questions for p in pages)
    }
    assert set(decks) - {"1"} == wanted == {str(did) for *_, did in rows}
    assert "1607392319" in models
    # what was published once: an own oracle, so that no later change of the rule goes unseen
    assert identifier("book/decomposition/permutation-invariant-training") == 1842932773
    assert genanki.guid_for("dla-book", "oral-pit-why") == "L25&uuSSpa"


def test_each_chapter_has_a_deck_below_the_book(deck):
    names = {d["name"] for number, d in deck[1].items() if number != "1"}
    assert len(names) == len(deck[1]) - 1
    assert all(re.fullmatch(r"Deep Learning for Audio::[^:].*", name) for name in names)


def said(question) -> str:
    return question.outline + question.spoken + question.answer


def test_the_back_has_the_outline_then_sixty_seconds_then_all():
    """In one field: another kind of note would lose what was learned."""
    assert CARD.answer == "m"
    card = replace(CARD, outline="<ol></ol>", spoken="<p>s</p>")
    parts = ["Outline for the board", "<ol></ol>", "In sixty seconds", "<p>s</p>", "In full", "m"]
    places = [card.answer.index(part) for part in parts]
    assert places == sorted(places)
    assert "Outline" not in replace(card, outline="").answer
    (deck,) = decks([card])
    assert card.answer in deck.notes[0].fields


def test_the_notes_have_tex_for_mathjax_and_neither_myst_nor_links(deck):
    for _, _, fields, _ in deck[0]:
        assert not re.search(r"\$|`|\{(ref|eq|doc|numref)\}|<a\b|href|katex|\*\*|::", fields), (
            fields
        )
        assert fields.count(r"\(") == fields.count(r"\)")
        assert fields.count(r"\[") == fields.count(r"\]")
        for name in MACROS:
            assert not re.search(re.escape(name) + r"(?![A-Za-z])", fields), name
        assert fields.count("<li>") >= 5
    sources = sum(len(re.findall(r"(?<!\\)\$(?!\$)", said(q))) // 2 for q in QUESTIONS)
    shown = sum(fields.split("\x1f")[4].count(r"\(") for _, _, fields, _ in deck[0])
    assert shown == sources > 100


def test_the_tex_of_the_deck_is_understood(deck):
    """KaTeX without the book's macros typesets every formula of the deck."""
    from html import unescape

    from dlabook.site.mathematics import Typesetter

    katex = Typesetter(ROOT / "node_modules/katex/dist/katex.min.js", {})
    try:
        for _, _, fields, _ in deck[0]:
            for latex in re.findall(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", fields, re.DOTALL):
                katex.html(unescape(latex[0] or latex[1]), display=not latex[0])
    finally:
        katex.close()


def test_the_same_questions_give_the_same_bytes(tmp_path):
    assert package([CARD], 5) == package([CARD], 5)
    target, key = tmp_path / "d.apkg", tmp_path / "key"
    write_deck([CARD], target, key, 5)
    target.write_bytes(b"as it was")
    write_deck([CARD], target, key, 6)
    assert target.read_bytes() == b"as it was"
    write_deck([CARD, Card("oral-a-break", *list(vars(CARD).values())[1:])], target, key, 6)
    assert target.read_bytes() != b"as it was"


def times(data: bytes, folder: Path) -> set[int]:
    tables(data, folder)
    base = sqlite3.connect(folder / "collection.anki2")
    found = {time for (time,) in base.execute("select mod from notes")}
    base.close()
    return found


def test_a_note_is_as_old_as_the_book_so_that_anki_takes_over_new_words(tmp_path):
    """Anki's importer keeps its own words unless the note that comes was written later."""
    assert times(package([CARD], 1_700_000_000), tmp_path) == {1_700_000_000}
    (built,) = times((SITE / DECK).read_bytes(), tmp_path)
    assert 1_767_225_600 < built <= book_time(ROOT)


def test_other_words_keep_the_note(tmp_path):
    """A reworded question is the same note: what was learned of it stays."""
    other = Card(*[*vars(CARD).values()][:6], "other words", *[*vars(CARD).values()][7:])
    before, after = (tables(package([card], 5), tmp_path)[0][0] for card in (CARD, other))
    assert before[0] == after[0] and before[3] == after[3] and before[2] != after[2]


def test_a_card_is_shown_with_all_that_it_has():
    card = Card(*[*vars(CARD).values()][:2], "A::B & c", *[*vars(CARD).values()][3:])
    (deck,) = decks([card])
    (note,) = deck.notes
    assert deck.name == "Deep Learning for Audio::A:B & c"  # '::' would make another level
    assert note.tags == ["kind::why", "LO1"]
    names = [field["name"] for field in note.model.fields]
    assert dict(zip(names, note.fields, strict=True)) == {
        "Label": "oral-a-why",
        "Chapter": "A::B &amp; c",
        "Kind": "Why",
        "Question": r"\(x\)",
        "Answer": "m",
        "Rubric": "<ul>" + 5 * "<li>l</li>" + "</ul>",
        "Proof": "(1)",
    }
    (template,) = note.model.templates
    front, back = (set(re.findall(r"{{(\w+)}}", template[side])) for side in ("qfmt", "afmt"))
    assert front == {"Chapter", "Kind", "Question"}
    assert back == {"FrontSide", "Answer", "Rubric", "Proof"}


@pytest.mark.parametrize(
    ("latex", "meaning"),
    [
        (r"\E x", r"{\operatorname{E}} x"),
        (r"\Ext", r"\Ext"),
        (r"\E_\tr", r"{\operatorname{E}}_{\operatorname{tr}}"),
    ],
)
def test_macros_are_expanded(latex, meaning):
    assert expanded(latex, MACROS) == meaning


def test_a_macro_with_arguments_is_refused():
    with pytest.raises(ValueError, match="takes arguments"):
        expanded(r"\a{b}", {r"\a": "#1"})


def test_displays_and_links_become_text():
    latex = "\\begin{align*}a &< b\\end{align*}"
    link = nodes.reference("", "", nodes.Text("(4.2)"), refuri="x.html")
    display = nodes.math_block(latex, latex)
    page = [nodes.paragraph("", "", link), display]
    shown = with_tex(page, {})
    assert page[0][0] is link  # the page keeps its own
    assert [type(n) for n in shown] == [nodes.paragraph, nodes.raw]
    assert shown[1].astext() == "\\[\\begin{aligned}a &amp;&lt; b\\end{aligned}\\]"
    assert "refuri" not in str(shown[0]) and shown[0].astext() == "(4.2)"
