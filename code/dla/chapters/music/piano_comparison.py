"""The same passages, heard by a transcriber of pianos alone.

The passages of `notes_comparison`, fewer of some cases: a minute of sound
takes this system as long as itself. Explained in overview/music/systems.
"""

from functools import lru_cache

import numpy as np

from dla.chapters.music import notes_comparison as notes
from dla.chapters.music.notes_comparison import (
    Passage,
    describe,
    keep,
    sound_of,
)
from dla.protocol.comparison import Comparison
from dla.reference.transkun import transkun

SLOW, FAST = notes.REPEATED
CHORALES = {notes.PIANO: 3, notes.TUNED: 1, notes.STRINGS: 1}
CASES = (*CHORALES, notes.RECORDED, FAST)


@lru_cache
def pieces() -> tuple[Passage, ...]:
    """Three chorales, one of them sharp and on strings, and two more."""
    every = notes.pieces()
    return tuple(
        piece
        for case in CASES
        for piece in [p for p in every if p.case == case][
            : CHORALES.get(case)
        ]
    )


def score(piece: Passage, found: np.ndarray) -> dict[str, float]:
    """As there: hits within 50 ms, of how many."""
    return notes.score(piece, found)


COMPARISON = Comparison(
    name="music-piano",
    question="Which notes does a transcriber of pianos hear?",
    pieces=pieces,
    describe=describe,
    sound=sound_of,
    systems={"Transkun": transkun},
    packages={"Transkun": ("transkun",)},
    measure=score,
    keep=keep,
    replayed=(0,),
    tolerance=3.0,
    digits=0,
)
