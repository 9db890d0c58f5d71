"""Comparisons: what published systems give on the book's pieces.

A sibling of `dla.protocol.study`, for systems that others have trained
and that a reader need not have installed. A comparison is declared once,
run by ``python -m dla.protocol.comparison name``, and committed: for each
system and piece its numbers and CPU seconds, with date, processor and
versions, in `dla/studies`. A page loads them; :func:`load` refuses what
the script does not declare. A test computes a few pieces again, with the
systems that are installed (:func:`replay`).
"""

import json
import math
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from dla import names
from dla.protocol import study
from dla.protocol.declared import (
    describe_state,
    differing,
    find_declared,
    list_or_run,
    processor_name,
)

FOLDER = study.FOLDER
TOLERANCE = (
    0.02  # of a share: another processor decides a few frames otherwise
)
SYSTEMS_OF_ALL = ("torch", "numpy", "scipy")  # versions that are noted


class ComparisonError(Exception):
    """What is committed is not what its script declares."""


@dataclass(frozen=True)
class Comparison:
    """Some systems, some pieces, one way to measure."""

    name: str  # of the file, and after the command
    question: str  # one sentence
    pieces: Callable[[], Sequence[Any]]  # in their order
    describe: Callable[[Any], Mapping[str, Any]]  # at least its "name"
    sound: Callable[[Any], tuple[Tensor, int]]  # samples, rate in Hz
    systems: Mapping[
        str, Callable
    ]  # (waveform, sample_rate=) -> result
    packages: Mapping[str, tuple[str, ...]]  # what each system needs
    measure: Callable[[Any, Any], Mapping[str, float]]  # piece, result
    keep: Callable[[Any, Any], Mapping[str, list] | None] | None = None
    given: Callable[[Any], Any] | None = None  # to a system that says
    # a text: it is called with this alone, not with the sound
    weights: Mapping[str, str] = field(default_factory=dict)
    # measure -> measure by which its mean over the pieces is weighted
    replayed: tuple[int, ...] = (0, 1)  # pieces that the test repeats
    tolerance: float = TOLERANCE  # of what is repeated, absolute
    digits: int = 3  # after the point, of a measured number in print

    def __post_init__(self):
        if set(self.packages) != set(self.systems):
            raise ValueError(
                f"comparison {self.name}: packages of {sorted(self.packages)}, "
                f"systems {sorted(self.systems)}; expected the same names"
            )

    @property
    def script(self) -> str:
        """Name of the module that declares the comparison."""
        return self.measure.__module__

    @property
    def installed(self) -> list[str]:
        """Systems that can be run here."""
        return [
            system
            for system in self.systems
            if all(map(_version, self.packages[system]))
        ]

    def refuse(self, arrived: str, expected: str) -> ComparisonError:
        """The error that names the way out."""
        return ComparisonError(
            f"comparison {self.name}: {arrived}; expected {expected}. "
            f"To make it: python -m dla.protocol.comparison {self.name}"
        )


@dataclass(frozen=True)
class Trial:
    """What one system gave on one piece."""

    system: str
    piece: str
    values: Mapping[str, float]  # what is measured -> number
    cpu_seconds: float  # the process's, loading of weights included
    kept: Mapping[str, list] | None = None


@dataclass(frozen=True)
class Result:
    """A comparison's committed numbers; printed, they are a table."""

    comparison: Comparison
    pieces: tuple[Mapping[str, Any], ...]  # as they were described
    trials: tuple[Trial, ...]
    computed: date
    processor: str
    versions: Mapping[str, str]
    digests: Mapping[str, str]  # of every definition used

    def values(self, system: str, measured: str) -> list[float]:
        """One number a piece, in the order of the pieces.

        Raises:
            ValueError: a system or a measure that there is not.
        """
        found = self.of(system)
        there = list(found[0].values)
        if measured not in there:
            raise ValueError(names.unknown("measure", measured, there))
        return [trial.values[measured] for trial in found]

    def of(self, system: str) -> list[Trial]:
        """A system's trials, in the order of the pieces.

        Raises:
            ValueError: a system that there is not.
        """
        systems = list(self.comparison.systems)
        if system not in systems:
            raise ValueError(names.unknown("system", system, systems))
        return [t for t in self.trials if t.system == system]

    def mean(self, system: str, measured: str) -> float:
        """Over the pieces, weighted where the comparison says so.

        NaN where the weights say that nothing was measured.
        """
        values = self.values(system, measured)
        weight = self.comparison.weights.get(measured)
        if weight is None:
            return fmean(values)
        weights = self.values(system, weight)
        return fmean(values, weights) if any(weights) else math.nan

    def times_real_time(self, system: str) -> float:
        """Seconds of sound for each CPU second, all pieces together."""
        spent = sum(trial.cpu_seconds for trial in self.of(system))
        return sum(p["seconds"] for p in self.pieces) / max(spent, 1e-9)

    def worst(self, system: str, measured: str) -> str:
        """Name of the piece with the smallest number."""
        values = self.values(system, measured)
        return self.pieces[values.index(min(values))]["name"]

    def changed(self) -> list[str]:
        """Library definitions whose text is not the one that ran."""
        return differing(self.digests, _digests(self.comparison))

    def __str__(self) -> str:
        weighing = self.comparison.weights.values()
        measures = [
            m for m in self.trials[0].values if m not in weighing
        ]
        width = max(len(s) for s in self.comparison.systems)
        columns = [max(len(m), 8) for m in measures]
        head = [
            m.rjust(w) for m, w in zip(measures, columns, strict=True)
        ]
        lines = ["  ".join([" " * width, *head, "x real time"])]
        for system in self.comparison.systems:
            cells = [
                f"{self.mean(system, m):.{self.comparison.digits}f}".rjust(
                    w
                )
                for m, w in zip(measures, columns, strict=True)
            ]
            speed = f"{self.times_real_time(system):.3g}".rjust(11)
            lines.append(
                "  ".join([system.ljust(width), *cells, speed])
            )
        packages = dict.fromkeys(
            p
            for system in self.comparison.systems
            for p in self.comparison.packages[system]
        )
        used = ", ".join(f"{p} {self.versions[p]}" for p in packages)
        lines += [
            f"mean of {len(self.pieces)} pieces, computed {self.computed} on one core of",
            f"{self.processor}, {used}",
        ]
        return "\n".join(lines)


def run(
    comparison: Comparison,
    *,
    folder: Path = FOLDER,
    tell: Callable[[str], None] = print,
) -> Result:
    """Run every system on every piece; write the numbers.

    The file is written after each system: a run that is interrupted
    leaves one that :func:`load` refuses as cut short.

    Args:
        comparison: what to run.
        folder: where the file goes.
        tell: takes a line on each system as it ends.

    Raises:
        ComparisonError: a system is not installed.
    """
    missing = [
        s for s in comparison.systems if s not in comparison.installed
    ]
    if missing:
        raise ComparisonError(
            f"comparison {comparison.name}: not installed here: "
            + "; ".join(
                f"{s} ({', '.join(comparison.packages[s])})"
                for s in missing
            )
            + "; a call of each says how to install it"
        )
    folder.mkdir(exist_ok=True)
    # Of the code as it starts: files may change while it runs.
    digests = _digests(comparison)
    pieces = comparison.pieces()
    described = [_describe(comparison, piece) for piece in pieces]
    trials: list[Trial] = []
    for system in comparison.systems:
        trials += [_try(comparison, system, piece) for piece in pieces]
        _write(comparison, described, trials, digests, folder)
        tell(f"{system}: {trials[-1].values} on the last piece")
    return load(comparison, folder=folder)


def _describe(comparison: Comparison, piece: Any) -> dict[str, Any]:
    waveform, rate = comparison.sound(piece)
    seconds = round(waveform.shape[-1] / rate, 3)
    return {**comparison.describe(piece), "seconds": seconds}


def _try(comparison: Comparison, system: str, piece: Any) -> Trial:
    """One system on one piece, on one core."""
    waveform, rate = comparison.sound(piece)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        start = time.process_time()
        run = comparison.systems[system]
        if comparison.given is None:
            found = run(waveform, sample_rate=rate)
        else:
            found = run(comparison.given(piece))
        spent = time.process_time() - start
    finally:
        torch.set_num_threads(threads)
    kept = comparison.keep(piece, found) if comparison.keep else None
    values = comparison.measure(piece, found)
    return Trial(
        system=system,
        piece=comparison.describe(piece)["name"],
        values={m: round(float(v), 6) for m, v in values.items()},
        cpu_seconds=round(spent, 3),
        kept=kept,
    )


def _write(
    comparison: Comparison,
    described: list[dict[str, Any]],
    trials: list[Trial],
    digests: Mapping[str, str],
    folder: Path,
) -> None:
    """The result file, whole or so far; a trial is a line."""
    packages = {p for ps in comparison.packages.values() for p in ps}
    content = {
        "comparison": comparison.name,
        "question": comparison.question,
        "seconds": "of sound a piece; CPU seconds of the process, one thread, a trial",
        "computed": datetime.now(UTC).date().isoformat(),
        "processor": processor_name(),
        "versions": {
            "python": platform.python_version(),
            **{p: version(p) for p in SYSTEMS_OF_ALL},
            **{p: version(p) for p in sorted(packages)},
        },
        "digests": dict(digests),
        "pieces": described,
        "trials": [
            {k: v for k, v in asdict(t).items() if v is not None}
            for t in trials
        ],
    }
    head = {
        k: v
        for k, v in content.items()
        if k not in ("pieces", "trials")
    }
    lines = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    for key in ("pieces", "trials"):
        rows = ",\n  ".join(
            json.dumps(row, ensure_ascii=False, separators=(",", ":"))
            for row in content[key]
        )
        lines += f',\n "{key}": [\n  {rows}\n ]'
    _path(comparison, folder).write_text(
        lines + "\n}\n", encoding="utf-8"
    )


def load(comparison: Comparison, *, folder: Path = FOLDER) -> Result:
    """The committed numbers of a comparison.

    Raises:
        ComparisonError: there are none, they are cut short, or the
            script is no longer the one that ran.
    """
    path = _path(comparison, folder)
    wanted = ", ".join(comparison.systems)
    if not path.exists():
        raise comparison.refuse(f"no file {path.name}", wanted)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise comparison.refuse(
            f"{path.name} is no whole result ({error})",
            "JSON, as a run writes it",
        ) from None
    pieces = [p["name"] for p in content["pieces"]]
    arrived = [(t["system"], t["piece"]) for t in content["trials"]]
    declared = [(s, p) for s in comparison.systems for p in pieces]
    if arrived != declared:
        raise comparison.refuse(
            f"{path.name} holds {len(arrived)} trials of "
            + (
                ", ".join(dict.fromkeys(s for s, _ in arrived))
                or "none"
            ),
            f"{len(declared)}: {len(pieces)} pieces each of {wanted}",
        )
    own = f"{comparison.script.rsplit('.', 1)[-1]}."
    others = [
        name
        for name in differing(content["digests"], _digests(comparison))
        if name.startswith(own)
    ]
    if others:
        raise comparison.refuse(
            f"{path.name} is of another script than {comparison.script}: "
            + ", ".join(others)
            + " changed since",
            "the result of the present script",
        )
    return Result(
        comparison=comparison,
        pieces=tuple(content["pieces"]),
        trials=tuple(Trial(**t) for t in content["trials"]),
        computed=date.fromisoformat(content["computed"]),
        processor=content["processor"],
        versions=content["versions"],
        digests=content["digests"],
    )


def replay(
    comparison: Comparison, *, folder: Path = FOLDER
) -> list[Trial]:
    """Some pieces again, by the systems that are installed.

    Returns:
        The new trials; none where nothing is installed.

    Raises:
        ComparisonError: as :func:`load`; or a piece is not the one that
            was measured, or a number is not the committed one.
    """
    committed = load(comparison, folder=folder)
    if not comparison.installed:
        return []
    pieces = comparison.pieces()
    again = []
    for index in comparison.replayed:
        now, then = (
            _describe(comparison, pieces[index]),
            committed.pieces[index],
        )
        if now != then:
            raise comparison.refuse(f"committed piece {then}", f"{now}")
        for system in comparison.installed:
            trial = _try(comparison, system, pieces[index])
            old = committed.of(system)[index].values
            for measured, value in trial.values.items():
                if abs(value - old[measured]) > comparison.tolerance:
                    raise comparison.refuse(
                        f"committed {measured} {old[measured]:.4f} of "
                        f"{system} on {trial.piece}",
                        f"{value:.4f}, which the present library gives",
                    )
            again.append(trial)
    return again


def _version(package: str) -> str | None:
    """Of an installed package; None if it is not."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _path(comparison: Comparison, folder: Path) -> Path:
    """Where the numbers lie."""
    return folder / f"{comparison.name}.json"


@dataclass(frozen=True)
class _Named:
    """What a study names, for its walk along definitions."""

    model: Callable
    draw: Callable
    loss: Callable
    measure: Callable


def _digests(comparison: Comparison) -> dict[str, str]:
    """A digest of every definition of `dla` that a comparison uses."""
    found: dict[str, str] = {}
    for system in comparison.systems.values():
        walk = _Named(
            system,
            comparison.pieces,
            comparison.sound,
            comparison.measure,
        )
        found |= study.digests(walk)
    # a study's training is no part of a comparison
    return {
        k: v for k, v in found.items() if not k.startswith("train.")
    }


def all_comparisons() -> dict[str, Comparison]:
    """Every comparison of the chapters' rooms, by name.

    A file `NAME_comparison.py` in a room declares one, called
    `COMPARISON`, or several, a tuple called `COMPARISONS`.
    """
    return find_declared(study.ROOMS, "comparison", "comparisons")


def state(comparison: Comparison, *, folder: Path = FOLDER) -> str:
    """In a line: when computed, or what is wrong."""
    return describe_state(
        lambda: load(comparison, folder=folder), ComparisonError
    )


def main(arguments: list[str]) -> int:
    """List the comparisons, or run those that are named."""
    return list_or_run(
        arguments,
        all_comparisons(),
        kind="comparison",
        state=state,
        run=run,
    )


if __name__ == "__main__":
    # As the module that the scripts import, not as a second copy of it.
    from dla.protocol import comparison

    sys.exit(comparison.main(sys.argv[1:]))
