"""The learning outcomes: ten, on the first page and in the plan."""

import re

import pytest
from places import ROOT

from dlabook.source.chapters import SourceError
from dlabook.source.outcomes import OUTCOMES, checked_outcomes, learning_outcomes


def test_the_first_page_words_ten_outcomes():
    assert list(learning_outcomes(ROOT)) == [f"LO{k}" for k in range(1, 11)]


def test_the_outcomes_are_those_of_the_first_page():
    text = (ROOT / "book" / "index.md").read_text()
    assert re.findall(r"^\* - (LO\d+)$", text, re.M) == list(OUTCOMES)


def test_marks_are_separated_by_commas_or_spaces():
    assert checked_outcomes("LO1, LO5 LO2", "sec-a") == ("LO1", "LO5", "LO2")


@pytest.mark.parametrize("argument", ["LO11", "LO1 LO", ""])
def test_a_mark_that_is_none_is_refused_with_those_there_are(argument):
    with pytest.raises(SourceError, match=r"sec-a: outcomes .*expected some of LO1, LO2"):
        checked_outcomes(argument, "sec-a")


def test_a_first_page_without_the_table_is_said(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/index.md").write_text("# Index\n")
    with pytest.raises(ValueError, match="no table of learning outcomes"):
        learning_outcomes(tmp_path)
