"""What counts as the same output, and what a difference looks like."""

import nbformat
import pytest

from dlabook.run.transcript import agree, difference, render, settle


@pytest.mark.parametrize(
    ("committed", "actual"),
    [
        ("gain 6.8 dB", "gain 6.9 dB"),
        ("gain 6.8 dB", "gain 6.7 dB"),
        ("loss 1.00e-03", "loss 1.01e-03"),
        ("-0.0", "0.0"),
        ("6.8 ± 0.4 dB over 3 seeds", "7.2 ± 0.6 dB over 3 seeds"),
        ("7 ± 1 dB", "6 ± 1 dB"),
        ("a   9.9", "a  10.0"),
        ("x 3.14 y 2.72", "x 3.15 y 2.71"),
    ],
)
def test_agree_within_the_digits_printed(committed, actual):
    assert agree(committed, actual)


@pytest.mark.parametrize(
    ("committed", "actual"),
    [
        ("gain 6.8 dB", "gain 7.0 dB"),
        ("gain 6.8 dB", "loss 6.8 dB"),
        ("3 sources", "4 sources"),
        ("loss 1.00e-03", "loss 1.00e-04"),
        ("6.8 ± 0.4 dB", "7.3 ± 0.4 dB"),
        ("6.8 ± 0.4 dB", "6.8 ± 1.0 dB"),
        ("6.8 ± 0.4 dB over 3 seeds", "6.8 ± 0.4 dB over 4 seeds"),
        ("nan", "0.0"),
        ("prediction held", "prediction failed"),
    ],
)
def test_disagree_beyond_them(committed, actual):
    assert not agree(committed, actual)


def test_numbers_within_tolerance_keep_their_committed_spelling():
    assert settle("a 1.0\nb 2.0\n", "a 1.1\nnew\nb 5.0\n") == "a 1.0\nnew\nb 5.0\n"


def test_a_cell_may_state_how_far_its_floats_may_move_and_no_other_cell_inherits_it():
    committed = ">>> listen(x) [tolerance 0.5]\n-3.1 dBFS\n\n>>> y\n2.0\n"
    assert settle(committed, committed.replace("-3.1", "-3.6")) == committed
    assert settle(committed, committed.replace("-3.1", "-3.7")) != committed
    assert settle(committed, committed.replace("2.0", "2.4")) != committed


def test_the_stated_tolerance_stands_in_the_transcript():
    v4 = nbformat.v4
    out = [v4.new_output("stream", text="1.0\n")]
    cell = v4.new_code_cell("print(x)", outputs=out, metadata={"tolerance": 0.5})
    assert render(v4.new_notebook(cells=[cell])) == ">>> print(x) [tolerance 0.5]\n1.0\n"


def test_a_difference_is_a_unified_diff_of_the_lines_that_differ():
    diff = difference("a 1.0\nb 2.0\n", "a 1.1\nb 5.0\n", name="t.txt")
    assert "-b 2.0\n" in diff
    assert "+b 5.0\n" in diff
    assert "-a" not in diff


def test_no_difference_is_empty():
    assert difference("a 1.0\n", "a 1.1\n", name="t.txt") == ""


def test_an_output_stands_under_the_last_line_of_its_cell():
    v4 = nbformat.v4
    glued = v4.new_output(
        "display_data",
        data={"application/papermill.record/text/plain": "'3.1'"},
        metadata={"scrapbook": {"name": "pit-gain"}},
    )
    shown = v4.new_output("execute_result", data={"text/plain": "sound 3.0 s", "image/png": "x"})
    cells = [
        v4.new_code_cell("silent = 1"),
        v4.new_code_cell("x = 1\n\nprint(x)\n", outputs=[v4.new_output("stream", text="1\n")]),
        v4.new_markdown_cell("text"),
        v4.new_code_cell("clip", outputs=[glued, shown]),
        v4.new_code_cell("1/0", outputs=[v4.new_output("error", ename="ZeroDivisionError")]),
    ]
    assert render(v4.new_notebook(cells=cells)) == (
        ">>> print(x)\n1\n\n>>> clip\nglue pit-gain: 3.1\nsound 3.0 s\n\n"
        ">>> 1/0\nZeroDivisionError: \n".replace(": \n", ":\n")
    )


def test_a_line_that_the_kernel_sent_in_two_pieces_is_one_line():
    v4 = nbformat.v4
    pieces = [v4.new_output("stream", text=text) for text in ("[1, 3]", " 500 frames\n")]
    other = v4.new_output("stream", name="stderr", text="a warning\n")
    cell = v4.new_code_cell("print(x)", outputs=[*pieces, other])
    expected = ">>> print(x)\n[1, 3] 500 frames\na warning\n"
    assert render(v4.new_notebook(cells=[cell])) == expected
    assert cell.outputs[0].text == "[1, 3]"
