"""What was worked out from a content once is kept for the next build.

Not joblib's Memory, because that tells results apart by a call's arguments and the function's own
lines: here a file's content decides, and the whole module.

The content decides, not a date: each result lies under the hash of what it
was made from and of the code that made it, below ``_build/known``. Deleting
the folder costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import inspect
import pickle
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from dlabook.source.files import write_whole

FOLDER = "_build/known"
MOST = 4000  # results of a kind; then the folder is made anew


def known(root: Path, work: Callable[..., Any], content: str, *arguments: Any) -> Any:
    """``work(*arguments)``, or what it gave for the same content before.

    Args:
        root: the book's root.
        work: a function of a module; it depends on nothing but the content.
        content: what decides the result, or its hash.
        arguments: of the function.
    """
    key = hashlib.sha256(f"{_code(work)}\0{content}".encode()).hexdigest()
    path = root / FOLDER / work.__name__ / key
    try:
        return pickle.loads(path.read_bytes())
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        pass  # never worked out, cut short, or of a class that is gone
    found = work(*arguments)
    if path.parent.exists() and sum(1 for _ in path.parent.iterdir()) > MOST:
        for stale in path.parent.iterdir():
            stale.unlink(missing_ok=True)
    write_whole(path, pickle.dumps(found))
    return found


@cache
def _code(work: Callable) -> str:
    """Fingerprint of the module that a function is in."""
    return hashlib.sha256(Path(inspect.getfile(work)).read_bytes()).hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file's content; empty if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return _digest(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4096)
def _digest(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
