"""Which of the passages are heard again."""

from dla.chapters.music import notes_comparison as notes
from dla.chapters.music import piano_comparison as module


def test_passages_are_those_of_the_other_transcriber():
    every = {id(p) for p in notes.pieces()}
    assert all(id(p) in every for p in module.pieces())
    names = [p.name for p in module.pieces()]
    assert len(names) == len(set(names))


def test_the_first_chorale_is_heard_on_the_piano_sharp_and_on_strings():
    first = [p.case for p in module.pieces() if p.about == notes.CHORALES[0]]
    assert first == [notes.PIANO, notes.TUNED, notes.STRINGS]
    assert [p.case for p in module.pieces()].count(notes.PIANO) == 3
