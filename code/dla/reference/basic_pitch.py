"""Basic Pitch: which pitches sound, of several at once.

A convolutional network over a harmonic constant-Q transform that gives
onsets, notes and contours (Bittner et al., 2022), for no instrument in
particular. The package asks for TensorFlow: its ONNX file is run here
by onnxruntime, its own code is not imported. A melody is not what it
was made for; `basic_pitch` takes one from it by a rule.
"""

from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.reference.published import (
    Package,
    PitchTrack,
    as_samples,
    run_onnx,
)

PACKAGE = Package(
    name="basic-pitch",
    tested="0.4.0",
    module="basic_pitch",
    beside=("onnxruntime", "flatbuffers", "protobuf"),
    licence="Apache-2.0",
    source="Bittner et al. (2022), doi:10.1109/ICASSP43922.2022.9746549",
)
MODEL = "saved_models/icassp_2022/nmp.onnx"
INPUT = "serving_default_input_2:0"
OUTPUTS = [
    "StatefulPartitionedCall:1",  # notes
    "StatefulPartitionedCall:2",  # onsets
    "StatefulPartitionedCall:0",  # contours
]
SAMPLE_RATE = 22050  # Hz
HOP = 256  # samples
WINDOW = 43844  # samples that the network takes at once: 172 frames
EDGE = 15  # frames at each end of a window that are not used
LOWEST = 21  # MIDI pitch of the first row: A0
THIRDS = 3  # rows of the contours a semitone
SOUNDING = (
    0.3  # activation of a note that sounds, as the package takes it
)


class Activations(NamedTuple):
    """What sounds in each frame, between 0 and 1."""

    times: Float[Tensor, "frame"]  # s
    notes: Float[Tensor, "frame pitch"]  # 88 semitones from A0
    onsets: Float[Tensor, "frame pitch"]
    contours: Float[Tensor, "frame third"]  # three a semitone


def activations(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Activations:
    """Notes, onsets and contours about every 11.6 ms.

    The network takes 2 s at a time; of windows that overlap, the inner
    parts are joined. At a joint a frame is 8.5 ms late, and its time
    says so.

    Args:
        waveform: any music, mono.
        sample_rate: Hz; other rates than 22.05 kHz are resampled.

    Raises:
        MissingPackage: basic-pitch or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    folder = PACKAGE.folder
    step = WINDOW - 2 * EDGE * HOP
    count = -(-len(x) // step)
    padded = np.zeros((count - 1) * step + WINDOW, dtype=np.float32)
    padded[EDGE * HOP :][: len(x)] = x[: len(padded) - EDGE * HOP]
    windows = np.stack(
        [padded[k * step :][:WINDOW] for k in range(count)]
    )
    found = run_onnx(
        folder / MODEL, OUTPUTS, {INPUT: windows[..., None]}
    )
    inner = [torch.as_tensor(y[:, EDGE:-EDGE]) for y in found]
    frames = inner[0].shape[1]
    starts = step * torch.arange(count)[:, None]
    samples = (starts + HOP * torch.arange(frames)).flatten()
    heard = samples < len(x)
    notes, onsets, contours = (y.flatten(0, 1)[heard] for y in inner)
    times = samples[heard].double() / SAMPLE_RATE
    return Activations(times, notes, onsets, contours)


def basic_pitch(
    waveform: Float[Tensor, "time"],
    *,
    sample_rate: int,
    melody: Literal["highest", "loudest"] = "highest",
    sounding: float = SOUNDING,
) -> PitchTrack:
    """A melody by a rule: the highest note that sounds, or the loudest.

    A note sounds in a frame where its activation is large enough. Its
    frequency is the mean of the five thirds of a semitone around it,
    weighted by the contours.

    Args:
        waveform: any music, mono.
        sample_rate: Hz.
        melody: which of the notes that sound is the melody; "loudest"
            is the one with the largest activation.
        sounding: activation from which a note sounds; the package's.

    Raises:
        MissingPackage: basic-pitch or onnxruntime is not installed.
        ValueError: no mono sound of finite numbers, another rule, or
            an activation that is not between 0 and 1.
    """
    if melody not in ("highest", "loudest"):
        raise ValueError(
            f"no rule {melody!r}; there are 'highest' and 'loudest'"
        )
    if not 0 < sounding < 1:
        raise ValueError(
            f"notes sound from an activation of {sounding}: expected "
            "one between 0 and 1"
        )
    heard = activations(waveform, sample_rate=sample_rate)
    return melody_of(
        heard, highest=melody == "highest", sounding=sounding
    )


def melody_of(
    heard: Activations, *, highest: bool, sounding: float = SOUNDING
) -> PitchTrack:
    """One note a frame: the highest that sounds, else the loudest.

    Where none sounds the frame is unvoiced, and the loudest is its
    frequency.

    >>> notes = torch.tensor([[0.9, 0.0, 0.5], [0.1, 0.2, 0.0]])
    >>> silent = torch.zeros(2, 9)
    >>> heard = Activations(torch.tensor([0.0, 0.01]), notes, notes, silent)
    >>> track = melody_of(heard, highest=True)
    >>> track.frequency, track.voiced
    (tensor([30.8677, 29.1352]), tensor([ True, False]))
    """
    notes = heard.notes
    sounds = notes >= sounding
    rows = torch.arange(notes.shape[-1])
    loudest = notes.argmax(-1)
    top = torch.where(sounds, rows, -1).amax(-1)
    row = torch.where(top < 0, loudest, top) if highest else loudest
    # of the three rows of a semitone, the second is its centre
    near = torch.arange(-2, 3)
    around = THIRDS * row[:, None] + 1 + near
    last = heard.contours.shape[-1] - 1
    weights = heard.contours.gather(-1, around.clamp(0, last))
    weights = torch.where(around == around.clamp(0, last), weights, 0.0)
    offset = (weights * near).sum(-1) / weights.sum(-1).clamp_min(1e-6)
    pitch = LOWEST + row + offset / THIRDS
    return PitchTrack(
        times=heard.times,
        frequency=440.0 * 2 ** ((pitch - 69) / 12),
        voiced=sounds.any(-1),
        confidence=notes.gather(-1, row[:, None])[:, 0],
    )
