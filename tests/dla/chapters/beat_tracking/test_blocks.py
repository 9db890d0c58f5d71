"""A block diagram says each block and each shape once, in order."""

import matplotlib.pyplot as plt
import pytest

from dla.chapters.beat_tracking.blocks import Chain, block_diagram


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_blocks_and_shapes_are_said_once_from_left_to_right(ax):
    block_diagram([Chain(("in", "out"), ("4", "2", "1"))], ax=ax)
    said = {text.get_text(): text.get_position()[0] for text in ax.texts if text.get_text()}
    assert sorted(said, key=said.get) == ["4", "in", "2", "out", "1"]


def test_what_is_added_is_drawn_where_it_is_added_only(ax):
    plain, added = Chain(("a",), ("1", "1")), Chain(("a",), ("1", "1"), adds=True)
    block_diagram([plain], ax=ax)
    assert not ax.lines
    block_diagram([plain, added], ax=ax)
    assert len(ax.lines) == 1 and "+" in [text.get_text() for text in ax.texts]


def test_a_shape_that_is_missing_is_refused():
    with pytest.raises(ValueError, match="2 blocks with 2 shapes; expected one before each"):
        Chain(("a", "b"), ("1", "2"))
