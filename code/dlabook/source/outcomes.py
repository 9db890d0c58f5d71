"""The learning outcomes: their marks and short names, and the words of the first page."""

from __future__ import annotations

import re
from pathlib import Path

from dlabook.source.chapters import SourceError

_OUTCOME = re.compile(r"^\* - (LO\d+)\n  - (.+?)(?=\n  - |\n\* - |\n`)", re.MULTILINE | re.DOTALL)
OUTCOMES = {
    "LO1": "explain tasks and difficulties, outline solutions",
    "LO2": "apply and adapt deep learning to audio",
    "LO3": "discuss what parameters mean and do",
    "LO4": "question silent assumptions",
    "LO5": "predict when a method works and when it fails",
    "LO6": "explain how domain knowledge enters a model",
    "LO7": "prepare with literature and notebooks",
    "LO8": "question generalisation and use in practice",
    "LO9": "put questions of your own",
    "LO10": "organise a learning group",
}


def checked_outcomes(argument: str, where: str) -> tuple[str, ...]:
    names = tuple(filter(None, re.split(r"[,\s]+", argument)))
    unknown = [name for name in names if name not in OUTCOMES]
    if unknown or not names:
        raise SourceError(f"{where}: outcomes {argument!r}; expected some of {', '.join(OUTCOMES)}")
    return names


def learning_outcomes(root: Path) -> dict[str, str]:
    """The outcomes as the book's first page words them.

    Raises:
        ValueError: its table is not there.
    """
    text = (root / "book" / "index.md").read_text(encoding="utf8")
    found = {mark: " ".join(words.split()) for mark, words in _OUTCOME.findall(text)}
    if not found:
        raise ValueError("book/index.md has no table of learning outcomes (rows '* - LO1')")
    return found
