"""The first page says what there is, and each time once: from the pages, never typed."""

import re

import pytest
from places import ROOT

from dlabook.reader.front.front import _part_rows, chapters_sentence, parts, plan
from dlabook.reader.study.pages import ALONE, IN_CLASS, TOGETHER_ALOUD, hours, hours_or_minutes
from dlabook.reader.study.study import planned_chapters, topic_minutes, topic_pages

INDEX = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
STUDY = (ROOT / "book" / "exam" / "study-plan.md").read_text(encoding="utf-8")
TIME = re.compile(
    r"\b(?:\d[\d.]*|two|three|four|five|six|seven|eight|nine|ten|sixteen|twenty|thirty)"
    r"(?: to (?:\d+|[a-z]+))?[ -](?:hours?|h|minutes?|min|chapters?)\b",
    re.I,
)
OWN = ("twenty minutes a chapter", "presents for five minutes")  # a page's name, a group's rule


def test_no_time_of_the_course_is_typed_on_the_first_page():
    prose = INDEX
    for words in OWN:
        assert words in prose
        prose = prose.replace(words, "")
    assert TIME.findall(prose) == []
    assert TIME.findall(STUDY[: STUDY.index("(sec-exam-times)=")]) == []
    assert {"in-class", "alone", "together", "each", "core", "chapters"} <= set(
        re.findall(r"\{plan\}`([a-z-]+)`", INDEX)
    )


@pytest.mark.parametrize("typed", ["20 hours in class", "three to four hours", "sixteen chapters"])
def test_a_typed_time_would_be_found(typed):
    assert TIME.search(f"There are {typed}.")


def test_index_study_plan_and_pages_say_the_same():
    said = plan(ROOT)
    topics = topic_pages(ROOT)
    assert int(said["in-class"]) + int(said["alone"]) == int(said["together"])
    assert said["core"] == hours(sum(page.minutes.core for pages in topics for page in pages))
    assert said["whole"] == hours(sum(page.minutes.whole for pages in topics for page in pages))
    assert int(said["chapters"]) == len(topics) + len(planned_chapters(ROOT))
    each = (ALONE - TOGETHER_ALOUD) * 60 / int(said["chapters"])
    assert said["each"] == hours(each) and said["in-class"] == str(IN_CLASS)
    rows = "\n".join(_part_rows(ROOT))
    for pages in topics:
        core = hours_or_minutes(topic_minutes(pages).core)
        assert f"{{ref}}`{pages[0].sections[0].label}` ({core})" in rows
        assert f"{{ref}}`{pages[0].sections[0].label}`" in chapters_sentence(ROOT)


def test_every_chapter_is_in_its_part_and_none_is_both_written_and_planned():
    found = parts(ROOT)
    labels = [label for _, written, _ in found for label, _ in written]
    assert labels == [pages[0].sections[0].label for pages in topic_pages(ROOT)]
    subjects = [subject for _, _, planned in found for subject in planned]
    assert sorted(subjects) == sorted(subject for _, subject in planned_chapters(ROOT))
    titles = [title for title, _, _ in found]
    assert len(titles) == len(set(titles))


def test_a_planned_chapter_that_is_written_is_passed_over(tmp_path):
    (tmp_path / "book/part").mkdir(parents=True)
    toc = "format: jb-book\nroot: book/index\nparts:\n  - caption: Part\n    chapters:\n"
    (tmp_path / "_toc.yml").write_text(f"{toc}      - file: book/part/one\n")
    (tmp_path / "book/index.md").write_text("# I\n")
    (tmp_path / "book/part/one.md").write_text("(ch-one)=\n# One\n")
    (tmp_path / "book/planned.txt").write_text(
        "# said\n\npart/one  first\npart/two   second, and so on\n"
    )
    assert planned_chapters(tmp_path) == [("part/two", "second, and so on")]
    assert parts(tmp_path) == [("Part", [("ch-one", 0.0)], ["second, and so on"])]


def test_the_head_of_a_page_says_the_minutes_that_the_study_plan_counts():
    """`show_minutes` and `reading-times` ask the same function; nothing else computes minutes."""
    sources = (ROOT / "code" / "dlabook").rglob("*.py")
    users = {path.name for path in sources if "WORDS_PER_MINUTE" in path.read_text()}
    assert users == {"study.py"}
