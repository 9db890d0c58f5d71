"""Instruments by the names of General MIDI."""

import re

import pytest

from dla import scores
from dla.scores import instruments


def test_instruments_are_general_midi():
    from pretty_midi.constants import INSTRUMENT_MAP

    def plain(name):
        return re.sub(r"[^a-z0-9]", "", name.lower().replace("+", "and"))

    differing = [
        (ours, theirs)
        for ours, theirs in zip(instruments.NAMES, INSTRUMENT_MAP, strict=True)
        if plain(ours) != plain(theirs)
    ]
    assert [ours for ours, _ in differing] == ["synth voice"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: scores.render(s, instruments="violon"), "'violon'; did you mean 'violin'"),
        (lambda s: scores.render(s, instruments="guitar"), "acoustic guitar .nylon."),
        (lambda s: scores.render(s, instruments={"sopran": "oboe"}), "'sopran'; there are Sopra"),
        (lambda s: scores.render(s, instruments={"Soprano": "oboe"}), "no instrument for Alto"),
        (lambda s: scores.render(s, instruments=["oboe"]), "1 instruments for 4 parts"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_be_right(call, message):
    with pytest.raises(ValueError, match=message):
        call(scores.load("bwv66.6"))
