"""What a row of sound says, how loud it is played, and what is refused."""

import base64
import io

import numpy as np
import pytest
import soundfile
import torch
from kernel_of_the_book import book_kernel

from dlabook.output.clip import CLIPS_MIME, HIGHEST_PEAK, PLAYED_LEVEL, Clip, Clips, level

RATE = 8000


def tone(amplitude: float, seconds: float = 0.5) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * 440 * np.arange(round(RATE * seconds)) / RATE)


def noise(rms: float) -> np.ndarray:
    return rms * np.random.default_rng(0).standard_normal(RATE)


def played(clips: Clips) -> list[float]:
    """RMS of each row as it is encoded, in dBFS."""
    pairs = zip(clips.waveforms.values(), clips.gains(), strict=True)
    return [20 * np.log10(max(level(gain * x), 1e-20)) for x, gain in pairs]


def test_the_text_names_duration_rate_and_level():
    text = repr(Clips({"mixture": tone(1.0), "nothing": np.zeros(RATE)}, sample_rate=RATE))
    assert text.splitlines() == [
        "mixture: 0.50 s, 8000 Hz, -3.0 dBFS",  # a full-scale sine: 10 log10(1/2)
        "nothing: 1.00 s, 8000 Hz, silent",
    ]


def test_all_rows_are_played_at_one_level():
    clips = Clips({"loud": tone(0.9), "quiet": tone(0.2), "noise": noise(0.05)}, sample_rate=RATE)
    np.testing.assert_allclose(played(clips), PLAYED_LEVEL, atol=1e-6)


def test_without_matching_the_levels_stay_as_they_are():
    clips = Clips({"a": tone(0.9), "b": tone(0.3)}, sample_rate=RATE, match_level=False)
    assert clips.gains() == [1.0, 1.0]


@pytest.mark.parametrize("match_level", [True, False])
def test_a_peak_lowers_all_rows_together(match_level):
    click = 1e-3 * noise(1.0)
    click[100] = 3.0
    clips = Clips({"click": click, "tone": tone(0.5)}, sample_rate=RATE, match_level=match_level)
    rows = zip(clips.waveforms.values(), clips.gains(), strict=True)
    loudest = max(np.abs(gain * x).max() for x, gain in rows)
    assert loudest == pytest.approx(HIGHEST_PEAK)
    if match_level:
        first, second = played(clips)
        assert first == pytest.approx(second)
        assert first < PLAYED_LEVEL
    else:
        assert clips.gains()[0] == clips.gains()[1]


@pytest.mark.parametrize("amplitude", [0.0, 1e-4])
def test_a_nearly_silent_row_gets_the_gain_of_the_first(amplitude):
    clips = Clips({"mixture": tone(0.1), "silent": noise(amplitude)}, sample_rate=RATE)
    first, second = clips.gains()
    assert second == first


def test_what_only_rounding_has_left_is_not_raised():
    """A tone and its opposite, added: alone, or before a louder sound, it stays silent."""
    rest = np.float32(0.3) * tone(0.5).astype(np.float32)
    rest = rest - tone(0.15)
    assert 0 < level(rest) < 1e-6
    for rows in ({"rest": rest}, {"rest": rest, "tone": tone(0.1)}):
        clips = Clips(rows, sample_rate=RATE)
        assert clips.gains()[0] == 1.0
        assert played(clips)[1:] == pytest.approx([PLAYED_LEVEL] * (len(rows) - 1))


def test_what_16_bits_hold_is_raised():
    assert played(Clip(tone(1e-4), RATE)) == pytest.approx([PLAYED_LEVEL])


def test_what_is_too_short_for_a_player_is_refused_by_name():
    with pytest.raises(ValueError, match="'click': 20 samples are 2.5 ms at 8000 Hz; .* 50 ms"):
        Clip(np.ones(20), RATE, label="click")
    assert Clip(0.1 * np.ones(400), RATE).rows()[0]["seconds"] == 0.05


def test_a_silent_first_row_does_not_matter_to_the_others():
    clips = Clips({"silent": np.zeros(RATE), "tone": tone(0.1)}, sample_rate=RATE)
    assert np.isfinite(clips.gains()).all()
    assert played(clips)[1] == pytest.approx(PLAYED_LEVEL)


def test_the_encoded_sound_is_the_waveform():
    (row,) = Clip(tone(0.3), RATE, label="tone").rows()
    decoded, rate = soundfile.read(io.BytesIO(base64.b64decode(row["mp3"])))
    assert rate == RATE
    assert row["label"] == "tone"
    assert row["seconds"] == pytest.approx(len(decoded) / rate, abs=0.1)
    wanted = tone(0.3) * 10 ** (row["gain"] / 20)
    length = min(len(decoded), len(wanted))
    error = decoded[:length] - wanted[:length]
    assert level(error) < 0.05 * level(wanted)


def test_the_same_sound_gives_the_same_bytes():
    make = Clips({"a": noise(0.1)}, sample_rate=RATE)._repr_mimebundle_
    assert make() == make()


def test_the_bundle_has_text_and_rows():
    with book_kernel():
        bundle = Clip(tone(0.3), RATE)._repr_mimebundle_()
    assert bundle["text/plain"] == "sound: 0.50 s, 8000 Hz, -13.5 dBFS"
    assert bundle[CLIPS_MIME]["matched"] is True
    (row,) = bundle[CLIPS_MIME]["rows"]
    assert row["level"] == -13.5
    assert row["gain"] == -9.5


def test_four_seconds_of_speech_like_sound_weigh_at_most_30_kilobytes():
    (row,) = Clip(np.tile(noise(0.1), 4), RATE).rows()
    assert len(base64.b64decode(row["mp3"])) <= 30_000


def test_a_tensor_on_the_tape_is_taken_as_it_is():
    waveform = torch.tensor(tone(0.3), requires_grad=True)
    assert repr(Clip(waveform, RATE)) == repr(Clip(tone(0.3), RATE))


@pytest.mark.parametrize(
    ("waveform", "message"),
    [
        (np.zeros((2, 100)), r"'x': expected one channel of shape \(time,\), got shape \(2, 100\)"),
        (np.zeros(0), "'x': no samples"),
        (np.array([0.0, np.nan, np.inf]), "'x': 2 of 3 samples are NaN or infinite"),
        (np.zeros(100, dtype=np.int16), "'x': samples of type int16, expected floats"),
        (np.zeros(100, dtype=complex), "'x': samples of type complex128"),
    ],
)
def test_refuses_what_is_no_sound(waveform, message):
    with pytest.raises(ValueError, match=message):
        Clips({"x": waveform}, sample_rate=RATE)


@pytest.mark.parametrize("rate", [0, 10000, 8000.0, "8000", None])
def test_refuses_a_rate_that_mp3_does_not_know(rate):
    with pytest.raises(ValueError, match=r"MP3 knows 8000, .* resample first"):
        Clip(tone(0.3), rate)


def test_refuses_no_rows_and_no_dictionary():
    with pytest.raises(ValueError, match="the dictionary is empty"):
        Clips({}, sample_rate=RATE)
    with pytest.raises(ValueError, match=r"got ndarray; for one sound use Clip"):
        Clips(tone(0.3), sample_rate=RATE)
