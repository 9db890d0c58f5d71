"""Home has no accidentals, away is a tritone from it, and nothing else differs."""

from dataclasses import replace

import pytest

from dla import scores
from dla.chapters.chords.corpus import UNHEARD, pieces
from dla.chapters.chords.keys import away_transposition, home_transposition, transposed_plans


@pytest.mark.parametrize("side", ["train", "test"])
def test_home_is_the_key_signature_without_accidentals_and_away_has_six(side):
    for score in pieces()[side]:
        home, away = home_transposition(score), away_transposition(score)
        assert score.key.transposed(home).signature == 0
        assert abs(score.key.transposed(away).signature) == 6 or (
            score.key.transposed(away).signature == -5 + 11
        )
        assert -6 <= home < 6 and -6 <= away < 6 and (home - away) % 12 == 6


def test_home_and_away_differ_in_the_key_only():
    home, away = (
        transposed_plans(pieces()["test"], away=far, instruments=UNHEARD) for far in (False, True)
    )
    for one, other in zip(home, away, strict=True):
        assert one.transpose != other.transpose
        moved = replace(one, transpose=0), replace(other, transpose=0)
        for name in ("score", "instrument", "tempo", "start", "end", "lead"):
            assert getattr(moved[0], name) == getattr(moved[1], name)


def test_a_score_without_a_key_is_refused():
    with pytest.raises(ValueError, match="has no key: expected a score that is in one"):
        home_transposition(scores.from_notes([(0, 1, 60)]))
