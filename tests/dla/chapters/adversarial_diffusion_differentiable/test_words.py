"""The table covers what June recorded, and says no to everything else."""

import pytest

from dla.chapters.adversarial_diffusion_differentiable import words
from dla.datasets import prompts


def test_each_recorded_number_letter_and_spelling_word_has_pieces():
    there = {
        (p.kind, p.text.lower())
        for p in prompts.table(speakers=["june"], kinds=["digits", "letters", "phonetic"])
    }
    spelling = [w for w in words.PIECES if w.isalpha() and len(w) > 1]
    covered = {("phonetic", w[0]) for w in spelling}
    covered |= {("letters", w) for w in words.PIECES if w.isalpha() and len(w) == 1}
    covered |= {("digits", w) for w in words.PIECES if w.isdigit()}
    assert covered == there and len(words.PIECES) == 80


def test_the_inventory_is_what_occurs():
    assert set(words.INVENTORY) == {p for w in words.PIECES.values() for p in w}
    assert "#" not in words.INVENTORY  # the pause is no piece of a word


def test_numbers_of_ten_and_more_are_made_of_their_digits_pieces():
    assert words.PIECES["17"] == words.PIECES["10"][:2] + words.PIECES["7"]
    assert words.PIECES["70"] == words.PIECES["60"] + words.PIECES["10"]
    assert words.PIECES["90"] == words.PIECES["80"] + words.PIECES["10"]


def test_a_telephone_number_is_its_digits():
    assert words.words_of("05.36-49 1") == tuple("0536491")


@pytest.mark.parametrize(
    ("number", "said"), [("12+3", r"'\+'"), ("0x5", "'x'"), (" - ", "no digit")]
)
def test_what_is_no_telephone_number_is_refused(number, said):
    with pytest.raises(ValueError, match=said):
        words.words_of(number)


def test_an_unknown_word_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"no word 'tangos'; did you mean 'tango'"):
        words.pieces_of("tangos")
    with pytest.raises(ValueError, match=r"no word '21'.*28 numbers, 26 letters"):
        words.pieces_of("21")


def test_edits_are_symmetric_and_zero_for_the_same():
    a, b = words.pieces_of("17"), words.pieces_of("7")
    assert words.number_of_edits(a, b) == words.number_of_edits(b, a) == 2
    assert words.number_of_edits(a, a) == 0
    assert words.number_of_edits(a, ()) == len(a)
