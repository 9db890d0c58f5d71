"""Recorded notes and voices: what is scored, and agreement with others."""

from dataclasses import replace
from datetime import date

import pytest
import torch

from dla.chapters.melody import recorded_comparison as module
from dla.protocol.comparison import Result, Trial
from dla.reference.published import PitchTrack
from dla.signals import rms
from dla.units import db

VOICES = module.COMPARISONS[1]


def test_thirty_notes_and_three_prompts_of_each_voice_at_one_level():
    assert len(module.notes()) == 30
    groups = [sound.name.rsplit("/", 2)[0] for sound in module.voices()]
    assert set(map(groups.count, groups)) == {3} and len(set(groups)) == 6
    for sound in (*module.notes(), *module.voices()):
        assert float(db(rms(sound.waveform) ** 2)) == pytest.approx(-25.0, abs=0.1)


def test_a_note_is_right_if_its_median_is():
    sound = next(s for s in module.notes() if s.name == "A3")
    times = torch.arange(0, 1.2, 0.01, dtype=torch.float64)
    third = torch.arange(len(times)) % 3 == 0
    frequency = torch.where(third, 440.0, 221.0)
    track = PitchTrack(times, frequency, ~third, third.float())
    scores = module.score_note(sound, track)
    assert scores["note"] == 1.0
    assert scores["raw_pitch"] == scores["voiced"] == pytest.approx(2 / 3, abs=0.02)
    wrong = module.score_note(sound, track._replace(frequency=2 * frequency))
    assert wrong["note"] == 0.0


def results(**cents: list[int]) -> Result:
    systems = dict.fromkeys(cents)
    declared = replace(VOICES, systems=systems, packages=dict.fromkeys(cents, ()))
    trials = tuple(Trial(s, "x", {}, 0.1, {"cents": c}) for s, c in cents.items())
    return Result(declared, ({"name": "x"},), trials, date(2026, 1, 1), "", {}, {})


def test_a_tracker_is_compared_with_frames_where_all_others_agree():
    """Six frames: right, an octave off, unvoiced though right, no agreement on the pitch, none on
    whether there is one, agreed silence."""
    first = [6000, 6000, 6000, 6000, -6000, -5000]
    second = [6020, 6020, 6020, 6500, 6000, -4000]
    judged = [6010, 7210, -6010, 6010, 9000, 5000]
    scores = module.agreement(results(one=first, two=second, three=judged), "three")
    assert scores == pytest.approx(
        {
            "raw_pitch": 2 / 3,
            "raw_chroma": 1.0,
            "voicing_recall": 2 / 3,
            "false_alarm": 1.0,
            "pitched": 3 / 6,
        }
    )


def test_the_one_that_is_judged_has_no_say():
    same = [6000, -6000, 6200]
    alone = results(one=same, two=same, three=[-1, 9000, 9000])
    assert module.agreement(alone, "three")["pitched"] == pytest.approx(2 / 3)
    assert module.agreement(alone, "three")["raw_pitch"] == 0
