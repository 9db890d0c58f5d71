"""What the recordings of a player say, below it: for who cannot hear, and for screen readers.

Not WebVTT captions, because the words are known, and not when they are said.

A cell that plays speech names the recordings in its metadata, ``words: [june/fr/prompt/options]``:
files of the corpus of prompts, without ending. Which words they are is said by the list that came
with them, ``words.csv``; the second voices have none, and the page says so. A cell of a page on
speech that plays no recorded words says ``words: []``.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path

PROMPTS = "code/dla/datasets/corpora/prompts"
LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "ru": "Russian"}
VOICES = {"russian": "A voice without a name"}  # the others are names


def said(root: Path, files: Sequence[str]) -> list[tuple[str, str, str | None]]:
    """Speaker, language and words of recordings, in the order given; no words: not known.

    Args:
        root: the book's.
        files: below the corpus of prompts, without ending.

    Raises:
        ValueError: not a list of names, or the corpus has no such recording; names which.
    """
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise ValueError(f"words: expected a list of recordings of prompts, got {files!r}")
    folder = root / PROMPTS
    if unknown := [name for name in files if not (folder / f"{name}.flac").is_file()]:
        raise ValueError(f"words: no such recording in {PROMPTS}: {', '.join(unknown)}")
    path = folder / "words.csv"
    listed = _listed(path, path.stat().st_mtime_ns) if files else {}
    return [(*name.split("/")[:2], listed.get(f"{name}.flac")) for name in files]


@lru_cache(maxsize=1)
def _listed(path: Path, written: int) -> dict[str, str]:
    with open(path, encoding="utf-8", newline="") as file:
        return {row["file"]: row["words"] for row in csv.DictReader(file)}


def markup(recordings: Sequence[tuple[str, str, str | None]]) -> str:
    """A folded list of who says what, each in its language; empty without recordings."""
    if not recordings:
        return ""
    lines = []
    for (speaker, language), group in groupby(recordings, key=lambda one: one[:2]):
        voice = f"{VOICES.get(speaker, speaker.capitalize())}, {LANGUAGES[language]}"
        known = [words for *_, words in group]
        quoted = " · ".join(html.escape(words) for words in known if words)
        missing = known.count(None)
        unknown = (
            f"{' ' if quoted else ''}(of {missing} recording{'s' if missing > 1 else ''} "
            "the words are not written down)"
            if missing
            else ""
        )
        text = f'<span lang="{language}">{quoted}</span>' if quoted else ""
        lines.append(f"<li>{voice}: {text}{unknown}</li>")
    return (
        '<details class="clips-words"><summary>Words</summary>'
        f"<ul>{''.join(lines)}</ul>"
        "<p>A sound may begin or end within them.</p></details>"
    )
