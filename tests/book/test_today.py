"""The pages on the field today print the table of systems and no figure of their own."""

import re

import pytest
from places import ROOT

from dla.chapters.today import systems
from dlabook.source.chapters import book_chapters

PAGES = [page for page in book_chapters(ROOT) if page.name.endswith("/today")]
ROWS = {system.key: system for system in systems.table()}
PARTS = {name: key for key, system in ROWS.items() for name in system.texts()}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
ROLE = re.compile(r"\{[\w:]+\}`[^`]*`")
UNIT = r"(?:%|°|dB\b|h\b|s\b|ms\b|kbit|kHz|Hz|hours?\b|million|systems\b)"


def prose(page) -> str:
    """The text of a page without code and directives."""
    cells = "\n".join(cell.source for _, cell in page.markdown_cells)
    return re.sub(r"^(`{3,}|:{3,}).*?^\1[`:]*[ ]*$", "", cells, flags=re.M | re.S)


def results(page) -> list[tuple[str, set[str]]]:
    """(row, keys of the table that it prints) of each row of a table with a result."""
    rows = [line for line in prose(page).splitlines() if line.startswith("|")]
    printed = [set(re.findall(r"\{glue:text\}`([^`]+)`", row)) for row in rows]
    return [
        (row, {PARTS[n] for n in names}) for row, names in zip(rows, printed, strict=True) if names
    ]


def test_there_is_a_page():
    assert "overview/speech/today" in [page.name for page in PAGES]


@every_page
def test_a_row_prints_one_system_with_its_name_and_source(page):
    for row, keys in results(page):
        (key,) = keys
        system = ROWS[key]
        assert f"| {system.name} " in row
        assert re.search(rf"\{{cite:\w+\}}`[^`]*\b{system.citation}\b", row), row
        assert set(system.texts()) == set(re.findall(r"\{glue:text\}`([^`]+)`", row))


@every_page
def test_every_row_of_the_table_is_on_its_page_once(page):
    field = page.name.split("/")[1]
    shown = [key for _, keys in results(page) for key in keys]
    assert sorted(shown) == sorted(key for key, s in ROWS.items() if s.field == field)


@every_page
def test_no_digit_of_a_row_is_typed(page):
    for row, keys in results(page):
        (key,) = keys
        left = ROLE.sub("", row.replace(ROWS[key].name, ""))
        assert not re.search(r"\d", left), row


@every_page
def test_no_figure_with_a_unit_is_typed_into_the_text(page):
    assert re.findall(rf"\d[\d .,]*\s*{UNIT}", ROLE.sub("", prose(page))) == []


@every_page
def test_a_page_is_read_in_a_quarter_of_an_hour(page):
    """Words as the eye meets them: roles and code are left out."""
    assert len(ROLE.sub("x", prose(page)).split()) <= 3500
