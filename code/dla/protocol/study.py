"""Studies: trainings that are longer than the build of a page.

A study is declared once, run by `make study S=name`, and committed:
its numbers as JSON and the weights of one network as safetensors, both
in `dla/studies`. A page loads them, so it shows what was measured with
its date and processor. What was committed is not believed for ever:
:func:`load` refuses what the script does not declare, and a test
trains the first steps again (:func:`replay`).
"""

import ast
import hashlib
import inspect
import json
import platform
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import fmean, stdev
from types import ModuleType
from typing import Any

import torch
from safetensors.torch import load as tensors
from safetensors.torch import save as packed
from torch import Tensor, nn

from dla.protocol.declared import (
    describe_state,
    differing,
    find_declared,
    list_or_run,
    processor_name,
)
from dla.train import Recipe, train

FOLDER = Path(__file__).parents[1] / "studies"
ROOMS = Path(__file__).parents[1] / "chapters"

LARGEST = 10**6  # bytes, of committed weights

# Of the separation network: as another processor computes, the largest
# relative difference of so many losses is 4e-4; a twentieth more
# learning rate makes it 3e-2, another length of the warm-up 2e-1.
# Training amplifies differences of rounding. Of all studies, on a
# processor without AVX-512, the largest is 3e-4 in the first 12 steps,
# 2e-3 by step 15, 1e-1 by step 40 (studies of chords; 1e-2 in most).
TRACED = 40  # steps whose losses are committed
EARLY = 12  # steps in which rounding is not yet amplified
TRACE_TOLERANCE = 8e-4  # relative; absolute for losses below one
LATE_TOLERANCE = 0.15  # the same, from step EARLY on


class StudyError(Exception):
    """What is committed of a study is not what its script declares."""


@dataclass(frozen=True)
class Study:
    """One network, one recipe, some seeds, one way to measure."""

    name: str  # of the files, and after `make study S=`
    question: str  # one sentence
    seeds: tuple[int, ...]
    recipe: Recipe  # its steps are the longest training
    model: Callable[[int], nn.Module]  # seed -> network at its start
    draw: Callable[[int], Callable]  # seed -> mini-batches by step
    loss: Callable[[Tensor, Tensor], Tensor]  # as `train` takes them
    measure: Callable[[Any], Mapping[str, float]]  # with its unit
    keep: int  # seed whose weights are kept, chosen beforehand
    shorter: tuple[int, ...] = ()  # steps of trainings to compare with
    digits: int = 1  # after the point, of a measured number in print

    def __post_init__(self):
        if self.keep not in self.seeds:
            raise ValueError(
                f"study {self.name}: weights of seed {self.keep} are "
                f"to be kept, its seeds are {self.seeds}"
            )

    @property
    def lengths(self) -> tuple[int, ...]:
        """Steps of each seed's trainings, the longest last."""
        return (*self.shorter, self.recipe.steps)

    @property
    def script(self) -> str:
        """Name of the module that declares the study."""
        return self.measure.__module__

    def refuse(self, arrived: str, expected: str) -> StudyError:
        """The error that names the way out."""
        return StudyError(
            f"study {self.name}: {arrived}; expected {expected}. "
            f"To make it: make study S={self.name}"
        )


@dataclass(frozen=True)
class Training:
    """What one seed reached after so many steps."""

    seed: int
    steps: int
    values: Mapping[str, float]  # what is measured -> number
    cpu_seconds: (
        float  # of the training alone; the process's, not a clock
    )


@dataclass(frozen=True)
class Result:
    """A study's committed numbers; printed, they are a table."""

    study: Study
    trainings: tuple[Training, ...]
    trace: tuple[
        float, ...
    ]  # losses before the kept seed's first steps
    rates: tuple[float, ...]  # learning rates across its whole training
    weights: Mapping[
        str, Any
    ]  # seed, precision, values of what is kept
    computed: date
    processor: str
    versions: Mapping[str, str]
    digests: Mapping[str, str]  # of every definition used

    def values(self, measured: str, steps: int) -> list[float]:
        """One number per seed, in the order of the seeds."""
        return [
            t.values[measured]
            for t in self.trainings
            if t.steps == steps
        ]

    def seconds(self, steps: int) -> float:
        """CPU seconds of a training of that length, mean over seeds."""
        return fmean(
            t.cpu_seconds for t in self.trainings if t.steps == steps
        )

    def spread(self, measured: str, steps: int) -> str:
        """Mean and standard deviation over seeds, as text."""
        numbers, digits = (
            self.values(measured, steps),
            self.study.digits,
        )
        return (
            f"{fmean(numbers):.{digits}f} ± {stdev(numbers):.{digits}f}"
        )

    def changed(self) -> list[str]:
        """Library definitions whose text is not the one that ran.

        They need not matter: a test replays the study's beginning and
        measures its weights again.
        """
        return differing(self.digests, digests(self.study))

    def __str__(self) -> str:
        lengths = self.study.lengths
        lines = []
        for measured in self.trainings[0].values:
            lines += [
                measured,
                _row("", [f"{steps} steps" for steps in lengths]),
            ]
            columns = [
                self.values(measured, steps) for steps in lengths
            ]
            lines += [
                _row(
                    f"seed {seed}",
                    [f"{n:.{self.study.digits}f}" for n in numbers],
                )
                for seed, *numbers in zip(
                    self.study.seeds, *columns, strict=True
                )
            ]
            lines.append(
                _row(
                    "mean ± deviation",
                    [self.spread(measured, steps) for steps in lengths],
                )
            )
        lines += [
            _row(
                "CPU seconds each",
                [f"{self.seconds(steps):.0f}" for steps in lengths],
            ),
            f"computed {self.computed} on one core of",
            f"{self.processor}, torch {self.versions['torch']}",
        ]
        return "\n".join(lines)


def _row(head: str, cells: list[str]) -> str:
    """A line of a table, its cells flush right."""
    return f"{head:<18}" + "".join(f"{cell:>13}" for cell in cells)


def run(
    study: Study,
    *,
    folder: Path = FOLDER,
    tell: Callable[[str], None] = print,
) -> Result:
    """Train every seed at every length; write numbers and weights.

    The file is written after each seed: a run that is interrupted
    leaves one that :func:`load` refuses as cut short. One thread, so
    that CPU seconds do not depend on who else computes.

    Args:
        study: what to train.
        folder: where the files go.
        tell: takes a line on each training as it ends.

    Raises:
        StudyError: the weights to be kept are too large to commit.
    """
    folder.mkdir(exist_ok=True)
    trainings: list[Training] = []
    # Of the code as it starts: files may change while it runs.
    record: dict[str, Any] = {"digests": digests(study)}
    # The seed that gives trace and weights comes first.
    seeds = sorted(study.seeds, key=lambda seed: seed != study.keep)
    with _one_thread():
        for seed in seeds:
            for steps in study.lengths:
                start = time.process_time()
                network, losses = _trained(study, seed, steps)
                seconds = time.process_time() - start
                values = dict(study.measure(network))
                trainings.append(
                    Training(seed, steps, values, round(seconds, 1))
                )
                tell(
                    f"seed {seed}, {steps} steps: {values}, "
                    f"{seconds:.0f} CPU seconds"
                )
            if seed == study.keep:
                record["weights"] = _keep_weights(
                    study, network, values, folder
                )
                record["trace"] = losses[:TRACED].tolist()
            order = sorted(trainings, key=lambda t: (t.seed, t.steps))
            _write(study, order, record, folder)
    return load(study, folder=folder)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one core, then as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _trained(
    study: Study, seed: int, steps: int
) -> tuple[nn.Module, Tensor]:
    """One seed's network after so many steps, and its losses."""
    (network,), losses = train(
        [study.model(seed)],
        study.draw(seed),
        study.loss,
        replace(study.recipe, steps=steps),
    )
    return network, losses[:, 0]


def _keep_weights(
    study: Study,
    network: nn.Module,
    values: Mapping[str, float],
    folder: Path,
) -> dict[str, Any]:
    """Write a network's weights; say what they are.

    Half precision where that changes no digit that is printed.

    Raises:
        StudyError: they are larger than what may be committed.
    """
    state = network.state_dict()
    halved = {
        name: t.half() if t.is_floating_point() else t
        for name, t in state.items()
    }
    rounded = _with_state(study.model(study.keep), halved)
    again = dict(study.measure(rounded))
    precision = "half"
    if any(
        round(again[m], study.digits) != round(v, study.digits)
        for m, v in values.items()
    ):
        precision, halved, again = "single", state, dict(values)
    data = packed({n: t.contiguous() for n, t in halved.items()})
    if len(data) > LARGEST:
        raise StudyError(
            f"study {study.name}: its weights in {precision} precision "
            f"have {len(data)} bytes; at most {LARGEST} are committed"
        )
    _weights_path(study, folder).write_bytes(data)
    return {
        "seed": study.keep,
        "steps": study.recipe.steps,
        "precision": precision,
        "values": again,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _with_state(
    network: nn.Module, state: Mapping[str, Tensor]
) -> nn.Module:
    """The network with these weights, in its own precision."""
    network.load_state_dict(dict(state))
    return network.eval()


def _write(
    study: Study,
    trainings: list[Training],
    record: Mapping[str, Any],
    folder: Path,
) -> None:
    """The result file, whole or so far."""
    content = {
        "study": study.name,
        "question": study.question,
        "seeds": study.seeds,
        "lengths": study.lengths,
        "recipe": asdict(study.recipe),
        "trainings": [asdict(t) for t in trainings],
        "seconds": "CPU seconds of the process, one thread, training",
        "weights": record["weights"],
        "trace": record["trace"],
        "rates": _rates(study.recipe),
        "computed": datetime.now(UTC).date().isoformat(),
        "processor": processor_name(),
        "versions": {
            "python": platform.python_version(),
            **{p: version(p) for p in ("torch", "numpy", "scipy")},
        },
        "digests": record["digests"],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False)
    _result_path(study, folder).write_text(
        text + "\n", encoding="utf-8"
    )


def load(study: Study, *, folder: Path = FOLDER) -> Result:
    """The committed numbers of a study.

    Raises:
        StudyError: there are none, they are cut short, they are of
            another recipe, or the study's script is no longer the one
            that ran.
    """
    path = _result_path(study, folder)
    if not path.exists():
        raise study.refuse(
            f"no file {path.name}",
            f"{len(study.seeds)} seeds of {study.recipe.steps} steps",
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise study.refuse(
            f"{path.name} is no whole result ({error})",
            "JSON, as a run writes it",
        ) from None
    trainings = [Training(**t) for t in content["trainings"]]
    arrived = {(t.seed, t.steps) for t in trainings}
    declared = {(s, n) for s in study.seeds for n in study.lengths}
    if arrived != declared:
        raise study.refuse(
            f"{path.name} holds {_in_words(arrived)}",
            _in_words(declared),
        )
    if content["recipe"] != asdict(study.recipe):
        raise study.refuse(
            f"{path.name} was trained by {content['recipe']}",
            f"{asdict(study.recipe)}",
        )
    own = f"{study.script.rsplit('.', 1)[-1]}."
    others = [
        name
        for name in differing(content["digests"], digests(study))
        if name.startswith(own)
    ]
    if others:
        raise study.refuse(
            f"{path.name} is of another script than {study.script}: "
            + ", ".join(others)
            + " changed since",
            "the result of the present script",
        )
    return Result(
        study=study,
        trainings=tuple(trainings),
        trace=tuple(content["trace"]),
        rates=tuple(content["rates"]),
        weights=content["weights"],
        computed=date.fromisoformat(content["computed"]),
        processor=content["processor"],
        versions=content["versions"],
        digests=content["digests"],
    )


def _in_words(trainings: set[tuple[int, int]]) -> str:
    """Seeds and steps, as an error says them."""
    lengths = sorted({steps for _, steps in trainings})
    return (
        ", ".join(
            f"{steps} steps of seeds "
            + " ".join(
                str(s) for s, n in sorted(trainings) if n == steps
            )
            for steps in lengths
        )
        or "no training"
    )


def load_network(study: Study, *, folder: Path = FOLDER) -> nn.Module:
    """The network whose weights are kept, ready to be used.

    Raises:
        StudyError: as :func:`load`; or its weights are missing, or not
            those that were measured.
    """
    result, path = (
        load(study, folder=folder),
        _weights_path(study, folder),
    )
    if not path.exists():
        raise study.refuse(
            f"no file {path.name}", f"weights of seed {study.keep}"
        )
    # Read by Python, so that an audit hook sees what a chapter uses.
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != result.weights["sha256"]:
        raise study.refuse(
            f"{path.name} has digest {digest[:12]}",
            f"{result.weights['sha256'][:12]}, which was measured",
        )
    return _with_state(study.model(study.keep), tensors(data))


def _result_path(study: Study, folder: Path) -> Path:
    """Where the numbers lie."""
    return folder / f"{study.name}.json"


def _weights_path(study: Study, folder: Path) -> Path:
    """Where the weights lie."""
    return folder / f"{study.name}.safetensors"


def replay(study: Study, *, folder: Path = FOLDER) -> list[float]:
    """Train the kept seed's first steps again.

    What these steps cannot show, the learning rates to the end, is
    compared by itself.

    Returns:
        The losses.

    Raises:
        StudyError: as :func:`load`; or a rate or a loss is not the
            committed one.
    """
    committed = load(study, folder=folder)
    now = _rates(study.recipe)
    if now != list(committed.rates):
        raise study.refuse(
            f"committed learning rates {list(committed.rates)}",
            f"{now}",
        )
    with _one_thread():
        _, losses = train(
            [study.model(study.keep)],
            study.draw(study.keep),
            study.loss,
            study.recipe,
            until=len(committed.trace),
        )
    again = losses[:, 0].tolist()
    for step, (old, new) in enumerate(
        zip(committed.trace, again, strict=True)
    ):
        least = TRACE_TOLERANCE if step < EARLY else LATE_TOLERANCE
        if abs(new - old) > least * max(1.0, abs(old)):
            raise study.refuse(
                f"committed loss {old:.5f} at step {step} of "
                f"seed {study.keep}",
                f"{new:.5f}, which the present library gives",
            )
    return again


def _rates(recipe: Recipe) -> list[float]:
    """Learning rates at nine steps from first to last."""
    return [recipe.rate(k * (recipe.steps - 1) // 8) for k in range(9)]


def digests(study: Study) -> dict[str, str]:
    """A digest of every definition of `dla` that a study uses.

    From the functions that the study names, along all names in their
    code, to functions, classes and plain constants. A name is its
    file's and its own, so that moving a file changes nothing; neither
    do comments, docstrings or line breaks.
    """
    found: dict[str, str] = {}
    start = (study.model, study.draw, study.loss, study.measure, train)
    waiting = [(_named(thing), thing) for thing in start]
    while waiting:
        name, thing = waiting.pop()
        if name in found:
            continue
        if _is_plain(thing):
            found[name] = _short_digest(repr(thing))
            continue
        source = textwrap.dedent(inspect.getsource(thing))
        tree = ast.parse(source).body[0]
        found[name] = _short_digest(repr(_form(tree)))
        module = sys.modules[thing.__module__]
        waiting += _uses(tree, module)
    return dict(sorted(found.items()))


def _named(thing: Any) -> str:
    """Last word of its module, and its own name."""
    return f"{thing.__module__.rsplit('.', 1)[-1]}.{thing.__qualname__}"


def _uses(
    tree: ast.AST, module: ModuleType
) -> Iterator[tuple[str, Any]]:
    """Definitions and constants of `dla` that some code names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            owner, name = module, node.id
        elif isinstance(node, ast.Attribute) and isinstance(
            node.value, ast.Name
        ):
            owner, name = vars(module).get(node.value.id), node.attr
        else:
            continue
        if (
            not isinstance(owner, ModuleType)
            or not owner.__name__.startswith("dla.")
            or name not in vars(owner)
            or name.startswith("__")  # the path of a file, say
        ):
            continue
        thing = vars(owner)[name]
        if inspect.isfunction(thing) or inspect.isclass(thing):
            if thing.__module__.startswith("dla."):
                yield _named(thing), thing
        elif _is_plain(thing):
            yield f"{owner.__name__.rsplit('.', 1)[-1]}.{name}", thing


def _is_plain(thing: Any) -> bool:
    """Whether a constant is its own text, on every machine."""
    if isinstance(thing, tuple | list):
        return all(map(_is_plain, thing))
    if isinstance(thing, dict):
        return _is_plain([*thing, *thing.values()])
    if is_dataclass(thing) and not isinstance(thing, type):
        return _is_plain(vars(thing))
    return isinstance(thing, int | float | str | None)


def _form(node: Any) -> Any:
    """A syntax tree without places, docstrings and empty fields.

    Python's own spelling of trees has changed between versions; this
    one is the same in all.
    """
    if isinstance(node, list):
        return [_form(n) for n in node if not _is_docstring(n)]
    if isinstance(node, ast.AST):
        return type(node).__name__, [
            (field, _form(value))
            for field, value in ast.iter_fields(node)
            if value is not None and value != []
        ]
    return node


def _is_docstring(node: Any) -> bool:
    """Whether a statement is a string that nobody uses."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _short_digest(text: str) -> str:
    """Twelve hexadecimal digits of a SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def all_studies() -> dict[str, Study]:
    """Every study of the chapters' rooms, by name.

    A file `NAME_study.py` in a room declares one, called `STUDY`, or
    the arms of an experiment, a tuple called `STUDIES`.
    """
    return find_declared(ROOMS, "study", "studies")


def state(study: Study, *, folder: Path = FOLDER) -> str:
    """In a line: when computed, or what is wrong."""
    return describe_state(
        lambda: load(study, folder=folder), StudyError
    )


def main(arguments: list[str]) -> int:
    """List the studies, or run those that are named."""
    return list_or_run(
        arguments, all_studies(), kind="study", state=state, run=run
    )


if __name__ == "__main__":
    # As the module that the studies import, not as a second copy of it.
    from dla.protocol import study

    sys.exit(study.main(sys.argv[1:]))
