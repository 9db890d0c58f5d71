"""The arms differ in what they hear and how far they reach, and in nothing else."""

import torch

from dla.chapters.melody import salience_study as s
from dla.models.salience_network import receptive_field
from dla.spectral.hcqt import HARMONICS


def test_arms_have_one_size_and_start_and_the_narrow_one_sees_less_than_half_an_octave():
    wide, narrow = s.wide(3), s.narrow(3)
    for one, other in zip(wide.parameters(), narrow.parameters(), strict=True):
        assert (one == other).all()
    assert receptive_field(wide)[0] > 2 * 24 + 1 > 24 > receptive_field(narrow)[0]


def test_the_plain_arm_hears_the_same_cuts_in_the_first_harmonics_channel_alone():
    (full, targets), (plain, same) = s.with_harmonics(1)(0), s.without(1)(0)
    assert (targets == same).all()
    row = HARMONICS.index(1)
    assert (plain[:, :, row] == full[:, :, row]).all()
    others = [k for k in range(len(HARMONICS)) if k != row]
    assert not plain[:, :, others].any() and full[:, :, others].any()


def test_scores_are_means_over_pieces_that_are_given_too(monkeypatch):
    few = s.corpus("validation")[:2]
    monkeypatch.setattr(s, "corpus", lambda side: few)
    values = s.scores(s.wide(0), s.items(few))
    for name in ("raw_pitch", "raw_chroma"):
        each = [values[f"{name} {k}"] for k in range(2)]
        assert abs(values[name] - sum(each) / 2) < 1e-3
    assert torch.get_num_threads()


def test_studies_have_five_seeds_and_two_lengths():
    for study in s.STUDIES:
        assert len(study.seeds) == 5 and len(study.lengths) == 2
    assert len({study.name for study in s.STUDIES}) == 4
