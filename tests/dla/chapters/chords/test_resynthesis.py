"""Chord symbols as sound: the notes of the symbol, where the symbol stands."""

import numpy as np
import pytest
import torch

from dla.chapters.chords.resynthesis import chord_notes, resynthesise, together
from dla.measures.chords import Chords
from dla.spectral.chroma import chroma

TWO = Chords(np.array([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]), ["N", "F:maj", "A:min"])


def test_notes_are_root_and_triad():
    rows = chord_notes(TWO)
    assert {r[:2] for r in rows} == {(1.0, 1.0), (2.0, 1.0)}
    assert {r[2] % 12 for r in rows if r[0] == 1.0} == {5, 9, 0}
    assert min(r[2] for r in rows if r[0] == 2.0) % 12 == 9


def test_sounds_where_the_symbols_are():
    x = resynthesise(TWO, seconds=3.2)
    assert len(x) == round(3.2 * 22050)
    assert x[: 22050 - 2000].abs().max() < 1e-3 < x[23000:].abs().max()
    heard = chroma(x, sample_rate=22050, hop_length=11025)
    assert set(heard[:, 3].topk(3).indices.tolist()) == {5, 9, 0}
    assert set(heard[:, 5].topk(3).indices.tolist()) == {9, 0, 4}


def test_together_is_the_sound_and_its_symbols():
    voice = 0.1 * torch.randn(3 * 22050, generator=torch.Generator().manual_seed(0))
    both = together(voice, TWO, below=6.0)
    added = both - voice
    assert float((voice.square().mean() / added.square().mean()).log10() * 10) == pytest.approx(
        6.0, abs=0.1
    )


def test_refuses_symbols_that_nothing_plays():
    with pytest.raises(ValueError, match="1 symbols, none major or minor"):
        resynthesise(Chords(np.array([[0.0, 1.0]]), ["X"]), seconds=1.0)
