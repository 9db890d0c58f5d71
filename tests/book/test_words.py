"""Recorded speech has its words: each player on a page with voices says which, and truly."""

import base64
import io
from functools import cache

import numpy as np
import pytest
import soundfile
from places import ROOT
from scipy.ndimage import uniform_filter1d
from scipy.signal import correlate, lfilter, resample_poly

from dlabook.output.clip import CLIPS_MIME
from dlabook.reader.player.words import PROMPTS, said
from dlabook.run.executed import executed_record, load_executed
from dlabook.source.chapters import Chapter, executable_chapters

RATE = 8000  # Hz
SAME_WAVE, SAME_COURSE = 0.35, 0.45  # correlations: of recordings with others, mostly below 0.3


def players(chapter: Chapter) -> list[tuple[list[str] | None, list[dict]]]:
    """The recordings that a cell names, and the rows of its player."""
    found = []
    for cell in load_executed(chapter).cells:
        for output in cell.get("outputs", []):
            if content := output.get("data", {}).get(CLIPS_MIME):
                found.append((cell.metadata.get("words"), content["rows"]))
    return found


def reads_voices(chapter: Chapter) -> bool:
    files = executed_record(chapter)["files"]
    return any(name.startswith(PROMPTS) and name.endswith(".flac") for name in files)


VOICED = [c for c in executable_chapters(ROOT) if executed_record(c) and reads_voices(c)]


def even(samples: np.ndarray, rate: int) -> np.ndarray:
    """At 8 kHz, with an even spectrum: what is alike is the waveform, not the voice."""
    x = resample_poly(samples, RATE, rate) if rate != RATE else samples
    spectrum = np.fft.rfft(x)
    size = np.abs(spectrum)
    smooth = uniform_filter1d(size, max(3, len(size) // 60)) + 1e-3 * size.max() + 1e-9
    return np.fft.irfft(spectrum / smooth, len(x))


@cache
def recording(name: str) -> np.ndarray:
    return even(*soundfile.read(ROOT / PROMPTS / f"{name}.flac"))


def likeness(recorded: np.ndarray, sound: np.ndarray) -> float:
    """The largest correlation of a second of a recording with a sound, at any place."""
    best = 0.0
    energy = np.cumsum(np.pad(sound**2, (1, RATE)))
    local = energy[RATE:] - energy[:-RATE]
    local = np.maximum(local, 0.05 * RATE * np.mean(sound**2))[: len(sound)]
    for start in range(0, max(1, len(recorded) - RATE // 2), RATE):
        piece = recorded[start : start + RATE]
        alike = correlate(np.pad(sound, (0, len(piece) - 1)), piece, mode="valid", method="fft")
        alike = np.abs(alike[: len(sound)]) / np.sqrt(local[: len(alike)])
        best = max(best, alike.max() / np.linalg.norm(piece))
    return float(best)


def levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """Levels in dB of 30 bands, 50 frames a second: of what was made anew with other phases."""
    x = lfilter([1, -0.95], [1], resample_poly(samples, RATE, rate))
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, 128), 256)[::160]
    power = np.abs(np.fft.rfft(frames * np.hanning(256), axis=1))[:, 2:122] ** 2
    level = 10 * np.log10(power.reshape(len(frames), 30, 4).sum(2) + 1e-12)
    return np.maximum(level, level.max() - 45)


@pytest.mark.parametrize("chapter", VOICED, ids=lambda chapter: chapter.name)
def test_each_player_on_a_page_with_voices_says_what_is_spoken(chapter):
    for words, rows in players(chapter):
        assert words is not None, f"{[row['label'] for row in rows]}: say `words:`"
        said(ROOT, words)


def course(name: str, samples: np.ndarray, rate: int) -> float:
    """Correlation of the levels of a recording and of a sound that begins with it."""
    ours, theirs = levels(*soundfile.read(ROOT / PROMPTS / f"{name}.flac")), levels(samples, rate)
    length = min(len(ours), len(theirs)) - 1
    return float(np.corrcoef(ours[:length].ravel(), theirs[:length].ravel())[0, 1])


@pytest.mark.parametrize("chapter", VOICED, ids=lambda chapter: chapter.name)
def test_the_words_are_of_recordings_that_are_heard(chapter):
    for words, rows in players(chapter):
        if not words:
            continue
        decoded = [soundfile.read(io.BytesIO(base64.b64decode(row["mp3"]))) for row in rows]
        sounds = [even(*one) for one in decoded]
        for name in words:
            alike = max(likeness(recording(name), sound) for sound in sounds)
            if alike < SAME_WAVE:  # all are made anew, with other phases
                assert max(course(name, *one) for one in decoded) > SAME_COURSE, name


def test_another_recording_of_the_voice_is_not_taken_for_the_one_that_is_heard():
    rate = 16000
    for heard, other in (("agent-user", "agent-alreadyon"), ("vm-forward", "vm-review")):
        named, wrong = f"june/fr/prompt/{heard}", f"june/fr/prompt/{other}"
        x, _ = soundfile.read(ROOT / PROMPTS / f"{named}.flac")
        assert likeness(recording(named), even(x, rate)) > 2 * SAME_WAVE
        assert likeness(recording(wrong), even(x, rate)) < SAME_WAVE
        assert course(named, x, rate) > 0.99 and course(wrong, x, rate) < SAME_COURSE
