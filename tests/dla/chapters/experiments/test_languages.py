"""Laws of the recordings' preparation: one level, one rate, filters that are filters."""

import pytest
import torch

from dla.chapters.experiments import languages
from dla.datasets import prompts
from dla.units import db


@pytest.fixture(scope="module")
def prompt():
    return prompts.table(speakers=["june"], kinds=["prompt"], min_seconds=1.6)[0]


def noise(length: int) -> torch.Tensor:
    return torch.randn(length, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("speaker", "band"), [("june", None), ("june", 8000), ("armelle", None)])
def test_every_recording_has_the_common_rate_and_level(speaker, band):
    p = prompts.table(speakers=[speaker], kinds=["digits"])[3]
    x = languages.waveform(p, band=band)
    assert abs(len(x) - p.seconds * languages.SAMPLE_RATE) < 20
    torch.testing.assert_close(db(x.square().mean()).item(), languages.LEVEL, atol=1e-3, rtol=0)


def test_a_band_of_8_khz_leaves_nothing_above_4_khz(prompt):
    def high_share(x):
        spectrum = torch.fft.rfft(x).abs().square()
        return (spectrum[int(0.55 * len(spectrum)) :].sum() / spectrum.sum()).item()

    assert high_share(languages.waveform(prompt)) > 1e-4
    assert high_share(languages.waveform(prompt, band=8000)) < 1e-5


def test_a_gain_in_all_bands_is_a_gain():
    x = noise(8000)
    y = languages.equalise(x, torch.full((languages.BANDS,), -6.0))
    torch.testing.assert_close(y, 10 ** (-6 / 20) * x, atol=1e-4, rtol=0)


def test_equalising_adds_the_gain_to_each_band():
    x, gain = 0.1 * noise(64000), torch.linspace(-8, 8, languages.BANDS)
    moved = languages.features(languages.equalise(x, gain)) - languages.features(x)
    inner = slice(5, 36)
    torch.testing.assert_close(
        (languages.SPREAD * moved.mean(1))[inner], gain[inner], atol=0.4, rtol=0
    )


def test_gains_that_undo_each_other_do():
    x, gain = noise(8000), torch.linspace(-5, 5, languages.BANDS)
    back = languages.equalise(languages.equalise(x, gain), -gain)
    torch.testing.assert_close(back[600:-600], x[600:-600], atol=0.05, rtol=0)


def test_the_offset_is_the_level_of_silence():
    level = languages.SPREAD * languages.features(torch.zeros(4000), offset=1e-7) + languages.MIDDLE
    torch.testing.assert_close(level, torch.full_like(level, -70.0))


def test_loud_and_quiet_parts_are_frames_in_their_order():
    recording = torch.tensor([3.0, 1.0, 4.0, 2.0, 5.0]).expand(2, -1)
    assert languages.loudest(recording, 0.4)[0].tolist() == [4.0, 5.0]
    assert languages.quietest(recording, 0.6)[0].tolist() == [3.0, 1.0, 2.0]
    assert languages.quietest(recording, 0.01).shape == (2, 1)


def test_the_colour_is_the_mean_of_the_loud_half_in_decibels():
    recording = torch.tensor([[1.0, 1.0, 0.0, -5.0]])
    torch.testing.assert_close(
        languages.colour([recording, recording]),
        torch.tensor([languages.MIDDLE + languages.SPREAD]),
    )


def test_stretches_are_pieces_of_the_recording():
    recording = torch.arange(400.0).expand(2, -1)
    pieces = languages.stretches(recording)
    assert pieces.shape == (4, 2, languages.FRAMES)
    for k, piece in enumerate(pieces):
        start = k * languages.FRAMES // 2
        assert torch.equal(piece, recording[:, start : start + languages.FRAMES])
    with pytest.raises(ValueError, match="100 frames are less than one stretch of 150"):
        languages.stretches(torch.zeros(2, 100))


def test_draws_classes_evenly_and_recordings_by_length():
    long, short = torch.zeros(1, 449), torch.ones(1, 249)  # 300 and 100 places
    other = torch.full((1, 200), 2.0)
    g = torch.Generator().manual_seed(0)
    items, labels = languages.draw([[long, short], [other]], count=4000, generator=g)
    assert items.shape == (4000, 1, languages.FRAMES)
    assert abs((labels == 1).double().mean().item() - 0.5) < 0.04
    assert (items[labels == 1] == 2.0).all()
    assert abs(items[labels == 0].mean().item() - 0.25) < 0.04
    again = languages.draw(
        [[long, short], [other]], count=4000, generator=torch.Generator().manual_seed(0)
    )
    assert torch.equal(again[0], items)
