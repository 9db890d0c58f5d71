"""Execute the stale chapters, side by side, each once.

An executed chapter is one file, ``_build/executed/<docname>.ipynb``, written
whole or not at all. It carries what it depends on: its cells, the files of
the book that its kernel read, and the lock. The site and the tests read it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import nbformat

from dlabook.chapters import Chapter

LOCK = "requirements.txt"
CELL_TIMEOUT = 900  # seconds
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
TRAINING = "dla.train"  # the module that a chapter imports to train


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
    notebook = load_executed(chapter)
    if notebook is None:
        return ["never executed"]
    record = notebook.metadata.get("dlabook", {})
    if record.get("error"):
        return ["its last run failed"]
    reasons = []
    if record.get("cells") != hash_cells(chapter):
        reasons.append("its code cells changed")
    for name, digest in record.get("files", {}).items():
        if hash_file(chapter.root / name) != digest:
            reasons.append(f"{name} changed")
    return reasons


def hash_cells(chapter: Chapter) -> str:
    """Fingerprint of the code cells and their metadata; prose does not count."""
    cells = [(cell.source, cell.metadata) for _, cell in chapter.code_cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def hash_file(path: Path, *, before: float | None = None) -> str:
    """Fingerprint of a file; a file changed since a time has none that will fit."""
    try:
        if before is not None and path.stat().st_mtime > before:
            return "changed while the chapter ran"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"


@dataclass
class Failure:
    """A chapter that did not run to its end; its code cells count from 1."""

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
    """
    stale = {}
    for chapter in chapters:
        reasons = ["asked for"] if force else stale_reasons(chapter)
        if reasons:
            stale[chapter] = reasons
    if not stale:
        print(f"execute: {len(chapters)} chapters, nothing changed")
        return []
    progress = Progress(sys.stderr)
    for chapter, reasons in stale.items():
        progress.line(f"execute {chapter.name}: {'; '.join(reasons[:3])}")
    failures = asyncio.run(_execute_all(sorted(stale, key=place_in_queue), jobs, progress))
    for failure in failures:
        text = failure.traceback
        if not sys.stderr.isatty():
            text = re.sub(r"\x1b\[[0-9;]*m", "", text)
        print(f"\nFAILED {failure.chapter.name}, cell {failure.cell}\n{text}", file=sys.stderr)
    return failures


def place_in_queue(chapter: Chapter) -> tuple:
    """Sorts chapters so that the slowest start first, and the shortest fill the gaps.

    The time of the last run decides; of chapters never run those that train
    come first, longest source first.
    """
    trains = any(TRAINING in cell.source for _, cell in chapter.code_cells)
    return -(last_seconds(chapter) or float("inf")), not trains, -len(chapter.text)


def last_seconds(chapter: Chapter) -> float | None:
    notebook = load_executed(chapter)
    return notebook.metadata.get("dlabook", {}).get("seconds") if notebook else None


async def _execute_all(chapters: list[Chapter], jobs: int, progress: Progress) -> list[Failure]:
    gate = asyncio.Semaphore(jobs)

    async def one(chapter: Chapter) -> Failure | None:
        async with gate:
            return await _execute_one(chapter, progress)

    results = await asyncio.gather(*map(one, chapters))
    return [failure for failure in results if failure]


async def _execute_one(chapter: Chapter, progress: Progress) -> Failure | None:
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    cells, lock = hash_cells(chapter), hash_file(chapter.root / LOCK)
    notebook = chapter.notebook()
    client = _client(chapter, notebook, progress)
    progress.start(chapter, len(chapter.code_cells), last_seconds(chapter))
    began, started = time.time(), time.monotonic()
    failure = None
    try:
        await client.async_execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError) as error:
        source = notebook.cells[client.current].source if client.current >= 0 else ""
        text = str(error)
        if not isinstance(error, CellExecutionError):
            text = f"{type(error).__name__}: {error}\nin the cell\n{source}"
            notebook.cells[client.current].outputs.append(
                nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error))
            )
        failure = Failure(chapter, len(client.cell_seconds) + 1, text)
    seconds = time.monotonic() - started
    report = client.report
    files = {name: hash_file(chapter.root / name, before=began) for name in report.pop("files", [])}
    notebook.metadata["dlabook"] = {
        **report,
        "cells": cells,
        "files": {**files, LOCK: lock},
        "seconds": round(seconds, 1),
        "cell_seconds": [round(s, 2) for s in client.cell_seconds],
        "date": datetime.now(UTC).date().isoformat(),
        "error": failure is not None,
    }
    write_whole(executed_path(chapter), nbformat.writes(notebook))
    progress.finish(chapter, seconds, failed=failure is not None)
    return failure


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, whenever we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf8")
    os.replace(scratch, path)


def _client(chapter: Chapter, notebook: nbformat.NotebookNode, progress: Progress):
    """A notebook client that times its cells, reports progress and leaves signals alone."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class Manager(AsyncKernelManager):
        @property
        def kernel_spec(self):
            start = "from dlabook.kernel import main; main()"
            return KernelSpec(
                argv=[
                    sys.executable,
                    "-Xfrozen_modules=off",
                    "-c",
                    start,
                    "-f",
                    "{connection_file}",
                ]
            )

    class Client(NotebookClient):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.current, self.cell_seconds, self.report = -1, [], {}
            self.last = max((i for i, c in enumerate(notebook.cells) if c.source), default=-1)

        @asynccontextmanager
        async def async_setup_kernel(self, **options):
            # nbclient's version puts one kernel's clean-up on SIGINT; with several
            # kernels asyncio's own handler, which cancels all of them, is right.
            self.km = self.create_kernel_manager()
            try:
                await self.async_start_new_kernel(**options)
                await self.async_start_new_kernel_client()
                yield
            finally:
                await self._async_cleanup_kernel()

        async def async_execute_cell(self, cell, cell_index, **options):
            if cell.cell_type == "code":
                self.current = cell_index
                progress.cell(chapter, len(self.cell_seconds) + 1)
            started = time.monotonic()
            await super().async_execute_cell(cell, cell_index, **options)
            if cell.cell_type == "code":
                self.cell_seconds.append(time.monotonic() - started)
            if cell_index == len(self.nb.cells) - 1:
                self.report = await self.ask_for_report()
            return cell

        async def ask_for_report(self) -> dict:
            question = f"__import__('dlabook.kernel').kernel.report({str(chapter.root)!r})"
            message = self.kc.execute("", silent=True, user_expressions={"report": question})
            reply = await self.async_wait_for_reply(message)
            answer = reply["content"]["user_expressions"]["report"]
            if answer["status"] != "ok":
                raise RuntimeError(f"the kernel's report failed: {answer['evalue']}")
            import ast

            return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    client = Client(
        notebook,
        kernel_manager_class=Manager,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(chapter.path.parent)}},
    )
    os.environ.update(kernel_environment(chapter.root))
    Path(os.environ["IPYTHONDIR"]).mkdir(parents=True, exist_ok=True)
    return client


def kernel_environment(root: Path) -> dict[str, str]:
    """What every kernel finds: one thread, the book's figure style, no traces at home."""
    build = root / "_build"
    style = root / "book" / "matplotlibrc"
    return {
        "DLABOOK_EXECUTOR": str(os.getpid()),
        **ONE_THREAD,
        "NUMBA_CACHE_DIR": str(build / "numba"),
        "PYTHONHASHSEED": "0",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(build / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **({"MATPLOTLIBRC": str(style)} if style.exists() else {}),
    }


class Progress:
    """Which chapter is at which cell: one moving line on a terminal, plain lines in a log."""

    def __init__(self, stream):
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.running: dict[str, dict] = {}

    def line(self, text: str) -> None:
        if self.is_terminal:
            self.stream.write("\r\x1b[K")
        self.stream.write(f"{text}\n")
        self._redraw()

    def start(self, chapter: Chapter, cells: int, last: float | None) -> None:
        self.running[chapter.name] = {
            "cell": 0,
            "cells": cells,
            "last": last,
            "from": time.monotonic(),
        }
        expected = f", {last:.0f} s last time" if last else ""
        self.line(f"execute {chapter.name}: started, {cells} cells{expected}")

    def cell(self, chapter: Chapter, number: int) -> None:
        self.running[chapter.name]["cell"] = number
        self._redraw()

    def finish(self, chapter: Chapter, seconds: float, *, failed: bool) -> None:
        state = self.running.pop(chapter.name)
        end = f"FAILED in cell {state['cell']} of {state['cells']}" if failed else "done"
        self.line(f"execute {chapter.name}: {end}, {seconds:.1f} s")

    def _redraw(self) -> None:
        if self.is_terminal:
            now = time.monotonic()
            parts = [
                f"{name.rsplit('/', 1)[-1]} cell {s['cell']}/{s['cells']}, "
                f"{now - s['from']:.0f} s" + (f" of {s['last']:.0f}" if s["last"] else "")
                for name, s in self.running.items()
            ]
            width = os.get_terminal_size(self.stream.fileno()).columns - 1
            self.stream.write("\r\x1b[K" + " | ".join(parts)[:width])
        self.stream.flush()
