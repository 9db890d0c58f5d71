r"""The chapter's pieces in one key, and in the key farthest from it.

The key as confounder: who has heard chords in one key signature only
has never heard half of them. Explained in analysis/chords/keys.
"""

from collections.abc import Sequence

import numpy as np

from dla.chapters.chords.corpus import (
    INSTRUMENTS,
    UNHEARD,
    Excerpt,
    Plan,
    pieces,
    plan,
    play,
)
from dla.scores.tables import Score
from dla.spectral.chroma import CLASSES

FARTHEST = CLASSES // 2  # semitones: a tritone, six fifths


def home_transposition(score: Score) -> int:
    """Semitones, -6 to 5, to the key signature without accidentals.

    To C major, A minor, D dorian and so on: one fifth less, seven
    semitones down, for each sharp.

    Raises:
        ValueError: a score without a key.

    >>> from dla import scores
    >>> home_transposition(scores.load("bwv66.6"))  # F sharp minor
    3
    """
    if score.key is None:
        raise ValueError(
            f"{score.name} has no key: expected a score that is in one"
        )
    up = -7 * score.key.signature
    return (up + FARTHEST) % CLASSES - FARTHEST


def away_transposition(score: Score) -> int:
    """Semitones, -6 to 5, to the key that is a tritone from home.

    >>> from dla import scores
    >>> away_transposition(scores.load("bwv66.6"))
    -3
    """
    up = home_transposition(score) + FARTHEST
    return (up + FARTHEST) % CLASSES - FARTHEST


def transposed_plans(
    score_list: Sequence[Score],
    *,
    away: bool,
    instruments: Sequence[str],
    seed: int = 0,
) -> list[Plan]:
    """What is played of each piece, in its home key or away from it.

    Everything but the key is the same: instrument, tempo, passage.

    Args:
        score_list: pieces with keys.
        away: a tritone from home.
        instruments: to choose from.
        seed: of the draws.
    """
    draws = np.random.default_rng([seed, 29])
    shift = away_transposition if away else home_transposition
    return [
        plan(
            score,
            draws,
            instruments=instruments,
            transpose=shift(score),
        )
        for score in score_list
    ]


def home_corpus(copies: int = 2) -> tuple[Excerpt, ...]:
    """The training pieces, all in one key signature.

    Args:
        copies: of each piece, on another instrument, at another tempo.
    """
    made: list[Excerpt] = []
    for seed in range(copies):
        made += play(
            transposed_plans(
                pieces()["train"],
                away=False,
                instruments=INSTRUMENTS,
                seed=seed,
            ),
            seed=2000 + 1000 * seed,
        )
    return tuple(made)


def key_tests(
    *, away: bool, tuning: float = 440.0, every: int = 1
) -> tuple[Excerpt, ...]:
    """The held-out pieces on held-out instruments, home or away.

    Args:
        away: a tritone from home.
        tuning: of A4 in Hz.
        every: so many-th piece only.
    """
    plans = transposed_plans(
        pieces()["test"], away=away, instruments=UNHEARD, seed=7
    )
    return tuple(play(plans[::every], seed=9000, tuning=tuning))
