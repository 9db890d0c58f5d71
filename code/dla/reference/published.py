"""What all published systems share: their results, their package, their input.

A system is a function from a mono waveform and its sampling rate to a
:class:`PitchTrack` or to `Chords`; its weights come with its package
and are never downloaded. It computes on one core.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dla import checks, signals


class PitchTrack(NamedTuple):
    """One frequency a frame, and whether the system calls it voiced."""

    times: Float[Tensor, "frame"]  # s, of the frames' centres
    frequency: Float[Tensor, "frame"]  # Hz, also where unvoiced
    voiced: Bool[Tensor, "frame"]  # as the system itself decides
    confidence: Float[Tensor, "frame"]  # 0 to 1, each on its own scale


class MissingPackage(ImportError):
    """A published system whose package is not installed."""


class Package(NamedTuple):
    """Where a system's weights come from."""

    name: str  # as pip knows it
    tested: str  # the version that the book's numbers are from
    module: str  # as Python knows it
    beside: tuple[str, ...]  # what its installation needs further
    licence: str  # SPDX identifier, as the package says
    source: str  # of the system, as it is cited

    @property
    def installed(self) -> str | None:
        """Its version here; None if it, or what it needs, is missing."""
        try:
            found = version(self.name)
            for other in self.beside:
                version(other)
        except PackageNotFoundError:
            return None
        return found

    @property
    def folder(self) -> Path:
        """Where its files are.

        Raises:
            MissingPackage: it is not installed.
        """
        spec = importlib.util.find_spec(self.module)
        if self.installed is None or spec is None:
            raise MissingPackage(
                f"{self.name} is not installed: no build and no test needs it, but running the "
                f"system here does. To install it beside the book: {self.command}"
            )
        return Path(spec.submodule_search_locations[0])

    @property
    def command(self) -> str:
        """The command that installs it, and no framework with it."""
        wanted = [f"{self.name}=={self.tested}", *self.beside]
        return " ".join(["pip install --no-deps", *wanted])


def as_samples(
    waveform: Float[Tensor, "time"],
    sample_rate: int,
    *,
    wanted_rate: int | None = None,
) -> np.ndarray:
    """Mono samples in single precision, at the rate that a system wants.

    Not levelled: systems that ask for a level say so themselves.

    Args:
        waveform: one sound, mono.
        sample_rate: Hz, whole.
        wanted_rate: Hz; None leaves the rate as it is.

    Raises:
        ValueError: whole numbers, no sample, more than one axis, NaN,
            infinity, or a rate that is not a positive whole number.

    >>> as_samples(torch.zeros(8000), 8000, wanted_rate=16000).shape
    (16000,)
    """
    x = checks.as_sound("waveform", waveform)
    if x.ndim != 1:
        raise ValueError(
            f"waveform {tuple(x.shape)} has {x.ndim} axes, expected (time): one mono sound; "
            "average the channels, and call once for each sound of a batch"
        )
    checks.refuse_non_finite(waveform=x)
    if int(sample_rate) != sample_rate or sample_rate < 1:
        raise ValueError(
            f"a sampling rate of {sample_rate} Hz; expected a positive whole number"
        )
    if wanted_rate is not None and wanted_rate != sample_rate:
        x = signals.resample(x, int(sample_rate), wanted_rate)
    return x.detach().cpu().to(torch.float32).numpy()


@contextmanager
def one_core() -> Iterator[None]:
    """Torch on one core, without gradients, and then as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(threads)


def run_onnx(
    model: Path, outputs: list[str], inputs: dict[str, np.ndarray]
) -> list[np.ndarray]:
    """What an ONNX file computes, by onnxruntime on one core."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(model), options, providers=["CPUExecutionProvider"]
    )
    return [np.asarray(x) for x in session.run(outputs, inputs)]
