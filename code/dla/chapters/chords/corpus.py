r"""Chorales as sound, with their chords and where these come from.

Passages of Bach's chorales, each on one instrument, as on a keyboard:
the synthesiser then renders two in one run, one on each side. Truth is
`by_rule` for all of them and, for those in HUMAN, an analyst's roman
numerals beside it. Explained in analysis/chords.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import cache, scores, signals
from dla.chapters.chords.from_scores import (
    ScoredChord,
    by_analyst,
    by_rule,
)
from dla.datasets import manifest
from dla.measures.chords import (
    NO_CHORD,
    OTHER,
    Chords,
    class_of,
    frame_classes,
    name,
)
from dla.names import unknown
from dla.scores import sections
from dla.scores.tables import Score
from dla.scores.tempo import TempoCurve
from dla.spectral.cqt import cqt, pitch_to_hz

SAMPLE_RATE = 22050  # Hz
HOP = 2048  # samples: 10.8 frames a second
FRAME_RATE = SAMPLE_RATE / HOP
LOWEST, OCTAVES, BINS = 36.0, 6, 36  # MIDI; bins are per octave
LEVEL = -25.0  # dB: excerpts differ in level only inside
JITTER = 0.01  # s, standard deviation of onsets
DYNAMICS = 10.0  # standard deviation of MIDI velocities
LEAD = (0.3, 0.9)  # s of silence before the first note
RELEASE = 0.3  # s after the last chord, not scored
SIDES = ("train", "validation", "test", "quartets")
TEMPI = {  # quarters per minute, slowest and fastest
    "chorales": (60.0, 100.0),
    "quartets": (70.0, 110.0),
}

# The twenty analyses, less the two whose bars do not fit the edition.
HUMAN = (
    "bwv145.5", "bwv153.1", "bwv17.7", "bwv184.5", "bwv248.12-2",
    "bwv267", "bwv269", "bwv281", "bwv302", "bwv311", "bwv318",
    "bwv33.6", "bwv347", "bwv351", "bwv38.6", "bwv40.8", "bwv65.2",
    "bwv86.6",
)  # fmt: skip
OTHERS = slice(2, None, 5)  # of the catalogue: every fifth from here
QUARTETS = (  # movements that a chord a beat does not insult
    "haydn-opus1no1-2", "haydn-opus1no1-3", "haydn-opus1no1-4",
    "mozart-k80-1", "mozart-k80-3", "mozart-k156-2", "mozart-k156-3",
    "mozart-k458-2", "beethoven-opus18no1-2",
)  # fmt: skip

# None that the synthesiser spreads over both sides, so that two share
# a run. Those of the test no training has heard.
INSTRUMENTS = (
    "acoustic grand piano", "harpsichord", "vibraphone", "dulcimer",
    "reed organ", "acoustic guitar (nylon)", "acoustic guitar (steel)",
    "violin", "viola", "cello", "pizzicato strings", "oboe",
    "clarinet", "bassoon", "recorder", "trombone", "banjo",
)  # fmt: skip
UNHEARD = (
    "drawbar organ", "harmonica", "electric guitar (jazz)",
    "voice oohs", "muted trumpet", "brass section", "pan flute",
    "koto", "music box", "clavinet",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Some seconds of a piece as sound, and its chords."""

    name: str  # of the piece
    instrument: str
    tempo: float  # quarters per minute
    tonic: int  # pitch class of the key, as heard; -1 if unknown
    waveform: Float[Tensor, "time"]  # 22.05 kHz, -25 dB
    rule: Chords  # one chord a beat, by the rule
    analyst: Chords | None  # by a person, where one wrote it
    beats: Float[Tensor, "beat"]  # s

    @property
    def truth(self) -> Chords:
        """The analyst's chords where there are some, else the rule's."""
        return self.rule if self.analyst is None else self.analyst

    @property
    def seconds(self) -> float:
        return len(self.waveform) / SAMPLE_RATE

    def spectrum(self) -> Float[Tensor, "bin frame"]:
        """Magnitudes of the constant-Q transform, kept on disk.

        Six octaves from C2 (MIDI 36), 36 bins each; a frame every
        2048 samples.
        """
        return self._spectrum

    @cached_property
    def _spectrum(self) -> Float[Tensor, "bin frame"]:
        key = cache.key(
            "chords spectrum 1",
            repr((LOWEST, OCTAVES, BINS, HOP)),
            self.waveform.numpy().tobytes(),
        )
        shape = OCTAVES * BINS, 1 + len(self.waveform) // HOP
        if kept := cache.read(key):
            values = np.frombuffer(kept, np.float16).reshape(shape)
            return torch.from_numpy(values.astype(np.float32))
        values = cqt(
            self.waveform,
            sample_rate=SAMPLE_RATE,
            f_min=float(pitch_to_hz(LOWEST)),
            n_bins=shape[0],
            bins_per_octave=BINS,
            hop_length=HOP,
        ).abs()
        values = values.to(torch.float16)
        cache.write(key, values.numpy().tobytes())
        return values.float()

    def classes(
        self, chords: Chords | None = None
    ) -> Int[Tensor, "frame"]:
        """Class of each frame of the spectrum, -1 where none is scored.

        Args:
            chords: whose; those of the rule if left out.
        """
        frames = 1 + len(self.waveform) // HOP
        return frame_classes(
            self.rule if chords is None else chords,
            np.arange(frames) / FRAME_RATE,
        )


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be played: all that an excerpt depends on."""

    score: Score
    instrument: str
    tempo: float  # quarters per minute
    start: float  # quarters
    end: float
    lead: float  # s of silence before it
    transpose: int = 0  # semitones

    def timed(self) -> "_Timed":
        """Notes, chords and beats in seconds of the excerpt."""
        curve = TempoCurve(self.tempo, origin=self.start)

        def seconds(quarter):
            return curve.time(quarter) + self.lead

        notes = self.score.notes
        stop = notes["onset"] + notes["duration"]
        there = (notes["onset"] < self.end - 1e-9) & (
            stop > self.start + 1e-9
        )
        onset = seconds(np.maximum(notes["onset"][there], self.start))
        offset = seconds(np.minimum(stop[there], self.end))
        pitch = notes["pitch"][there] + self.transpose
        beats = self.score.beats["onset"]
        inside = (beats >= self.start - 1e-9) & (
            beats < self.end - 1e-9
        )
        end = float(seconds(self.end))
        return _Timed(
            list(
                zip(
                    onset.tolist(),
                    np.maximum(offset - onset, 0.03).tolist(),
                    pitch.tolist(),
                    strict=True,
                )
            ),
            seconds(beats[inside]),
            self.in_time(_ruled(self.score)),
            self.in_time(by_analyst(self.score))
            if len(self.score.chords)
            else None,
            end,
        )

    def in_time(self, chords: list[ScoredChord]) -> Chords:
        """Chords of the score in seconds of the excerpt.

        Before the first note there is none ("N"); what rings on after
        the last chord is not scored ("X").
        """
        curve = TempoCurve(self.tempo, origin=self.start)

        def seconds(quarter):
            return curve.time(quarter) + self.lead

        end = float(seconds(self.end))
        rows = [(0.0, self.lead, NO_CHORD)]
        for chord in chords:
            first = max(chord.onset, self.start)
            last = min(chord.offset, self.end)
            if last > first + 1e-9:
                label = transposed(chord.label, self.transpose)
                rows.append(
                    (float(seconds(first)), float(seconds(last)), label)
                )
        if rows[1][0] > self.lead + 1e-9:  # an analysis begins later
            rows.insert(1, (self.lead, rows[1][0], OTHER))
        rows.append((rows[-1][1], end + RELEASE, OTHER))
        return Chords(
            np.array([row[:2] for row in rows]), [r[2] for r in rows]
        )


@lru_cache
def _ruled(score: Score) -> list[ScoredChord]:
    """The rule's chords: of one score for all that is played of it."""
    return by_rule(score)


@dataclass(frozen=True, eq=False)
class _Timed:
    notes: list[tuple]  # onset, duration, pitch
    beats: np.ndarray
    rule: Chords
    analyst: Chords | None
    end: float


def transposed(label: str, semitones: int) -> str:
    """A triad's symbol so many semitones higher.

    >>> transposed("A:min", 3), transposed("N", 3)
    ('C:min', 'N')
    """
    if label in (NO_CHORD, OTHER):
        return label
    root, quality = label.split(":")
    number = class_of(f"{root}:maj")
    return f"{name(number + semitones)}:{quality}"


def plan(
    score: Score,
    rng: np.random.Generator,
    *,
    seconds: float = 16.0,
    instruments: Sequence[str] = INSTRUMENTS,
    transpose: int = 0,
) -> Plan:
    """Draw instrument, tempo and the bar that an excerpt begins with.

    Args:
        score: what to play from.
        rng: decides; always the same number of draws.
        seconds: longest excerpt in s, from its first note.
        instruments: to choose from.
        transpose: semitones up.
    """
    instrument = instruments[int(rng.integers(len(instruments)))]
    slow, fast = TEMPI[score.collection]
    tempo = float(slow * (fast / slow) ** rng.random())
    lead, where = float(rng.uniform(*LEAD)), rng.random()
    quarters = seconds * tempo / 60
    bars = score.bars["onset"]
    possible = bars[bars <= max(score.duration - quarters, 0.0) + 1e-9]
    start = float(possible[int(where * len(possible))])
    end = min(start + quarters, score.duration)
    return Plan(
        score, instrument, tempo, start, end, lead, int(transpose)
    )


def play(
    drawn: Sequence[Plan], *, seed: int = 0, tuning: float = 440.0
) -> list[Excerpt]:
    """Render excerpts, two in one run of the synthesiser.

    Args:
        drawn: from `plan`.
        seed: of the players' jitter and dynamics.
        tuning: frequency of A4 in Hz.
    """
    made: list[Excerpt] = []
    for k in range(0, len(drawn), 2):
        made += _play_pair(drawn[k : k + 2], seed + k, tuning)
    return made


def _play_pair(
    plans: Sequence[Plan], seed: int, tuning: float
) -> list[Excerpt]:
    timed = [p.timed() for p in plans]
    both = scores.from_notes(
        [(*row, k) for k, t in enumerate(timed) for row in t.notes],
        name=" and ".join(p.score.name for p in plans),
        parts=[str(k) for k in range(len(plans))],
    )  # a quarter is a second
    sound = scores.render(
        both,
        instruments=[p.instrument for p in plans],
        tempo=60.0,
        tuning=tuning,
        seed=seed,
        jitter=JITTER,
        dynamics=DYNAMICS,
        end=min(max(t.end for t in timed), both.duration),
        tail=RELEASE,
        sample_rate=SAMPLE_RATE,
    )
    made = []
    for p, stem, t in zip(plans, sound.stems, timed, strict=True):
        waveform = stem[: round((t.end + RELEASE) * SAMPLE_RATE)]
        key = p.score.key
        made.append(
            Excerpt(
                name=p.score.name,
                instrument=p.instrument,
                tempo=p.tempo,
                tonic=(key.tonic + p.transpose) % 12 if key else -1,
                waveform=signals.at_level(
                    waveform, torch.tensor(LEVEL)
                ),
                rule=t.rule,
                analyst=t.analyst,
                beats=torch.from_numpy(t.beats),
            )
        )
    return made


@lru_cache
def pieces() -> dict[str, tuple[Score, ...]]:
    """Chorales by side: train, validation, test.

    All chorales with an analysis are for testing, and with them
    whatever shares their tune (`families`); of the rest, a tenth of
    the families too, and a sixth of what then remains for validation.
    """
    listed = scores.names("chorales")
    wanted = sorted({*HUMAN, *listed[OTHERS]}, key=listed.index)
    items = [scores.load(n) for n in wanted]
    family = dict(zip(wanted, _families(items), strict=True))
    human = {family[n] for n in HUMAN}
    free = [s for s in items if family[s.name] not in human]

    def group(score):
        return family[score.name]

    def stratum(*_):
        return ()

    rest, more = manifest.divide(
        free, group=group, stratum=stratum, test=1 / 10, seed=0
    )
    train, validation = manifest.divide(
        rest, group=group, stratum=stratum, test=1 / 6, seed=1
    )
    # Of one tune in several settings, the analysed ones are the test.
    test = [s for s in items if s.name in HUMAN] + list(more)
    return {
        "train": tuple(train),
        "validation": tuple(validation),
        "test": tuple(test),
    }


def _families(items: Sequence[Score]) -> list[int]:
    """`sections.families`, kept on disk: it compares all pairs."""
    key = cache.key(
        "chords families 1",
        Path(sections.__file__).read_bytes(),
        *(
            part
            for score in items
            for part in (
                repr(
                    (
                        score.name,
                        score.title,
                        score.collection,
                        score.parts,
                    )
                ),
                score.notes.tobytes(),
                score.beats.tobytes(),
            )
        ),
    )
    if kept := cache.read(key):
        return json.loads(kept)
    found = sections.families(items)
    cache.write(key, json.dumps(found).encode())
    return found


@lru_cache
def movements() -> tuple[Score, ...]:
    """The quartets; apart, because they take longer to read."""
    return tuple(scores.load(name) for name in QUARTETS)


def plans(
    side: str,
    *,
    seconds: float = 16.0,
    seed: int = 0,
    instruments: Sequence[str] | None = None,
    transpose: int | Callable[[Score], int] = 0,
) -> tuple[Plan, ...]:
    """What is played of a side of the split.

    Args:
        side: one of SIDES; "quartets" is the corpus of another style.
        seconds: longest excerpt.
        seed: of the draws; sides never share one.
        instruments: to choose from; if left out, those of training
            for training and validation, unheard ones otherwise.
        transpose: semitones up, the same for all, or a function that
            says how many for a score.

    Raises:
        ValueError: no such side.
    """
    if side not in SIDES:
        raise ValueError(unknown("side", side, SIDES))
    if instruments is None:
        heard = side in ("train", "validation")
        instruments = INSTRUMENTS if heard else UNHEARD
    draws = np.random.default_rng([seed, SIDES.index(side)])
    return tuple(
        plan(
            score,
            draws,
            seconds=seconds,
            instruments=instruments,
            transpose=transpose(score)
            if callable(transpose)
            else transpose,
        )
        for score in (
            movements() if side == "quartets" else pieces()[side]
        )
    )


def corpus(
    side: str, *, seed: int = 0, tuning: float = 440.0, **how: object
) -> tuple[Excerpt, ...]:
    """The rendered excerpts of a side of the split.

    Args:
        side: one of SIDES.
        seed: of the draws and of the players.
        tuning: frequency of A4 in Hz.
        how: further arguments of `plans`.

    Raises:
        ValueError: no such side.
    """
    drawn = plans(side, seed=seed, **how)
    return tuple(play(drawn, seed=1000 * seed, tuning=tuning))
