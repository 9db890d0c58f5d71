"""Decoding, mixing down, resampling and packing, on integers.

Exactness. G.722, GSM, WAV and FLAC decode to the same integers everywhere. From there on
every step is integer arithmetic: the resampler's coefficients are multiples of 2^-20, and
its sums stay below 2^53, where float64 is exact in any order of summation. Only Ogg Vorbis
is decoded in floating point (single precision, by the libvorbis in soundfile's wheel). It
is rounded to 24 bits before, and the result to 16 bits after mixing and resampling, so with
the pinned wheel the samples are the same bytes every time; a libvorbis that another
compiler made for another processor may round a few samples differently by one step of 16
bits. `corpora.py --check` counts these and says so.
"""

import hashlib
import io
import math
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

RATE = 22050  # Hz, of all corpora but the prompts
BITS = 20  # the resampler's coefficients are multiples of 2^-20
ATTENUATION = 80.0  # dB in the stop band, which begins at half the new rate
TRANSITION = 1025.0  # Hz below it, where the pass band ends


def pcm_hash(samples: np.ndarray) -> str:
    """SHA-256 of the samples as 16 bits, little endian."""
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()


def pack(samples: np.ndarray, rate: int) -> bytes:
    """The FLAC file, as small as libFLAC makes it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="FLAC", subtype="PCM_16", compression_level=1.0)
    return buffer.getvalue()


def read(path: Path) -> tuple[np.ndarray, int]:
    """Samples of a FLAC or Ogg file (frame, channel) as multiples of 2^-23, and their rate."""
    if path.suffix == ".ogg":
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return np.rint(samples * np.float32(2**23)).astype(np.int64), rate
    samples, rate = soundfile.read(path, dtype="int32", always_2d=True)
    return samples.astype(np.int64) >> 8, rate


def mono(samples: np.ndarray, rate: int, *, halvings: int = 0) -> np.ndarray:
    """The mean of the channels at RATE, 16 bits, 6 dB lower for each halving.

    Args:
        samples: as from :func:`read`.
        rate: in Hz.
        halvings: how often the level is halved, against clipping.
    """
    total = resample(samples.sum(axis=1), rate)
    unit = samples.shape[1] << (8 + halvings + (BITS if rate != RATE else 0))
    rounded = (total + unit // 2) // unit
    return np.clip(rounded, -(2**15), 2**15 - 1).astype(np.int16)


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Integers at RATE, scaled by 2^BITS; unchanged and unscaled if they have it already.

    A windowed sinc (Kaiser), the same number of taps before and after each output sample,
    so nothing moves in time. What lies outside the signal counts as zero.
    """
    if rate == RATE:
        return samples
    up, down, taps = kernel(rate)
    reach = taps.shape[1] // 2
    count = -(-len(samples) * up // down)
    padded = np.pad(samples.astype(np.float64), (reach, 2 * reach))
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps.shape[1])
    out = np.empty(count)
    for n in range(min(up, count)):  # outputs n, n + up, ... have one phase
        start, phase = divmod(n * down, up)
        out[n::up] = windows[start::down][: len(out[n::up])] @ taps[phase]
    return out.astype(np.int64)


@cache
def kernel(rate: int) -> tuple[int, int, np.ndarray]:
    """Steps up and down from `rate` to RATE, and the taps (phase, tap) times 2^BITS."""
    if rate < RATE:
        raise SystemExit(f"{rate} Hz is below {RATE} Hz: the rule leaves such files out")
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    width = (ATTENUATION - 7.95) / (14.36 * TRANSITION / rate) / 2  # input samples per side
    beta = 0.1102 * (ATTENUATION - 8.7)  # Kaiser's formulas
    reach = math.ceil(width)
    time = np.arange(-reach, reach + 1) - np.arange(up)[:, None] / up
    cutoff = (RATE - TRANSITION) / rate  # twice the middle of the transition, in cycles/sample
    inside = np.clip(1 - (time / width) ** 2, 0, None)
    window = np.where(inside > 0, np.i0(beta * np.sqrt(inside)) / np.i0(beta), 0)
    return up, down, np.rint(cutoff * np.sinc(cutoff * time) * window * 2**BITS)
