"""One build at a time: what writes below ``_build`` holds its lock.

Not the filelock package, because the process that writes the pages holds the lock too: it is given
the open file, which that package keeps to itself.

The lock is the kernel's (``flock``), on ``_build/lock``: it ends with the
process, however that ends, so that none is ever stale. The file says who
holds it.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "_build/lock"
_held: dict[Path, int] = {}  # book -> descriptor of the lock that this process holds


@contextmanager
def locked(root: Path) -> Iterator[int]:
    """Hold a book's lock; where another process has it, say so and wait.

    Who holds it already, holds it on. Yields the lock's descriptor: a process
    that is given it (``pass_fds``) keeps the lock when its parent is killed.

    Raises:
        OSError: the lock's file cannot be written.
    """
    root = root.resolve()
    if root in _held:
        yield _held[root]
        return
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        _held[root] = descriptor
        yield descriptor
    finally:
        _held.pop(root, None)
        os.close(descriptor)


def _acquire(descriptor: int) -> None:
    """The lock, at once or when its holder ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode().strip() or "just started"
        print(f"waiting for another build of this book (process {holder})", file=sys.stderr)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
