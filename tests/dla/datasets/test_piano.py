"""The piano notes: each sounds at the pitch in its name."""

import numpy as np
import pytest
import torch

from dla.datasets import piano


@pytest.fixture(scope="module")
def every():
    return piano.table()


def test_there_is_every_third_semitone_from_a0_to_c8(every):
    assert [note.pitch for note in every] == list(range(21, 109, 3))
    assert [every[0].note, every[13].note, every[-1].note] == ["A0", "C4", "C8"]


def test_a_name_and_its_pitch_agree_in_every_spelling(every):
    flats = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
    for note in every:
        assert piano.find(note.note) == piano.find(note.pitch) == note
        flat = flats.get(note.note[:-1], note.note[:-1]) + note.note[-1]
        assert piano.find(flat) == note


@pytest.mark.parametrize("pitch", range(36, 85, 3))
def test_a_note_sounds_at_the_pitch_of_its_name(pitch):
    """The largest spectral peak within half an octave is the fundamental, to 20 cents."""
    note = piano.find(pitch)
    x = note.waveform()[2205 : 2205 + 44100]
    size = 2**20
    spectrum = torch.fft.rfft(x * torch.hann_window(len(x)), n=size).abs().numpy()
    cents = 1200 * np.log2(np.arange(1, len(spectrum)) * 22050 / size / note.frequency)
    near = np.abs(cents) < 600
    assert abs(cents[near][np.argmax(spectrum[1:][near])]) < 20


def test_a4_has_440_hz_and_an_octave_doubles():
    assert piano.find("A4").frequency == 440.0
    assert piano.find("A5").frequency == 880.0


def test_a_note_begins_at_once_and_ends_faded(every):
    for note in every:
        x = note.waveform()
        assert len(x) == round(note.seconds * 22050) <= 4 * 22050, note.note
        loud = torch.nonzero(x.abs() > 0.05 * x.abs().max())[0].item() / 22050
        assert loud < 0.030, note.note
        assert x[-1].abs() < 2e-4, note.note
        tail = x[-2205:].unfold(0, 245, 245).square().mean(dim=1).sqrt()
        assert tail[-1] < tail[:3].max() / 3, note.note


def test_a_range_includes_both_ends(every):
    assert piano.table(lowest="C4", highest="C5") == every[13:18]
    assert piano.table(lowest=61, highest=65) == (piano.find("D#4"),)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: piano.find("D4"), r"no recording of 'D4' \(MIDI 62\); the nearest are D#4 \(63\)"),
        (lambda: piano.find(200), r"the nearest are C8 \(108\) and A7 \(105\)"),
        (lambda: piano.find("H4"), "'H4' is not a note name"),
        (lambda: piano.find(""), "'' is not a note name"),
        (lambda: piano.table(lowest=61, highest=62), "no note from 61 to 62"),
    ],
)
def test_what_was_not_recorded_is_refused_with_what_is_near(call, message):
    with pytest.raises(ValueError, match=message):
        call()
