"""A score as sound, and the exact truth of what is heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from numbers import Real
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import cache, signals
from dla.scores import instruments, midi
from dla.scores.tables import CHORD, Key, Score
from dla.scores.tempo import TempoCurve

SOUNDING = np.dtype(
    [
        ("onset", "f8"),  # s
        ("offset", "f8"),  # s; the release follows
        ("pitch", "i8"),  # MIDI, as heard
        ("part", "i8"),
        ("velocity", "i8"),  # MIDI, 1 to 127
        ("frequency", "f8"),  # Hz, with the tuning
        ("index", "i8"),  # row of the score's notes
    ]
)
TIMED_CHORD = np.dtype(
    [("onset", "f8"), ("offset", "f8")]
    + [(name, *field) for name, *field in CHORD.descr[2:]]
)
TIMED_BEAT = np.dtype(
    [("time", "f8"), ("bar", "i8"), ("beat", "i8"), ("downbeat", "?")]
)
A4, PITCH_OF_A4 = 440.0, 69  # Hz, MIDI
SHORTEST = 0.02  # s: jitter leaves a note at least so long
HALF_POWER = np.float32(0.5**0.5)
STEPS = 32767  # of a sample, as the cache keeps it


@dataclass(frozen=True, eq=False)
class Rendering:
    """Sound of a score, and when what is heard. Time 0 is its start."""

    score: Score
    stems: Float[Tensor, "part time"]
    sample_rate: int  # Hz
    notes: np.ndarray  # of SOUNDING
    beats: np.ndarray  # of TIMED_BEAT
    chords: np.ndarray  # of TIMED_CHORD; empty without annotation
    key: Key | None  # as heard
    tempo: TempoCurve

    @property
    def mixture(self) -> Float[Tensor, "time"]:
        """The sum of the stems."""
        return self.stems.sum(0)

    @property
    def seconds(self) -> float:
        return self.stems.shape[-1] / self.sample_rate

    def time(self, quarter):
        """Time in s of a position in quarters of the piece."""
        return self.tempo.time(quarter)

    def quarter(self, time):
        """Position in quarters of the piece at a time in s."""
        return self.tempo.quarter(time)

    def f0(self, times, part: int | str) -> np.ndarray:
        """Fundamental frequency of a part in Hz; 0 where it rests.

        Args:
            times: in s, array or tensor of any shape; NaN gives NaN.
            part: name or row. Of notes that sound together in it, the
                highest counts.
        """
        times = np.asarray(times, dtype=np.float64)
        row = self.score.part(part)
        heard = np.where(np.isnan(times), np.nan, 0.0)
        for note in self.notes[self.notes["part"] == row]:
            on = (note["onset"] <= times) & (times < note["offset"])
            heard[on] = np.maximum(heard[on], note["frequency"])
        return heard


def render(
    score: Score,
    *,
    instruments: str | Sequence[str] | Mapping[str, str] = (
        "acoustic grand piano"
    ),
    tempo: Real | Sequence[tuple[Real, Real]] = 90.0,
    tuning: Real = A4,
    transpose: int = 0,
    seed: int = 0,
    jitter: Real = 0.0,
    dynamics: Real = 0.0,
    velocity: int = 80,
    start: Real = 0.0,
    end: Real | None = None,
    tail: Real = 0.5,
    sample_rate: int = 22050,
) -> Rendering:
    """Play a score, each part by itself; dry, mono, not levelled.

    Parts do not influence each other, and the mixture is their sum.
    The same arguments give the same samples; they are kept on disk
    (see `cache`), so that a second call does not play again.

    Args:
        score: from `load` or `from_notes`.
        instruments: General MIDI names: one for all parts, one for
            each, or part -> name.
        tempo: quarters per minute, or breakpoints (quarter, quarters
            per minute): see `TempoCurve`.
        tuning: frequency of A4 in Hz, within 100 cents of 440.
        transpose: semitones up.
        seed: decides what jitter and dynamics draw.
        jitter: standard deviation of the notes' onsets in s.
        dynamics: standard deviation of the notes' MIDI velocities.
        velocity: their mean, 1 to 127.
        start, end: section of the piece in quarters. A note that
            sounds across its edge is cut there.
        tail: seconds after the end, for the release.
        sample_rate: in Hz, whole.

    Raises:
        ValueError: an unknown part or instrument (the message says
            which are near), or a value out of range.

    >>> from dla.scores import from_notes
    >>> third = from_notes([(0, 1, 60), (1, 2, 64)])
    >>> sound = render(third, instruments="flute", tempo=60.0)
    >>> sound.stems.shape, sound.seconds
    (torch.Size([1, 99225]), 4.5)
    >>> sound.f0([0.5, 1.5, 3.2], "melody").tolist()
    [261.63, 329.63, 0.0]
    """
    cents = 1200 * np.log2(tuning / A4) if tuning > 0 else np.inf
    end = score.duration if end is None else end
    _check(score, cents, tuning, velocity, start, end, sample_rate)
    programs = _programs(instruments, score.parts)
    curve = TempoCurve(tempo, origin=start)
    notes = _play(
        score, curve, start, end, transpose, seed, jitter, dynamics,
        velocity,
    )  # fmt: skip
    pitch = notes["pitch"] - PITCH_OF_A4
    notes["frequency"] = tuning * 2.0 ** (pitch / 12)
    parts = [
        Part(
            tuple(
                tuple(note.item()[k] for k in (0, 1, 2, 4))
                for note in notes[notes["part"] == row]
            ),
            program,
            float(cents),
        )
        for row, program in enumerate(programs)
    ]
    seconds = float(curve.time(end)) + tail
    return Rendering(
        score=score,
        stems=_stems(parts, seconds, sample_rate),
        sample_rate=sample_rate,
        notes=notes,
        beats=_beats(score, curve, start, end),
        chords=_chords(score, curve, start, end, transpose),
        key=score.key and score.key.transposed(transpose),
        tempo=curve,
    )


@dataclass(frozen=True)
class Part:
    """All that one stem depends on."""

    notes: tuple[tuple[float, float, int, int], ...]
    program: int
    cents: float

    def events(self, channel: int, pan: int) -> list[tuple[int, bytes]]:
        return midi.events(
            self.notes,
            channel=channel,
            program=self.program,
            cents=self.cents,
            pan=pan,
        )


def _programs(names, parts) -> list[int]:
    return instruments.for_parts(names, parts)


def _check(
    score, cents, tuning, velocity, start, end, sample_rate
) -> None:
    if not abs(cents) <= 100 + 1e-9:
        raise ValueError(
            f"tuning {tuning!r} Hz: A4 must be within 100 cents of "
            "440 Hz; for more, transpose"
        )
    if not 0 <= start < end <= score.duration + 1e-9:
        raise ValueError(
            f"start {start} and end {end}: {score.name} has quarters "
            f"0 to {score.duration}"
        )
    if not 1 <= velocity <= 127:
        raise ValueError(f"velocity is 1 to 127, got {velocity!r}")
    if sample_rate != int(sample_rate) or sample_rate < 1:
        raise ValueError(
            f"sample_rate in whole Hz, got {sample_rate!r}"
        )


def _play(
    score: Score,
    curve: TempoCurve,
    start: Real,
    end: Real,
    transpose: int,
    seed: int,
    jitter: Real,
    dynamics: Real,
    velocity: int,
) -> np.ndarray:
    """The notes of a section in s, as a player with this seed plays."""
    stop = score.notes["onset"] + score.notes["duration"]
    inside = (score.notes["onset"] < end - 1e-9) & (stop > start + 1e-9)
    index = np.flatnonzero(inside)
    written = score.notes[index]
    notes = np.zeros(len(index), SOUNDING)
    notes["index"] = index
    notes["part"] = written["part"]
    notes["pitch"] = written["pitch"] + transpose
    if ((notes["pitch"] < 0) | (notes["pitch"] > 127)).any():
        raise ValueError(
            f"transpose {transpose}: pitches leave MIDI's 0 to 127"
        )
    generator = np.random.default_rng(seed)
    late = generator.standard_normal(len(score.notes))[index]
    loud = generator.standard_normal(len(score.notes))[index]
    late = jitter * late.clip(-3, 3)
    onset = curve.time(np.maximum(written["onset"], start))
    offset = curve.time(np.minimum(stop[index], end))
    notes["onset"] = (onset + late).clip(min=0)
    notes["offset"] = offset + late
    notes["offset"] = notes["offset"].clip(
        notes["onset"] + SHORTEST, curve.time(end)
    )
    level = np.rint(velocity + dynamics * loud).clip(1, 127)
    notes["velocity"] = level.astype(int)
    return _cut_before_repetition(notes)


def _cut_before_repetition(notes: np.ndarray) -> np.ndarray:
    """A key that is struck again ends its own earlier note."""
    order = np.lexsort((notes["onset"], notes["pitch"], notes["part"]))
    for i, j in pairwise(order):
        same = all(
            notes[i][k] == notes[j][k] for k in ("pitch", "part")
        )
        if same and notes[i]["offset"] > notes[j]["onset"]:
            notes[i]["offset"] = notes[j]["onset"]
    kept = notes[notes["offset"] > notes["onset"]]
    return kept[np.argsort(kept["onset"], kind="stable")]


def _beats(score, curve, start, end) -> np.ndarray:
    onset = score.beats["onset"]
    there = score.beats[(onset >= start - 1e-9) & (onset < end - 1e-9)]
    beats = np.zeros(len(there), TIMED_BEAT)
    beats["time"] = curve.time(there["onset"])
    for name in ("bar", "beat", "downbeat"):
        beats[name] = there[name]
    return beats


def _chords(score, curve, start, end, transpose) -> np.ndarray:
    stop = score.chords["onset"] + score.chords["duration"]
    inside = (score.chords["onset"] < end - 1e-9) & (
        stop > start + 1e-9
    )
    there = score.chords[inside]
    chords = np.zeros(len(there), TIMED_CHORD)
    chords["onset"] = curve.time(np.maximum(there["onset"], start))
    chords["offset"] = curve.time(np.minimum(stop[inside], end))
    for name in ("figure", "quality", "key_mode"):
        chords[name] = there[name]
    for name in ("root", "bass", "key_tonic"):
        chords[name] = (there[name] + transpose) % 12
    chords["chroma"] = np.roll(there["chroma"], transpose, axis=1)
    return chords


def _stems(
    parts: Sequence, seconds: float, sample_rate: int
) -> Float[Tensor, "part time"]:
    """Each part's sound, from the cache where it is there."""
    length = round(seconds * sample_rate)
    found: dict[int, Tensor] = {}
    missing = []
    names = _cache_names(parts, seconds, sample_rate)
    for row, name in enumerate(names):
        stem = _decoded(cache.read(name), length)
        if stem is None:
            missing.append(row)
        else:
            found[row] = stem
    if missing:
        font = midi.soundfont()
    # The synthesiser's cost is one of time, not of notes: two parts
    # share a run, one on the left, one on the right.
    alone = [r for r in missing if parts[r].program in midi.SPREAD]
    paired = [r for r in missing if r not in alone]
    runs = [[r] for r in alone]
    runs += [paired[i : i + 2] for i in range(0, len(paired), 2)]
    for rows in runs:
        waves = _run([parts[r] for r in rows], seconds, font)
        waves = signals.resample(waves, midi.RATE, sample_rate)
        for row, wave in zip(rows, waves, strict=True):
            content = _encoded(_of_length(wave, length))
            cache.write(names[row], content)
            found[row] = _decoded(content, length)
    return torch.stack([found[row] for row in range(len(parts))])


def _run(
    parts: Sequence, seconds: float, font: bytes
) -> Float[Tensor, "part time"]:
    """One or two parts, synthesised together without meeting."""
    spread = parts[0].program in midi.SPREAD
    pans = [64] if spread else [0, 127]
    messages = [
        message
        for channel, (part, pan) in enumerate(
            zip(parts, pans, strict=False)
        )
        for message in part.events(channel, pan)
    ]
    played = midi.file(messages, seconds=seconds + 0.1)
    left_right = midi.synthesise(played, font)
    if spread:  # equal power: as loud as it were on one side
        left_right = left_right.sum(0, keepdims=True) * HALF_POWER
    return torch.from_numpy(left_right[: len(parts)])


def _cache_names(
    parts: Sequence, seconds: float, sample_rate: int
) -> list[str]:
    """One for each part, from all that its samples depend on."""
    font = midi.soundfont()
    source = [
        Path(module).read_bytes()
        for module in (__file__, midi.__file__)
    ]
    common = cache.key(font, *source, version("midirenderer"))
    return [
        cache.key(common, repr((part, seconds, sample_rate)))
        for part in parts
    ]


def _of_length(wave: Tensor, length: int) -> Tensor:
    short = max(length - len(wave), 0)
    return torch.nn.functional.pad(wave[:length], (0, short))


def _encoded(wave: Float[Tensor, "time"]) -> bytes:
    """The peak, and 16 bits a sample relative to it."""
    peak = max(float(wave.abs().max()), 1e-9)
    steps = (wave * (STEPS / peak)).round().to(torch.int16)
    return np.float64(peak).tobytes() + steps.numpy().tobytes()


def _decoded(
    content: bytes | None, length: int
) -> Float[Tensor, "time"] | None:
    """The samples of a kept stem; None unless it is whole."""
    if content is None or len(content) != 8 + 2 * length:
        return None
    peak = float(np.frombuffer(content, np.float64, count=1)[0])
    steps = np.frombuffer(content, np.int16, offset=8)
    return torch.from_numpy(steps.astype(np.float32)) * (peak / STEPS)
