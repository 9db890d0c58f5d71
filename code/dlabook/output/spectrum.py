"""A sound as pictures: its waveform and its spectrogram, drawn when the site is built.

The pictures carry no text: axes are written beside them by `dlabook.reader.player.player`,
sharp, in the inks of the page. They depend on the sound alone, so that one
drawing serves every page and every build; all spectrograms of the book have
one range of levels and can be compared.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from dlabook.source.files import write_whole

WIDTH, HEIGHT = 480, 144  # pixels of a spectrogram
WINDOW = 0.032  # s; rounded to a power of two in samples
LOWEST, HIGHEST = -90.0, -20.0  # dB; a sine of full scale has 0
COLUMNS = 240  # of a waveform
BANDS = (125, 250, 500, 1000, 2000, 4000, 8000)  # Hz, centres of octaves


def draw(mp3: bytes, cache: Path) -> dict:
    """The pictures of a compressed sound, and what is said of it.

    Args:
        mp3: the file's bytes.
        cache: folder of earlier drawings; made if it is not there.

    Returns:
        ``waveform`` (SVG) and ``spectrogram`` (JPEG) as bytes, ``peak`` of
        full scale, ``seconds``, and ``bands``: the level of each octave of
        `BANDS` in dB, none where there is nothing.
    """
    folder = cache / _drawing_version()
    stem = folder / hashlib.sha256(mp3).hexdigest()[:32]
    files = [stem.with_suffix(suffix) for suffix in (".svg", ".jpg", ".json")]
    if not files[2].exists():  # written last
        folder.mkdir(parents=True, exist_ok=True)
        samples, sample_rate = decode(mp3)
        files[0].write_bytes(waveform(samples))
        files[1].write_bytes(spectrogram(samples, sample_rate))
        write_whole(files[2], json.dumps(_facts(samples, sample_rate)))
    said = json.loads(files[2].read_text())
    return {"waveform": files[0].read_bytes(), "spectrogram": files[1].read_bytes(), **said}


@functools.cache
def _drawing_version() -> str:
    """Fingerprint of this file: another way of drawing makes other pictures."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def decode(mp3: bytes) -> tuple[np.ndarray, int]:
    import soundfile

    samples, sample_rate = soundfile.read(io.BytesIO(mp3), dtype="float32")
    return samples, sample_rate


def _facts(samples: np.ndarray, sample_rate: int) -> dict:
    return {
        "peak": round(float(np.abs(samples).max()), 4),
        "seconds": len(samples) / sample_rate,
        "bands": octave_levels(samples, sample_rate),
    }


# ---------------------------------------------------------------- waveform


def waveform(samples: np.ndarray) -> bytes:
    """Envelope as SVG, from its own negative to its own positive peak.

    Its blue stands out from a light and from a dark ground.
    """
    edges = np.linspace(0, len(samples), min(COLUMNS, len(samples)) + 1).astype(int)[:-1]
    scale = 50 / max(float(np.abs(samples).max()), 1e-9)
    upper = np.round(50 - scale * np.maximum.reduceat(samples, edges)).astype(int)
    lower = np.round(50 - scale * np.minimum.reduceat(samples, edges)).astype(int)
    lower = np.maximum(lower, upper + 1)  # silence is a line
    forth = np.diff(upper, prepend=upper[0])
    back = np.diff(lower[::-1], prepend=lower[-1])
    path = f"M0 {upper[0]}" + "".join(f"v{step}h1" for step in forth)
    path += f"V{lower[-1]}" + "".join(f"v{step}h-1" for step in back) + "z"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(edges)} 101" '
        f'preserveAspectRatio="none"><path fill="#3a8ac4" d="{path.replace("v0", "")}"/></svg>'
    ).encode()


# ---------------------------------------------------------------- spectrogram


def spectrogram(samples: np.ndarray, sample_rate: int) -> bytes:
    """Levels over time and frequency (mel scale), in the colours of the book, as JPEG."""
    return _jpeg(palette()[shades(_mel_rows(levels(samples, sample_rate), sample_rate))])


def levels(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Short-time levels in dB, shape (freq, time): a sine of full scale has 0 dB."""
    size = window_size(sample_rate)
    padded = np.pad(samples, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)
    starts = np.linspace(0, len(frames) - 1, min(WIDTH, len(frames))).astype(int)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    spectra = np.fft.rfft(frames[starts] * window, axis=-1)
    power = (spectra.real**2 + spectra.imag**2) * (2 / window.sum()) ** 2
    return 10 * np.log10(np.maximum(power, 1e-20)).T


def window_size(sample_rate: int) -> int:
    return 2 ** round(np.log2(WINDOW * sample_rate))


def mel(frequency):
    """O'Shaughnessy's formula, with frequency in Hz."""
    return 2595 * np.log10(1 + np.asarray(frequency) / 700)


def height_of(frequency, sample_rate: int):
    """Place on the frequency axis: 0 at its foot, 1 at its top."""
    return mel(frequency) / mel(sample_rate / 2)


def _mel_rows(level: np.ndarray, sample_rate: int) -> np.ndarray:
    """The highest level in each row of the picture, shape (HEIGHT, time); low is the last row."""
    places = np.linspace(0, mel(sample_rate / 2), HEIGHT + 1)
    bins = 700 * (10 ** (places / 2595) - 1) / (sample_rate / 2) * (len(level) - 1)
    starts = np.minimum(np.round(bins[:-1]).astype(int), len(level) - 1)
    return np.maximum.reduceat(level, starts, axis=0)[::-1]


def shades(level: np.ndarray) -> np.ndarray:
    """Levels as steps of 0 ... 255 between `LOWEST` and `HIGHEST`."""
    share = (level - LOWEST) / (HIGHEST - LOWEST)
    return (255 * np.clip(share, 0, 1)).astype(np.uint8)


@functools.cache
def palette() -> np.ndarray:
    """The colours of the book's spectrograms, shape (256, 3)."""
    import matplotlib

    colours = matplotlib.colormaps["magma"](np.arange(256), bytes=True)
    return np.ascontiguousarray(colours[:, :3])


def colour_bar() -> bytes:
    return _jpeg(np.repeat(palette()[None, ::2], 4, axis=0))


def _jpeg(pixels: np.ndarray) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=60)
    return stream.getvalue()


# ---------------------------------------------------------------- in words


def octave_levels(samples: np.ndarray, sample_rate: int) -> list[float | None]:
    """Level of each octave of `BANDS` that the sampling rate has, in dB of full-scale power."""
    spectrum = np.abs(np.fft.rfft(samples)) ** 2 / max(len(samples), 1) ** 2 * 2
    frequency = np.fft.rfftfreq(len(samples), 1 / sample_rate)
    found = []
    for centre in BANDS:
        if centre * 2**-0.5 < sample_rate / 2:
            inside = (frequency >= centre * 2**-0.5) & (frequency < centre * 2**0.5)
            power = float(spectrum[inside].sum())
            found.append(round(10 * float(np.log10(power)), 1) if power > 1e-12 else None)
    return found
