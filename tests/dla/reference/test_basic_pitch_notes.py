"""Notes from activations whose notes are known; what needs Basic Pitch is skipped without it."""

import numpy as np
import pytest
import torch

from dla.reference.basic_pitch import PACKAGE, Activations
from dla.reference.basic_pitch_notes import NOTE, as_tones, basic_pitch_notes, notes_of
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")


def heard(notes: list[tuple[int, int, int]], *, frames: int = 100, strength: float = 0.8):
    """Activations of (first frame, frame after the last, row), a hundredth of a second each."""
    active, begins = torch.zeros(frames, 88), torch.zeros(frames, 88)
    for start, end, row in notes:
        active[start:end, row] = 0.9
        begins[start, row] = strength
    return Activations(torch.arange(frames) / 100, active, begins, torch.zeros(frames, 264))


def found(activations, **settings) -> list[tuple[int, int, int]]:
    return [
        (round(100 * a), round(100 * b), p)
        for a, b, p in notes_of(activations, **settings).tolist()
    ]


def test_each_onset_begins_a_note_that_lasts_while_it_sounds():
    assert found(heard([(10, 40, 39), (20, 60, 43)])) == [(10, 40, 60), (20, 60, 64)]
    assert found(heard([(10, 40, 39)], strength=0.49)) == []


def test_the_next_onset_of_a_pitch_ends_the_note():
    assert found(heard([(10, 40, 39), (30, 80, 39)])) == [(10, 30, 60), (30, 80, 60)]


def test_a_short_gap_is_no_end_and_a_long_one_is():
    whole = heard([(10, 60, 39)])
    whole.notes[30:40, 39] = 0.1  # ten frames
    assert found(whole) == [(10, 60, 60)]
    whole.notes[30:45, 39] = 0.1
    assert found(whole) == [(10, 30, 60)]


def test_notes_too_short_are_dropped_and_the_bound_is_an_argument():
    short = heard([(10, 21, 39), (30, 42, 42)])
    assert found(short) == [(30, 42, 63)]
    assert found(short, shortest=11) == [(10, 21, 60), (30, 42, 63)]
    with pytest.raises(ValueError, match="notes of at least 0 frames"):
        notes_of(short, shortest=0)


def test_a_note_dropped_leaves_its_time_to_the_one_before():
    strokes = heard([(10, 20, 39), (20, 30, 39), (30, 40, 39), (40, 50, 39)])
    assert found(strokes) == [(10, 30, 60), (30, 50, 60)]  # every second one
    assert len(found(strokes, shortest=10)) == 4


def test_a_note_takes_the_semitones_beside_it_and_no_others():
    together = heard([(10, 60, 39), (20, 60, 40)])
    assert found(together) == [(20, 60, 61)]
    apart = heard([(10, 60, 39), (20, 60, 41)])
    assert found(apart) == [(10, 60, 60), (20, 60, 62)]


def test_silence_has_no_notes():
    none = notes_of(heard([]))
    assert none.dtype == NOTE and len(none) == 0


def test_tones_have_the_pitch_and_the_time_of_their_notes():
    notes = np.array([(0.25, 0.75, 69), (0.5, 3.0, 57)], dtype=NOTE)  # A4; the second is cut
    sound = as_tones(notes, seconds=1.0, sample_rate=8000)
    assert sound.shape == (8000,) and not sound[:2000].any() and sound[2000:].abs().max() > 0.01
    power = torch.fft.rfft(sound[2000:4000]).abs()
    assert power.argmax() == 110  # 440 Hz in bins of 4 Hz


@needs
def test_notes_of_a_rendered_scale_are_heard():
    from dla.scores import from_notes, render

    scale = from_notes([(k, 1, pitch) for k, pitch in enumerate((60, 64, 67, 72))])
    played = render(scale, tempo=60.0)
    notes = basic_pitch_notes(played.mixture, sample_rate=played.sample_rate)
    for k, pitch in enumerate((60, 64, 67, 72)):
        assert any(n["pitch"] == pitch and abs(n["onset"] - k) < 0.05 for n in notes)


def test_no_sound_is_refused(refuses):
    refuses(basic_pitch_notes)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="basic-pitch is not installed"):
        basic_pitch_notes(torch.zeros(8000), sample_rate=16000)
