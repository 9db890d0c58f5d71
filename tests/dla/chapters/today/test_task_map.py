"""What the map of the tasks counts and shows."""

import pytest

from dla.chapters.today.systems import KNOWN, System
from dla.chapters.today.task_map import count_known, task_map


def system(name, task, kind, known):
    return System(name, "speech", name, 2020, task, kind, known, "t", "t", "m", "1", "dB", "c")


ROWS = [
    system("a", "separation", "decomposition", ("labels", "making")),
    system("b", "separation", "decomposition", ("making",)),
    system("b", "separation", "decomposition", ("making",)),  # a second result
    system("c", "tagging", "classification", ("labels",)),
    system("d", "localisation", "analysis", ("case",)),
]


def test_systems_are_counted_once_by_kind_and_task():
    counts = count_known(ROWS)
    assert list(counts) == [
        ("analysis", "localisation"),
        ("classification", "tagging"),
        ("decomposition", "separation"),
    ]
    assert counts["decomposition", "separation"] == {"labels": 1, "making": 2}


def test_a_system_with_two_results_knows_what_either_row_says():
    both = [
        system("a", "speakers", "comparison", ("sound", "labels")),
        system("a", "speakers", "comparison", ("labels",)),
    ]
    for rows in (both, both[::-1]):
        assert count_known(rows) == {("comparison", "speakers"): {"sound": 1, "labels": 1}}


def test_each_count_stands_where_its_row_and_column_meet():
    ax = task_map(ROWS)
    rows = [t.get_text() for t in ax.get_yticklabels()]
    assert rows == ["localisation", "tagging", "separation"]
    columns = [t.get_text() for t in ax.get_xticklabels()]
    assert columns == list(KNOWN.values())
    numbers = {t.get_position(): t.get_text() for t in ax.texts if t.get_text().isdigit()}
    words = list(KNOWN)
    assert numbers == {
        (words.index("case"), 0): "1",
        (words.index("labels"), 1): "1",
        (words.index("labels"), 2): "1",
        (words.index("making"), 2): "2",
    }
    circles = [c.get_offsets().tolist()[0] for c in ax.collections]
    assert circles == [list(place) for place in numbers]
    assert all(c.get_linewidth()[0] > 0 for c in ax.collections)
    kinds = [t.get_text() for t in ax.texts if not t.get_text().isdigit()]
    assert kinds == ["analysis", "classification", "decomposition"]
    assert ax.get_xlabel() == "known beforehand" and ax.get_ylim()[0] > ax.get_ylim()[1]


def test_a_map_of_nothing_is_refused():
    with pytest.raises(ValueError, match="a map of no systems"):
        task_map([])
