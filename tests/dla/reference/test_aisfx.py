"""aiSFX knows a sound again; its spectrogram and parts are tested without its package."""

import importlib.util

import numpy as np
import pytest
import torch

from dla.datasets import percussion
from dla.reference.aisfx import (
    COUNTS,
    FULL,
    HOP,
    PACKAGE,
    SAMPLE_RATE,
    WEIGHTS,
    WINDOW,
    aisfx,
    filters,
    hz_to_mel,
    parts_of,
    spectrogram,
)
from dla.reference.published import MissingPackage
from dla.signals import resample, sine

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


def test_each_band_is_a_mean_and_none_is_empty():
    matrix = filters()
    torch.testing.assert_close(matrix.sum(-1), torch.ones(96))
    assert (matrix >= 0).all()


def test_a_triangle_falls_straight_in_mel():
    bins = torch.arange(WINDOW // 2 + 1, dtype=torch.float64) * SAMPLE_RATE / WINDOW
    mel = hz_to_mel(bins)
    row = filters()[80].double()
    peak = int(row.argmax())
    falling = row[peak + 1 : peak + 15]
    slope = falling.diff() / mel[peak + 1 : peak + 15].diff()
    torch.testing.assert_close(slope, slope[:1].expand_as(slope), rtol=1e-3, atol=0.0)


def test_the_loudest_tone_is_near_the_top_of_the_scale():
    """A sine of amplitude one has (sum of the window / 2)^2 at its bin."""
    frequency = 40 * SAMPLE_RATE / WINDOW
    tone = sine(frequency, seconds=1.0, sample_rate=SAMPLE_RATE)
    level = spectrogram(tone)[20]
    k = np.arange(WINDOW)
    frame = tone[20 * HOP - WINDOW // 2 :][:WINDOW].double().numpy() * np.hanning(WINDOW)
    power = [abs((frame * np.exp(-2j * np.pi * k * b / WINDOW)).sum()) ** 2 for b in range(1025)]
    wanted = np.log10(1 + 1e4 * filters().double().numpy() @ np.array(power))
    np.testing.assert_allclose(level, wanted, atol=1e-3)
    assert 0.9 < float(level.max()) / FULL < 1.0


def test_parts_overlap_by_half_and_what_is_left_is_not_heard():
    frames = torch.arange(260.0)[:, None].expand(260, 96)
    parts = parts_of(frames)
    assert parts[:, 0, 0].tolist() == [0, 50, 100, 150]
    assert parts[:, -1, 5].tolist() == [99, 149, 199, 249]
    short = parts_of(frames[:30])
    assert short.shape == (1, 100, 96) and short[0, 29, 0] == 29 and not short[0, 30:].any()


@needs
def test_a_sound_is_nearer_to_itself_resampled_than_to_another():
    def unit(name: str, rate: int) -> torch.Tensor:
        sample = percussion.find(name)
        x = resample(sample.waveform(), sample.sample_rate, rate)
        return torch.nn.functional.normalize(aisfx(x, sample_rate=rate), dim=0)

    first, again, other = unit("bd_haus", 22050), unit("bd_haus", 32000), unit("hat_noiz", 22050)
    assert first @ again > 0.98 > first @ other


@needs
def test_the_network_is_the_package_s():
    spec = importlib.util.spec_from_file_location("cnn2d", PACKAGE.folder / "models/cnn2d.py")
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    network = theirs.EmbeddingNet("max", 3, 1, 64)
    with torch.serialization.safe_globals(COUNTS):
        stored, _ = torch.load(PACKAGE.folder / WEIGHTS, weights_only=True, map_location="cpu")
    network.load_state_dict(
        {k[14:]: v for k, v in stored.items() if k.startswith("embedding_net.")}
    )
    x = 0.1 * torch.randn(3 * SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wanted = network.eval()(parts_of(spectrogram(x) / FULL)).mean(0)
    torch.testing.assert_close(aisfx(x, sample_rate=SAMPLE_RATE), wanted)


def test_no_sound_is_refused(refuses):
    refuses(aisfx)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="aisfx is not installed"):
        aisfx(torch.zeros(SAMPLE_RATE), sample_rate=SAMPLE_RATE)
