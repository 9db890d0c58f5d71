"""Files of the book: written whole, and told apart by their content."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

MISSING = "missing"
SCRATCH = re.compile(r"^\..+\.\d+$")  # as `write_whole` calls what is not whole yet


def hash_file(path: Path | str, *, before: float | None = None) -> str:
    """Fingerprint of a file; a file changed since a time has none that will fit.

    Raises:
        OSError: it is there and cannot be read.
    """
    path = Path(path)
    try:
        if before is not None and path.stat().st_mtime > before:
            return "changed while the chapter ran"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return MISSING


def hash_names(folder: Path) -> str:
    """Fingerprint of the names in a folder, without those of hidden and generated files."""
    try:
        names = sorted(name for name in os.listdir(folder) if not is_generated(name))
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()


def hash_importable(folder: Path) -> str:
    """Fingerprint of the names that `import` finds in a folder."""
    names = set()
    try:
        for name in os.listdir(folder):
            module = re.fullmatch(r"([^\W\d]\w*)(?:\.[\w-]+)*\.(?:py|so)", name)
            if module:
                names.add(module[1])
            elif name.isidentifier() and os.path.exists(os.path.join(folder, name, "__init__.py")):
                names.add(name)
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()


def is_generated(name: str) -> bool:
    """Whether a name is that of something hidden or made by a build."""
    return name.startswith((".", "_build", "__pycache__"))


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever we are killed.

    Raises:
        OSError: it cannot be written; what was there stays, and nothing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(scratch, path)
    except BaseException as error:
        scratch.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a full disk names none
        raise


def remove_scratch(folder: Path) -> None:
    """What processes that were killed left unfinished; to be called by who holds the lock."""
    for path in folder.rglob(".*"):
        if SCRATCH.match(path.name) and path.is_file():
            path.unlink(missing_ok=True)


def fingerprint(root: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
