"""Transkun hears a piano's notes; what is made of its events is tested without its package."""

import sys

import numpy as np
import pytest
import torch

from dla.reference.basic_pitch_notes import NOTE
from dla.reference.published import MissingPackage
from dla.reference.transkun import PACKAGE, SAMPLE_RATE, _filters_to_be_read, as_notes, transkun
from dla.scores import from_notes, render

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


def test_pedals_are_no_notes_and_notes_are_sorted_by_onset():
    notes = as_notes([(1.0, 2.0, 60), (0.5, 3.0, -64), (0.2, 0.4, 62), (0.0, 9.0, -67)])
    assert notes.dtype == NOTE
    assert notes.tolist() == [(0.2, 0.4, 62), (1.0, 2.0, 60)]
    assert len(as_notes([])) == 0


def test_no_note_begins_before_the_sound():
    assert as_notes([(-0.01, 0.5, 60)]).tolist() == [(0.0, 0.5, 60)]


def test_torchaudio_is_as_before_when_the_network_is_built():
    for before in (None, object()):
        if before is None:
            sys.modules.pop("torchaudio", None)
        else:
            sys.modules["torchaudio"] = before
        try:
            with _filters_to_be_read():
                import torchaudio

                made = torchaudio.functional.melscale_fbanks(n_freqs=3, n_mels=2, f_min=0.0)
            assert made.shape == (3, 2)
            assert sys.modules.get("torchaudio") is before
        finally:
            sys.modules.pop("torchaudio", None)


@needs
def test_hears_three_notes_and_when_they_begin():
    score = from_notes([(0.0, 1.0, 60), (1.0, 1.0, 64), (2.0, 1.0, 67)])
    played = render(score, tempo=60.0)
    found = transkun(played.mixture, sample_rate=played.sample_rate)
    assert found["pitch"].tolist() == [60, 64, 67]
    np.testing.assert_allclose(found["onset"], played.notes["onset"], atol=0.05)


def test_no_sound_is_refused(refuses):
    refuses(transkun)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="transkun is not installed"):
        transkun(torch.zeros(SAMPLE_RATE), sample_rate=SAMPLE_RATE)
