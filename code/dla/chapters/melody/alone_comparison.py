"""Published pitch trackers on the held-out parts that play alone.

The same pieces and frames as the chapter's own networks are tested on:
works, instruments and tempi that no training of the chapter has met. The
published networks met other sounds; pYIN met none.
"""

from dla.chapters.melody.corpus import Piece, corpus
from dla.chapters.melody.tracks import (
    describe_piece,
    keep_track,
    score_track,
    sound_of,
)
from dla.protocol.comparison import Comparison
from dla.reference.pesto import pesto
from dla.reference.pyin import pyin
from dla.reference.swift_f0 import swift_f0

SYSTEMS = {"SwiftF0": swift_f0, "PESTO": pesto, "pYIN": pyin}
PACKAGES = {
    "SwiftF0": ("swift-f0", "onnxruntime"),
    "PESTO": ("pesto-pitch",),
    "pYIN": ("librosa",),
}


def pieces() -> tuple[Piece, ...]:
    """The parts of the test."""
    return corpus("test")


COMPARISON = Comparison(
    name="melody-alone",
    question="How well do published trackers follow held-out parts that play alone?",
    pieces=pieces,
    describe=describe_piece,
    sound=sound_of,
    systems=SYSTEMS,
    packages=PACKAGES,
    measure=score_track,
    keep=keep_track,
)
