"""Results kept as files between runs, each under its inputs' hash.

Not joblib's Memory, because that keeps pickles: here are bytes, with their digest at the head of
the file.

The folder lies outside the repository: ``$DLA_CACHE`` if set, else
``dla-book`` in ``$XDG_CACHE_HOME`` or ``~/.cache``. A file that is cut
short or altered is as good as absent. Deleting the folder loses
nothing but time.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

DIGEST = 32  # bytes of SHA-256 at the head of every file


def folder() -> Path:
    """Where results are kept; need not exist."""
    if own := os.environ.get("DLA_CACHE"):
        return Path(own)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "dla-book"


def key(*inputs: str | bytes) -> str:
    """A name for what follows from these inputs, and from no others.

    >>> key("a", "bc") == key("ab", "c")
    False
    """
    whole = hashlib.sha256()
    for item in inputs:
        data = item.encode() if isinstance(item, str) else item
        whole.update(hashlib.sha256(data).digest())
    return whole.hexdigest()


def read(name: str) -> bytes | None:
    """The content kept under a name; None if there is none intact."""
    try:
        stored = _path(name).read_bytes()
    except OSError:
        return None
    digest, content = stored[:DIGEST], stored[DIGEST:]
    intact = hashlib.sha256(content).digest() == digest
    return content if intact else None


def write(name: str, content: bytes) -> None:
    """Keep a content: whole or not at all, also when two write at once.

    A folder that cannot be written to is no error: the result is
    then computed again next time.
    """
    path = _path(name)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise


def _path(name: str) -> Path:
    """Files are spread over folders by their first two letters."""
    return folder() / name[:2] / name
