"""Rows stand in groups, from the top down."""

import matplotlib.pyplot as plt
import pytest

from dla.chapters.today.rows import grouped_axes

GROUPS = ["beats", "beats", "chords", "tags", "tags", "tags"]


def test_a_line_parts_neighbours_of_other_groups_and_a_group_has_a_middle():
    ax, middles = grouped_axes(GROUPS, what="list", height=3.0, ax=None)
    assert [line.get_ydata()[0] for line in ax.lines] == [1.5, 2.5]
    assert middles == {"beats": 0.5, "chords": 2.0, "tags": 4.0}
    assert ax.get_ylim() == (5.6, -0.6)
    assert ax.figure.get_figheight() == 3.0


def test_given_axes_are_drawn_on():
    given = plt.subplots()[1]
    assert grouped_axes(GROUPS, what="list", height=3.0, ax=given)[0] is given


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="a list of no systems; is the table empty"):
        grouped_axes([], what="list", height=3.0, ax=None)
