"""How the tracks of published systems are scored and kept.

Their frames lie elsewhere than those of the corpus: each frame of the
truth takes the nearest of the track. Used by the chapter's comparisons.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dla.chapters.melody.corpus import SAMPLE_RATE, Piece
from dla.measures.melody import MelodyScores, at_times, melody_scores
from dla.reference.published import PitchTrack


def describe_piece(piece: Piece) -> dict[str, str]:
    """What a committed row says of a piece; its name is its own."""
    about = f"{piece.instrument}, {piece.tempo:.1f} a minute"
    return {
        "name": f"{piece.name}, {piece.part}, {about}",
        "work": piece.work,
        "collection": piece.collection,
        "instrument": piece.instrument,
    }


def sound_of(piece: Piece) -> tuple[Tensor, int]:
    """A piece's samples and their rate."""
    return piece.waveform, SAMPLE_RATE


def score_track(piece: Piece, track: PitchTrack) -> dict[str, float]:
    """Measures of a track at the frames of the truth."""
    frequency, voiced = on_frames(track, piece.times)
    scores = melody_scores(piece.f0, frequency, voiced)
    return MelodyScores(*scores)._asdict()


def on_frames(
    track: PitchTrack, times: Float[Tensor, "frame"]
) -> tuple[np.ndarray, np.ndarray]:
    """Frequency and voicing of the track's frames nearest to times."""
    frequency = at_times(track.times, track.frequency, times)
    return frequency, at_times(track.times, track.voiced, times) > 0


def keep_track(piece: Piece, track: PitchTrack) -> dict[str, list[int]]:
    """A track at the frames of the truth, to be drawn and played.

    In cents of MIDI pitch, A4 is 6900; negative where unvoiced.
    """
    return {"cents": signed_cents(track, piece.times)}


def signed_cents(
    track: PitchTrack, times: Float[Tensor, "frame"]
) -> list[int]:
    """Cents of MIDI pitch at times, negative where unvoiced."""
    frequency, voiced = on_frames(track, times)
    cents = 6900 + 1200 * np.log2(np.maximum(frequency, 8.2) / 440)
    return np.where(voiced, cents, -cents).round().astype(int).tolist()


def kept_track(
    kept: dict[str, list[int]],
) -> tuple[Float[Tensor, "frame"], Float[Tensor, "frame"]]:
    """Frequency in Hz and voicing, as `keep_track` kept them.

    >>> kept_track({"cents": [6900, -8100]})
    (tensor([440., 880.]), tensor([1., 0.]))
    """
    cents = torch.tensor(kept["cents"], dtype=torch.float32)
    frequency = 440.0 * 2 ** ((cents.abs() - 6900) / 1200)
    return frequency, (cents > 0).float()
