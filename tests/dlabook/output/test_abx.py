"""What a listening test compares is fair: one level, one length, no click; else it is refused."""

import base64
import io

import numpy as np
import pytest
import soundfile
from kernel_of_the_book import book_kernel

from dlabook.output.abx import ABX, FADE, faded
from dlabook.output.clip import CLIPS_MIME, PLAYED_LEVEL, level

RATE = 16000


def noise(rms: float, seconds: float = 0.5, seed: int = 0) -> np.ndarray:
    return rms * np.random.default_rng(seed).standard_normal(round(RATE * seconds))


def pair(**options) -> ABX:
    return ABX(
        {"recording": noise(0.1), "vocoder": noise(0.02, seed=1)}, sample_rate=RATE, **options
    )


def played(test: ABX) -> list[np.ndarray]:
    """The samples of each row as they are encoded."""
    return [g * x for g, x in zip(test.gains(), test.waveforms.values(), strict=True)]


def test_all_sounds_have_one_level_with_their_fades():
    quiet = noise(0.1, seed=2) * np.linspace(1, 0.01, RATE // 2)
    test = ABX({"a": noise(0.3), "b": noise(0.02, seed=1), "c": quiet}, sample_rate=RATE)
    levels = [20 * np.log10(level(x)) for x in played(test)]
    np.testing.assert_allclose(levels, PLAYED_LEVEL, atol=1e-9)


def test_what_is_heard_has_one_level_and_one_length():
    sounds = [soundfile.read(io.BytesIO(base64.b64decode(row["mp3"])))[0] for row in pair().rows()]
    assert len(sounds[0]) == len(sounds[1])
    first, second = (20 * np.log10(level(x)) for x in sounds)
    assert first == pytest.approx(second, abs=0.1)


def test_both_ends_rise_from_silence_and_the_middle_stays():
    ones = np.ones(1000)
    gain = faded(ones, 160)
    assert max(gain[0], gain[-1]) < 1e-4
    assert (np.diff(gain[:160]) > 0).all()
    np.testing.assert_array_equal(gain[160:-160], 1.0)
    np.testing.assert_allclose(gain, gain[::-1])
    np.testing.assert_allclose(gain[:160] + gain[159::-1], 1.0)  # a fade and its opposite
    waveform = next(iter(pair().waveforms.values()))
    samples = round(FADE * RATE)
    np.testing.assert_allclose(waveform[:samples], gain[:samples] * noise(0.1)[:samples])


def test_every_sound_is_compared_with_the_first():
    sounds = {"recording": noise(0.1), "one": noise(0.1, seed=1), "other": noise(0.1, seed=2)}
    test = ABX(sounds, sample_rate=RATE, trials=20, seed=7).test()
    assert test == {
        "trials": 20,
        "seed": 7,
        "pairs": [[0, 1], [0, 2]],
        "names": ["recording or one", "recording or other"],
    }


def test_named_pairs_may_differ_in_length_between_pairs():
    sounds = {
        name: {"recording": noise(0.1, seconds), "vocoder": noise(0.1, seconds, seed=1)}
        for name, seconds in (("digits", 0.5), ("letters", 0.7))
    }
    test = ABX(sounds, sample_rate=RATE)
    assert test.test()["pairs"] == [[0, 1], [2, 3]]
    assert test.test()["names"] == ["digits", "letters"]
    assert [row["label"] for row in test.rows()] == [
        "recording (digits)",
        "vocoder (digits)",
        "recording (letters)",
        "vocoder (letters)",
    ]


def test_an_executed_chapter_has_sounds_and_test_and_another_kernel_the_sounds():
    with book_kernel():
        bundle = pair(trials=12, seed=3)._repr_mimebundle_()
    assert [row["label"] for row in bundle[CLIPS_MIME]["rows"]] == ["recording", "vocoder"]
    assert bundle[CLIPS_MIME]["abx"]["trials"] == 12
    assert bundle["text/plain"].splitlines()[-1] == "ABX, 12 trials, seed 3: recording or vocoder"
    bundle = pair()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"].count("<audio controls") == 2
    assert "recording" in bundle["text/html"] and "vocoder" in bundle["text/html"]


@pytest.mark.parametrize(
    ("sounds", "message"),
    [
        (noise(0.1), "takes a dictionary label -> waveform, got ndarray"),
        ({"a": noise(0.1)}, "two sounds or more, got 1"),
        ({}, "two sounds or more, got 0"),
        ({"a": noise(0.1), "b": {"c": noise(0.1)}}, "waveforms, or pairs of them, and not both"),
        ({"digits": {"a": noise(0.1)}}, "'digits': a pair has two sounds, got 1: a"),
        (
            {"a": noise(0.1), "b": noise(0.1)[:-160]},
            "'a' has 8000 samples and 'b' 7840, 10 ms apart: .* sampled at different rates",
        ),
        ({"a": noise(0.1), "b": noise(0.0)}, "'b' is silent: .* it would be noise"),
        ({"a": noise(0.0), "b": noise(0.1)}, "'a' is silent"),
        ({"a": noise(0.1), "b": noise(1e-3)}, r"'b' is at -60\.\d dBFS"),
        ({"a": noise(0.1), "b": np.full(8000, np.nan)}, "'b': 8000 of 8000 samples are NaN"),
    ],
)
def test_refuses_what_cannot_be_compared(sounds, message):
    with pytest.raises(ValueError, match=message):
        ABX(sounds, sample_rate=RATE)


@pytest.mark.parametrize("trials", [4, 0, 201, 16.0, "16", None])
def test_refuses_trials_that_can_show_nothing(trials):
    with pytest.raises(ValueError, match="trials: expected a whole number from 5 to 200, got"):
        pair(trials=trials)


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, None])
def test_refuses_a_seed_that_the_page_cannot_draw_from(seed):
    with pytest.raises(ValueError, match="seed: expected a whole number from 0 to 4294967295"):
        pair(seed=seed)


def test_every_pair_has_a_trial():
    sounds = {str(k): noise(0.1, seed=k) for k in range(8)}
    with pytest.raises(ValueError, match="trials: expected a whole number from 7 to 200, got 6"):
        ABX(sounds, sample_rate=RATE, trials=6)
