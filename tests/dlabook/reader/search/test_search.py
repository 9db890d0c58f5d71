"""Words as people type them, and what a section is worth for one."""

import pytest
from docutils import nodes

from dlabook.reader.search.search import (
    CALLED,
    DISPLAYED,
    FEW,
    SYMBOL,
    TITLE,
    _worth_finding,
    fold,
    pairs,
    sections,
    symbols,
    tokens,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Böck", "bock"), ("Łukasz", "lukasz"), ("straße", "strasse"), ("λ", "lambda")],
)
def test_letters_are_those_of_a_plain_keyboard(text, folded):
    assert fold(text) == folded


def test_a_word_with_hyphens_is_found_by_its_parts_too():
    assert {"log", "mel"} <= set(tokens("a log-mel spectrogram"))


def page() -> nodes.document:
    from docutils.utils import new_document

    document = new_document("x")
    section = nodes.section("", nodes.title("", "Beats"), ids=["sec-beat-a"])
    section += nodes.paragraph("", "The tempo of beats. The tempo.")
    inner = nodes.section("", nodes.title("", "Tempo"), ids=["sec-beat-b"])
    inner += nodes.paragraph("", "", nodes.literal("", "pick_peaks"))
    section += inner
    document += section
    return document


def test_a_section_knows_its_own_words_and_not_those_of_sections_inside():
    outer, inner = sections(page())
    assert (outer.anchor, inner.anchor) == ("sec-beat-a", "sec-beat-b")
    assert outer.words["tempo"] == 2
    assert outer.words["beats"] == TITLE + 1
    assert inner.words["tempo"] == TITLE
    assert "pick_peaks" not in outer.named
    assert inner.named["pick_peaks"] >= CALLED


def test_a_symbol_is_found_in_formulas_and_a_displayed_one_is_worth_more():
    assert "lambda" in set(symbols(nodes.math("", r"\lambda_1 + x")))
    assert DISPLAYED > SYMBOL


def test_two_words_side_by_side_are_a_pair_in_the_singular():
    assert list(pairs("The learning rates of a network")) == ["learning rate"]
    assert list(pairs("all of the four losses")) == []


def test_a_section_knows_which_words_stand_side_by_side():
    document = page()
    document[0] += nodes.paragraph("", "The learning rate falls.")
    assert sections(document)[0].pairs["learning rate"] == 1
    assert "tempo beat" not in sections(document)[0].pairs


def test_places_are_written_as_steps_from_one_to_the_next():
    places = [(3, 10, 2), (7, 5, 9), (9, 1, 1)]
    assert _worth_finding(places, is_pair=False) == [3, 10, 4, 5, 2, 1]
    many = [(k, 1, 1) for k in range(FEW + 1)]
    assert _worth_finding(many, is_pair=False) == []  # mentioned here and there
    assert len(_worth_finding(many, is_pair=True)) == 2 * len(many)


def test_what_is_imported_is_not_said_to_be_in_the_section():
    document = page()
    code = "from torch import softmax\nfrom a import (\n    first,\n    second,\n)\nargmax(x)"
    document[0] += nodes.literal_block("", code)
    named = sections(document)[0].named
    assert "argmax" in named
    assert not {"softmax", "first", "second"} & set(named)
