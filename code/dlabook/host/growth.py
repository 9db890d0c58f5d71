"""What the builds cost when the book grows: as it is, and with copies of its chapters.

`enlarge` copies chapters on a method under new labels and with its
executed notebooks, so that nothing has to run. Measured are the site from
nothing, one word of prose, one comment in `dla`, nothing changed, and a word
saved under `make serve`: in seconds of the clock, of the processors, and in memory at the peak.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
import yaml

from dlabook.host.benchmark import LEFT_OUT, print_table
from dlabook.run.executed import executed_path, executed_record, load_executed
from dlabook.run.proved import key_of, mutants_path, proofs_of
from dlabook.site.build import SEAL
from dlabook.source.chapters import Chapter, book_chapters, executable_chapters, topics
from dlabook.source.labels import KINDS

TIMES = 4
LONGEST = 300  # s that make serve may take to get ready, or to build
REST = 2.0  # s without work, after which all that was to be loaded is loaded
_LABEL = re.compile(
    rf"(?<![\w-])(?P<kind>{'|'.join(KINDS)})-(?P<chapter>[a-z0-9]+)(?P<rest>(?:-[a-z0-9]+)*)(?![\w-])"
)
_SECTION = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)


class Cost(NamedTuple):
    """Of one build."""

    wall: float  # s
    cpu: float  # s, of all its processes
    memory: float  # MiB at the peak, of all its processes


def measure_growth(root: Path, pages: int | None = None) -> int:
    """Print what builds cost at the book's size and when it is larger.

    Args:
        root: the book's root.
        pages: that the larger book has, or few more: chapters are copied whole. By default each
            chapter is there `TIMES` times.
    """
    rows = []
    for larger in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            book = _copy_book(root, Path(folder) / "book")
            if larger:
                enlarge(book, TIMES) if pages is None else enlarge_to(book, pages)
            rows += [
                (f"{pages} pages: {what}", f"{c.wall:.1f}", f"{c.cpu:.1f}", f"{c.memory:.0f}")
                for pages, what, c in _build_costs(book)
            ]
    print_table("growth", ("what", "wall s", "CPU s", "peak MiB"), rows)
    return 0


def _copy_book(root: Path, target: Path) -> Path:
    """The book's sources with what was executed; nothing in it is stale if nothing was."""
    shutil.copytree(root, target, ignore=LEFT_OUT)
    for folder in ("executed", "drawings"):
        if (root / "_build" / folder).exists():
            shutil.copytree(root / "_build" / folder, target / "_build" / folder)
    if (root / "node_modules").exists():
        (target / "node_modules").symlink_to(root / "node_modules")
    return target


# ---------------------------------------------------------------- a larger book


def enlarge(root: Path, times: int) -> None:
    """Copy each chapter on a method ``times - 1`` times, next to itself in its part."""
    _copy_chapters(root, [(n, pages) for pages in topics(root) for n in range(2, times + 1)])


def enlarge_to(root: Path, pages: int) -> None:
    """Copy chapters on a method, one after the other, until the book has so many pages.

    Raises:
        ValueError: it has more, or no chapter to copy.
    """
    chapters, missing = topics(root), pages - len(book_chapters(root))
    if missing < 0 or not chapters:
        raise ValueError(
            f"a book of {pages} pages: expected {pages - missing} or more, and a chapter to copy"
        )
    copies = []
    for number in itertools.count(2):
        for chapter in chapters:
            if missing <= 0:
                return _copy_chapters(root, copies)
            copies.append((number, chapter))
            missing -= len(chapter)


def _copy_chapters(root: Path, copies: list[tuple[int, list[Chapter]]]) -> None:
    """Copy chapters, each as that number of it, to the end of its part."""
    labels = _own_labels(root, topics(root))
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    for number, pages in copies:
        part = next(p for p in contents["parts"] if _names_of(p) & {pages[0].docname})
        for page in pages:
            _copy_page(page, pages[0].docname, number, labels)
        part["chapters"].append(
            entry([copied(page.docname, pages[0].docname, number) for page in pages])
        )
    (root / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _own_labels(root: Path, chapters: list[list[Chapter]]) -> set[str]:
    """What chapters on a method call by a label, but for the sections of other pages."""
    own = {page.docname for pages in chapters for page in pages}
    found = {m[0] for pages in chapters for page in pages for m in _LABEL.finditer(page.text)}
    others = [page for page in book_chapters(root) if page.docname not in own]
    return found - {label for page in others for label in _SECTION.findall(page.text)}


def _names_of(part: dict) -> set[str]:
    return {chapter["file"] for chapter in part["chapters"]}


def entry(names: list[str]) -> dict:
    """A chapter of ``_toc.yml``: its page, and those below it."""
    return {"file": names[0], "sections": [{"file": name} for name in names[1:]]}


def copied(docname: str, chapter: str, number: int) -> str:
    """Where a page of a chapter's copy is."""
    return f"{chapter}-{number}{docname.removeprefix(chapter)}"


def _copy_page(page: Chapter, chapter: str, number: int, labels: Iterable[str]) -> None:
    """A page's source, executed notebook and committed mutants under the labels of a copy."""

    def renamed(text: str) -> str:
        return _LABEL.sub(
            lambda m: f"{m['kind']}-{m['chapter']}x{number}{m['rest']}" if m[0] in labels else m[0],
            text,
        )

    copy = Chapter(page.root, copied(page.docname, chapter, number))
    copy.path.parent.mkdir(parents=True, exist_ok=True)
    copy.path.write_text(renamed(page.text), encoding="utf-8")
    if load_executed(page) is None:
        return
    text = renamed(executed_path(page).read_text(encoding="utf-8"))
    notebook = nbformat.reads(text, as_version=4)
    executed_path(copy).parent.mkdir(parents=True, exist_ok=True)
    executed_path(copy).write_text(nbformat.writes(notebook), encoding="utf-8")
    proofs = {
        key_of(copy.cells[cell]): json.loads(renamed(json.dumps(proof)))
        for cell, proof in proofs_of(page, executed_record(page)).items()
        if proof is not None
    }
    mutants_path(copy).parent.mkdir(parents=True, exist_ok=True)
    mutants_path(copy).write_text(json.dumps(proofs), encoding="utf-8")


# ---------------------------------------------------------------- builds


def _build_costs(book: Path) -> Iterable[tuple[int, str, Cost]]:
    """The builds of a book in a folder of its own; executed chapters stay as they are."""
    command = [sys.executable, "-m", "dlabook", "build"]
    page = topics(book)[0][0].path
    module = book / "code" / "dla" / "losses" / "assignment.py"

    def cost(what: str) -> tuple[int, str, Cost]:
        found = run_measured(command, book)
        return _count_pages(book), what, found

    shutil.rmtree(book / "_build" / "html", ignore_errors=True)
    yield cost("from nothing")
    yield cost("nothing changed")
    page.write_text(page.read_text(encoding="utf-8").replace(" the ", " that ", 1))
    yield cost("one word of prose")
    module.write_text(module.read_text(encoding="utf-8") + "\n# one comment more\n")
    for chapter in executable_chapters(book):  # of the site alone: what it executes is no growth
        _count_as_fresh(chapter, module)
    yield cost("one comment in dla")
    yield _count_pages(book), "a word saved, make serve", _saved_word_cost(book)


def _count_pages(book: Path) -> int:
    return sum(1 for path in (book / "_build" / "html" / "book").rglob("*.html"))


def _saved_word_cost(book: Path) -> Cost:
    """From a saved word to the finished site, built by the process that stays."""
    page, seal = topics(book)[0][0].path, book / SEAL
    environment = {**os.environ, "PYTHONPATH": str(book / "code")}
    serving = subprocess.Popen(
        [sys.executable, "-m", "dlabook", "serve", "--port", str(_free_port())],
        cwd=book,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        before = cpu_when_at_rest(book, serving)
        peak, begun = _Peak(serving.pid), time.monotonic()
        last = seal.read_text()
        page.write_text(page.read_text(encoding="utf-8").replace(" the ", " that ", 1))
        while not seal.exists() or seal.read_text() in (last, ""):
            time.sleep(0.01)
            if time.monotonic() - begun > LONGEST:
                raise RuntimeError(f"make serve did not build a saved word within {LONGEST} s")
        wall = time.monotonic() - begun
        after = cpu_of_processes(book)
        cpu = sum(seconds - before.get(process, 0.0) for process, seconds in after.items())
        return Cost(wall, cpu, peak.stop())
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def cpu_of_processes(folder: Path) -> dict[int, float]:
    """Seconds of the processes that run in a folder, whoever started them."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder):
                used = process.cpu_times()
                found[process.pid] = used.user + used.system
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def cpu_when_at_rest(folder: Path, serving: subprocess.Popen) -> dict[int, float]:
    """`cpu_of_processes` when the one that serves and the one that stays wait for a change.

    Raises:
        RuntimeError: they do not come to rest.
    """
    begun, last = time.monotonic(), {}
    while time.monotonic() - begun < LONGEST and serving.poll() is None:
        time.sleep(REST)
        now = cpu_of_processes(folder)
        if now == last and len(now) > 1:
            return now
        last = now
    raise RuntimeError("make serve did not get ready to build")


def _count_as_fresh(chapter: Chapter, module: Path) -> None:
    """Enter a module's present content into the record of a chapter that depends on it."""
    from dlabook.source.files import hash_file

    notebook = load_executed(chapter)
    name = module.relative_to(chapter.root).as_posix()
    files = notebook.metadata["dlabook"]["files"] if notebook else {}
    if name in files:
        files[name] = hash_file(module)
        executed_path(chapter).write_text(nbformat.writes(notebook), encoding="utf-8")


def run_measured(command: list[str], folder: Path) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    environment = {**os.environ, "PYTHONPATH": str(folder / "code")}
    before, begun = os.times(), time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    peak = _Peak(process.pid)
    said, _ = process.communicate()
    memory = peak.stop()
    wall, after = time.monotonic() - begun, os.times()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said.decode()[-2000:]}")
    cpu = after.children_user + after.children_system
    return Cost(wall, cpu - before.children_user - before.children_system, memory)


class _Peak(threading.Thread):
    """Watches the memory of a process and all below it."""

    EVERY = 0.05  # s

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.done.wait(self.EVERY):
            try:
                parent = psutil.Process(self.pid)
                family = [parent, *parent.children(recursive=True)]
                self.peak = max(self.peak, sum(p.memory_info().rss for p in family))
            except psutil.NoSuchProcess:
                continue

    def stop(self) -> float:
        """MiB at the peak."""
        self.done.set()
        self.join()
        return self.peak / 2**20
