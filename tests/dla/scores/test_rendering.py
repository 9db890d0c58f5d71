"""The sound of scores against what the tables promise."""

import time

import librosa
import mir_eval
import numpy as np
import pytest
import torch
from score_material import in_cents, scale

from dla import scores
from dla.scores import midi, rendering


@pytest.mark.parametrize(
    ("instrument", "part"),
    [("violin", 0), ("clarinet", 0), ("harpsichord", 0), ("contrabass", 3)],
)
def test_the_pitch_heard_is_the_pitch_written(instrument, part):
    score = scores.load("bwv66.6")
    start, end = score.quarters(0, 2)
    sound = scores.render(score, instruments=instrument, tempo=60.0, start=start, end=end, tail=0.1)
    heard, voiced, _ = librosa.pyin(
        sound.stems[part].numpy(), sr=22050, fmin=[180, 0, 0, 70][part],
        fmax=[900, 0, 0, 400][part], frame_length=2048, hop_length=512,
    )  # fmt: skip
    times = librosa.times_like(heard, sr=22050, hop_length=512)
    asked = sound.f0(times, part)
    both = voiced & (asked > 0)
    assert both.sum() > 0.9 * (asked > 0).sum() > 100
    assert (np.abs(in_cents(heard[both], asked[both])) < 50).mean() >= 0.95


@pytest.mark.parametrize("instrument", ["acoustic grand piano", "marimba"])
def test_onsets_are_heard_within_30_ms(instrument):
    score = scores.load("bwv66.6")
    sound = scores.render(score, instruments=instrument, tempo=[(0, 70), (12, 110)], end=20.0)
    lead = torch.zeros(4410)  # a detector needs a frame before the first note
    padded = torch.cat([lead, sound.stems[0]]).numpy()
    frames = librosa.onset.onset_detect(y=padded, sr=22050, hop_length=128, backtrack=False)
    heard = frames * 128 / 22050 - 0.2
    asked = np.sort(sound.notes["onset"][sound.notes["part"] == 0])
    found, _, _ = mir_eval.onset.f_measure(asked, np.maximum(heard, 0), window=0.03)
    assert found >= 0.95


def test_the_stems_sum_to_the_mixture():
    sound = scores.render(scores.load("bwv66.6"), instruments="cello", end=5.0)
    torch.testing.assert_close(sound.mixture, sum(sound.stems))
    assert (sound.stems.abs().amax(1) > 0.02).all() and sound.mixture.abs().max() < 1
    assert sound.stems.shape[1] == round(sound.seconds * 22050) == round(22050 * (5 / 1.5 + 0.5))


def test_transposition_moves_pitch_truth_chords_and_key():
    score = scores.load("bwv269")
    plain = scores.render(score, instruments="clarinet", end=4.0)
    moved = scores.render(score, instruments="clarinet", end=4.0, transpose=3)
    np.testing.assert_allclose(moved.notes["frequency"], plain.notes["frequency"] * 2 ** (3 / 12))
    assert ((moved.chords["root"] - plain.chords["root"]) % 12 == 3).all()
    assert ((moved.chords["key_tonic"] - plain.chords["key_tonic"]) % 12 == 3).all()
    np.testing.assert_array_equal(moved.chords["chroma"][:, 3:], plain.chords["chroma"][:, :-3])
    assert (plain.key.tonic, moved.key.tonic) == (7, 10)
    note = scores.from_notes([(0, 3, 69)])
    low, high = (scores.render(note, instruments="clarinet", transpose=k) for k in (0, 3))
    shift = in_cents(median_pitch(high), median_pitch(low))
    assert shift == pytest.approx(300, abs=12)  # the samples have tunings of their own


def median_pitch(sound):
    heard, voiced, _ = librosa.pyin(
        sound.stems[0].numpy(), sr=22050, fmin=380, fmax=560, resolution=0.02,
        max_transition_rate=5,
    )  # fmt: skip
    return np.median(heard[voiced])


@pytest.mark.parametrize("cents", [40, -40, 100])
def test_tuning_moves_what_is_heard_by_as_many_cents(cents):
    score = scores.from_notes([(0, 3, 69)])
    plain = scores.render(score, instruments="clarinet", tempo=120.0)
    tuned = scores.render(
        score, instruments="clarinet", tempo=120.0, tuning=440 * 2 ** (cents / 1200)
    )
    assert in_cents(median_pitch(tuned), median_pitch(plain)) == pytest.approx(cents, abs=3)
    assert in_cents(tuned.f0(1.0, 0), plain.f0(1.0, 0)) == pytest.approx(cents)


def test_a_section_is_a_piece_of_the_whole():
    score = scores.load("bwv269")
    start, end = 4.25, 9.75  # within notes
    curve = [(0, 80), (10, 120)]
    whole = scores.render(score, instruments="harpsichord", tempo=curve, tail=0.0)
    part = scores.render(
        score, instruments="harpsichord", tempo=curve, start=start, end=end, tail=0.0
    )
    begin, stop = whole.time(start), whole.time(end)
    assert part.seconds == pytest.approx(stop - begin, abs=1e-4)
    times = np.linspace(0, stop - begin - 1e-3, 500)
    for row in range(4):
        np.testing.assert_allclose(part.f0(times, row), whole.f0(times + begin, row))
    inside = (whole.beats["time"] >= begin - 1e-9) & (whole.beats["time"] < stop - 1e-9)
    np.testing.assert_allclose(part.beats["time"], whole.beats["time"][inside] - begin, atol=1e-9)
    assert part.beats["bar"][part.beats["downbeat"]].tolist() == [3]
    assert part.chords["onset"][0] == 0
    assert part.chords["offset"][-1] == pytest.approx(stop - begin)


def test_f0_is_zero_at_rest_and_the_highest_of_several():
    score = scores.from_notes([(0, 1, 60), (2, 2, 64), (3, 1, 67)], parts=("melody",))
    sound = scores.render(score, tempo=60.0)
    expected = [librosa.midi_to_hz(60), 0, librosa.midi_to_hz(64), librosa.midi_to_hz(67), 0]
    np.testing.assert_allclose(sound.f0([0.0, 1.0, 2.9, 3.0, 4.2], "melody"), expected)
    assert sound.f0(torch.tensor([[0.5], [1.5]]), 0).shape == (2, 1)


def test_a_key_struck_again_ends_its_own_note():
    score = scores.from_notes([(0, 4, 60), (2, 1, 60)])
    sound = scores.render(score, tempo=60.0)
    assert sound.notes[["onset", "offset"]].tolist() == [(0, 2), (2, 3)]


def test_jitter_is_drawn_from_the_seed():
    score = scores.load("bwv17.7")
    plain = play(score)
    one, again, other = (play(score, seed=s, jitter=0.01, dynamics=8.0) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one["onset"] != other["onset"]).mean() > 0.9
    by_index = np.argsort(one["index"])
    late = one["onset"][by_index] - plain["onset"][np.argsort(plain["index"])]
    assert late.std() == pytest.approx(0.01, rel=0.15) and abs(late.mean()) < 0.002
    assert one["velocity"].std() == pytest.approx(8.0, rel=0.15)
    assert (one["onset"] >= 0).all() and (one["offset"] > one["onset"]).all()
    assert (np.diff(one["onset"]) >= 0).all()


def play(score, *, seed=0, jitter=0.0, dynamics=0.0):
    curve = scores.TempoCurve(90.0)
    return rendering._play(score, curve, 0.0, score.duration, 0, seed, jitter, dynamics, 80)


def test_two_renderings_of_a_piece_meet_at_the_same_quarter():
    score = scores.load("bwv66.6")
    slow = scores.render(score, instruments="violin", tempo=[(0, 60), (16, 90)], end=8.0)
    fast = scores.render(score, instruments="violin", tempo=[(0, 150), (16, 80)], end=8.0)
    path = fast.time(slow.quarter(slow.notes["onset"]))
    np.testing.assert_allclose(path, fast.notes["onset"], atol=1e-9)


def test_a_second_call_does_not_play_again(fresh_cache, monkeypatch):
    first = scores.render(scale(), instruments="oboe")
    monkeypatch.setattr(midi, "synthesise", None)
    second = scores.render(scale(), instruments="oboe")
    assert torch.equal(first.stems, second.stems)
    for change in (
        {"tempo": [(0, 90), (4, 89), (8, 90)]}, {"velocity": 81}, {"tuning": 441.0},
        {"transpose": 1}, {"instruments": "flute"}, {"sample_rate": 16000}, {"tail": 0.6},
    ):  # fmt: skip
        with pytest.raises(TypeError):
            scores.render(scale(), **{"instruments": "oboe", **change})


def test_a_chorale_renders_much_faster_than_real_time(fresh_cache):
    """More than 50 times on an idle core, all four stems; this holds on a busy one too."""
    score = scores.load("bwv269")
    scores.render(score, instruments="oboe", end=2.0)  # scipy's filter design is imported
    begun = time.process_time()
    sound = scores.render(score, instruments="violin")
    assert sound.seconds > 40
    assert sound.seconds / (time.process_time() - begun) > 20
    begun = time.process_time()
    scores.render(score, instruments="violin")
    assert sound.seconds / (time.process_time() - begun) > 200


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: scores.render(s, tuning=415.0), "tuning 415.0 Hz.*100 cents"),
        (lambda s: scores.render(s, tempo=0.0), "tempo must be positive"),
        (lambda s: scores.render(s, tempo=[(4, 60), (0, 90)]), "must not go back"),
        (lambda s: scores.render(s, transpose=70), "leave MIDI"),
        (lambda s: scores.render(s, start=8.0, end=4.0), "start 8.0 and end 4.0"),
        (lambda s: scores.render(s, velocity=0), "velocity is 1 to 127"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_be_right(call, message):
    with pytest.raises(ValueError, match=message):
        call(scores.load("bwv66.6"))
