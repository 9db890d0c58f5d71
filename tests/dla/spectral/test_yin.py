"""YIN against its definition, known tones, and librosa."""

import math

import librosa
import pytest
import torch
from torch.testing import assert_close

from dla.signals import sine
from dla.spectral.yin import (
    compared_frames,
    difference,
    normalise,
    pick_lag,
    refine,
    yin,
)

RATE = 8000


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def harmonics(f0, seconds=1.0, rate=RATE, amplitudes=(1.0, 0.6, 0.4, 0.2)):
    return sum(
        a * sine(f0 * (h + 1), seconds=seconds, sample_rate=rate) for h, a in enumerate(amplitudes)
    )


@pytest.mark.parametrize(("length", "longest"), [(64, 20), (65, 64), (100, 1)])
def test_the_difference_is_its_sum_term_by_term(length, longest):
    x = torch.randn(3, length, generator=rng(), dtype=torch.float64)
    window = length - longest
    expected = torch.stack(
        [(x[:, :window] - x[:, lag : lag + window]).square().sum(-1) for lag in range(longest + 1)],
        -1,
    )
    assert_close(difference(x, longest=longest), expected)


def test_the_normalised_difference_is_over_the_mean_of_shorter_delays_at_any_level():
    d = torch.rand(9, generator=rng(), dtype=torch.float64)
    expected = [1.0] + [float(d[k] / d[1 : k + 1].mean()) for k in range(1, 9)]
    assert_close(normalise(d), torch.tensor(expected, dtype=torch.float64))
    assert_close(normalise(1e-12 * d), normalise(d))


def test_the_first_dip_below_the_threshold_counts_else_the_deepest_value():
    d = torch.tensor([[1.0, 0.02, 0.5, 0.08, 0.08, 0.5, 0.01, 0.5]])
    assert pick_lag(d, shortest=2, threshold=0.1).item() == 3
    assert pick_lag(d, shortest=2, threshold=0.05).item() == 6
    assert pick_lag(d, shortest=2, threshold=0.001).item() == 6


def test_the_vertex_of_a_parabola_is_exact_and_ends_stay():
    lags = torch.arange(8, dtype=torch.float64)
    where, value = refine((lags - 4.3).square() + 0.2, torch.tensor(4))
    assert_close(where, torch.tensor(4.3, dtype=torch.float64))
    assert_close(value, torch.tensor(0.2, dtype=torch.float64))
    where, value = refine(lags, torch.tensor(0))
    assert where == 0 and value == 0


@pytest.mark.parametrize("f0", [70.0, 97.3, 220.0, 441.7, 880.0])
def test_finds_the_pitch_of_harmonic_tones_within_three_cents(f0):
    tone = harmonics(f0, rate=22050)  # a period of 25 samples or more: the parabola fits
    found = yin(tone, sample_rate=22050, f_min=60.0, f_max=1000.0)
    inner = found.frequency[5:-5]
    assert (1200 * (inner / f0).log2()).abs().max() < 3
    assert found.aperiodicity[5:-5].max() < 0.05


@pytest.mark.parametrize("octaves", [1.0, -1.0, 3.0])
def test_a_glide_is_read_at_the_time_of_the_frame(octaves):
    """Within 1.5 ms; cut around the frame's middle, it would be 6 ms early."""
    t = torch.arange(-RATE, RATE, dtype=torch.float64) / RATE  # 1 s before and after sample 8000
    phase = 2 * torch.pi * 200 * 2 ** (octaves * t) / (octaves * math.log(2))
    glide = torch.sin(phase) + 0.5 * torch.sin(2 * phase)
    found = yin(glide.float(), sample_rate=RATE, f_max=500.0, frame_length=512, hop_length=80)
    seconds = (found.frequency[100] / 200).log2() / octaves
    assert abs(seconds) < 1.5e-3


@pytest.mark.parametrize(("longest", "lag"), [(100, 25), (90, 40)])
def test_the_stretch_of_the_middle_delay_is_centred_on_the_frame(longest, lag):
    """Its first and last sample are equally far from mH, for each frame."""
    ramp = torch.arange(4000.0)
    frames = compared_frames(
        ramp, frame_length=300, hop_length=100, shortest=lag**2 / longest, longest=longest
    )
    last = 300 - longest + lag - 1
    middle = (frames[5:30, 0] + frames[5:30, last]) / 2
    assert (middle - 100 * torch.arange(5, 30)).abs().max() <= 1


def test_a_missing_fundamental_is_found():
    tone = harmonics(200.0, amplitudes=(0.0, 1.0, 1.0, 1.0))
    found = yin(tone, sample_rate=RATE, f_max=1000.0).frequency[4:-4]
    assert (found - 200).abs().max() < 0.5


def test_noise_and_silence_are_not_periodic():
    noise = torch.randn(RATE, generator=rng())
    assert yin(noise, sample_rate=RATE, f_max=1000.0).aperiodicity[3:-3].min() > 0.3
    silence = yin(torch.zeros(RATE), sample_rate=RATE, f_max=1000.0)
    assert (silence.aperiodicity == 1).all() and silence.frequency.isfinite().all()


def test_a_gain_changes_nothing_and_a_batch_is_its_items():
    pair = torch.stack([harmonics(150.0), harmonics(333.0)])
    both = yin(pair, sample_rate=RATE, f_max=1000.0)
    for one, row in zip(pair, both.frequency, strict=True):
        assert_close(yin(1e-3 * one, sample_rate=RATE, f_max=1000.0).frequency, row)


def test_agrees_with_librosa_where_the_sound_is_periodic():
    tone = harmonics(247.0, seconds=2.0, rate=22050)
    ours = yin(tone, sample_rate=22050).frequency[4:-4]
    theirs = librosa.yin(tone.numpy(), sr=22050, fmin=65.4, fmax=2093.0)[4:-4]
    assert (1200 * (ours / torch.from_numpy(theirs)).log2()).abs().max() < 2


def test_is_about_as_fast_as_librosa_on_a_minute_of_sound(cpu_seconds):
    """One and a half allows for a busy machine."""
    minute = harmonics(247.0, seconds=60.0, rate=22050)
    ours = cpu_seconds(lambda: yin(minute, sample_rate=22050))
    theirs = cpu_seconds(lambda: librosa.yin(minute.numpy(), sr=22050, fmin=65.4, fmax=2093.0))
    print(f"yin {ours:.2f} s, librosa {theirs:.2f} s")
    assert ours < 1.5 * theirs


def test_refuses_what_has_no_meaning():
    tone = harmonics(200.0)
    with pytest.raises(ValueError, match="expected ascending limits"):
        yin(tone, sample_rate=RATE, f_min=900.0, f_max=100.0)
    with pytest.raises(ValueError, match="half the sampling rate"):
        yin(tone, sample_rate=RATE, f_max=5000.0)
    with pytest.raises(ValueError, match="does not hold a period of 20 Hz"):
        yin(tone, sample_rate=RATE, f_min=20.0, f_max=1000.0, frame_length=400)
    with pytest.raises(ValueError, match="does not move"):
        yin(tone, sample_rate=RATE, f_max=1000.0, hop_length=0)
    with pytest.raises(ValueError, match="not finite"):
        yin(tone * float("nan"), sample_rate=RATE, f_max=1000.0)
    with pytest.raises(ValueError, match="longer frames than the longest delay"):
        difference(torch.zeros(1, 8), longest=8)
