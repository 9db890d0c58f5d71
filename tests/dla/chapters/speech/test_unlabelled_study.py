"""The two studies ask the same of both networks."""

import pytest

from dla.chapters.speech import unlabelled_study
from dla.chapters.speech.unlabelled_study import CONTRASTED, NAMED, STUDIES


def test_log_mel_gains_nothing_over_itself():
    values = unlabelled_study.compare(lambda x: x)
    zero = {k: v for k, v in values.items() if "over" in k}
    assert len(zero) == 4 and all(v == pytest.approx(0) for v in zero.values())


def test_both_are_measured_and_trained_alike():
    assert STUDIES == (NAMED, CONTRASTED)
    assert NAMED.lengths == CONTRASTED.lengths and NAMED.seeds == CONTRASTED.seeds
    start = NAMED.model(3), CONTRASTED.model(3)
    for one, other in zip(start[0].blocks.parameters(), start[1].blocks.parameters(), strict=True):
        assert one.equal(other)
    assert start[0].truth is None and start[1].truth is not None
