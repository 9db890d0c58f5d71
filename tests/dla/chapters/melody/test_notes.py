"""The chapter's networks on the frames on which the others are kept; the control is small."""

import numpy as np

from dla.chapters.melody import contours, notes
from dla.measures.melody import cents_between, fold_octaves


def test_the_networks_name_a_note_on_the_kept_frames():
    found = notes.by_networks("A3")
    inner = (contours.frame_times("A3") > 0.2) & (contours.frame_times("A3") < 1.2)
    for who, f in found.items():
        assert f.shape == contours.frame_times("A3").shape
        error = cents_between(np.full(inner.sum(), 220.0), f[inner])
        assert np.abs(fold_octaves(error)).max() < 50, who
    assert np.abs(cents_between(np.full(inner.sum(), 220.0), found["stacked"][inner])).max() < 50


def test_what_yin_errs_by_itself_is_nothing_where_a_period_has_many_samples():
    assert abs(notes.control_error(110.0)) < 0.5
    assert notes.control_error(4186.0) > 20  # five samples a period
