"""The laws of the weighted measures: a standard's table, librosa, loops, a transform of scipy."""

import librosa
import numpy as np
import pytest
import scipy.fft
import torch
from torch.testing import assert_close

from dla.losses.si_sdr import si_sdr
from dla.measures.perceptual import (
    a_weighted,
    a_weighting,
    cepstrum,
    log_mel_difference,
    log_mel_distance,
    matched,
    mel_cepstral_distance,
    segmental_snr,
)

RATE = 16000


@pytest.fixture
def signals():
    """Estimates and targets, float64, shape (2, 16000); the level of the target varies."""
    rng = torch.Generator().manual_seed(0)
    target, noise = torch.randn(2, 2, RATE, generator=rng, dtype=torch.float64)
    target = target * torch.linspace(0.1, 2.0, RATE, dtype=torch.float64)
    return target + 0.3 * noise, target


def test_a_weighting_is_that_of_the_standard_s_table():
    nominal = [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000]  # Hz; octaves
    table = torch.tensor([-39.4, -26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1])
    exact = [10 ** (round(10 * np.log10(f)) / 10) for f in nominal]
    assert_close(a_weighting(torch.tensor(exact)), table, atol=0.06, rtol=0.0)


def test_a_weighting_is_that_of_librosa():
    frequency = np.geomspace(1.0, 20000.0, 200)
    found = a_weighting(torch.from_numpy(frequency))
    wanted = librosa.A_weighting(frequency, min_db=None)
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-3)


@pytest.mark.parametrize("frequency", [50.0, 200.0, 3000.0])
def test_weighting_a_tone_changes_its_level_by_its_weight(frequency):
    n = torch.arange(RATE, dtype=torch.float64)
    tone = torch.sin(2 * torch.pi * frequency * n / RATE)
    change = 10 * torch.log10(
        a_weighted(tone, sample_rate=RATE).square().sum() / tone.square().sum()
    )
    assert_close(change, a_weighting(torch.tensor(frequency, dtype=torch.float64)))


def test_matched_splits_as_si_sdr_does(signals):
    estimate, scaled = matched(*signals)
    residual = estimate - scaled
    assert_close((residual * scaled).sum(-1), torch.zeros(2).double(), atol=1e-8, rtol=0.0)
    ratio = scaled.square().sum(-1) / residual.square().sum(-1)
    assert_close(10 * torch.log10(ratio), si_sdr(*signals, eps=0.0))


@pytest.mark.parametrize("weighted", [True, False])
def test_segmental_snr_is_the_mean_over_segments_written_as_a_loop(signals, weighted):
    found = segmental_snr(*signals, sample_rate=RATE, weighted=weighted)
    frequency = np.fft.rfftfreq(RATE, 1 / RATE)
    with np.errstate(divide="ignore"):
        gain = 10 ** (librosa.A_weighting(frequency, min_db=None) / 20)
    gain = gain if weighted else np.ones_like(gain)
    for e, s, value in zip(*signals, found, strict=True):
        e, s = e.numpy() - e.numpy().mean(), s.numpy() - s.numpy().mean()
        s = (e @ s) / (s @ s) * s
        s, r = (np.fft.irfft(gain * np.fft.rfft(x), RATE) for x in (s, e - s))
        edges = range(0, RATE - 511, 512)
        power = np.array([np.sum(s[i : i + 512] ** 2) for i in edges])
        ratios = [
            np.clip(10 * np.log10(p / np.sum(r[i : i + 512] ** 2)), -10, 35)
            for i, p in zip(edges, power, strict=True)
            if p > 1e-4 * power.max()
        ]
        assert value.item() == pytest.approx(np.mean(ratios), abs=1e-5)


def test_segmental_snr_counts_no_segment_in_which_the_target_pauses(signals):
    estimate, target = (x[:, :8192] for x in signals)
    noise = torch.randn(2, 8192, generator=torch.Generator().manual_seed(1)).double()
    how = {"sample_rate": RATE, "weighted": False}
    alone = segmental_snr(estimate, target, **how)
    noise = noise - noise.mean(-1, keepdim=True)
    pause = target.mean(-1, keepdim=True).expand(2, 8192)  # so that centring changes nothing
    level = estimate.mean(-1, keepdim=True) + 1e-3 * noise
    longer = [torch.cat([x, rest], -1) for x, rest in ((estimate, level), (target, pause))]
    assert_close(segmental_snr(*longer, **how), alone)


def test_segmental_snr_is_limited(signals):
    _, target = signals
    how = {"sample_rate": RATE, "limits": (-10.0, 35.0)}
    assert_close(segmental_snr(target, target, **how), torch.full((2,), 35.0).double())
    noise = torch.randn(2, RATE, generator=torch.Generator().manual_seed(3)).double()
    bad = segmental_snr(1e-3 * target + noise, target, **how)
    assert_close(bad, torch.full((2,), -10.0).double())


def test_segmental_snr_of_an_estimate_without_any_target_is_the_lower_limit():
    target = torch.tensor([1.0, -1.0, 1.0, -1.0])
    estimate = torch.tensor([1.0, 1.0, -1.0, -1.0])
    value = segmental_snr(estimate, target, sample_rate=16000, segment=2 / 16000, weighted=False)
    assert value == -10.0


@pytest.mark.parametrize("measure", [segmental_snr, log_mel_distance, mel_cepstral_distance])
def test_ignores_gain_sign_and_offset_of_the_estimate(signals, measure):
    estimate, target = signals
    other = measure(-3.0 * estimate + 0.7, target, sample_rate=RATE)
    assert_close(other, measure(estimate, target, sample_rate=RATE))


def test_log_mel_distance_is_that_of_librosa_s_mel_spectrograms(signals):
    found = log_mel_distance(*signals, sample_rate=RATE)
    for e, s, value in zip(*signals, found, strict=True):
        e, s = (x - x.mean() for x in (e, s))
        s = s * (e.square().sum() / s.square().sum()).sqrt()
        upper, lower = (
            librosa.feature.melspectrogram(
                y=x.numpy(), sr=RATE, n_fft=512, hop_length=256, n_mels=40, pad_mode="constant"
            )
            for x in (e, s)
        )
        floor = 1e-4 * lower.mean()
        difference = 10 * np.log10((upper + floor) / (lower + floor))
        wanted = np.sqrt((difference**2).mean(0)).mean()
        assert value.item() == pytest.approx(wanted, rel=1e-4)


def test_cepstrum_is_a_cosine_transform_and_can_be_undone():
    levels = torch.randn(24, 7, generator=torch.Generator().manual_seed(2)).double()
    found = cepstrum(levels)
    wanted = scipy.fft.dct(levels.numpy(), type=2, axis=0) / 24
    wanted[0] /= 2
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-12)
    k, b = torch.arange(24.0).double()[:, None], torch.arange(24) + 0.5
    assert_close(torch.cos(torch.pi * k * b / 24).T @ found, levels)


def test_level_and_cosines_share_the_log_mel_distance(signals):
    difference = log_mel_difference(*signals, sample_rate=RATE)
    c = cepstrum(difference)
    whole = difference.square().mean(-2)
    assert_close(whole, c[..., 0, :].square() + c[..., 1:, :].square().sum(-2) / 2)
    most = mel_cepstral_distance(*signals, sample_rate=RATE, order=39)
    assert_close(most, (whole - c[..., 0, :].square()).sqrt().mean(-1))


def test_mel_cepstral_distance_ignores_a_change_of_level_that_log_mel_hears():
    rng = torch.Generator().manual_seed(4)
    target = torch.randn(RATE, generator=rng).double()
    louder = torch.cat([target[: RATE // 2], 2 * target[RATE // 2 :]])
    how = {"sample_rate": RATE, "floor": -80.0}
    assert mel_cepstral_distance(louder, target, **how) < 0.1
    assert log_mel_distance(louder, target, **how) > 2.5


def test_a_delay_that_destroys_si_sdr_leaves_the_log_mel_distance_small():
    rng = torch.Generator().manual_seed(5)
    target = torch.randn(RATE, generator=rng).double()
    late = target.roll(16)
    assert si_sdr(late, target) < -20
    assert log_mel_distance(late, target, sample_rate=RATE) < 1.5


@pytest.mark.parametrize("measure", [segmental_snr, log_mel_distance, mel_cepstral_distance])
def test_refuses_other_shapes_and_silence(measure):
    with pytest.raises(ValueError, match=r"estimate \(1, 512\) and target \(512,\) differ"):
        measure(torch.zeros(1, 512), torch.zeros(512), sample_rate=RATE)
    with pytest.raises(ValueError, match=r"target \(1024,\) holds a silent signal"):
        measure(torch.linspace(-1, 1, 1024), torch.full((1024,), 0.5), sample_rate=RATE)


def test_refuses_an_order_without_bands_and_a_segment_in_milliseconds():
    x = torch.randn(1024, generator=torch.Generator().manual_seed(6))
    with pytest.raises(ValueError, match="order is between 1 and 39 for 40 mel bands, got 40"):
        mel_cepstral_distance(x, x, sample_rate=RATE, order=40)
    with pytest.raises(ValueError, match="is the segment in seconds"):
        segmental_snr(x, x, sample_rate=RATE, segment=32)
