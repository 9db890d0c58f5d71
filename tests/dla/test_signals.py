"""The laws of made and combined signals: closed forms, levels, the sampling theorem."""

import math

import numpy as np
import pytest
import torch

from dla import signals, units


@pytest.mark.parametrize("rate", [8000, 16000])
def test_sine_peaks_at_its_frequency(rate):
    tone = signals.sine(440.0, seconds=1.0, sample_rate=rate)
    assert len(tone) == rate
    assert np.abs(np.fft.rfft(tone)).argmax() == 440


def test_sine_has_power_one_half_and_the_given_phase():
    tone = signals.sine(1000.0, seconds=1.0, phase=math.pi / 2)
    torch.testing.assert_close(signals.power(tone), torch.tensor(0.5))
    torch.testing.assert_close(tone[0], torch.tensor(1.0))


def test_sine_stays_exact_at_the_end_of_a_long_tone():
    """440 Hz has a whole number of periods in each second: the last second is the first."""
    tone = signals.sine(440.0, seconds=100.0)
    torch.testing.assert_close(tone[-8000:], tone[:8000], atol=1e-6, rtol=0.0)


def test_sine_refuses_what_would_alias():
    with pytest.raises(ValueError, match=r"5000\.0 Hz is above half the sampling rate of 8000 Hz"):
        signals.sine(5000.0, seconds=1.0)


def test_noise_is_white_gaussian_of_power_one():
    x = signals.noise(torch.Generator().manual_seed(0), seconds=10.0)
    assert len(x) == 80000
    spread = 1 / math.sqrt(len(x))  # of the mean and of each autocorrelation
    assert abs(x.mean()) < 4 * spread
    assert abs(signals.power(x) - 1) < 4 * math.sqrt(2) * spread
    assert abs((x**4).mean() - 3) < 4 * math.sqrt(96) * spread
    for lag in range(1, 6):
        assert abs((x[lag:] * x[:-lag]).mean()) < 4 * spread


def test_noise_comes_from_the_generator_alone():
    def draw(seed):
        return signals.noise(torch.Generator().manual_seed(seed), seconds=0.1)

    torch.manual_seed(5)
    first = draw(0)
    torch.manual_seed(6)
    assert first.equal(draw(0))
    assert not first.equal(draw(1))


def test_rms_is_the_root_of_the_power():
    x = torch.tensor([[1.0, 7.0], [3.0, 3.0]])
    torch.testing.assert_close(signals.power(x), torch.tensor([25.0, 9.0]))
    torch.testing.assert_close(signals.rms(x), torch.tensor([5.0, 3.0]))


def test_at_level_has_the_level():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, 500, generator=rng)
    level = torch.tensor([[0.0, -20.0, 6.0], [-3.0, 1.0, 2.0]])
    scaled = signals.at_level(x, level)
    torch.testing.assert_close(units.db(signals.power(scaled)), level)
    torch.testing.assert_close(torch.cosine_similarity(scaled, x, dim=-1), torch.ones(2, 3))


def test_silence_has_no_level():
    with pytest.raises(ValueError, match=r"waveform .* holds a silent signal"):
        signals.at_level(torch.zeros(2, 10), torch.zeros(2))


def test_mixture_is_the_sum_of_its_parts_at_their_levels():
    rng = torch.Generator().manual_seed(0)
    levels = torch.tensor([[0.0, -5.0], [3.0, -3.0]])
    mixture, parts = signals.mix(torch.randn(2, 2, 400, generator=rng), levels=levels)
    torch.testing.assert_close(mixture, parts[:, 0] + parts[:, 1])
    torch.testing.assert_close(units.db(signals.power(parts)), levels)


@pytest.mark.parametrize(("old", "new"), [(16000, 8000), (8000, 16000), (44100, 8000)])
def test_resampling_keeps_a_tone_below_both_limits(old, new):
    tone = signals.sine(440.0, seconds=1.0, sample_rate=old)
    wanted = signals.sine(440.0, seconds=1.0, sample_rate=new)
    found = signals.resample(tone, old, new)
    assert found.dtype == tone.dtype
    inner = slice(new // 10, -new // 10)  # the filter needs context
    torch.testing.assert_close(found[inner], wanted[inner], atol=5e-3, rtol=0.0)


def test_resampling_removes_what_would_alias():
    tone = signals.sine(6000.0, seconds=1.0, sample_rate=16000)
    assert signals.power(signals.resample(tone, 16000, 8000)) < 1e-4 * signals.power(tone)


def test_resampling_works_on_the_last_axis():
    tones = torch.stack([signals.sine(f, seconds=0.1) for f in (220.0, 440.0)])
    found = signals.resample(tones[None], 8000, 16000)
    assert found.shape == (1, 2, 1600)
    torch.testing.assert_close(found[0, 1], signals.resample(tones[1], 8000, 16000))
