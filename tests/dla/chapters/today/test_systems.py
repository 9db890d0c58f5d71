"""The table of systems: each row is whole, its citation exists, what a page prints is the row's."""

import csv
import re

import pytest
from places import ROOT

from dla.chapters.today import systems

GOOD = {
    "key": "a",
    "field": "speech",
    "name": "A",
    "year": "2024",
    "task": "separation",
    "kind": "decomposition",
    "known": "labels making",
    "training": "mixtures, 30 h",
    "test": "a test",
    "measure": "SI-SDR",
    "figure": "20.5",
    "unit": "dB",
    "citation": "A2024",
}
ROWS = systems.table()


def test_a_row_becomes_a_system_with_its_result_as_published():
    system = systems.parse(GOOD, "x.csv")
    assert (system.year, system.known) == (2024, ("labels", "making"))
    assert system.result == "20.5 dB"
    assert system.texts() == {
        "a-training": "mixtures, 30 h",
        "a-test": "a test",
        "a-measure": "SI-SDR",
        "a-result": "20.5 dB",
    }
    assert systems.parse(GOOD | {"unit": "", "figure": "4.50"}, "x.csv").result == "4.50"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "detection"}, r"x.csv, 'a': kind 'detection'; there are analysis, synth"),
        ({"known": "labels all"}, r"known 'all'; there are sound, labels, making, rules, case"),
        ({"field": "sound"}, r"field 'sound'; there are speech, music"),
        ({"figure": "about 3"}, r"x.csv, 'a': the figure 'about 3' is no number"),
        ({"test": ""}, r"x.csv, 'a': \['test'\] is empty"),
        ({None: ["x"]}, r"a cell too many"),
    ],
)
def test_a_faulty_row_is_refused_by_its_key(fault, message):
    with pytest.raises(ValueError, match=message):
        systems.parse(GOOD | fault, "x.csv")


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("key,name\na,A\n")
    with pytest.raises(ValueError, match=r"x.csv has the columns \['key', 'name'\], expected"):
        systems.read(tmp_path / "x.csv")


def test_a_table_is_chosen_by_field_and_task():
    (task,) = {s.task for s in systems.table(tasks=[ROWS[0].task])}
    assert task == ROWS[0].task
    assert {s.field for s in systems.table(fields=["speech"])} == {"speech"}
    with pytest.raises(ValueError, match="did you mean|there are"):
        systems.table(tasks=["no such task"])


def test_each_row_has_a_key_of_its_own():
    keys = [s.key for s in ROWS]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", key) for key in keys)


def test_a_system_is_the_same_system_in_all_its_rows():
    first = {}
    for s in ROWS:
        mine = (s.year, s.citation)
        assert first.setdefault((s.field, s.name), mine) == mine, s.key


def test_each_citation_is_in_the_bibliography_with_the_year_of_the_row():
    """A conference may come a year or two after the preprint, never before the system."""
    text = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    years = {
        key: int(re.search(r"year\s*=\s*\{(\d+)\}", entry)[1])
        for key, entry in re.findall(r"^@\w+\{([^,]+),(.*?)^\}", text, re.M | re.S)
    }
    missing = [s.citation for s in ROWS if s.citation not in years]
    assert missing == []
    late = [s.key for s in ROWS if not 0 <= years[s.citation] - s.year <= 2]
    assert late == []


def test_the_files_hold_what_the_table_returns():
    """No row is lost on the way, and each file holds its own field."""
    for field in systems.FIELDS:
        with open(ROOT / "code/dla/chapters/today" / f"{field}.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [r["key"] for r in rows] == [s.key for s in ROWS if s.field == field]
