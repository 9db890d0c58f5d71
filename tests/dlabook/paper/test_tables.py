"""Tables on paper: as wide as their words, or as the line."""

import re

from docutils import nodes

from dlabook.paper import tables


def table(*rows: tuple[str, ...], classes: str = "") -> nodes.table:
    body = nodes.tbody()
    for row in rows:
        entries = [nodes.entry("", nodes.paragraph("", text)) for text in row]
        for entry in entries:
            entry["classes"] = classes.split()
        body += nodes.row("", *entries)
    return nodes.table("", nodes.tgroup("", body))


def shares(spec: str) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in re.findall(r"\\X\{(\d+)\}\{(\d+)\}", spec)]


def test_a_narrow_table_is_as_wide_as_its_words():
    assert tables.columns(table(("a", "b", "c"))) == "lll"
    assert tables.columns(table(("1", "2"), classes="text-right")) == "rr"


def test_a_wide_table_fills_the_line_and_no_more():
    spec = shares(tables.columns(table(("word", "many words " * 20, "full scale"))))
    assert sum(share for share, _ in spec) == spec[0][1] <= tables.LINE
    assert spec[1][0] > spec[2][0] >= len("full scale") > spec[0][0] >= len("word")


def test_a_formula_is_not_broken():
    cell = nodes.entry("", nodes.math("", r"s_1 + e_1 + \mathrm{noise}"))
    assert tables.longest_word(cell) == round(0.75 * len("s1+e1+noise"))
