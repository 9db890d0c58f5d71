"""An executed chapter is one file, ``_build/executed/<docname>.ipynb``.

It carries what it depends on: its cells, the files of the book that its
kernel read, and the lock. The site and the tests read it.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import nbformat

from dlabook.run.proved import untried
from dlabook.source.chapters import Chapter
from dlabook.source.files import hash_file
from dlabook.source.memo import digest_of_file, known

LOCK = "requirements.txt"


class NotExecutedError(RuntimeError):
    """A chapter has no executed notebook that fits its source."""


def executed_path(chapter: Chapter) -> Path:
    return chapter.root / "_build" / "executed" / f"{chapter.docname}.ipynb"


def load_executed(chapter: Chapter) -> nbformat.NotebookNode | None:
    """The last executed notebook, failed or not, stale or not; None if there is none.

    To be read only: all who ask for it while its file stays the same share it.
    """
    path = executed_path(chapter)
    return read_notebook(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=64)
def read_notebook(path: Path, written: int) -> nbformat.NotebookNode | None:
    """The notebook that was written at ``written``; None if it is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, nbformat.ValidationError):
        return None


def executed(chapter: Chapter) -> nbformat.NotebookNode:
    """The executed notebook of a chapter that is up to date.

    Raises:
        NotExecutedError: it is missing, failed or stale; the message says which.
    """
    reasons = stale_reasons(chapter)
    if reasons:
        raise NotExecutedError(f"{chapter.name}: {'; '.join(reasons)}. Run `make book`.")
    return load_executed(chapter)


def stale_reasons(chapter: Chapter) -> list[str]:
    """Why a chapter has to be executed; empty if it has not."""
    record = executed_record(chapter)
    if record is None:
        return ["never executed"]
    if record.get("error"):
        return ["its last run failed"]
    reasons = []
    if record.get("cells") != hash_cells(chapter):
        reasons.append("its code cells changed")
    if untried(chapter, record):
        reasons.append("it was not tried whether its checks can fail")
    for name, digest in record.get("files", {}).items():
        if hash_file(chapter.root / name) != digest:
            reasons.append(f"{name} changed")
    return reasons


def executed_record(chapter: Chapter) -> dict | None:
    """What the last execution says of itself; None if there is none."""
    digest = digest_of_file(executed_path(chapter))
    return known(chapter.root, read_record, digest, chapter) if digest else None


def read_record(chapter: Chapter) -> dict | None:
    notebook = load_executed(chapter)
    return None if notebook is None else dict(notebook.metadata.get("dlabook", {}))


def hash_cells(chapter: Chapter) -> str:
    """Fingerprint of the code cells and their metadata; prose does not count."""
    return known(chapter.root, work_out_hash, chapter.text, chapter)


def work_out_hash(chapter: Chapter) -> str:
    cells = [(cell.source, cell.metadata) for _, cell in chapter.code_cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def last_seconds(chapter: Chapter) -> float | None:
    return (executed_record(chapter) or {}).get("seconds")
