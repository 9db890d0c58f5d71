"""Transkun: the notes of a piano, as intervals and not frame by frame.

A transformer over a mel spectrogram gives each interval of time a score
for each key, and a semi-Markov conditional random field picks the best
intervals that do not overlap (Yan and Duan, 2024; the field is that of
Yan et al., 2021). Onset, end and velocity are then refined. The package
asks for much that training needs, and for torchaudio, whose mel filters
it overwrites by those of its file: its model is built here without.
"""

import contextlib
import io
import json
import sys
import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.basic_pitch_notes import NOTE
from dla.reference.published import Package, as_samples, one_core

PACKAGE = Package(
    name="transkun",
    tested="2.0.1",
    module="transkun",
    beside=(),
    licence="MIT",
    source="Yan and Duan (2024), arXiv:2404.09466",
)
SETTINGS = "pretrained/2.0.conf"
WEIGHTS = "pretrained/2.0.pt"
SAMPLE_RATE = 44100  # Hz
PARTS = ("best_state_dict", "state_dict")  # of the file, first there is
PEDALS = 0  # "pitches" below it are pedals
PART, LONGEST = 16.0, 20.0  # s that are heard at once
AROUND = 0.5  # s of silence before and after a sound


def transkun(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> np.ndarray:
    """The notes of a piano, in the order of their onsets.

    A sound of up to 19 s is heard at once, with silence after it up to
    16 s: heard in a shorter part, three notes of a second each lose two.
    A longer one is heard in parts of 16 s, every 8 s, as the package
    does it. The level does not matter: each part is normalised. Pedals
    are left out.

    Args:
        waveform: a piano, mono.
        sample_rate: Hz; other rates than 44.1 kHz are resampled.

    Returns:
        Of type :data:`~dla.reference.basic_pitch_notes.NOTE`.

    Raises:
        MissingPackage: transkun is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    network = _network()
    silence = round(AROUND * SAMPLE_RATE)
    lacking = round(PART * SAMPLE_RATE) - len(x) - silence
    padded = np.pad(x, (silence, max(silence, lacking)))
    heard = torch.from_numpy(padded)[:, None]
    seconds = len(heard) / SAMPLE_RATE
    part = seconds if seconds <= LONGEST else None
    with (
        one_core(),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        # of checkpoints, which save memory in training only
        warnings.simplefilter("ignore", UserWarning)
        found = network.transcribe(heard, part, part)
    return as_notes(
        [(e.start - AROUND, e.end - AROUND, e.pitch) for e in found]
    )


def as_notes(events: list[tuple[float, float, int]]) -> np.ndarray:
    """Events of keys as notes, pedals left out, sorted by onset.

    What begins before the sound does, begins with it.

    Args:
        events: onset and end in s, MIDI pitch; a pedal's is negative.

    >>> as_notes([(1.0, 2.0, 60), (0.5, 3.0, -64), (0.2, 0.4, 62)]).tolist()
    [(0.2, 0.4, 62), (1.0, 2.0, 60)]
    """
    keys = [
        (max(onset, 0.0), max(offset, 0.0), pitch)
        for onset, offset, pitch in events
        if pitch >= PEDALS
    ]
    return np.sort(np.array(keys, dtype=NOTE))


def _network() -> torch.nn.Module:
    """The package's model with its weights.

    Raises:
        MissingPackage: transkun is not installed.
        ValueError: its weights are not those of its model.
    """
    folder = PACKAGE.folder
    from transkun.ModelTransformer import ModelConfig, TransKun

    settings = ModelConfig()
    text = (folder / SETTINGS).read_text(encoding="utf-8")
    for name, value in json.loads(text)["Model"]["config"].items():
        setattr(settings, name, value)
    stored = torch.load(
        folder / WEIGHTS, map_location="cpu", weights_only=True
    )
    with _filters_to_be_read():
        network = TransKun(settings)
    weights = next(stored[part] for part in PARTS if part in stored)
    # The package loads leniently; that nothing is drawn at random is
    # checked here.
    lacking, _ = network.load_state_dict(weights, strict=False)
    if lacking:
        raise ValueError(
            f"{len(lacking)} parameters of transkun are not in its file "
            f"(the first is {lacking[0]}): install {PACKAGE.name} anew"
        )
    return network.eval()


@contextlib.contextmanager
def _filters_to_be_read() -> Iterator[None]:
    """In torchaudio's place, filters of zeros, which the file replaces."""

    def melscale_fbanks(*, n_freqs: int, n_mels: int, **_) -> Tensor:
        return torch.zeros(n_freqs, n_mels)

    name = "torchaudio"
    before = sys.modules.get(name)
    sys.modules[name] = SimpleNamespace(
        functional=SimpleNamespace(melscale_fbanks=melscale_fbanks)
    )
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
