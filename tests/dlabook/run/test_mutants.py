"""What can fail is seen to fail; what says nothing is not."""

import math

import pytest
import torch
from torch.testing import assert_close

from dla.losses.pit import pit, pit_assignment
from dlabook.run.mutants import Cell, SpoiltError, run_apart, try_cell, written_mutants

SHIFT = "def shift(x):\n    return [v + 1 for v in x]\n"


def tried(source, written=(), before=None, **options):
    """What `try_cell` finds for a cell that ran in a namespace of its own."""
    first = {"math": math, "assert_close": assert_close} | (before or {})
    namespace = dict(first)
    exec(source, namespace)

    def start():
        namespace.clear()
        namespace.update(first)

    return try_cell(source, namespace, start, labels=[], written=list(written), **options)


def proofs(source, *written, **options):
    return [mutant for _, mutant in tried(source, written, **options)["assertions"]]


def test_a_formula_is_changed_against_what_is_computed_in_another_way():
    source = "n = 7\nassert sum(range(n)) == n * (n - 1) // 2"
    assert proofs(source) == ["n - 1 -> n + 1"]


def test_each_assertion_has_a_mutant_of_its_own():
    source = (
        "a = sum([1, 2])\nb = 5 - 2\nassert a == b\nc = math.prod([2, 3])\nd = 4 + 2\nassert c == d"
    )
    assert proofs(source) == ["5 - 2 -> 5 + 2", "4 + 2 -> 4 - 2"]


@pytest.mark.parametrize(
    "source",
    [
        "x = [1, 2]\nassert sum(x) + 1 == sum(x) + 1",  # one expression twice
        "x = [1, 2]\na = sum(x) + 1\nb = sum(x) + 1\nassert a == b",  # also under two names
        "w = 3.0\nv = 1 / (1 + w)\nassert abs(v * (1 + w) - 1) < 1e-9",  # solved for a letter
        "s = 50\nM = s * (s - 1)\nassert M / (s - 1) - M / s == 1",
        "x = [3, 4]\nassert sum(x) < 1000000",  # nothing near is as large
    ],
)
def test_what_says_nothing_is_not_proved(source):
    assert proofs(source) == [None]


def test_what_feeds_both_sides_is_left_alone():
    data = "x = [1 + 2, 5]\nassert sorted(x)[0] == min(x)"
    assert "1 + 2" not in str(proofs(data))


def test_a_name_that_is_bound_again_is_another_quantity():
    source = "t = 5 - 2\nw = [t]\nt = 4 - 1\nassert t == sum(w)"
    assert proofs(source) == ["5 - 2 -> 5 + 2"]  # feeds one side, although both say t


def test_tolerances_draws_and_what_is_printed_are_left_alone():
    source = "assert_close(sum([0.5, 0.5]), 1.0, rtol=1e-6 + 1e-6, atol=0.0)\nprint(1 + 2)"
    (proof,) = proofs(source)
    assert "1e-06" not in proof and "1 + 2" not in proof


def test_another_shape_and_another_error_prove_nothing():
    source = "x = torch.ones(3)\nassert_close(x[1:3], torch.ones(2))"
    (proof,) = proofs(source, before={"torch": torch})
    assert proof is None
    broken = "sum([2]) -> sum(['a'])"
    assert proofs("assert sum([2]) == len(str(10))", broken)[0] != broken


def test_a_mutant_that_never_ends_is_ended():
    source = "k = 0\nwhile k < 5:\n    k += 1\nassert k == len('abcde')"
    assert proofs(source)[0] is not None


def test_a_written_mutant_is_tried_first_and_has_to_fit():
    source = "x = [3, 4]\nassert sum(x) < 1000"
    assert proofs(source, "sum(x) -> 1000 + sum(x)") == ["sum(x) -> 1000 + sum(x)"]
    for line in ("sum(y) -> 1", "sum(x)"):
        with pytest.raises(ValueError, match="expected 'old -> new'"):
            written_mutants(Cell(source), [line])
    with pytest.raises(ValueError, match="number of assertions"):
        written_mutants(Cell(source), ["assert sum(x) < 1000 -> pass"])


def test_a_cell_that_fails_a_second_time_is_said_to():
    once = {"seen": []}
    source = "seen.append(1)\nassert len(seen) == 1"
    assert "assert len(seen) == 1 fails" in tried(source, before=once)["error"]


def test_what_a_mutant_changes_in_place_is_noticed():
    source = "box[0] *= 1.0 - 0.0\nassert sum(box) == 1\nassert max(box) == 3 - 2"
    with pytest.raises(SpoiltError):
        proofs(source, before={"box": [1.0]})
    assert None not in proofs(source, before={"box": [1.0]}, run=run_apart)


def test_a_function_of_the_library_is_changed_where_its_docstring_names_the_equation():
    source = "D = torch.tensor([[1.0, 2.0], [3.0, 5.0]])\nassert pit(D)[0] == pit_assignment(D)[0]"
    namespace = {"torch": torch, "pit": pit, "pit_assignment": pit_assignment}
    exec(source, namespace)
    code = pit_assignment.__code__
    labels = ["eq-pit-assignment", "eq-nobody"]
    found = try_cell(source, namespace, lambda: None, labels=labels, written=[])
    assert list(found["labels"]) == ["eq-pit-assignment"]
    assert found["labels"]["eq-pit-assignment"].startswith("dla.losses.pit.pit_assignment: ")
    assert pit_assignment.__code__ is code  # as it was
