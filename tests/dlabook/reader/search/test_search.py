"""Words as people type them, and what a section is worth for one."""

import pytest
from docutils import nodes

from dlabook.reader.search.search import (
    CALLED,
    DISPLAYED,
    SYMBOL,
    TITLE,
    fold,
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
