"""Basic Pitch hears what sounds; the rule that takes a melody from it is tested without it."""

import pytest
import torch

from dla.reference.basic_pitch import (
    HOP,
    PACKAGE,
    SAMPLE_RATE,
    Activations,
    activations,
    basic_pitch,
    melody_of,
)
from dla.reference.published import MissingPackage

needs = pytest.mark.skipif(PACKAGE.installed is None, reason=f"no {PACKAGE.name} on this machine")
CHORD = (57, 61, 64)  # A3, C#4, E4


def heard(notes: list[list[float]], contours: list[list[float]] | None = None) -> Activations:
    """Frames of pitches from A0 on; without contours, each semitone in its middle."""
    active = torch.tensor(notes)
    if contours is None:
        thirds = torch.zeros(*active.shape, 3)
        thirds[..., 1] = 1
        contours = thirds.flatten(1)
    times = torch.arange(len(active)).double()
    return Activations(times, active, torch.zeros_like(active), torch.as_tensor(contours))


def pitches(track) -> list[float]:
    return (69 + 12 * torch.log2(track.frequency / 440)).round(decimals=3).tolist()


def test_the_melody_is_the_highest_that_sounds_or_the_loudest():
    chord = heard([[0.9, 0.0, 0.5, 0.2], [0.4, 0.0, 0.29, 0.0]])
    assert pitches(melody_of(chord, highest=True)) == [23, 21]
    assert pitches(melody_of(chord, highest=False)) == [21, 21]
    assert melody_of(chord, highest=True).confidence.tolist() == pytest.approx([0.5, 0.4])


def test_a_stricter_threshold_leaves_overtones_out():
    tone = heard([[0.9, 0.0, 0.35]])
    assert pitches(melody_of(tone, highest=True)) == [23]
    assert pitches(melody_of(tone, highest=True, sounding=0.4)) == [21]
    assert not melody_of(tone, highest=True, sounding=0.95).voiced.any()


def test_a_frame_where_nothing_sounds_is_unvoiced():
    track = melody_of(heard([[0.1, 0.2], [0.4, 0.0]]), highest=True)
    assert track.voiced.tolist() == [False, True]
    assert pitches(track) == [22, 21]


def test_contours_bend_the_note_by_thirds_of_a_semitone():
    """Also at the ends, where a third is missing."""
    for row, weights, pitch in (
        (1, {4: 1.0}, 22),
        (1, {5: 1.0}, 22 + 1 / 3),
        (1, {3: 0.5, 4: 0.5}, 22 - 1 / 6),
        (0, {0: 1.0}, 21 - 1 / 3),
        (2, {8: 1.0}, 23 + 1 / 3),
    ):
        notes = torch.zeros(1, 3)
        notes[0, row] = 0.9
        thirds = torch.zeros(1, 9)
        for third, weight in weights.items():
            thirds[0, third] = weight
        track = melody_of(heard(notes.tolist(), thirds.tolist()), highest=True)
        assert pitches(track) == [pytest.approx(pitch, abs=2e-3)]


@needs
def test_hears_the_notes_of_a_chord_and_when_they_sound(tone):
    """Across the joint of two windows too: 1.64 s."""
    chord = sum(tone(440 * 2 ** ((p - 69) / 12), seconds=3.0) for p in CHORD) / 3
    x = torch.cat([torch.zeros(SAMPLE_RATE), chord])
    found = activations(x, sample_rate=SAMPLE_RATE)
    sounding = found.notes[(found.times > 1.2) & (found.times < 3.8)].median(0).values
    assert sorted((21 + sounding.topk(3).indices).tolist()) == list(CHORD)
    before = found.notes[(found.times > 0.3) & (found.times < 0.8)]
    assert before.max() < 0.3
    onset = found.times[found.onsets[:, CHORD[0] - 21].argmax()]
    assert float(onset) == pytest.approx(1.0, abs=0.03)


@needs
def test_times_ascend_by_a_hop_and_reach_the_end():
    found = activations(torch.zeros(4 * SAMPLE_RATE), sample_rate=SAMPLE_RATE)
    steps = (found.times.diff() * SAMPLE_RATE).round().int()
    assert set(steps.tolist()) == {HOP, 68}  # once a joint, where windows meet
    assert float(found.times[-1]) == pytest.approx(4.0, abs=HOP / SAMPLE_RATE)
    assert len({len(x) for x in found}) == 1


@needs
def test_follows_a_melody_over_an_accompaniment(tone):
    def played(pitch: int) -> torch.Tensor:
        return tone(440 * 2 ** ((pitch - 69) / 12))

    track = basic_pitch(0.5 * (played(76) + played(48)), sample_rate=SAMPLE_RATE)
    inside = (track.times > 0.3) & (track.times < 1.7)
    near = (1200 * torch.log2(track.frequency[inside] / 659.26)).abs() < 50
    assert near.float().mean() > 0.9


def test_no_sound_is_refused(refuses):
    refuses(basic_pitch)


def test_another_rule_is_refused():
    with pytest.raises(ValueError, match="no rule 'lowest'; there are 'highest' and 'loudest'"):
        basic_pitch(torch.zeros(8000), sample_rate=8000, melody="lowest")


@pytest.mark.parametrize("sounding", [0.0, 1.0, float("nan")])
def test_a_threshold_outside_of_its_range_is_refused(sounding):
    with pytest.raises(ValueError, match="expected one between 0 and 1"):
        basic_pitch(torch.zeros(8000), sample_rate=8000, sounding=sounding)


def test_without_its_package_it_says_so(nothing_installed):
    with pytest.raises(MissingPackage, match="basic-pitch is not installed"):
        basic_pitch(torch.zeros(16000), sample_rate=16000)
