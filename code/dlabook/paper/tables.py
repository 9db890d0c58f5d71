"""Columns of a table on paper: how wide, and how their text is set."""

from __future__ import annotations

import re

from docutils import nodes

LINE = 92  # characters of a table's line
SILENT = re.compile(  # TeX that prints nothing by itself, or next to nothing
    r"\\(?:math[a-z]+|text|operatorname|[bB]igg?[lr]?|left|right|hat|bar|tilde|overline|tfrac|frac"
    r"|quad|[,;:! ])|[{}^_$]|\s+"
)


def columns(table: nodes.table) -> str:
    """Columns of a LaTeX table: as wide as their words, or shares of the line.

    Every column has room for its longest word. What is left goes to those
    that would have to wrap, to the wider ones less than in proportion.
    """
    rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
    count = max(map(len, rows))
    cells = [[row[k] for row in rows if k < len(row)] for k in range(count)]
    most = [max(length(cell) for cell in column) for column in cells]
    if sum(most) + 2 * (count - 1) <= LINE:
        return "".join(map(alignment, cells))
    widths = [max(map(longest_word, column)) for column in cells]
    while sum(widths) + 2 * count < LINE:
        wanting = [k for k in range(count) if widths[k] < most[k]]
        if not wanting:
            break
        widths[max(wanting, key=lambda k: (most[k] - widths[k]) ** 0.5 / (1 + widths[k]))] += 1
    shares = [width + 2 for width in widths]
    return "".join(rf"\X{{{share}}}{{{sum(shares)}}}" for share in shares)


def pieces(cell: nodes.entry) -> list[str]:
    """A cell's words and formulas, as they print."""
    found = []
    for text in cell.findall(nodes.Text):
        if isinstance(text.parent, nodes.math):
            signs = re.sub(r"\\[a-zA-Z]+", "x", SILENT.sub("", text.astext()))
            found.append(signs[: round(0.75 * len(signs))])  # some of them are small
        else:
            found += text.astext().split()
    return found


def length(cell: nodes.entry) -> int:
    return sum(len(piece) + 1 for piece in pieces(cell)) - 1


def longest_word(cell: nodes.entry) -> int:
    """Signs of the longest piece that is not broken: a word, or a formula."""
    return max(map(len, pieces(cell)), default=1)


def alignment(column: list[nodes.entry]) -> str:
    classes = {name for cell in column for name in cell["classes"]}
    return "r" if "text-right" in classes else "c" if "text-center" in classes else "l"
