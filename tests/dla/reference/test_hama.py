"""The nearest word by edit distance, against all ways to edit; hama itself only where it is."""

from functools import cache

import pytest
import torch

from dla import signals
from dla.chapters.speech import words_comparison
from dla.reference.hama import PACKAGE, edit_distance, hama, nearest_word, pronounce
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


@cache
def by_all_edits(one: str, other: str) -> int:
    """The definition: what the first letters of both may be."""
    if not one or not other:
        return len(one) + len(other)
    return min(
        by_all_edits(one[1:], other) + 1,
        by_all_edits(one, other[1:]) + 1,
        by_all_edits(one[1:], other[1:]) + (one[0] != other[0]),
    )


def test_edit_distance_is_the_least_of_all_edits():
    g = torch.Generator().manual_seed(0)
    for _ in range(200):
        lengths = torch.randint(0, 7, (2,), generator=g).tolist()
        a, b = ("".join("abc"[k] for k in torch.randint(3, (n,), generator=g)) for n in lengths)
        assert edit_distance(a, b) == edit_distance(b, a) == by_all_edits(a, b)
        assert edit_distance(a, a) == 0


def test_the_distance_counts_for_more_in_a_short_word():
    lexicon = {"no": ["n", "oʊ"], "november": ["n", "oʊ", "v", "ɛ", "m", "b", "ɝ"]}
    assert nearest_word(["n", "oʊ", "v", "ɛ", "m"], lexicon) == "november"
    assert nearest_word(["n", "oʊ", "v"], lexicon) == "no"
    # three edits each, but of three phonemes and of six
    lexicon = {"short": ["x"], "long": ["c", "d", "e", "f", "g", "h"]}
    assert nearest_word(["c", "d", "e"], lexicon) == "long"


def test_nothing_heard_is_the_first_word_and_no_word_is_refused():
    assert nearest_word([], {"one": ["w"], "two": ["t"]}) == "one"
    with pytest.raises(ValueError, match="no word to choose from"):
        nearest_word(["w"], {})
    with pytest.raises(ValueError, match="a word of no letters"):
        pronounce(" ")


@needs
def test_a_digit_is_heard_at_each_rate():
    seven = next(p for p in words_comparison.pieces() if p.word == "seven")
    lexicon = words_comparison.lexicon(words_comparison.DIGITS)
    for rate in (8000, 16000, 44100):
        x = signals.resample(seven.waveform, 16000, rate)
        heard = hama(x, sample_rate=rate)
        assert len(heard) > 2 and nearest_word(heard, lexicon) == "seven"
    assert all(p.strip() for p in pronounce("oscar"))


def test_no_sound_is_refused(refuses):
    refuses(hama)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="hama is not installed"):
        hama(torch.zeros(16000), sample_rate=16000)
    with pytest.raises(MissingPackage, match="hama is not installed"):
        pronounce("five")
