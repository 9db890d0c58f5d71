r"""Single parts and four-part chorales as sound, with exact pitch.

Voices of chorales, fiddle tunes and parts of string quartets, each
played alone; and whole chorales, whose soprano is the melody. The
pitch of every frame is that of the score's note, so the truth is exact
to the tuning of the samples (within 10 cents). Divided by work: scores
that share material (`families`) lie on one side. Instruments and tempi
are divided as well. Explained in analysis/melody/salience.

All items last equally long, so that a list of them is a batch. The
synthesiser renders two parts in one run, one on each side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import scores, signals
from dla.datasets import manifest
from dla.names import unknown
from dla.scores.rendering import Rendering
from dla.scores.sections import families
from dla.scores.tables import Score

SAMPLE_RATE = 22050  # Hz
HOP = 512  # samples, 23 ms; frame m is centred on sample m HOP
SECONDS = 6.0  # of every item
LEVEL = -25.0  # dB, of every item
JITTER = 0.005  # s, standard deviation of onsets
DYNAMICS = 8.0  # standard deviation of MIDI velocities
LEAD = (0.1, 0.6)  # s of silence before the first note
TAIL = 0.6  # s after the last note
VOICED = 0.7  # share of a window that its notes fill, at least
SIDES = ("train", "validation", "test")

# Names from the catalogue: every so many, from where.
CHORALES, TUNES = slice(1, None, 9), slice(5, None, 78)
QUARTETS = (  # short movements
    "haydn-opus1no1-2", "haydn-opus1no1-4", "haydn-opus1no1-5",
    "haydn-opus1no1-1", "mozart-k80-3", "mozart-k80-4",
    "mozart-k156-3", "mozart-k156-4", "mozart-k458-2",
)  # fmt: skip
VOICES = ("Soprano", "Alto", "Tenor", "Bass")

# Quarters per minute; of a tune, pairs of its median note (reels are
# written in eighths or in sixteenths). Slower, training's, faster: a
# test piece lies outside of what training has met.
TEMPI = {
    "chorales": ((55.0, 65.0), (70.0, 95.0), (100.0, 115.0)),
    "tunes": ((65.0, 75.0), (80.0, 105.0), (110.0, 125.0)),
    "quartets": ((50.0, 58.0), (62.0, 80.0), (84.0, 95.0)),
}

# Instruments that sound as long as their notes are written, and lowest
# and highest MIDI pitch played on them. No instrument is on two sides.
INSTRUMENTS = {
    "train": {
        "acoustic grand piano": (36, 88),
        "harpsichord": (36, 84),
        "reed organ": (36, 84),
        "acoustic guitar (steel)": (40, 80),
        "violin": (55, 91),
        "cello": (36, 72),
        "contrabass": (36, 55),
        "muted trumpet": (54, 82),
        "trombone": (36, 67),
        "soprano sax": (56, 86),
        "tenor sax": (44, 74),
        "oboe": (58, 86),
        "recorder": (60, 91),
        "piccolo": (62, 91),
        "lead 2 (sawtooth)": (36, 91),
        "lead 3 (calliope)": (48, 91),
    },
    "validation": {
        "viola": (48, 84),
        "bassoon": (36, 70),
        "electric guitar (clean)": (40, 84),
        "synth brass 1": (36, 84),
        "blown bottle": (60, 91),
    },
    "test": {
        "clarinet": (50, 86),
        "english horn": (52, 80),
        "trumpet": (54, 84),
        "french horn": (41, 76),
        "tuba": (36, 60),
        "voice oohs": (43, 84),
        "harmonica": (60, 84),
        "pan flute": (60, 91),
        "ocarina": (60, 91),
        "electric piano 1": (36, 88),
        "electric guitar (jazz)": (40, 84),
        "electric bass (finger)": (36, 60),
        "bagpipe": (50, 84),
        "lead 1 (square)": (36, 91),
    },
}  # fmt: skip

# Of the test's instruments those with a near relative in training.
RELATIVES = {
    "english horn": "oboe",
    "trumpet": "muted trumpet",
    "french horn": "trombone",
    "tuba": "trombone",
    "pan flute": "recorder",
    "ocarina": "recorder",
    "electric piano 1": "acoustic grand piano",
    "electric guitar (jazz)": "acoustic guitar (steel)",
    "electric bass (finger)": "contrabass",
    "lead 1 (square)": "lead 2 (sawtooth)",
}

# Levels in dB of four voices, the soprano first: how a mixture is
# balanced. A range is drawn from; `inner` is drawn among two voices.
LOUD, SOFT, ANY = 0.0, (-12.0, -6.0), (-12.0, 0.0)
BALANCES = ("soprano", "inner", "random")


@dataclass(frozen=True, eq=False)
class Piece:
    """One part alone, and its pitch."""

    name: str  # of the score
    work: str  # the first score of its family: the unit of a split
    collection: str
    part: str
    instrument: str
    tempo: float  # quarters per minute
    waveform: Float[Tensor, "time"]  # 22.05 kHz, -25 dB
    f0: Float[Tensor, "frame"]  # Hz; 0 where the part rests

    @property
    def times(self) -> Float[Tensor, "frame"]:
        """Centres of the frames in s."""
        return frame_times(len(self.f0))


@dataclass(frozen=True, eq=False)
class Mixture:
    """A chorale in four parts, and the pitch of each."""

    name: str
    work: str
    instruments: tuple[str, ...]  # soprano first
    tempo: float  # quarters per minute
    stems: Float[Tensor, "4 time"]  # each at -25 dB
    f0s: Float[Tensor, "4 frame"]  # Hz; 0 where a part rests

    @property
    def f0(self) -> Float[Tensor, "frame"]:
        """The melody: the soprano's pitch."""
        return self.f0s[0]

    @property
    def times(self) -> Float[Tensor, "frame"]:
        """Centres of the frames in s."""
        return frame_times(self.f0s.shape[-1])

    def balanced(
        self, levels: Float[Tensor, "4"]
    ) -> Float[Tensor, "time"]:
        """The sum of the parts at these levels in dB, at -25 dB."""
        mixture, _ = signals.mix(self.stems, levels=levels)
        return signals.at_level(mixture, torch.tensor(LEVEL))


def frame_times(frames: int) -> Float[Tensor, "frame"]:
    """Centres of so many frames in s.

    >>> frame_times(3)
    tensor([0.0000, 0.0232, 0.0464], dtype=torch.float64)
    """
    return torch.arange(frames, dtype=torch.float64) * (
        HOP / SAMPLE_RATE
    )


def draw_levels(
    balance: str, generator: torch.Generator
) -> Float[Tensor, "4"]:
    """Levels of the four voices in dB, the soprano's first.

    Args:
        balance: "soprano": it at 0 dB, the others 6 to 12 dB lower;
            "inner": alto or tenor at 0 dB, all others so much lower;
            "random": each voice between -12 and 0 dB.
        generator: decides; always the same number of draws.

    Raises:
        ValueError: another balance.
    """
    if balance not in BALANCES:
        raise ValueError(unknown("balance", balance, BALANCES))
    draws = torch.rand(5, generator=generator)
    low, high = ANY if balance == "random" else SOFT
    levels = low + (high - low) * draws[:4]
    if balance == "soprano":
        levels[0] = LOUD
    elif balance == "inner":
        levels[1 + int(draws[4] < 0.5)] = LOUD
    return levels


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is to be played: some parts of one score."""

    score: Score
    work: str
    parts: tuple[int, ...]
    instruments: tuple[str, ...]
    tempo: float
    start: float  # quarters
    lead: float  # s

    def rows(self, part: int) -> list[tuple[float, float, int]]:
        """A part's notes (onset, duration, pitch) in s."""
        notes = self.score.notes[self.score.notes["part"] == part]
        second = 60 / self.tempo
        close = self.start + (SECONDS - self.lead - TAIL) / second
        onset = np.maximum(notes["onset"], self.start)
        stop = np.minimum(notes["onset"] + notes["duration"], close)
        there = stop - onset > 1e-9
        return list(
            zip(
                ((onset - self.start) * second + self.lead)[
                    there
                ].tolist(),
                ((stop - onset) * second)[there].tolist(),
                notes["pitch"][there].tolist(),
                strict=True,
            )
        )


@lru_cache
def works() -> dict[str, tuple[tuple[Score, str], ...]]:
    """Scores and the work of each by side: train, validation, test.

    A third of the works (families) of a collection is for testing, a
    sixth of the others for validation. The division follows from the
    names.
    """
    found = [
        score
        for name in scores.names("chorales")[CHORALES]
        if (score := scores.load(name)).parts == VOICES
    ]
    for name in (*scores.names("tunes")[TUNES], *QUARTETS):
        found.append(scores.load(name))
    family = families(found)
    first = {
        number: score.name
        for score, number in reversed(
            list(zip(found, family, strict=True))
        )
    }
    items = [(s, first[k]) for s, k in zip(found, family, strict=True)]

    def collection(_, same):
        return (same[0][0].collection,)

    def work(item):
        return item[1]

    rest, test = manifest.divide(
        items, group=work, stratum=collection, test=1 / 3, seed=0
    )
    train, validation = manifest.divide(
        rest, group=work, stratum=collection, test=1 / 6, seed=1
    )
    return dict(zip(SIDES, (train, validation, test), strict=True))


@lru_cache
def corpus(
    side: str, *, copies: int = 1, seed: int = 0
) -> tuple[Piece, ...]:
    """Parts played alone, of a side of the split.

    Of a chorale and a quartet two voices, of a tune the only one; each
    on an instrument and at a tempo of its side.

    Args:
        side: one of SIDES.
        copies: windows of each part, each with its own draws.
        seed: of the draws.

    Raises:
        ValueError: no such side.
    """
    draws = _draws(side, seed, 0)
    plans = []
    for _ in range(copies):
        for k, (score, work) in enumerate(works()[side]):
            voices = (
                (k % 2, k % 2 + 2) if len(score.parts) == 4 else (0,)
            )
            for part in voices:
                one = _plan(score, work, (part,), side, draws)
                if one is not None:
                    plans.append(one)
    made = []
    for k in range(0, len(plans), 2):
        pair = plans[k : k + 2]
        rows = [p.rows(p.parts[0]) for p in pair]
        names = [p.instruments[0] for p in pair]
        sound = _play(rows, names, seed=1000 * seed + k)
        for row, p in enumerate(pair):
            made.append(
                Piece(
                    name=p.score.name,
                    work=p.work,
                    collection=p.score.collection,
                    part=p.score.parts[p.parts[0]],
                    instrument=p.instruments[0],
                    tempo=p.tempo,
                    waveform=_levelled(sound.stems[row]),
                    f0=_pitch(sound, row),
                )
            )
    return tuple(made)


@lru_cache
def mixtures(
    side: str, *, copies: int = 1, seed: int = 0
) -> tuple[Mixture, ...]:
    """Chorales of a side of the split, each voice a stem.

    Args:
        side: one of SIDES.
        copies: windows of each chorale, each with its own draws.
        seed: of the draws.

    Raises:
        ValueError: no such side.
    """
    draws = _draws(side, seed, 1)
    made = []
    for copy in range(copies):
        for k, (score, work) in enumerate(works()[side]):
            if score.parts != VOICES:
                continue
            p = _plan(score, work, (0, 1, 2, 3), side, draws)
            if p is None:
                continue
            sound = _play(
                [p.rows(part) for part in p.parts],
                p.instruments,
                seed=1000 * seed + 100 * copy + k,
            )
            made.append(
                Mixture(
                    name=score.name,
                    work=work,
                    instruments=p.instruments,
                    tempo=p.tempo,
                    stems=torch.stack(
                        [_levelled(s) for s in sound.stems]
                    ),
                    f0s=torch.stack(
                        [_pitch(sound, i) for i in range(4)]
                    ),
                )
            )
    return tuple(made)


@lru_cache
def melodies(
    side: str, balance: str, *, copies: int = 2, seed: int = 0
) -> tuple[Piece, ...]:
    """Four-part chorales as sound, with the soprano's pitch.

    Args:
        side: one of SIDES.
        balance: one of BALANCES; levels are drawn for each mixture,
            those of another balance from the same numbers.
        copies: windows of each chorale.
        seed: of all draws.

    Raises:
        ValueError: no such side or balance.
    """
    generator = torch.Generator().manual_seed(seed)
    return tuple(
        Piece(
            name=m.name,
            work=m.work,
            collection="chorales",
            part=VOICES[0],
            instrument=m.instruments[0],
            tempo=m.tempo,
            waveform=m.balanced(draw_levels(balance, generator)),
            f0=m.f0,
        )
        for m in mixtures(side, copies=copies, seed=seed)
    )


def _draws(side: str, seed: int, kind: int) -> np.random.Generator:
    if side not in SIDES:
        raise ValueError(unknown("side", side, SIDES))
    return np.random.default_rng([seed, SIDES.index(side), kind])


def _plan(
    score: Score,
    work: str,
    parts: tuple[int, ...],
    side: str,
    draws: np.random.Generator,
) -> _Plan | None:
    """Draw tempo, window and instruments.

    None where twenty windows hold no line that one voice could sing:
    too many rests, or notes at once.
    """
    slow, middle, fast = TEMPI[score.collection]
    bounds = middle
    if side == "test":
        bounds = slow if draws.random() < 0.5 else fast
    tempo = float(draws.uniform(*bounds))
    if score.collection == "tunes":
        tempo *= 2 * float(np.median(score.notes["duration"]))
    lead = float(draws.uniform(*LEAD))
    onsets = np.unique(
        score.notes["onset"][score.notes["part"] == parts[0]]
    )
    for _ in range(20):
        start = float(onsets[int(draws.random() * len(onsets) * 0.8)])
        plan = _Plan(score, work, parts, (), tempo, start, lead)
        if all(_is_a_line(plan.rows(part)) for part in parts):
            break
    else:
        return None
    chosen = []
    for part in parts:
        pitch = [row[2] for row in plan.rows(part)]
        fitting = [
            name
            for name, (low, high) in INSTRUMENTS[side].items()
            if low <= min(pitch) and max(pitch) <= high
        ]
        chosen.append(fitting[int(draws.random() * len(fitting))])
    return _Plan(score, work, parts, tuple(chosen), tempo, start, lead)


def _is_a_line(rows: Sequence[tuple[float, float, int]]) -> bool:
    """One note at a time, few rests, to the end, in all ranges."""
    if not rows:
        return False
    onset, duration, pitch = np.array(rows).T
    apart = (onset[:-1] + duration[:-1] <= onset[1:] + 1e-6).all()
    sounding = duration.sum() >= VOICED * (SECONDS - TAIL - LEAD[1])
    return bool(
        apart and sounding and 36 <= pitch.min() <= pitch.max() <= 84
    )


def _play(
    rows: Sequence[list[tuple[float, float, int]]],
    names: Sequence[str],
    *,
    seed: int,
) -> Rendering:
    """Parts in seconds, as stems of SECONDS."""
    score = scores.from_notes(
        [(*note, k) for k, part in enumerate(rows) for note in part],
        name="melody",
        parts=[str(k) for k in range(len(rows))],
    )  # a quarter is a second
    return scores.render(
        score,
        instruments=list(names),
        tempo=60.0,
        seed=seed,
        jitter=JITTER,
        dynamics=DYNAMICS,
        end=score.duration,
        tail=SECONDS - score.duration,
        sample_rate=SAMPLE_RATE,
    )


def _levelled(stem: Float[Tensor, "time"]) -> Float[Tensor, "time"]:
    return signals.at_level(stem, torch.tensor(LEVEL))


def _pitch(sound: Rendering, part: int) -> Float[Tensor, "frame"]:
    """Fundamental frequency of each frame of a stem in Hz."""
    frames = 1 + sound.stems.shape[-1] // HOP
    heard = sound.f0(frame_times(frames).numpy(), part)
    return torch.from_numpy(heard).float()
