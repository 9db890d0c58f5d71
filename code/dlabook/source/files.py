"""Files of the book: written whole, and told apart by their content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def hash_file(path: Path, *, before: float | None = None) -> str:
    """Fingerprint of a file; a file changed since a time has none that will fit."""
    try:
        if before is not None and path.stat().st_mtime > before:
            return "changed while the chapter ran"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(scratch, path)


def fingerprint(root: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
