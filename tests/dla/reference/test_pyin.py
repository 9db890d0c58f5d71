"""librosa's pYIN, called like the others: librosa is in the lock."""

import librosa
import numpy as np
import pytest
import torch

from dla.reference.published import MissingPackage
from dla.reference.pyin import pyin


def test_follows_a_tone(follows):
    follows(pyin, frequencies=(220.0,))


def test_is_librosa_s(tone):
    x = tone(220.0, seconds=0.5)
    there = librosa.pyin(
        x.numpy(), fmin=65.4, fmax=2093.0, sr=22050, frame_length=2048, hop_length=512
    )
    track = pyin(x, sample_rate=22050)
    voiced = track.voiced.numpy()
    np.testing.assert_array_equal(voiced, there[1])
    np.testing.assert_allclose(track.frequency.numpy()[voiced], there[0][voiced], rtol=1e-6)
    np.testing.assert_allclose(track.times.numpy(), np.arange(len(voiced)) * 512 / 22050)


def test_a_leap_is_where_it_is(leaps_in_time):
    leaps_in_time(pyin, step=0.0233)


def test_no_sound_is_refused(refuses):
    refuses(pyin)


@pytest.mark.parametrize("limits", [(0.0, 100.0), (200.0, 100.0), (65.0, 11025.0)])
def test_limits_that_are_none_are_refused(limits):
    low, high = limits
    with pytest.raises(ValueError, match="expected ascending limits below half"):
        pyin(torch.zeros(8000), sample_rate=22050, f_min=low, f_max=high)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="librosa is not installed"):
        pyin(torch.zeros(16000), sample_rate=16000)
