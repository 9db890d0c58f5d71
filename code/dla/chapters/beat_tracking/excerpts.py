r"""Excerpts of scores as sound, with their beats to the sample.

Chorales, fiddle tunes and string quartets, each from a stretch in which
the metre does not change. `corpus` chooses, divides and renders them.
Explained in analysis/beat-tracking/network.

All parts of an excerpt are played on one instrument, as on a keyboard:
the synthesiser then renders two excerpts in one run, one on each side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from dla import scores, signals
from dla.datasets import manifest
from dla.names import unknown
from dla.scores.sections import Section, families, find_section
from dla.scores.tempo import CURVES, STEADY, TempoCurve, tempo_points

SAMPLE_RATE = 22050  # Hz
LEVEL = -25.0  # dB: excerpts differ in level only inside
JITTER = 0.005  # s, standard deviation of onsets
DYNAMICS = 10.0  # standard deviation of MIDI velocities
LEAD = (0.1, 0.9)  # s of silence before the first note
SIDES = ("train", "validation", "test")

# Names from the catalogue: every so many, from where.
CHORALES, TUNES = slice(1, None, 9), slice(5, None, 26)
QUARTETS = (  # short movements
    "haydn-opus1no1-2", "haydn-opus1no1-4", "haydn-opus1no1-5",
    "haydn-opus1no1-1", "mozart-k80-3", "mozart-k80-4",
    "mozart-k156-3", "mozart-k156-4", "mozart-k458-2",
)  # fmt: skip
TEMPI = {  # collection, meter -> beats per minute, slowest, fastest
    ("chorales", "3/4"): (70.0, 120.0),
    ("chorales", "4/4"): (60.0, 110.0),
    ("tunes", "2/2"): (75.0, 125.0),
    ("tunes", "2/4"): (75.0, 125.0),
    ("tunes", "3/4"): (90.0, 170.0),
    ("tunes", "4/4"): (100.0, 180.0),
    ("tunes", "6/8"): (80.0, 140.0),
    ("tunes", "9/8"): (80.0, 140.0),
    ("tunes", "12/8"): (80.0, 140.0),
    ("quartets", "2/2"): (75.0, 125.0),
    ("quartets", "2/4"): (75.0, 125.0),
    ("quartets", "3/4"): (90.0, 150.0),
    ("quartets", "4/4"): (90.0, 150.0),
    ("quartets", "6/8"): (70.0, 120.0),
}

# Struck, plucked, blown and bowed; none that the synthesiser spreads
# over both sides, so that two share a run.
INSTRUMENTS = (
    "acoustic grand piano", "harpsichord", "vibraphone", "marimba",
    "dulcimer", "reed organ", "acoustic guitar (nylon)",
    "acoustic guitar (steel)", "violin", "viola", "cello",
    "pizzicato strings", "oboe", "clarinet", "bassoon", "recorder",
    "piccolo", "trombone", "banjo", "fiddle",
)  # fmt: skip

# For one test only: no training has heard them. Of other families of
# the standard (brass, pipes, reeds, mallets, plucked strings, ensembles).
UNHEARD = (
    "church organ", "accordion", "trumpet", "tuba", "french horn",
    "flute", "pan flute", "alto sax", "english horn", "sitar", "koto",
    "kalimba", "orchestral harp", "music box", "electric piano 1",
    "string ensemble 1",
)  # fmt: skip
MET = (0.85, 1.18)  # how much training stretches a piece, at most
REACH = 1.25  # farthest outside of what training has met
POINTER = (58.0, 205.0)  # BPM, inside what the decoder can say


@dataclass(frozen=True, eq=False)
class Excerpt:
    """Some seconds of a piece as sound, and when its beats are."""

    name: str  # of the piece
    collection: str
    meter: str
    curve: str  # of CURVES
    bpm: float  # beats per minute that the curve starts from
    instrument: str
    waveform: Float[Tensor, "time"]  # 22.05 kHz, -25 dB
    beats: Float[Tensor, "beat"]  # s
    positions: Int[Tensor, "beat"]  # in the bar, from 1

    @property
    def downbeats(self) -> Float[Tensor, "downbeat"]:
        """The beats that open a bar, in s."""
        return self.beats[self.positions == 1]

    @property
    def seconds(self) -> float:
        return len(self.waveform) / SAMPLE_RATE


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be played: all that an excerpt depends on."""

    section: Section
    instrument: str
    curve: str
    bpm: float
    first: int  # beat of the section that the excerpt begins with
    lead: float  # s of silence before it
    points: tuple[tuple[float, float], ...]
    seconds: float  # at most

    def timed(
        self,
    ) -> tuple[list[tuple], np.ndarray, np.ndarray, float]:
        """Notes (onset, duration, pitch) in s, beats, positions, end."""
        section, notes = self.section, self.section.score.notes
        start = section.onsets[self.first]
        close = section.onsets[-1] + section.unit
        curve = TempoCurve(self.points, origin=start)
        limit = self.seconds - self.lead
        close = min(close, float(curve.quarter(limit)))
        stop = notes["onset"] + notes["duration"]
        there = (notes["onset"] >= start - 1e-9) & (
            notes["onset"] < close - 1e-9
        )
        onset = curve.time(notes["onset"][there]) + self.lead
        offset = curve.time(np.minimum(stop[there], close)) + self.lead
        rows = list(
            zip(
                onset.tolist(),
                np.maximum(offset - onset, 0.03).tolist(),
                notes["pitch"][there].tolist(),
                strict=True,
            )
        )
        inside = (section.onsets >= start - 1e-9) & (
            section.onsets < close - 1e-9
        )
        return (
            rows,
            curve.time(section.onsets[inside]) + self.lead,
            section.positions[inside],
            float(curve.time(close)) + self.lead,
        )


def plan(
    section: Section,
    rng: np.random.Generator,
    *,
    curve: str = STEADY,
    seconds: float = 20.0,
    bpm: float | None = None,
    instruments: Sequence[str] = INSTRUMENTS,
) -> Plan:
    """Draw instrument, tempo and beginning of an excerpt.

    Args:
        section: what to play from.
        rng: decides; always the same number of draws before a curve's.
        curve: one of CURVES.
        seconds: longest excerpt in s; a shorter section ends earlier.
        bpm: beats per minute; without it drawn from TEMPI, evenly in
            its logarithm.
        instruments: to choose from.

    Raises:
        ValueError: no such curve.
    """
    instrument = instruments[int(rng.integers(len(instruments)))]
    slow, fast = TEMPI[section.score.collection, section.meter]
    drawn = slow * (fast / slow) ** rng.random()
    bpm = float(drawn if bpm is None else bpm)
    needed = math.ceil(seconds * bpm / 60)
    spare = max(len(section.onsets) - needed, 0)
    first = int(rng.random() * (spare + 1))
    lead = float(rng.uniform(*LEAD))
    points = tempo_points(
        curve, bpm, section.onsets[first:], section.unit, rng
    )
    return Plan(
        section, instrument, curve, bpm, first, lead, tuple(points),
        seconds,
    )  # fmt: skip


def play(plans: Sequence[Plan], *, seed: int = 0) -> list[Excerpt]:
    """Render excerpts, two in one run of the synthesiser.

    Args:
        plans: from `plan`.
        seed: of the players' jitter and dynamics.
    """
    made = []
    for k in range(0, len(plans), 2):
        made += _play_pair(plans[k : k + 2], seed + k)
    return made


def _play_pair(plans: Sequence[Plan], seed: int) -> list[Excerpt]:
    timed = [p.timed() for p in plans]
    score = scores.from_notes(
        [(*row, k) for k, t in enumerate(timed) for row in t[0]],
        name=" and ".join(p.section.score.name for p in plans),
        parts=[str(k) for k in range(len(plans))],
    )  # a quarter is a second
    sound = scores.render(
        score,
        instruments=[p.instrument for p in plans],
        tempo=60.0,
        seed=seed,
        jitter=JITTER,
        dynamics=DYNAMICS,
        end=min(max(t[3] for t in timed), score.duration),
        tail=0.5,
        sample_rate=SAMPLE_RATE,
    )
    made = []
    for p, stem, (_, beats, positions, end) in zip(
        plans, sound.stems, timed, strict=True
    ):
        waveform = stem[: round((end + 0.5) * SAMPLE_RATE)]
        made.append(
            Excerpt(
                name=p.section.score.name,
                collection=p.section.score.collection,
                meter=p.section.meter,
                curve=p.curve,
                bpm=p.bpm,
                instrument=p.instrument,
                waveform=signals.at_level(
                    waveform, torch.tensor(LEVEL)
                ),
                beats=torch.from_numpy(beats),
                positions=torch.from_numpy(positions.astype(np.int64)),
            )
        )
    return made


@lru_cache
def sections() -> dict[str, tuple[Section, ...]]:
    """The corpus's sections by side: train, validation, test.

    A quarter of the tunes (families) of each collection and metre is
    for testing, a sixth of the others for validation: `families`
    lie on one side whole. The division follows from the names.
    """
    names = (
        *scores.names("chorales")[CHORALES],
        *scores.names("tunes")[TUNES],
        *QUARTETS,
    )
    found = [find_section(scores.load(name)) for name in names]
    found = [
        s
        for s in found
        if s is not None and (s.score.collection, s.meter) in TEMPI
    ]
    family = families([s.score for s in found])
    items = list(zip(found, family, strict=True))

    def stratum(_, same):
        return same[0][0].score.collection, same[0][0].meter

    def group(item):
        return item[1]

    rest, test = manifest.divide(
        items, group=group, stratum=stratum, test=1 / 4, seed=0
    )
    train, validation = manifest.divide(
        rest, group=group, stratum=stratum, test=1 / 6, seed=1
    )
    sides = zip(SIDES, (train, validation, test), strict=True)
    return {side: tuple(s for s, _ in part) for side, part in sides}


def corpus(
    side: str,
    *,
    curve: str = STEADY,
    seconds: float = 20.0,
    copies: int = 1,
    seed: int = 0,
) -> tuple[Excerpt, ...]:
    """The rendered excerpts of a side of the split.

    Args:
        side: one of SIDES.
        curve: one of CURVES, the same for all.
        seconds: longest excerpt.
        copies: excerpts of each piece, each with its own draws.
        seed: of the draws; sides and curves never share one.

    Raises:
        ValueError: no such side or curve.
    """
    if side not in SIDES:
        raise ValueError(unknown("side", side, SIDES))
    if curve not in CURVES:
        raise ValueError(unknown("tempo curve", curve, CURVES))
    draws = np.random.default_rng(
        [seed, SIDES.index(side), CURVES.index(curve)]
    )
    plans = [
        plan(section, draws, curve=curve, seconds=seconds)
        for _ in range(copies)
        for section in sections()[side]
    ]
    return tuple(play(plans, seed=1000 * seed))


def outside(
    slow: float, fast: float, rng: np.random.Generator
) -> float:
    """A tempo in BPM that a stretched range does not reach.

    Up to a quarter slower than the slowest of MET's stretches, or as
    much faster than the fastest; what the decoder cannot say is left
    out, and where both are possible, a coin decides.

    Args:
        slow, fast: the range in beats per minute.
        rng: decides.

    >>> outside(100.0, 180.0, np.random.default_rng(0))
    78.2
    """
    slowest, fastest = slow / MET[1], fast / MET[0]
    below = max(slowest / REACH, POINTER[0]), slowest
    above = fastest, min(fastest * REACH, POINTER[1])
    sides = [side for side in (below, above) if side[0] < side[1]]
    low, high = sides[int(rng.integers(len(sides)))]
    return float(low * (high / low) ** rng.random())


def unfamiliar(
    *, instruments: bool, tempi: bool, seed: int = 0
) -> tuple[Excerpt, ...]:
    """The test pieces as no training has met them.

    Args:
        instruments: played on those of UNHEARD.
        tempi: at tempi of :func:`outside`.
        seed: of the draws, which `corpus` does not share.
    """
    draws = np.random.default_rng([seed, 17, instruments, tempi])
    plans = []
    for section in sections()["test"]:
        bounds = TEMPI[section.score.collection, section.meter]
        plans.append(
            plan(
                section,
                draws,
                bpm=outside(*bounds, draws) if tempi else None,
                instruments=UNHEARD if instruments else INSTRUMENTS,
            )
        )
    return tuple(play(plans, seed=1000 * seed + 500))
