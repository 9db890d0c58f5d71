"""The study plan's pages: they add up to the module, and no day is too long."""

import re
from dataclasses import replace

import pytest
from places import ROOT

from dlabook.reader.study.pages import ALONE, IN_CLASS, hours, term, three_days, two_weeks
from dlabook.reader.study.study import (
    CODE_LINE,
    DEFINED,
    DERIVED,
    EXERCISE,
    FIGURE,
    WORDS_PER_MINUTE,
    Minutes,
    planned_chapters,
    topic_pages,
)


def test_the_page_states_the_assumptions_that_the_times_are_made_of():
    text = " ".join((ROOT / "book" / "exam" / "study-plan.md").read_text().split())
    words = {0.5: "half a minute", 1.0: "one", 4.0: "four minutes", 12.0: "twelve minutes"}
    assert f"silent reading at {WORDS_PER_MINUTE} words a minute" in text
    assert f"{words[DERIVED]} for each derived equation, {words[DEFINED]} for a definition" in text
    assert f"{words[FIGURE]} for a figure" in text
    assert f"{words[EXERCISE]} for an exercise" in text
    assert pytest.approx(6) == CODE_LINE * 60 and "six seconds for a line of code" in text


def test_the_term_adds_up_to_the_module():
    rows = term(topic_pages(ROOT), len(planned_chapters(ROOT)))[2:]
    cells = [[cell.strip(" *") for cell in row.strip("|").split("|")] for row in rows]
    *weeks, together = cells
    assert sum(float(c[1]) for c in weeks) == pytest.approx(IN_CLASS, abs=0.2)
    assert sum(float(c[2]) for c in weeks) == pytest.approx(ALONE, abs=0.5)
    assert together[1:3] == [str(IN_CLASS), str(ALONE)]


def test_each_path_visits_every_chapter():
    pages = topic_pages(ROOT)
    for rows in (term(pages, 0), two_weeks(pages), three_days(pages)):
        text = "\n".join(rows)
        for topic in pages:
            assert f"`{topic[0].sections[0].label}`" in text


def test_no_day_of_two_weeks_is_longer_than_a_working_day():
    times = re.findall(r"\| (\d+)\s+h\s+(\d\d) \|$", "\n".join(two_weeks(topic_pages(ROOT))), re.M)
    assert times and all(int(h) + int(m) / 60 <= 8 for h, m in times)


def test_times_are_said_in_hours_and_minutes():
    assert [hours(m) for m in (2.4, 58, 127)] == [
        "0\u00a0h\u00a000",
        "1\u00a0h\u00a000",
        "2\u00a0h\u00a005",
    ]
    assert replace(Minutes(), listen=2.0).whole == 2.0
