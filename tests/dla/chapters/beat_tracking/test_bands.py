"""Drums lie on the beats; a band changes the sound and nothing else."""

import dataclasses

import numpy as np
import pytest
import torch

from dla import signals
from dla.chapters.beat_tracking import bands
from dla.chapters.beat_tracking.excerpts import SAMPLE_RATE, Excerpt
from dla.datasets import percussion


def excerpt(meter="4/4", per_bar=4, seconds=12.0, bpm=100.0):
    times = torch.arange(0.5, seconds - 0.5, 60 / bpm, dtype=torch.float64)
    noise = torch.randn(round(seconds * SAMPLE_RATE), generator=torch.Generator().manual_seed(0))
    return Excerpt(
        "a", "tunes", meter, "steady", bpm, "piano", 0.01 * noise, times,
        torch.arange(len(times)) % per_bar + 1,
    )  # fmt: skip


def clicks(*voices):
    made = {voice: torch.zeros(1) for voice in bands.VOICES}
    return made | {voice: torch.ones(1) for voice in voices}


@pytest.mark.parametrize("groove", ["backbeat", "rolling", "four"])
def test_kick_and_snare_are_on_the_beats_to_the_players_jitter(groove):
    e = excerpt()
    out = bands.drums(e, groove, clicks("kick", "snare"), np.random.default_rng(0))
    at = out.nonzero()[:, 0].double() / SAMPLE_RATE
    far = (at[:, None] - e.beats).abs()
    assert (far.min(0).values < 0.025).all()  # every beat is struck
    if groove != "rolling":
        assert (far.min(1).values < 0.025).all()  # and nothing else


def test_the_snare_of_a_fast_groove_is_halfway_and_of_a_compound_one_on_the_last_third():
    for meter, per_bar, part in (("4/4", 4, 1 / 2), ("6/8", 2, 2 / 3)):
        e = excerpt(meter, per_bar)
        out = bands.drums(e, "fast", clicks("snare"), np.random.default_rng(0))
        at = out.nonzero()[:, 0].double() / SAMPLE_RATE
        np.testing.assert_allclose(at, e.beats + part * 0.6, atol=0.025)


def test_a_band_changes_the_sound_and_keeps_beats_and_level():
    e = excerpt()
    kit = bands.kit(percussion.table())
    made = bands.with_band(e, kit, np.random.default_rng(0))
    again = bands.with_band(e, kit, np.random.default_rng(0))
    torch.testing.assert_close(made.waveform, again.waveform, rtol=0, atol=0)
    assert 20 * float(signals.rms(made.waveform).log10()) == pytest.approx(-25.0, abs=0.01)
    for field in dataclasses.fields(e):
        if field.name not in ("waveform", "instrument"):
            assert getattr(made, field.name) is getattr(e, field.name)


def test_division_by_groups_keeps_a_kit_on_each_side():
    learn, test = percussion.split(percussion.table(), seed=0)
    for voice, samples in bands.kit(test).items():
        assert not set(samples) & set(bands.kit(learn)[voice])


def test_refusals_name_what_arrived():
    with pytest.raises(ValueError, match="no kick among 0 samples"):
        bands.kit(())
    with pytest.raises(ValueError, match="groove"):
        bands.strokes("polka", 1, 4, 2)
