"""The catalogue: what is in it, and what may not be."""

import pytest

from dla import scores
from dla.scores import library


def test_no_collection_holds_what_may_not_be_used():
    names = scores.names()
    assert len(set(names)) == len(names)
    assert [len(scores.names(c)) > n for c, n in
            (("chorales", 370), ("tunes", 2800), ("quartets", 40))] == [True] * 3  # fmt: skip
    paths = {e.path.parts[-2] for c in library._CATALOGUES.values() for e in c()}
    assert not {p for p in paths if "essen" in p.lower() or "palestrina" in p.lower()}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: scores.load("bwv66.7"), r"no piece 'bwv66\.7'; did you mean .*bwv66\.6"),
        (lambda s: scores.names("chorals"), "no collection 'chorals'; there are chorales"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_be_right(call, message):
    with pytest.raises(ValueError, match=message):
        call(scores.load("bwv66.6"))
