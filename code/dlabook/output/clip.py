"""Sound in a chapter: one row per waveform, all played at one level.

Not IPython's Audio, because that carries uncompressed sound and scales each to its own peak.

The outputs carry compressed sound (MP3), so that an executed chapter is
whole by itself; `dlabook.site.outputs` writes the sounds as files of the site.
A cell that a reader runs again gives HTML with a player for each row.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import numpy as np

from dlabook.output.jupyter import book_executes, caption, players

CLIPS_MIME = "application/vnd.dla.clips+json"
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz, the format's
PLAYED_LEVEL = -23.0  # dBFS; the programme level of EBU R 128, here as plain RMS
HIGHEST_PEAK = 0.98  # of full scale: MP3 overshoots a little
NEARLY_SILENT = 30.0  # dB below the first row: raised to its level, it would be noise
QUIETEST = -100.0  # dBFS: below it 16 bits hold nothing; what is there is what rounding left
SHORTEST = 0.05  # s; the player fades in over 10 ms, and marks no shorter stretch


class Clips:
    """Sounds to compare, one row each, in the order given.

    Args:
        waveforms: label -> 1-D torch tensor or numpy array, full scale 1.
        sample_rate: of all of them, in Hz; one that MP3 knows.
        match_level: play all rows at one RMS level. They are lowered
            together where a peak would clip. A row that is silent, or
            nearly, beside the first gets the gain of the first, and what
            only rounding has left (below -100 dBFS) is never raised:
            silence is to be heard as silence.

    Raises:
        ValueError: no rows, not one-dimensional, empty, shorter than
            50 ms, not finite, whole numbers, or an unknown sampling
            rate; the message says what arrived.
    """

    def __init__(self, waveforms: Mapping, *, sample_rate: int, match_level: bool = True):
        if not isinstance(waveforms, Mapping):
            raise ValueError(
                f"Clips takes a dictionary label -> waveform, got {type(waveforms).__name__}; "
                "for one sound use Clip(waveform, sample_rate, label=...)"
            )
        if not waveforms:
            raise ValueError("no sounds: the dictionary is empty")
        self.sample_rate = _checked_rate(sample_rate)
        self.waveforms = {str(name): _as_samples(x, str(name)) for name, x in waveforms.items()}
        for name, x in self.waveforms.items():
            _refuse_too_short(x, name, self.sample_rate)
        self.match_level = match_level

    def gains(self) -> list[float]:
        """Factor of each row, before it is played."""
        rms = np.array([level(x) for x in self.waveforms.values()])
        peaks = np.array([np.abs(x).max() for x in self.waveforms.values()])
        gains = np.ones(len(rms))
        if self.match_level:
            least = max(rms[0] * 10 ** (-NEARLY_SILENT / 20), 10 ** (QUIETEST / 20))
            audible = rms > least
            gains[audible] = 10 ** (PLAYED_LEVEL / 20) / rms[audible]
            gains[~audible] = gains[0]
        return list(gains * min(1.0, HIGHEST_PEAK / max((gains * peaks).max(), 1e-12)))

    def rows(self) -> list[dict]:
        """What a player needs to know of each row; levels in dBFS, gains in dB."""
        return [
            {
                "label": label,
                "seconds": round(len(x) / self.sample_rate, 3),
                "sample_rate": self.sample_rate,
                "level": decibels(level(x)),
                "gain": decibels(gain),
                "mp3": base64.b64encode(encode(gain * x, self.sample_rate)).decode("ascii"),
            }
            for (label, x), gain in zip(self.waveforms.items(), self.gains(), strict=True)
        ]

    def __repr__(self) -> str:
        return "\n".join(
            caption(label, len(x) / self.sample_rate, self.sample_rate, decibels(level(x)))
            for label, x in self.waveforms.items()
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """The rows as the site needs them, or as players: each sound once."""
        if book_executes():
            content = {"matched": self.match_level, "rows": self.rows()}
            return {CLIPS_MIME: content, "text/plain": repr(self)}
        return {"text/html": players(self.rows()), "text/plain": repr(self)}


class Clip(Clips):
    """One sound, played at the level of all others in the book.

    Args:
        waveform: 1-D torch tensor or numpy array, full scale 1.
        sample_rate: in Hz; one that MP3 knows.
        label: what is to be heard.

    Raises:
        ValueError: as `Clips`.
    """

    def __init__(self, waveform, sample_rate: int, *, label: str = "sound"):
        super().__init__({label: waveform}, sample_rate=sample_rate)


def _checked_rate(sample_rate) -> int:
    if not isinstance(sample_rate, (int, np.integer)) or sample_rate not in MP3_RATES:
        rates = ", ".join(map(str, MP3_RATES))
        raise ValueError(f"sample_rate {sample_rate!r}: MP3 knows {rates} Hz; resample first")
    return int(sample_rate)


def _as_samples(waveform, label: str) -> np.ndarray:
    """The waveform as float64 samples, after checks that name the row."""
    if hasattr(waveform, "detach"):  # a torch tensor, perhaps on the tape
        waveform = waveform.detach().cpu()
    samples = np.asarray(waveform)
    if samples.ndim != 1:
        raise ValueError(
            f"{label!r}: expected one channel of shape (time,), got shape {samples.shape}; "
            "did you pass a batch, or several channels?"
        )
    if samples.size == 0:
        raise ValueError(f"{label!r}: no samples")
    if samples.dtype.kind != "f":
        raise ValueError(
            f"{label!r}: samples of type {samples.dtype}, expected floats with full scale 1; "
            "did you forget to divide 16-bit samples by 32768?"
        )
    bad = int((~np.isfinite(samples)).sum())
    if bad:
        raise ValueError(f"{label!r}: {bad} of {samples.size} samples are NaN or infinite")
    return samples.astype(np.float64)


def _refuse_too_short(samples: np.ndarray, label: str, sample_rate: int) -> None:
    """Raise for what a player cannot let be heard.

    Raises:
        ValueError: it is shorter than 50 ms.
    """
    if len(samples) < SHORTEST * sample_rate:
        raise ValueError(
            f"{label!r}: {len(samples)} samples are {1000 * len(samples) / sample_rate:.3g} ms at "
            f"{sample_rate} Hz; a player needs {1000 * SHORTEST:.0f} ms: put silence around it"
        )


def level(samples: np.ndarray) -> float:
    """Root mean square, full scale 1."""
    return float(np.sqrt(np.mean(samples**2)))


def decibels(factor: float) -> float | None:
    """A factor of amplitude in dB, one decimal; none for zero."""
    return round(20 * float(np.log10(factor)), 1) + 0.0 if factor > 1e-10 else None


def encode(samples: np.ndarray, sample_rate: int) -> bytes:
    """MP3 with constant quality; the same samples give the same bytes."""
    import soundfile

    stream = io.BytesIO()
    soundfile.write(
        stream,
        samples.astype(np.float32),
        sample_rate,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE",
        compression_level=0.2,
    )
    return stream.getvalue()
