"""Which check cells are known to be able to fail: ``tests/mutants/<chapter>.json``.

The record is committed, as transcripts are: a check cell is tried with mutants
when its chapter is executed and the record does not have it, or has it with
another source. `accept` puts what was found into the record. So a book that
is built from nothing does not pay for the mutants.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from dlabook.source.chapters import Chapter
from dlabook.source.memo import known


@dataclass(frozen=True)
class Unproved:
    """An assertion, or an equation that the library computes, that no mutant makes fail."""

    chapter: str
    cell: int
    text: str

    def __str__(self) -> str:
        return f"{self.chapter}: {self.text}"


def mutants_path(chapter: Chapter) -> Path:
    """Where a chapter's committed record is."""
    return chapter.root / "tests" / "mutants" / f"{chapter.name}.json"


def key_of(cell: nbformat.NotebookNode) -> str:
    """A check cell's name in the record: what it says, checks, and has for written mutants."""
    parts = [cell.source, *(list(cell.metadata.get(k, [])) for k in ("checks", "mutants"))]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def committed_proofs(chapter: Chapter) -> dict[str, dict]:
    """The committed record: what `dlabook.run.mutants.try_cell` found, by `key_of` the cell."""
    path = mutants_path(chapter)
    return json.loads(path.read_text(encoding="utf8")) if path.exists() else {}


def proofs_of(chapter: Chapter, record: dict | None) -> dict[int, dict | None]:
    """What is known of each check cell, from its last execution or the committed record."""
    proofs = committed_proofs(chapter) | (record or {}).get("proofs", {})
    keys = known(chapter.root, keys_of_checks, chapter.text, chapter)
    return {cell: proofs.get(key) for cell, key in keys}


def keys_of_checks(chapter: Chapter) -> list[tuple[int, str]]:
    """The check cells of a chapter with their keys, in order."""
    cells = sorted({cell for cells in chapter.checks.values() for cell in cells})
    return [(cell, key_of(chapter.cells[cell])) for cell in cells]


def untried(chapter: Chapter, record: dict) -> bool:
    """Whether a check cell is in neither record; a chapter that failed is not asked."""
    return not record.get("error") and None in proofs_of(chapter, record).values()


def unproved(chapter: Chapter, record: dict | None) -> list[Unproved]:
    """What a chapter's check cells assert and no mutant made fail.

    An equation that a function of the library computes counts as well: a change of that
    function has to make an assertion of some cell fail that checks the equation.
    """
    found, labels = [], {}
    for cell, proof in proofs_of(chapter, record).items():
        if proof is None or "error" in proof:
            text = (proof or {}).get("error", "never tried")
            found.append(Unproved(chapter.name, cell, f"cell {cell}: {text}"))
            continue
        found += [Unproved(chapter.name, cell, text) for text, by in proof["assertions"] if not by]
        for label, by in proof["labels"].items():
            labels.setdefault(label, []).append((cell, by))
    for label, tries in labels.items():
        if not any(by for _, by in tries):
            found.append(Unproved(chapter.name, tries[0][0], label))
    return found


def count_proved(chapter: Chapter, record: dict | None) -> tuple[int, int]:
    """Check cells of which nothing is unproved, and all check cells."""
    cells = set(proofs_of(chapter, record))
    return len(cells - {fault.cell for fault in unproved(chapter, record)}), len(cells)


def accept_proofs(chapter: Chapter, record: dict | None) -> bool:
    """Write what is known of the present check cells; tell whether the record changed."""
    kept = ("assertions", "labels", "error")
    present = {
        key_of(chapter.cells[cell]): {name: proof[name] for name in kept if name in proof}
        for cell, proof in proofs_of(chapter, record).items()
        if proof is not None
    }
    if present == committed_proofs(chapter):
        return False
    path = mutants_path(chapter)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(present, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    return True
