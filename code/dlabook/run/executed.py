"""An executed chapter is one file, ``_build/executed/<docname>.ipynb``.

It carries what it depends on: its cells, the files of the book that its
kernel read, and the lock. The site and the tests read it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import nbformat

from dlabook.run.client import DECISIVE
from dlabook.run.proved import untried
from dlabook.source.chapters import Chapter
from dlabook.source.files import hash_file, hash_importable, hash_names
from dlabook.source.memo import digest_of_file, known

LOCK = "requirements.txt"
SEEN = ("raises-exception", "skip-execution")  # the tags of a cell that its execution heeds
OBSERVED = {  # what a record says of the book, beside its files -> how it is now
    "folders": ("the names in {} changed", hash_names),
    "importable": ("what can be imported from {} changed", hash_importable),
}


class NotExecutedError(RuntimeError):
    """A chapter has no executed notebook that fits its source."""


def executed_path(chapter: Chapter) -> Path:
    return chapter.root / "_build" / "executed" / f"{chapter.docname}.ipynb"


def load_executed(chapter: Chapter) -> nbformat.NotebookNode | None:
    """The last executed notebook, failed or not, stale or not; None if there is none.

    Its cells have the metadata that they have now: what an execution does not see (alternative
    texts, captions, tags) may have changed since. To be read only: all who ask for it while its
    file stays the same share it.
    """
    notebook = load_as_it_ran(chapter)
    return None if notebook is None else _with_present_metadata(notebook, chapter)


def load_as_it_ran(chapter: Chapter) -> nbformat.NotebookNode | None:
    """`load_executed` with the metadata that the cells had when they ran: no source is read."""
    path = executed_path(chapter)
    return _read_notebook(path, path.stat().st_mtime_ns) if path.exists() else None


def _with_present_metadata(
    notebook: nbformat.NotebookNode, chapter: Chapter
) -> nbformat.NotebookNode:
    """A notebook, or if its cells are the chapter's under other metadata, one with these."""
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    now = [cell for _, cell in chapter.code_cells]
    if _hash_seen(ran) != _hash_seen(now) or all(
        one.metadata == other.metadata for one, other in zip(ran, now, strict=True)
    ):
        return notebook
    present = iter(now)
    renewed = copy.copy(notebook)
    renewed.cells = [
        cell
        if cell.cell_type != "code"
        else nbformat.from_dict({**cell, "metadata": next(present).metadata})
        for cell in notebook.cells
    ]
    return renewed


@lru_cache(maxsize=64)
def _read_notebook(path: Path, written: int) -> nbformat.NotebookNode | None:
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


def stale_reasons(chapter: Chapter, hash_now: Callable[[str], str] = hash_file) -> list[str]:
    """Why a chapter has to be executed; empty if it has not.

    Args:
        chapter: whose record is compared with what is there now.
        hash_now: fingerprint of a file, by its path as text: there are thousands of them, and who
            asks for many chapters may hash each file once.
    """
    record = executed_record(chapter)
    if record is None:
        return ["never executed"]
    if record.get("error"):
        return ["its last run failed"]
    reasons = []
    if record["ran"] != hash_cells(chapter):
        reasons.append("its code cells changed")
    if untried(chapter, record):
        reasons.append("it was not tried whether its checks can fail")
    for name, digest in record.get("files", {}).items():
        if hash_now(f"{chapter.root}/{name}") != digest:
            reasons.append(f"{name} changed")
    for kind, (reason, look) in OBSERVED.items():
        for name, digest in record.get(kind, {}).items():
            if look(chapter.root / name) != digest:
                reasons.append(reason.format(name))
    if record.get("environment", {}) != decisive_environment():
        reasons.append(f"{' or '.join(DECISIVE)} changed")
    return reasons


def line_of_reasons(chapter: Chapter, hash_now: Callable[[str], str] = hash_file) -> str:
    """One line: why a chapter has to be executed, and how long it took; or that it has not."""
    seconds = last_seconds(chapter)
    took = "" if seconds is None else f" (took {seconds:.1f} s)"
    return f"{chapter.name}: {'; '.join(stale_reasons(chapter, hash_now)) or 'fresh'}{took}"


def decisive_environment() -> dict[str, str]:
    """Of the variables that kernels take over those that change results."""
    return {name: os.environ[name] for name in DECISIVE if name in os.environ}


def executed_record(chapter: Chapter) -> dict | None:
    """What the last execution says of itself; None if there is none."""
    digest = digest_of_file(executed_path(chapter))
    return known(chapter.root, _read_record, digest, chapter) if digest else None


def _read_record(chapter: Chapter) -> dict | None:
    """With ``ran``: the fingerprint of the cells that are in the notebook itself."""
    path = executed_path(chapter)
    notebook = _read_notebook(path, path.stat().st_mtime_ns)
    if notebook is None:
        return None
    ran = _hash_seen([cell for cell in notebook.cells if cell.cell_type == "code"])
    return {**notebook.metadata.get("dlabook", {}), "ran": ran}


def hash_cells(chapter: Chapter) -> str:
    """Fingerprint of what is executed: the code cells, and those tags that an execution heeds."""
    return known(chapter.root, _work_out_hash, chapter.text, chapter)


def _work_out_hash(chapter: Chapter) -> str:
    return _hash_seen([cell for _, cell in chapter.code_cells])


def _hash_seen(cells: list[nbformat.NotebookNode]) -> str:
    seen = [
        (cell.source, [tag for tag in SEEN if tag in cell.metadata.get("tags", [])])
        for cell in cells
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def last_seconds(chapter: Chapter) -> float | None:
    return (executed_record(chapter) or {}).get("seconds")
