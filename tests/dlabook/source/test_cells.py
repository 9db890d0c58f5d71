"""Which code is folded, and what the line says that it is folded to."""

import pytest

from dlabook.source.cells import describe, is_folded, is_output_first

IMPORTS = "import math\n\nfrom dla import (\n    plot,\n)"


@pytest.mark.parametrize(
    ("source", "folded"),
    [
        (IMPORTS, True),
        (f"{IMPORTS}\n\nRATE, HOP = 22050, 512  # Hz, samples", True),
        (f"{IMPORTS}\nRATE = SAMPLE_RATE", True),
        (f"{IMPORTS}\nRATE = rate", False),
        (f"{IMPORTS}\nRATE = READ()", False),
        (f"{IMPORTS}\nx = 1", False),
        (f"{IMPORTS}\nRATE = read()", False),
        ("RATE = 16000", False),
        ("%matplotlib inline\nimport math", False),
        ("x = 1", False),
        ("", False),
    ],
)
def test_without_a_tag_cells_are_folded_that_only_import(source, folded):
    assert is_folded(source, {}) == folded


def test_a_tag_decides_before_the_default():
    assert is_folded("x = 1", {"tags": ["fold"]})
    assert not is_folded(IMPORTS, {"tags": ["unfold"]})
    with pytest.raises(ValueError, match="tagged fold and unfold"):
        is_folded("x = 1", {"tags": ["fold", "unfold"]})


def test_outputs_come_first_where_the_cell_says_so_folded_or_not():
    assert is_output_first({"tags": ["output-first"]})
    assert is_output_first({"tags": ["fold", "output-first"]})
    assert not is_output_first({"tags": ["fold"]})
    assert not is_output_first({})


@pytest.mark.parametrize(
    ("source", "metadata", "words"),
    [
        (IMPORTS, {}, "Imports, 5 lines"),
        ("import math\nN = 3", {}, "Imports and constants, 2 lines"),
        ("def say(x):\n    return x", {}, "Code: say, 2 lines"),
        ("ax = plot.lines(x)\nax.set(title=f(x))", {}, "Code: plotting, 2 lines"),
        ("fig, axes = plt.subplots()\naxes[0].plot(x)", {}, "Code: plotting, 2 lines"),
        ("assert x == 1", {}, "Code: check, 1 line"),
        ("f(x)", {"checks": ["eq-a"]}, "Code: check, 1 line"),
        ("Clips({'a': x})", {}, "Code: player, 1 line"),
        ("ABX({'a': x, 'b': y})", {}, "Code: listening test, 1 line"),
        ("x = 1", {}, "Code, 1 line"),
        ("import math\nClips({'a': math.pi})", {}, "Code: imports, player, 2 lines"),
        ("%time x", {}, "Code, 1 line"),
    ],
)
def test_the_line_says_what_is_in_the_cell(source, metadata, words):
    assert describe(source, metadata) == words
