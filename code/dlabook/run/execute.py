"""Execute the stale chapters, side by side, each once.

Not jupyter-cache's executor, because that knows the cells, and not the files that they read.

An executed chapter is one file, ``_build/executed/<docname>.ipynb``, written
whole or not at all. It carries what it depends on: its cells, the files of
the book that its kernel read, and the lock. The site and the tests read it.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from dlabook.run.client import make_client
from dlabook.run.executed import (
    LOCK,
    decisive_environment,
    executed_path,
    last_seconds,
    stale_reasons,
)
from dlabook.run.progress import Progress
from dlabook.source.chapters import Chapter
from dlabook.source.files import hash_file, is_generated, remove_scratch, write_whole
from dlabook.source.lock import locked

TRAINING = "dla.train"  # the module that a chapter imports to train
STRING = re.compile(r"""(?P<quote>["'])(?P<text>[^"'\n]{1,200})(?P=quote)""")


@dataclass
class Failure:
    """A chapter that did not run to its end, or was not kept (cell 0); code cells count from 1."""

    chapter: Chapter
    cell: int
    traceback: str


def execute(chapters: list[Chapter], *, jobs: int, force: bool = False) -> list[Failure]:
    """Execute those chapters that are stale; the slowest of last time first.

    Args:
        chapters: the chapters asked for.
        jobs: how many kernels run at a time.
        force: execute them even if nothing changed.

    Returns:
        The failures. The other chapters are executed and kept all the same.

    Raises:
        ValueError: no kernel may run at a time.
    """
    if jobs < 1:
        raise ValueError(f"{jobs} kernels at a time execute nothing: 1 or more")
    if not chapters:
        return []
    with locked(chapters[0].root):
        return _execute_stale(chapters, jobs, force)


def _execute_stale(chapters: list[Chapter], jobs: int, force: bool) -> list[Failure]:
    stale = {}
    hash_once = functools.cache(hash_file)  # nearly all chapters read nearly all files of `dla`
    for chapter in chapters:
        reasons = ["asked for"] if force else stale_reasons(chapter, hash_once)
        if reasons:
            stale[chapter] = reasons
    if not stale:
        print(f"execute: {len(chapters)} chapters, nothing changed")
        return []
    remove_scratch(chapters[0].root / "_build" / "executed")
    progress = Progress(sys.stderr)
    for chapter, reasons in stale.items():
        progress.line(f"execute {chapter.name}: {'; '.join(reasons[:3])}")
    failures = asyncio.run(_execute_all(sorted(stale, key=place_in_queue), jobs, progress))
    for failure in failures:
        text = failure.traceback
        if not sys.stderr.isatty():
            text = re.sub(r"\x1b\[[0-9;]*m", "", text)
        where = f", cell {failure.cell}\n" if failure.cell else ": "
        print(f"\nFAILED {failure.chapter.name}{where}{text}", file=sys.stderr)
    return failures


def place_in_queue(chapter: Chapter) -> tuple:
    """Sorts chapters so that the slowest start first, and the shortest fill the gaps.

    The time of the last run decides; of chapters never run those that train
    come first, longest source first.
    """
    trains = any(TRAINING in cell.source for _, cell in chapter.code_cells)
    return -(last_seconds(chapter) or float("inf")), not trains, -len(chapter.text)


async def _execute_all(chapters: list[Chapter], jobs: int, progress: Progress) -> list[Failure]:
    gate = asyncio.Semaphore(jobs)

    async def one(chapter: Chapter) -> Failure | None:
        async with gate:
            return await _execute_one(chapter, progress)

    results = await asyncio.gather(*map(one, chapters))
    return [failure for failure in results if failure]


async def _execute_one(chapter: Chapter, progress: Progress) -> Failure | None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    lock = hash_file(chapter.root / LOCK)
    notebook = chapter.notebook()
    client = make_client(chapter, notebook, progress)
    progress.start(chapter, len(chapter.code_cells), last_seconds(chapter))
    began, started = time.time(), time.monotonic()
    failure = None
    try:
        await client.async_execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        text = str(error)
        if not isinstance(error, CellExecutionError):
            index = max(client.current, 0)
            source = notebook.cells[index].source
            text = f"{type(error).__name__}: {error}\nin the cell\n{source}"
            if notebook.cells[index].cell_type == "code":
                notebook.cells[index].outputs.append(
                    nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error))
                )
        failure = Failure(chapter, len(client.cell_seconds) + 1, text)
    except OSError as error:  # the kernel could not be started, or reached; a timeout is one too
        progress.finish(chapter, time.monotonic() - started, failed=True)
        return Failure(chapter, 0, f"its kernel could not run: {error}")
    seconds = time.monotonic() - started
    _name_files_from_root(notebook, chapter.root)
    report = client.report
    read = {*report.pop("files", []), *_files_named(chapter)}
    files = {name: hash_file(chapter.root / name, before=began) for name in sorted(read)}
    notebook.metadata["dlabook"] = {
        **report,
        "files": {**files, LOCK: lock},
        "environment": decisive_environment(),
        "seconds": round(seconds, 1),
        "cell_seconds": [round(s, 2) for s in client.cell_seconds],
        "proofs": client.proofs,
        "date": datetime.now(UTC).date().isoformat(),
        "error": failure is not None,
    }
    try:
        write_whole(executed_path(chapter), nbformat.writes(notebook))
    except OSError as error:
        failure = Failure(chapter, 0, f"its outputs could not be kept: {error}")
    progress.finish(chapter, seconds, failed=failure is not None)
    return failure


def _files_named(chapter: Chapter) -> set[str]:
    """The book's files that strings of the cells name, from the root: whoever opens them."""
    root, folder = chapter.root.resolve(), chapter.path.parent
    named = set()
    for _, cell in chapter.code_cells:
        for match in STRING.finditer(cell.source):
            try:
                path = (folder / match["text"]).resolve()
                is_file = path.is_relative_to(root) and path.is_file()
            except (OSError, ValueError):  # too long, or no name at all
                continue
            if is_file and not any(map(is_generated, path.relative_to(root).parts)):
                named.add(path.relative_to(root).as_posix())
    return named


def _name_files_from_root(notebook: nbformat.NotebookNode, root: Path) -> None:
    """In tracebacks: where the book lies on this machine is not to be read on its pages."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                lines = output.get("traceback", [])
                output["traceback"] = [line.replace(f"{root}{os.sep}", "") for line in lines]
