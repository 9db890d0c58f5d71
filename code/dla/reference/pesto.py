"""PESTO: the pitch of one voice, learnt without a single label.

A network over frames of a variable-Q transform, equivariant to
transposition by a Toeplitz layer, trained to agree with itself about
pairs of transposed frames (Riou et al., 2023, 2025); MIR-1K, singing, is
what it heard. The package asks for torchaudio, which its network does
not use: only the modules of the network are imported here, and of the
checkpoint only its tensors are read.
"""

import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from dla.reference.published import (
    Package,
    PitchTrack,
    as_samples,
    one_core,
)

PACKAGE = Package(
    name="pesto-pitch",
    tested="2.0.1",
    module="pesto",
    beside=(),
    licence="LGPL-3.0-or-later",
    source="Riou et al. (2025), doi:10.5334/tismir.251",
)
WEIGHTS = "weights/mir-1k_g7.ckpt"
STEP = 10.0  # ms, the package's default
VOICED = 0.5  # confidence; the package leaves the limit to its user
# What the checkpoint says of itself, as objects of a library of settings.
ENCODER = {
    "n_chan_input": 1,
    "n_prefilt_layers": 3,
    "prefilt_kernel_size": 39,
    "residual": True,
    "n_bins_in": 219,
    "output_dim": 384,
    "activation_fn": "leaky",
    "a_lrelu": 0.3,
}
CHANNELS = (40, 30, 30, 10, 3)
CROP = {"min_steps": -16, "max_steps": 16}
TRANSFORM = {
    "harmonics": [1],
    "fmin": 27.5,
    "fmax": None,
    "bins_per_semitone": 3,
    "n_bins": 251,
    "center_bins": True,
    "gamma": 7,
    "center": True,
}
LOWEST_RATE = 8000  # Hz: twice the highest band, 3.4 kHz, and some


def pesto(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> PitchTrack:
    """Pitch and voicing about every 10 ms, as PESTO hears them.

    The hop is a whole number of samples: 10.02 ms at 22.05 kHz. The
    confidence is its network's, voiced from one half on.

    Args:
        waveform: one voice, mono; at any rate from 8 kHz.
        sample_rate: Hz.

    Raises:
        MissingPackage: pesto-pitch is not installed.
        ValueError: no mono sound of finite numbers, or too low a rate.
    """
    if sample_rate < LOWEST_RATE:
        raise ValueError(
            f"a sampling rate of {sample_rate} Hz; PESTO's bands reach 3.4 kHz: "
            f"expected {LOWEST_RATE} Hz or more"
        )
    x = torch.from_numpy(as_samples(waveform, sample_rate))
    folder = PACKAGE.folder
    with one_core():
        network = _network(folder, sample_rate)
        (kernels,) = network.preprocessor.hcqt_kernels.cqt_kernels
        # The transform mirrors the ends, which a short sound cannot.
        frames = 1 + len(x) // kernels.hop_length
        missing = kernels.kernel_width // 2 + 1 - len(x)
        x = functional.pad(x, (0, max(0, missing)))
        frequency, confidence, _ = network(
            x,
            sr=sample_rate,
            convert_to_freq=True,
            return_activations=False,
        )
    hop = kernels.hop_length / sample_rate
    confidence = confidence[:frames].clone()
    return PitchTrack(
        times=torch.arange(frames, dtype=torch.float64) * hop,
        frequency=frequency[:frames].clone(),
        voiced=confidence >= VOICED,
        confidence=confidence,
    )


def _network(folder: Path, sample_rate: int) -> torch.nn.Module:
    """The package's network with its weights."""
    with _without_its_head("pesto", folder):
        data = import_module("pesto.data")
        model = import_module("pesto.model")
    network = model.PESTO(
        # a list, for the package's constructor looks at its length
        model.Resnet1d(n_chan_layers=list(CHANNELS), **ENCODER),
        preprocessor=data.Preprocessor(
            hop_size=STEP, sampling_rate=sample_rate, **TRANSFORM
        ),
        crop_kwargs=CROP,
    )
    reader = ModuleType("only_tensors")
    reader.Unpickler = _OnlyTensors
    state = torch.load(
        folder / WEIGHTS, pickle_module=reader, weights_only=False
    )
    found = network.load_state_dict(state["state_dict"], strict=False)
    # the transform is made, not learnt, so its kernels are not kept
    lacking = [k for k in found.missing_keys if "hcqt_kernels" not in k]
    if lacking or found.unexpected_keys:
        raise RuntimeError(
            f"{WEIGHTS} is not the checkpoint of {PACKAGE.name} {PACKAGE.tested}: "
            f"missing {lacking}, not expected {found.unexpected_keys}"
        )
    return network.eval()


@contextmanager
def _without_its_head(name: str, folder: Path) -> Iterator[None]:
    """Import a package's modules without running its `__init__`."""

    def own() -> list[str]:
        return [m for m in sys.modules if m.split(".")[0] == name]

    before = {m: sys.modules.pop(m) for m in own()}
    stand_in = ModuleType(name)
    stand_in.__path__ = [str(folder)]
    sys.modules[name] = stand_in
    try:
        yield
    finally:
        for module in own():
            del sys.modules[module]
        sys.modules.update(before)


class _OnlyTensors(pickle.Unpickler):
    """Reads tensors; whatever else a file names becomes nothing."""

    def find_class(self, module: str, name: str):
        if module.split(".")[0] in ("torch", "collections"):
            return super().find_class(module, name)
        return _Nothing


class _Nothing(dict):
    """In the place of a setting that is not read."""

    def __init__(self, *_):
        super().__init__()

    def __setstate__(self, _):
        pass
