"""The controls train on the people they name and are asked about others."""

import torch

from dla.chapters.permutation_invariant_training import controls_study, separation_study


def test_the_controls_differ_from_the_page_s_training_in_the_people_only():
    page = separation_study.batches(0)(0)[0]
    same = controls_study.batches(separation_study.SPEAKERS, 0)(0)[0]
    assert torch.equal(page, same)
    assert not torch.equal(controls_study.two_women(0)(0)[0], page)


def test_one_voice_is_in_no_training_and_some_pair_has_two_strangers_to_the_women():
    assert all("menardi" not in c for c in (controls_study.TWO_WOMEN, controls_study.FOUR_VOICES))
    assert any(not set(pair) & set(controls_study.TWO_WOMEN) for pair in controls_study.PAIRS)
