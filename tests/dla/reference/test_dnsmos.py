"""DNSMOS hears noise without a reference; its windows are tested without its package."""

import numpy as np
import pytest
import torch

from dla.chapters.speech.mistakes import sentences
from dla.reference.dnsmos import PACKAGE, SAMPLE_RATE, WINDOW, dnsmos, windows_of
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
VOICE = sentences()[0]


@needs
def test_noise_lowers_every_mark_and_most_that_of_the_background():
    noise = torch.randn(VOICE.shape, generator=torch.Generator().manual_seed(0))
    clean, noisy = (dnsmos(x, sample_rate=SAMPLE_RATE) for x in (VOICE, VOICE + 0.05 * noise))
    assert 2.5 < clean.overall < 5 and clean.background > 3.5
    fall = np.subtract(clean, noisy)
    assert (fall > 0).all() and fall.argmax() == 1


@needs
def test_marks_are_those_of_the_package():
    """Its own code, for a sound that is repeated and for one of three windows."""
    package = pytest.importorskip("speechmos.dnsmos")
    for x in (VOICE, sentences()[:5].flatten()):
        found = package.run(x.numpy(), SAMPLE_RATE)
        ours = dnsmos(x, sample_rate=SAMPLE_RATE)
        theirs = [found[k] for k in ("sig_mos", "bak_mos", "ovrl_mos")]
        assert list(ours) == pytest.approx(theirs, abs=1e-3)


def test_a_short_sound_is_doubled_and_a_long_one_cut_every_second():
    ramp = np.arange(40000, dtype=np.float32)
    (window,) = windows_of(ramp)
    np.testing.assert_array_equal(window, np.resize(ramp, WINDOW))
    assert len(windows_of(ramp[:30000])) == 6  # eight times it are 15 s
    long = np.arange(12 * SAMPLE_RATE, dtype=np.float32)
    assert [w[0] for w in windows_of(long)] == [0, SAMPLE_RATE, 2 * SAMPLE_RATE]
    assert {len(w) for w in windows_of(long)} == {WINDOW}
    assert len(windows_of(long[:WINDOW])) == 1


def test_no_sound_is_refused(refuses):
    refuses(dnsmos)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="speechmos is not installed"):
        dnsmos(VOICE, sample_rate=SAMPLE_RATE)
