"""The study trains what the chapter's page trains, and measures what it never heard."""

import pytest
import torch

from dla.chapters.beat_tracking import beats_study
from dla.chapters.beat_tracking.excerpts import UNHEARD


@pytest.fixture(scope="module")
def sets():
    return beats_study.test_sets()


def test_one_item_in_four_has_drums_and_without_them_the_plain_ones_remain():
    plain = beats_study.training_items(drums=False)
    every = beats_study.training_items(drums=True)
    assert len(every) == 4 * len(plain)
    for copy in range(3):  # the rest of each four is plain
        for one, other in zip(every[copy * len(plain) :], plain, strict=False):
            assert torch.equal(one.level, other.level)
    banded = every[3 * len(plain) :]
    assert not any(
        one.level.shape == other.level.shape and torch.allclose(one.level, other.level)
        for one, other in zip(banded, plain, strict=True)
    )


def test_test_sets_hold_the_same_pieces_in_the_same_order(sets):
    names = [e.name for e in sets["held out"]]
    for name in ("other instruments", "other tempi", "both"):
        assert [e.name for e in sets[name]] == names
    assert [e.name for e in sets["with drums"]] == names[::2]


def test_each_set_changes_what_its_name_says_and_nothing_else(sets):
    for name, strange in (
        ("held out", False), ("other tempi", False), ("other instruments", True), ("both", True),
    ):  # fmt: skip
        assert {e.instrument in UNHEARD for e in sets[name]} == {strange}


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_batches_follow_from_the_seed(seed, same):
    first = beats_study.batches(0)(0)[0]
    assert torch.equal(beats_study.batches(seed)(0)[0], first) is same
    assert first.shape[:2] == (1, 8)


def test_reading_faster_moves_the_beats_to_that_tempo(sets):
    excerpt = sets["with drums"][0]
    model = beats_study.network(0).eval()
    for bpm in (120.0, 180.0):
        beats, found = beats_study.read_at(model, excerpt, bpm)
        assert beats.diff().median().item() == pytest.approx(60 / bpm, rel=0.02)
        assert len(found) == 0 or found[-1] <= len(excerpt.waveform) / 22050 * excerpt.bpm / bpm
