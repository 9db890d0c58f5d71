"""Systems of the present literature: one row of a table each.

Explained in overview/speech/today and overview/music/today. The rows
are data: `speech.csv` and `music.csv` beside this file. A new edition
changes them, and pages, map and timeline follow.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from dla.datasets.manifest import choose

FIELDS = ("speech", "music")
KINDS = (
    "analysis",
    "synthesis",
    "comparison",
    "classification",
    "decomposition",
)
# What a system knows beforehand, from the least to the most: word of
# the table -> what it stands for.
KNOWN = {
    "sound": "recordings",
    "labels": "labels",
    "making": "how sound is made",
    "rules": "language, music",
    "case": "this recording",
}


@dataclass(frozen=True)
class System:
    """One published system and one result of it."""

    key: str  # unique: the prefix of its numbers on the pages
    field: str  # one of FIELDS
    name: str  # as its authors call it
    year: int  # of its first publication
    task: str
    kind: str  # one of KINDS
    known: tuple[str, ...]  # of KNOWN
    training: str  # data that it was trained on
    test: str  # public test of the result
    measure: str  # of the result
    figure: str  # the result, with the digits that were published
    unit: str  # of the result; may be empty
    citation: str  # key of book/references.bib

    @property
    def result(self) -> str:
        """The figure and its unit."""
        return f"{self.figure} {self.unit}".strip()

    def texts(self) -> dict[str, str]:
        """What a page may print of this row, by the name to glue.

        >>> row = table(tasks=["recognition"])[0]
        >>> row.texts()["conformer-result"]
        '2.1 %'
        """
        parts = {
            "training": self.training,
            "test": self.test,
            "measure": self.measure,
            "result": self.result,
        }
        return {f"{self.key}-{k}": text for k, text in parts.items()}


def table(
    *,
    fields: Sequence[str] | None = None,
    tasks: Sequence[str] | None = None,
) -> tuple[System, ...]:
    """The systems that meet every condition, in the order of the files.

    Args:
        fields: of FIELDS; None keeps all.
        tasks: names to keep; None keeps all.

    Raises:
        ValueError: a field or task that is not there.

    >>> {s.field for s in table(fields=["speech"])}
    {'speech'}
    """
    every = [
        s
        for f in FIELDS
        for s in read(Path(__file__).parent / f"{f}.csv")
    ]
    return tuple(choose(choose(every, field=fields), task=tasks))


def read(path: Path) -> list[System]:
    """The rows of one file, each checked.

    Raises:
        ValueError: another header; or a row with an empty cell, an
            unknown word, or a figure that is no number. It names the
            file and the key.
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        names = [f.name for f in fields(System)]
        if rows.fieldnames != names:
            raise ValueError(
                f"{path.name} has the columns {rows.fieldnames}, "
                f"expected {names}"
            )
        return [parse(row, path.name) for row in rows]


def parse(row: dict[str, str], file: str) -> System:
    """One row as a system.

    Args:
        row: column -> text.
        file: its name, for the error.

    Raises:
        ValueError: see `read`.
    """
    where = f"{file}, {row.get('key')!r}"
    empty = [k for k, text in row.items() if not text and k != "unit"]
    if empty or None in row:
        raise ValueError(
            f"{where}: {empty or 'a cell too many'} is empty"
        )
    known = tuple(row["known"].split())
    for name, words, there in (
        ("field", [row["field"]], FIELDS),
        ("kind", [row["kind"]], KINDS),
        ("known", known, tuple(KNOWN)),
    ):
        for word in words:
            if word not in there:
                raise ValueError(
                    f"{where}: {name} {word!r}; there are "
                    + ", ".join(there)
                )
    try:
        float(row["figure"].replace(" ", ""))
    except ValueError:
        raise ValueError(
            f"{where}: the figure {row['figure']!r} is no number"
        ) from None
    return System(**row | {"known": known, "year": int(row["year"])})
