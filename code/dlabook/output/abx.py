"""A listening test in the page: which of A and B is X?

Not jsPsych or webMUSHRA, because they bring a page of their own, ask for a server, and cannot be
read from ``file://``.

A test is `Clips` that also says what is compared. So print, the PDF, notebooks and
readers without scripts have the sounds, each with its label; `dlabook.reader.listening` adds the
test to the site's page.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping

import numpy as np

from dlabook.output.clip import CLIPS_MIME, NEARLY_SILENT, QUIETEST, Clips, decibels, level

FADE = 0.01  # s, at both ends: an onset of one sound only would tell which it is
FEWEST, MOST = 5, 200  # trials: four right of four are no evidence at the level 0.05
SEEDS = 2**32  # the page draws from 32 bits


class ABX(Clips):
    """A blind test of whether sounds can be told apart; the last value of a cell.

    The sounds are faded at both ends (10 ms) and played at one RMS level; those of a pair have
    the same length to the sample. The page draws, from the seed, the order of the
    pairs, which sound is A, and, with a fair coin, which of the two X is.

    Args:
        sounds: label -> waveform: each is compared with the first. Or name -> two such waveforms:
            each pair is compared, for example a recording with a vocoder for several
            sentences. Waveforms are 1-D tensors or arrays, full scale 1.
        sample_rate: of all of them, in Hz; one that MP3 knows.
        trials: how many; every pair comes equally often, or once more.
        seed: of the first test on the page; a reader may change it.

    Raises:
        ValueError: nothing to compare, lengths of a pair that differ, a sound that is silent or
            nearly so, fewer trials than pairs or than five, a seed that is
            none; or as `Clips`.
    """

    def __init__(self, sounds: Mapping, *, sample_rate: int, trials: int = 16, seed: int = 0):
        self.pairs, rows = _pairs_and_rows(sounds)
        super().__init__(rows, sample_rate=sample_rate)
        for first, second in self.pairs.values():
            _refuse_other_length(first, second, self.waveforms, self.sample_rate)
        _refuse_silence(self.waveforms)
        fade = round(FADE * self.sample_rate)
        self.waveforms = {name: faded(x, fade) for name, x in self.waveforms.items()}
        self.trials = _whole(trials, "trials", max(FEWEST, len(self.pairs)), MOST)
        self.seed = _whole(seed, "seed", 0, SEEDS - 1)

    def test(self) -> dict:
        """What the page needs to know beside the rows: pairs by the places of their rows."""
        place = {label: k for k, label in enumerate(self.waveforms)}
        pairs = [[place[label] for label in pair] for pair in self.pairs.values()]
        names = list(self.pairs)
        return {"trials": self.trials, "seed": self.seed, "pairs": pairs, "names": names}

    def __repr__(self) -> str:
        pairs = "; ".join(self.pairs)
        return f"{super().__repr__()}\nABX, {self.trials} trials, seed {self.seed}: {pairs}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = super()._repr_mimebundle_(include, exclude)
        if CLIPS_MIME in bundle:
            bundle[CLIPS_MIME]["abx"] = self.test()
        return bundle


def faded(samples: np.ndarray, length: int) -> np.ndarray:
    """Half a period of a raised cosine over so many samples at each end."""
    ramp = np.sin(np.pi / 2 * (np.arange(length) + 0.5) / length) ** 2
    gain = np.ones(len(samples))
    gain[:length], gain[-length:] = ramp, ramp[::-1]
    return gain * samples


def _pairs_and_rows(sounds: Mapping) -> tuple[dict[str, tuple[str, str]], dict]:
    """Name of a pair -> labels of its two rows; and label -> waveform.

    Raises:
        ValueError: no pairs.
    """
    if not isinstance(sounds, Mapping):
        raise ValueError(
            f"ABX takes a dictionary label -> waveform, got {type(sounds).__name__}; for several "
            'pairs name -> {"recording": a, "vocoder": b}'
        )
    nested = [isinstance(x, Mapping) for x in sounds.values()]
    if any(nested) and not all(nested):
        raise ValueError("ABX takes waveforms, or pairs of them, and not both")
    if any(nested):
        pairs, rows = {}, {}
        for name, pair in sounds.items():
            if len(pair) != 2:
                labels = ", ".join(map(str, pair)) or "none"
                raise ValueError(f"{name!r}: a pair has two sounds, got {len(pair)}: {labels}")
            labels = tuple(f"{label} ({name})" for label in pair)
            pairs[str(name)] = labels
            rows |= dict(zip(labels, pair.values(), strict=True))
        return pairs, rows
    if len(sounds) < 2:
        raise ValueError(f"ABX compares two sounds or more, got {len(sounds)}")
    first, *others = map(str, sounds)
    return {f"{first} or {other}": (first, other) for other in others}, dict(sounds)


def _refuse_other_length(first: str, second: str, waveforms: Mapping, sample_rate: int) -> None:
    lengths = [len(waveforms[label]) for label in (first, second)]
    if lengths[0] != lengths[1]:
        raise ValueError(
            f"{first!r} has {lengths[0]} samples and {second!r} {lengths[1]}, "
            f"{1000 * abs(lengths[0] - lengths[1]) / sample_rate:.3g} ms apart: the length would "
            "tell which is which; cut both, or were they sampled at different rates?"
        )


def _refuse_silence(waveforms: Mapping) -> None:
    """Raise for what `Clips` would leave below the others' level."""
    first = level(next(iter(waveforms.values())))
    least = max(first * 10 ** (-NEARLY_SILENT / 20), 10 ** (QUIETEST / 20))
    for label, x in waveforms.items():
        if level(x) <= least:
            said = "silent" if decibels(level(x)) is None else f"at {decibels(level(x)):.1f} dBFS"
            raise ValueError(
                f"{label!r} is {said}: raised to the level of the others, it would be noise"
            )


def _whole(value, name: str, least: int, most: int) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if not least <= number <= most:
        raise ValueError(f"{name}: expected a whole number from {least} to {most}, got {value!r}")
    return number
