"""A drawn network: every block and shape is in it, in order, and its shapes are those of a run."""

import matplotlib.pyplot as plt
import pytest
import torch
from torch import nn

from dla.diagrams import block_diagram, output_shapes

BLOCKS, SHAPES = ["widen\nand filter", "times"], ["3 x 7", "5 x 7", "2 x 7"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_blocks_and_shapes_alternate_from_top_to_bottom():
    words = block_diagram(BLOCKS, SHAPES).texts
    heights = {text.get_text(): text.get_position()[1] for text in words if text.get_text()}
    order = sorted(heights, key=heights.get, reverse=True)
    assert order == ["3 x 7", "widen\nand filter", "5 x 7", "times", "2 x 7"]


def test_a_skip_leads_from_before_a_block_into_a_later_one():
    ax = block_diagram(BLOCKS, SHAPES, skips={(0, 1): "X"})
    (line,) = ax.lines
    start, *_, end = line.get_ydata()
    box = ax.patches[1]
    assert start > ax.patches[0].get_y() + ax.patches[0].get_height()
    assert box.get_y() < end < box.get_y() + box.get_height()
    assert "X" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("shapes", [SHAPES[:2], [*SHAPES, "1"]])
def test_refuses_shapes_that_do_not_alternate_with_blocks(shapes):
    with pytest.raises(ValueError, match=f"2 blocks and {len(shapes)} shapes"):
        block_diagram(BLOCKS, shapes)


@pytest.mark.parametrize("skip", [(1, 1), (1, 0), (0, 2), (-1, 1)])
def test_refuses_a_skip_to_no_later_block(skip):
    with pytest.raises(
        ValueError, match=f"skip from {skip[0]} to {skip[1]}; the blocks are 0 to 1"
    ):
        block_diagram(BLOCKS, SHAPES, skips={skip: ""})


def test_shapes_are_those_of_a_run_and_no_hook_stays():
    model = nn.Sequential(nn.Linear(3, 5), nn.Sequential(nn.ReLU(), nn.Linear(5, 2)))
    found = output_shapes(model, ["0", "1", "1.1"], torch.zeros(4, 3))
    assert found == {"0": (4, 5), "1": (4, 2), "1.1": (4, 2)}
    assert not any(part._forward_hooks for part in model.modules())


def test_refuses_a_part_that_the_network_has_not():
    with pytest.raises(ValueError, match="no part 'entry'; there are 0, 1"):
        output_shapes(nn.Sequential(nn.ReLU(), nn.ReLU()), ["entry"], torch.zeros(1))
