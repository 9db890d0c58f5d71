"""Ninety minutes of a chapter: the pages' own minutes, and a choice that no other beats."""

from itertools import combinations

import pytest
from places import ROOT

from dlabook.reader.lecture.lecture import (
    AT_HOME,
    LESSON,
    QUESTIONS,
    _lesson_rows,
    _rest_of,
    core_sections,
    cut,
)
from dlabook.reader.study.study import KeyEquation, Page, Section, minutes_of, topic_pages
from dlabook.source.chapters import Chapter

TOPICS = topic_pages(ROOT)
every_topic = pytest.mark.parametrize("pages", TOPICS, ids=lambda pages: pages[0].chapter.name)


def page_of_sections(*sections: Section, keys=()) -> Page:
    equations = [KeyEquation("book/a", key, "a", "It says.") for key in keys]
    return Page(Chapter(ROOT, "book/a"), list(sections), equations)


def section(name: str, minutes: float = 0.0, **more) -> Section:
    return Section("book/a", f"sec-a-{name}", name.title(), 2, sound=60 * minutes, **more)


def names(parts) -> list[str]:
    return [part.section.label.removeprefix("sec-a-") for part in parts]


@every_topic
def test_every_section_of_a_core_is_shown_or_named_as_left_out(pages):
    lesson, parts = cut(pages), core_sections(pages)
    order = [part.section.label for part in parts]
    shown, left_out = (
        [part.section.label for part in some] for some in (lesson.shown, lesson.left_out)
    )
    assert sorted(shown + left_out) == sorted(order) and shown == sorted(shown, key=order.index)
    sections = [s for page in pages for s in page.sections if s.level == 2 and not s.further]
    expected = [s.label for s in sections if s.label.rpartition("-")[2] not in AT_HOME]
    assert [label for label in order if label.startswith("sec-")] == expected


@every_topic
def test_a_lesson_fits_into_ninety_minutes_and_nothing_left_out_would(pages):
    lesson = cut(pages)
    assert lesson.minutes + QUESTIONS <= LESSON
    for part in lesson.left_out:
        assert lesson.minutes + part.minutes + QUESTIONS > LESSON


@every_topic
def test_minutes_are_those_of_the_study_plan(pages):
    for part in core_sections(pages):
        keys = [key.label for key in part.page.key_equations]
        spent = minutes_of(part.section, keys)
        assert part.minutes == max(1, round(spent.core - spent.oral))


def test_no_other_choice_is_worth_more():
    sections = [
        section("hear", 3),
        section("one", 5, derived=["eq-a-one"]),
        section("two", 4, derived=["eq-a-two"]),
        section("bet", 6),
        section("long", 9),
        section("remember", 2),
    ]
    pages = [page_of_sections(*sections, keys=["eq-a-one", "eq-a-two"])]
    parts = core_sections(pages)

    def worth(chosen):
        return (
            sum(part.is_frame for part in chosen),
            sum(part.keys + part.predictions for part in chosen),
            sum(part.minutes for part in chosen),
        )

    for room in range(1, 45):
        fitting = [
            some
            for n in range(len(parts) + 1)
            for some in combinations(parts, n)
            if sum(part.minutes for part in some) <= room
        ]
        assert worth(cut(pages, room).shown) == max(map(worth, fitting))


def test_openings_come_before_equations_and_equations_before_length():
    pages = [
        page_of_sections(
            section("hear", 5),
            section("one", 1, derived=["eq-a-one"]),
            section("long", 9),
            keys=["eq-a-one"],
        )
    ]
    assert names(cut(pages, 5).shown) == ["hear"]
    assert names(cut(pages, 10).shown) == ["hear", "one"]
    assert names(cut(pages, 14).shown) == ["hear", "one"]
    assert names(cut(pages, 19).shown) == ["hear", "one", "long"]


def test_what_is_not_for_a_class_is_in_no_lesson():
    pages = [
        page_of_sections(
            Section("book/a", "ch-a", "A", 1, sound=60),
            section("exercises", 1),
            section("oral", 1),
            section("literature", 1),
            section("more", 1, further=True),
            section("hear", 1),
        )
    ]
    assert names(core_sections(pages)) == ["hear"]


@every_topic
def test_the_table_adds_up(pages):
    lesson = cut(pages)
    *rows, together = [
        [cell.strip(" *") for cell in row.split("|")[2:5]] for row in _lesson_rows(lesson)
    ][2:]
    for column in (0, 1, 2):
        assert sum(int(row[column] or 0) for row in rows) == int(together[column] or 0)
    said = " ".join(_rest_of(pages, lesson))
    assert all(f"`{part.section.label}` ({part.minutes} min)" in said for part in lesson.left_out)
