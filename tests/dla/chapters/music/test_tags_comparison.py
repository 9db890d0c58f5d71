"""What is heard, how loud, and how words are counted."""

import pytest
import torch

from dla.chapters.music import tags_comparison as module
from dla.protocol import comparison
from dla.reference.musicnn import TAGS, Tagged


def test_cases_hold_eight_pieces_each_at_one_level_and_twenty_db_below():
    pieces = module.pieces()
    count = len(pieces) // 2
    cases = [p.case for p in pieces[:count]]
    assert {c: cases.count(c) for c in cases} == dict.fromkeys(module.CASES, 8)
    for loud, soft in zip(pieces[:count], pieces[count:], strict=True):
        level = 10 * torch.log10(loud.waveform.square().mean())
        assert float(level) == pytest.approx(module.LEVEL, abs=0.01)
        assert len(loud.waveform) == module.SECONDS * module.RATE
        torch.testing.assert_close(0.1 * loud.waveform, soft.waveform)
        assert soft.name == f"{loud.case}{module.SOFTER}: {loud.about}"


def test_chorales_are_the_same_on_both_instruments_and_no_two_talkers_say_the_same():
    by = {c: [p for p in module.pieces() if p.case == c] for c in module.CASES}
    for one, other in zip(by[module.PIANO], by[module.STRINGS], strict=True):
        assert one.about == other.about and not torch.allclose(one.waveform, other.waveform)
    sounds = [p.waveform for p in by[module.TALKER]]
    for k, one in enumerate(sounds):
        for other in sounds[:k]:
            assert float(torch.cosine_similarity(one, other, dim=0)) < 0.5


def test_a_word_s_number_is_the_mean_over_the_parts():
    likely = torch.zeros(2, 50)
    likely[:, 3] = torch.tensor([0.2, 0.6])
    values = module.score(module.pieces()[0], Tagged(TAGS, likely))
    assert len(values) == 50 and values[TAGS[3]] == pytest.approx(0.4)


def test_means_are_of_the_case_and_the_null_of_all_at_full_level():
    result = comparison.load(module.COMPARISON)
    means = module.means(result)
    assert list(means)[-1] == module.NULL and len(means) == 11
    by_hand = [t.values["rock"] for t in result.trials if t.piece.startswith("song: ")]
    assert len(by_hand) == 8
    assert means[module.BAND]["rock"] == pytest.approx(sum(by_hand) / 8)
    loud = [t.values["rock"] for t in result.trials if module.SOFTER not in t.piece]
    assert means[module.NULL]["rock"] == pytest.approx(sum(loud) / 40)


def test_what_rises_most_is_no_matter_of_what_was_most():
    means = {"x": {"a": 0.5, "b": 0.1}, "x" + module.SOFTER: {"a": 0.6, "b": 0.4}}
    assert module.risen(means, "x") == "b"


def test_infinities_are_counted_by_part():
    bad, parts = module.infinite(module.GUITAR)
    assert 0 < bad < parts == 24
    assert module.infinite(module.GUITAR + module.SOFTER) == (0, 24)


def test_what_is_committed_is_of_these_pieces():
    result = comparison.load(module.COMPARISON)
    assert [p["name"] for p in result.pieces] == [p.name for p in module.pieces()]
