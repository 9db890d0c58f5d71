"""JupyterLab on the executed pages, as copies that a reader may change.

Everything is below ``_build/lab``: an environment with JupyterLab, a kernel
that starts this book's own Python, and the notebooks. What a reader changed
is never written over: a newer page is laid beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from dlabook.reader.notebook.notebook import readable, section_titles
from dlabook.run.client import ONE_THREAD
from dlabook.source.chapters import book_chapters, executable_chapters
from dlabook.source.files import write_whole

FOLDER = "_build/lab"
LOCK = "tools/lab.txt"
KERNEL = "python3"  # the name that the notebooks ask for


def lab(root: Path, arguments: Iterable[str] = ()) -> int:
    """Start JupyterLab in this terminal; returns its exit status.

    Args:
        root: the book's root, executed.
        arguments: further ones for ``jupyter lab``.

    Raises:
        RuntimeError: JupyterLab could not be installed; the message says why.
    """
    folder = root / FOLDER
    python = install_lab(root, folder / "environment")
    for line in lay_out(root, folder / "notebooks"):
        print(line)
    write_kernel(root, folder)
    command = [str(python), "-m", "jupyterlab", f"--notebook-dir={folder / 'notebooks'}"]
    return subprocess.call([*command, *arguments], env=lab_environment(folder))


def install_lab(root: Path, environment: Path) -> Path:
    """JupyterLab in an environment of its own, if its lock changed; returns its Python."""
    python = environment / "bin" / "python"
    lock = (root / LOCK).read_text(encoding="utf-8")
    mark = environment / "installed.txt"
    if mark.exists() and mark.read_text(encoding="utf-8") == lock:
        return python
    print("installing JupyterLab (a minute, the first time)", flush=True)
    venv.create(environment, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(root / LOCK)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(
            "JupyterLab could not be installed (is the network there?):\n"
            f"{result.stderr.strip()[-1500:]}"
        )
    write_whole(mark, lock)
    return python


def lay_out(root: Path, folder: Path) -> list[str]:
    """The executed pages as notebooks; returns what there is to say.

    A copy that is as it was laid out is replaced by the present page; beside
    one that the reader changed the present page gets the ending ``.new``.
    """
    record = folder / ".given.json"
    given = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    titles = section_titles(book_chapters(root))
    said = []
    for chapter in executable_chapters(root):
        text = json.dumps(readable(chapter, titles), ensure_ascii=False, sort_keys=True)
        names = (f"{chapter.name}.ipynb", f"{chapter.name}.new.ipynb")
        if not put(folder, names[0], text, given):
            beside = given.get(names[0]) != hash_of(text) and put(folder, names[1], text, given)
            end = f"; the present page is {names[1]}" if beside else ""
            said.append(f"{names[0]} has your changes and stays{end}")
    write_whole(record, json.dumps(given, indent=1))
    return said


def put(folder: Path, name: str, text: str, given: dict[str, str]) -> bool:
    """Lay a notebook out, unless the reader changed the one that is there."""
    path = folder / name
    if path.exists() and hash_of(path.read_text(encoding="utf-8")) != given.get(name):
        return False
    write_whole(path, text)
    given[name] = hash_of(text)
    return True


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write_kernel(root: Path, folder: Path) -> None:
    """A kernel that runs in this Python, with the book's figure style and one thread."""
    style = root / "book" / "matplotlibrc"
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (dla, dlabook)",
        "language": "python",
        "env": {**ONE_THREAD, "MATPLOTLIBRC": str(style)},
    }
    write_whole(folder / "kernels" / KERNEL / "kernel.json", json.dumps(spec, indent=1))


def lab_environment(folder: Path) -> dict[str, str]:
    """The kernel is found, and nothing is left in the reader's home."""
    own = {
        "JUPYTER_PATH": str(folder),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
    }
    return {**os.environ, **own}
