r"""Studies: trainings that a chapter's time does not hold.

A study is a function with declared seeds and steps. Its result lies
beside the package's code, ``dla/studies/<name>.json``: numbers of each
seed, the beginning of each loss trace, seconds, processor, versions,
and the digest of the script that made it; with the weights of one seed
if the book uses them (``<name>.safetensors``, at most 1 MB). A page
shows its numbers, a test replays its first steps.

    make study S=separation     runs it again
    make study                  lists all studies and their state
"""

import ast
import hashlib
import importlib
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

FOLDER = Path(__file__).parents[1] / "studies"
LARGEST = 1_000_000  # bytes of weights
TRACE = 50  # losses of each seed that are kept, from its first step
# name -> module of a chapter's room whose `STUDY` it is
STUDIES = {
    "separation": "dla.chapters.permutation_invariant_training"
    ".separation_study",
}


class StudyError(ValueError):
    """A study's result is missing, incomplete, or of another script."""


class Trained(NamedTuple):
    """What a study's function gives for one seed."""

    trace: Sequence[float]  # loss before each step
    numbers: dict[str, float]  # empty if it was stopped early
    model: nn.Module


@dataclass(frozen=True)
class Study:
    """What is declared before anything runs."""

    name: str
    script: str  # the module's ``__file__``
    seeds: tuple[int, ...]
    steps: int
    # seed, and the step to stop after or None -> what came of it
    train: Callable[[int, int | None], Trained]
    kept: int | None = None  # the seed whose weights are kept


class Result(NamedTuple):
    """What a page shows of a study."""

    numbers: dict[str, Tensor]  # name -> one value for each seed
    seeds: tuple[int, ...]
    steps: int
    cpu_seconds: float  # of all seeds together
    processor: str
    date: str
    traces: dict[int, list[float]]


def find_study(name: str) -> Study:
    """The study of a name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in STUDIES:
        there = ", ".join(sorted(STUDIES))
        raise ValueError(f"no study {name!r}; there are {there}")
    return importlib.import_module(STUDIES[name]).STUDY


def script_digest(study: Study) -> str:
    """Fingerprint of the study's script, whatever its comments."""
    source = Path(study.script).read_text(encoding="utf-8")
    tree = ast.dump(ast.parse(source))
    return hashlib.sha256(tree.encode()).hexdigest()[:16]


def run_study(
    study: Study, *, folder: Path = FOLDER, say=print
) -> Path:
    """Train all seeds, and write the result; returns its path.

    Nothing is written before all seeds have come to their end.

    Args:
        study: declared.
        folder: where its files go.
        say: what is told on the way.

    Raises:
        StudyError: the weights are larger than 1 MB.
    """
    rows, kept, begun = [], None, time.process_time()
    for seed in study.seeds:
        start = time.process_time()
        found = study.train(seed, None)
        seconds = time.process_time() - start
        rows.append(
            {
                "seed": seed,
                "numbers": found.numbers,
                "cpu_seconds": round(seconds, 1),
                "trace": [float(x) for x in found.trace[:TRACE]],
            }
        )
        said = ", ".join(
            f"{k} {v:.2f}" for k, v in found.numbers.items()
        )
        say(f"{study.name}, seed {seed}: {said}; {seconds:.0f} s CPU")
        kept = found.model if seed == study.kept else kept
    result = {
        "name": study.name,
        "script": script_digest(study),
        "steps": study.steps,
        "seeds": rows,
        "cpu_seconds": round(time.process_time() - begun, 1),
        "threads": torch.get_num_threads(),
        "processor": _processor(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch"),
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    if kept is not None:
        save_weights(kept, folder / f"{study.name}.safetensors")
    path = folder / f"{study.name}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    os.replace(partial, path)
    return path


def load_study(name: str, *, folder: Path = FOLDER) -> Result:
    """The result of a study, if it is that of its script, and whole.

    Args:
        name: of the study.
        folder: where its files are.

    Raises:
        ValueError: there is no such study.
        StudyError: the result is missing, of another script, or has
            other seeds or steps than were declared; says what to do.
    """
    return check_result(find_study(name), folder=folder)


def check_result(study: Study, *, folder: Path = FOLDER) -> Result:
    """As `load_study`, of a study at hand."""
    again = f"run `make study S={study.name}`"
    path = folder / f"{study.name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(
            f"study {study.name}: no result in {path.name}; {again}"
        ) from None
    except json.JSONDecodeError as error:
        raise StudyError(
            f"study {study.name}: {path.name} was cut short ({error}); "
            f"{again}"
        ) from None
    expected = script_digest(study)
    if found["script"] != expected:
        raise StudyError(
            f"study {study.name}: the result is of script "
            f"{found['script']}, the script is {expected}; {again}"
        )
    seeds = tuple(row["seed"] for row in found["seeds"])
    if (seeds, found["steps"]) != (study.seeds, study.steps):
        raise StudyError(
            f"study {study.name}: the result has seeds {list(seeds)} and "
            f"{found['steps']} steps, declared are {list(study.seeds)} "
            f"and {study.steps}; {again}"
        )
    names = found["seeds"][0]["numbers"]
    numbers = {
        name: torch.tensor(
            [row["numbers"][name] for row in found["seeds"]],
            dtype=torch.float64,
        )
        for name in names
    }
    return Result(
        numbers,
        seeds,
        found["steps"],
        found["cpu_seconds"],
        found["processor"],
        found["date"],
        {row["seed"]: row["trace"] for row in found["seeds"]},
    )


def replay(
    study: Study,
    *,
    steps: int,
    folder: Path = FOLDER,
    tolerance: float = 1e-3,
) -> float:
    """Train the first seed's first steps again; compare the losses.

    Rounding differs between processors and grows from step to step:
    the tolerance leaves room for it, and not for another recipe.

    Args:
        study: with a result in the folder.
        steps: how many.
        folder: where its files are.
        tolerance: largest difference of two losses, relative to the
            spread of the trace's beginning.

    Returns:
        The largest difference, relative as the tolerance.

    Raises:
        StudyError: the losses differ by more than the tolerance: the
            library computes another study than the one committed.
    """
    kept = check_result(study, folder=folder).traces[study.seeds[0]]
    kept = torch.tensor(kept[:steps], dtype=torch.float64)
    now = study.train(study.seeds[0], steps).trace
    now = torch.tensor([float(x) for x in now], dtype=torch.float64)
    apart = float((now - kept).abs().max() / kept.std())
    if not apart <= tolerance:
        raise StudyError(
            f"study {study.name}: its first {steps} losses are "
            f"{_few(now)}, committed are {_few(kept)}; the library has "
            f"changed: run `make study S={study.name}`"
        )
    return apart


def save_weights(model: nn.Module, path: Path) -> None:
    """The weights in half precision.

    Raises:
        StudyError: they are larger than 1 MB.
    """
    from safetensors.torch import save

    state = model.state_dict()
    data = save({k: v.half().contiguous() for k, v in state.items()})
    if len(data) > LARGEST:
        raise StudyError(
            f"{path.name}: {len(data)} bytes of weights, at most "
            f"{LARGEST}: keep a smaller network, or none"
        )
    path.write_bytes(data)


def load_weights(
    name: str, model: nn.Module, *, folder: Path = FOLDER
) -> nn.Module:
    """The model with a study's weights, in its own precision.

    Args:
        name: of the study.
        model: of the same sizes; it is changed.
        folder: where its files are.

    Raises:
        StudyError: there are no weights, or they are of another model.
    """
    from safetensors.torch import load

    path = folder / f"{name}.safetensors"
    if not path.exists():
        raise StudyError(
            f"study {name}: no weights in {path.name}; "
            f"run `make study S={name}`"
        )
    with open(path, "rb") as file:  # seen by the kernel's audit hook
        state = load(file.read())
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise StudyError(
            f"study {name}: weights of another model: {error}"
        ) from None
    return model.eval()


def state_of(name: str) -> str:
    """One line: whether a study's result is there and up to date."""
    try:
        found = load_study(name)
    except StudyError as error:
        return str(error)
    return (
        f"study {name}: {len(found.seeds)} seeds of {found.steps} steps, "
        f"{found.cpu_seconds:.0f} s CPU, {found.date}"
    )


def _few(losses: Tensor) -> str:
    shown = [f"{x:.3f}" for x in losses[:: math.ceil(len(losses) / 4)]]
    return f"{', '.join(shown)}, ..."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [
        x.split(":", 1)[1].strip() for x in lines if "model name" in x
    ]
    return names[0] if names else platform.processor()


def main(arguments: Sequence[str]) -> int:
    """The command behind ``make study``."""
    if not arguments:
        for name in sorted(STUDIES):
            print(state_of(name))
        return 0
    torch.set_num_threads(1)
    try:
        print(run_study(find_study(arguments[0])))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    # One module, one StudyError: not that of `__main__`.
    from dla.protocol import study

    sys.exit(study.main(sys.argv[1:]))
