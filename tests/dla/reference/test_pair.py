"""Laws of what a measure that compares is given."""

import numpy as np
import pytest
import torch

from dla.reference.pair import as_pair
from dla.signals import sine

VOICE = sine(220.0, seconds=0.5, sample_rate=8000)


def test_both_are_the_sounds_in_single_precision_at_the_wanted_rate():
    x, y = as_pair(0.5 * VOICE.double(), VOICE.double(), 8000)
    assert x.dtype == y.dtype == np.float32
    np.testing.assert_allclose(2 * x, y)
    assert [len(z) for z in as_pair(VOICE, VOICE, 8000, wanted_rate=16000)] == [8000, 8000]


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="differ in shape"):
        as_pair(VOICE[:-1], VOICE, 8000)


def test_a_silent_target_is_refused_and_a_silent_estimate_is_not():
    with pytest.raises(ValueError, match="a silent target; expected a voice"):
        as_pair(VOICE, torch.zeros_like(VOICE), 8000)
    x, _ = as_pair(torch.zeros_like(VOICE), VOICE, 8000)
    assert not x.any()


@pytest.mark.parametrize("which", ["estimate", "target"])
def test_no_sound_is_refused(refuses, which):
    def given(x, sample_rate):
        return as_pair(*(VOICE, x) if which == "target" else (x, VOICE), sample_rate)

    refuses(given)
