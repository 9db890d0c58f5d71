"""Published systems on the soprano of held-out chorales in four parts.

Basic Pitch says which notes sound; the melody is its highest note, or
its loudest. Where overtones count as notes, the highest is one of them:
so it is asked with a higher threshold than its own as well. SwiftF0 and
PESTO are made for one voice, and are asked all the same. One comparison
a balance: the soprano loudest, and an inner voice loudest.
"""

from dla.chapters.melody.alone_comparison import PACKAGES
from dla.chapters.melody.corpus import Piece, melodies
from dla.chapters.melody.tracks import (
    describe_piece,
    keep_track,
    score_track,
    sound_of,
)
from dla.protocol.comparison import Comparison
from dla.reference.basic_pitch import basic_pitch
from dla.reference.pesto import pesto
from dla.reference.published import PitchTrack
from dla.reference.swift_f0 import swift_f0

NOTES = ("basic-pitch", "onnxruntime")
STRICTER = 0.4  # activation; the package's own is 0.3


def highest(waveform, *, sample_rate: int) -> PitchTrack:
    """The highest note that Basic Pitch hears."""
    return basic_pitch(waveform, sample_rate=sample_rate)


def highest_strict(waveform, *, sample_rate: int) -> PitchTrack:
    """The highest of the notes that it is surer of."""
    return basic_pitch(
        waveform, sample_rate=sample_rate, sounding=STRICTER
    )


def loudest(waveform, *, sample_rate: int) -> PitchTrack:
    """The note that Basic Pitch hears best."""
    return basic_pitch(
        waveform, sample_rate=sample_rate, melody="loudest"
    )


def soprano_loudest() -> tuple[Piece, ...]:
    return melodies("test", "soprano")


def inner_loudest() -> tuple[Piece, ...]:
    return melodies("test", "inner")


COMPARISONS = tuple(
    Comparison(
        name=f"melody-{balance}",
        question=f"Who finds the soprano of four parts, {words}?",
        pieces=pieces,
        describe=describe_piece,
        sound=sound_of,
        systems={
            "Basic Pitch, highest": highest,
            "  above 0.4": highest_strict,
            "Basic Pitch, loudest": loudest,
            "SwiftF0": swift_f0,
            "PESTO": pesto,
        },
        packages={
            "Basic Pitch, highest": NOTES,
            "  above 0.4": NOTES,
            "Basic Pitch, loudest": NOTES,
            "SwiftF0": PACKAGES["SwiftF0"],
            "PESTO": PACKAGES["PESTO"],
        },
        measure=score_track,
        keep=keep_track,
    )
    for balance, words, pieces in (
        ("soprano", "if it is the loudest", soprano_loudest),
        ("inner", "if an inner voice is louder", inner_loudest),
    )
)
