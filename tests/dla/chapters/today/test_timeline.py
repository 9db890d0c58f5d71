"""What the timeline shows, and in which order."""

import pytest

from dla.chapters.today.systems import System
from dla.chapters.today.timeline import by_task, timeline


def system(name, task, year):
    return System(
        name, "music", name, year, task, "analysis", ("sound",), "t", "t", "m", "1", "", "c"
    )


ROWS = [
    system("late", "beats", 2024),
    system("early", "beats", 2010),
    system("other", "chords", 2016),
    system("late", "beats", 2024),  # a second result
]


def test_a_system_comes_once_by_task_then_by_year():
    assert [s.name for s in by_task(ROWS)] == ["early", "late", "other"]


def test_each_dot_is_at_its_year_beside_its_name():
    ax = timeline(ROWS)
    dots = ax.collections[0].get_offsets().tolist()
    assert dots == [[2010, 0], [2024, 1], [2016, 2]]
    assert [(t.get_text(), t.xy) for t in ax.texts] == [
        ("early", (2010, 0)),
        ("late", (2024, 1)),
        ("other", (2016, 2)),
    ]
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert dict(zip(names, ax.get_yticks(), strict=True)) == {"beats": 0.5, "chords": 2.0}
    assert all(year == round(year) for year in ax.get_xticks())
    assert "year" in ax.get_xlabel()


def test_names_stay_within_the_picture():
    ax = timeline(ROWS)
    sides = {t.get_text(): t.get_ha() for t in ax.texts}
    assert sides == {"early": "left", "late": "right", "other": "left"}


def test_a_timeline_of_nothing_is_refused():
    with pytest.raises(ValueError, match="a timeline of no systems"):
        timeline([])
