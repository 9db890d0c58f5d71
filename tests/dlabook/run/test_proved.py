"""What is known of check cells is kept by what they say."""

import pytest

from dlabook.run.proved import (
    accept_proofs,
    committed_proofs,
    count_proved,
    key_of,
    mutants_path,
    unproved,
    untried,
)
from dlabook.source.chapters import Chapter

HEADER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n"
CELL = "```{code-cell} python\n---\nchecks: [%s]\n---\nassert %s\n```\n\n"
PROVED = {"assertions": [["assert a", "x -> y"]], "labels": {}}
OPEN = {"assertions": [["assert a", None]], "labels": {}}


@pytest.fixture
def chapter(tmp_path):
    def write(*cells):
        (tmp_path / "book").mkdir(exist_ok=True)
        (tmp_path / "book/a.md").write_text(HEADER + "".join(CELL % cell for cell in cells))
        return Chapter(tmp_path, "book/a")

    return write


def record(chapter, *proofs):
    keys = [key_of(cell) for _, cell in chapter.code_cells]
    return {"proofs": dict(zip(keys, proofs, strict=True))}


def test_a_cell_of_which_an_assertion_is_open_does_not_count(chapter):
    two = chapter(("eq-a-b", "a"), ("eq-a-c", "b"))
    found = record(two, PROVED, OPEN)
    assert count_proved(two, found) == (1, 2)
    assert [str(fault) for fault in unproved(two, found)] == ["a: assert a"]


def test_a_cell_that_was_never_tried_makes_the_chapter_stale_and_counts_as_open(chapter):
    one = chapter(("eq-a-b", "a"))
    assert untried(one, {}) and not untried(one, {"error": True})
    assert [fault.text for fault in unproved(one, {})] == [
        f"cell {one.checks['eq-a-b'][0]}: never tried"
    ]
    assert not untried(one, record(one, OPEN))


def test_what_was_accepted_is_known_without_an_execution_until_the_cell_changes(chapter):
    one = chapter(("eq-a-b", "a"))
    assert accept_proofs(one, record(one, PROVED | {"seconds": 1.0}))
    assert not accept_proofs(one, {})
    assert count_proved(one, None) == (1, 1)
    assert list(committed_proofs(one).values()) == [PROVED]
    changed = chapter(("eq-a-b", "a + 1"))
    assert untried(changed, {})
    assert accept_proofs(changed, record(changed, OPEN))  # and the old one is gone
    assert list(committed_proofs(changed).values()) == [OPEN]
    assert mutants_path(changed).name == "a.json"


def test_an_equation_of_the_library_needs_one_cell_that_sees_it_changed(chapter):
    two = chapter(("eq-a-b", "a"), ("eq-a-b", "b"))
    blind, sees = ({**PROVED, "labels": {"eq-a-b": by}} for by in (None, "f: + -> -"))
    assert unproved(two, record(two, blind, sees)) == []
    assert [fault.text for fault in unproved(two, record(two, blind, blind))] == ["eq-a-b"]
