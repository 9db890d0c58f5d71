"""Beats: a published network's activations, decoded in two ways.

The eight songs with their charts' beats, and scores with exact ones:
on a piano, on strings, and with a drummer. Explained in
overview/music/systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import librosa
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import sonify
from dla.datasets import percussion, songs
from dla.decoders.bar_pointer import BarPointerSettings, decode
from dla.measures.beats import beat_scores
from dla.protocol.comparison import Comparison
from dla.reference import beatnet as published
from dla.scores import load, render
from dla.scores.library import names

RATE = 22050  # Hz
PEAK = 0.9  # of a sound: mastered music has one near 1
QUARTERS = 30.0  # of a score
TEMPI = (70.0, 140.0)  # quarters per minute
TUNES = (1, 2, 3, 4, 5, 7)  # the sixth has a repeat within a bar
PIECES = (
    *names("chorales")[:6],
    *(names("tunes")[k] for k in TUNES),
)
SONGS, QUIET = "songs", "songs, 40 dB quieter"
PIANO, STRINGS, DRUMS = "scores, piano", "scores, strings", "with drums"
CASES = (SONGS, QUIET, PIANO, STRINGS, DRUMS)
QUIETER = 0.01
KICK, SNARE = "bd_haus", "drum_snare_hard"  # strokes on the beats
ONE = BarPointerSettings(beats_per_bar=(1,))  # beats, no bars
STEADY = 0.5  # s between beats of the null: 120 a minute


@dataclass(frozen=True, eq=False)
class Passage:
    """A sound and its beats."""

    case: str
    about: str
    waveform: Float[Tensor, "time"]  # 22.05 kHz
    beats: Float[Tensor, "beat"]  # s

    @property
    def name(self) -> str:
        return f"{self.case}: {self.about}"


@lru_cache
def pieces() -> tuple[Passage, ...]:
    """Eight songs twice, twelve scores three times."""
    found = []
    for song in songs.table():
        beats = song.beats(shifted=True)
        inside = beats[(beats >= 0) & (beats <= song.seconds)]
        x = _at_peak(song.waveform())
        found.append(Passage(SONGS, song.name, x, inside))
        found.append(Passage(QUIET, song.name, QUIETER * x, inside))
    slow, fast = TEMPI
    rng = np.random.default_rng(0)
    for name in PIECES:
        tempo = slow * (fast / slow) ** rng.random()
        for case, instrument in (
            (PIANO, "acoustic grand piano"),
            (STRINGS, "string ensemble 1"),
        ):
            score = load(name)
            played = render(
                score,
                instruments=instrument,
                tempo=tempo,
                end=min(QUARTERS, score.duration),
                jitter=0.005,
            )
            x = played.mixture
            beats = torch.from_numpy(played.beats["time"].copy())
            found.append(Passage(case, name, _at_peak(x), beats))
            if case == PIANO:
                struck = _at_peak(_at_peak(x) + drums(beats, len(x)))
                found.append(Passage(DRUMS, name, struck, beats))
    return tuple(sorted(found, key=lambda p: CASES.index(p.case)))


def _at_peak(x: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    return PEAK * x / x.abs().max()


def drums(
    beats: Float[Tensor, "beat"], length: int
) -> Float[Tensor, "time"]:
    """Kick and snare in turn, one on each beat.

    Args:
        beats: in s.
        length: samples at 22.05 kHz.
    """
    strokes = [
        _at_peak(percussion.find(name).waveform())
        for name in (KICK, SNARE)
    ]
    sound = torch.zeros(length)
    for k, beat in enumerate(beats.tolist()):
        stroke = strokes[k % 2]
        first = round(beat * RATE)
        sound[first:][: len(stroke)] += stroke[: max(length - first, 0)]
    return sound


def with_pointer(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Float[Tensor, "beat"]:
    """BeatNet's activation, decoded by the book's bar pointer."""
    return decode(
        activation(waveform, sample_rate),
        frame_rate=published.FRAME_RATE,
        settings=ONE,
    ).times


def with_one_tempo(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> np.ndarray:
    """BeatNet's activation, decoded by librosa's tracker."""
    heard = activation(waveform, sample_rate)
    return librosa.beat.beat_track(
        onset_envelope=heard.numpy(),
        sr=published.SAMPLE_RATE,
        hop_length=published.HOP,
        units="time",
    )[1]


def activation(
    waveform: Float[Tensor, "time"], sample_rate: int
) -> Float[Tensor, "frame"]:
    """Probability of a beat, of those too that open a bar."""
    found = published.beatnet(waveform, sample_rate=sample_rate)
    return (found.beat + found.downbeat).clamp(max=1.0)


def by_novelty(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> np.ndarray:
    """librosa's tracker on its own novelty: no network."""
    return librosa.beat.beat_track(
        y=waveform.numpy(), sr=sample_rate, units="time"
    )[1]


def unheard(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> np.ndarray:
    """The null: 120 beats a minute from the begin, whatever sounds."""
    return np.arange(0, len(waveform) / sample_rate, STEADY)


def clicked(
    piece: Passage, times: np.ndarray, *, seconds: int = 10
) -> Float[Tensor, "time"]:
    """The first seconds, at the songs' level, with clicks at times in s."""
    level = QUIETER if piece.case == QUIET else 1.0
    return sonify.with_clicks(
        piece.waveform[: seconds * RATE] / level,
        times[times < seconds - 0.1],
        sample_rate=RATE,
    )


def lag(times: np.ndarray, beats: Float[Tensor, "beat"]) -> float:
    """How much later than their nearest beats they are, s, the median.

    >>> lag(np.array([1.25, 1.75, 3.25]), torch.tensor([1.0, 2.0, 3.0]))
    0.25
    """
    far = times[:, None] - beats.numpy()
    nearest = abs(far).argmin(1)[:, None]
    return float(np.median(np.take_along_axis(far, nearest, 1)))


def describe(piece: Passage) -> Mapping[str, str]:
    return {"name": piece.name, "case": piece.case}


def sound_of(piece: Passage) -> tuple[Tensor, int]:
    return piece.waveform, RATE


def score(piece: Passage, found) -> dict[str, float]:
    """F within 70 ms, and continuity at the right and allowed levels."""
    scores = beat_scores(piece.beats, found)
    return {
        "F": scores.f_measure,
        "CMLt": scores.cmlt,
        "AMLt": scores.amlt,
    }


def keep(piece: Passage, found) -> dict[str, list]:
    """The beats in ms."""
    return {"beats": [round(1000 * float(t)) for t in found]}


COMPARISON = Comparison(
    name="music-beats",
    question="Where does a published network find the beats?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={
        "BeatNet, bar pointer": with_pointer,
        "BeatNet, one tempo": with_one_tempo,
        "librosa": by_novelty,
    },
    packages={
        "BeatNet, bar pointer": ("BeatNet",),
        "BeatNet, one tempo": ("BeatNet", "librosa"),
        "librosa": ("librosa",),
    },
    measure=score,
    keep=keep,
    replayed=(0, 20),
)
