"""JupyterLab on the executed pages, as copies that a reader may change.

Below ``_build/lab`` are an environment with JupyterLab, and a kernel that
starts this book's own Python. The notebooks are in ``lab``, which `make clean`
leaves alone. What a reader changed there is never written over: a newer page
is laid beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

from dlabook.output.jupyter import EXECUTOR
from dlabook.reader.notebook.notebook import readable, section_titles
from dlabook.run.client import kernel_environment
from dlabook.source.chapters import book_chapters, executable_chapters
from dlabook.source.files import write_whole

FOLDER, COPIES = "_build/lab", "lab"
LOCK = "tools/lab.txt"
KERNEL = "python3"  # the name that the notebooks ask for


def lab(root: Path) -> int:
    """Lay the notebooks out, and become JupyterLab.

    Args:
        root: the book's root, executed.

    Raises:
        RuntimeError: JupyterLab could not be installed; the message says why.
    """
    folder, copies = root / FOLDER, root / COPIES
    python = install_lab(root, folder / "environment")
    for line in lay_out(root, copies):
        print(line)
    write_kernel(root, folder)
    command = [
        *(str(python), "-m", "jupyterlab", f"--ServerApp.root_dir={copies}"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    sys.stdout.flush()
    # not subprocess: Ctrl-C is for JupyterLab alone, which asks before it ends
    os.execve(python, command, lab_environment(folder))


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
            beside = given.get(names[0]) != _hash_of(text) and put(folder, names[1], text, given)
            end = f"; the present page is {names[1]}" if beside else ""
            said.append(f"{names[0]} has your changes and stays{end}")
    write_whole(record, json.dumps(given, indent=1))
    return said


def put(folder: Path, name: str, text: str, given: dict[str, str]) -> bool:
    """Lay a notebook out, unless the reader changed the one that is there."""
    path = folder / name
    if path.exists() and _hash_of(path.read_text(encoding="utf-8")) != given.get(name):
        return False
    write_whole(path, text)
    given[name] = _hash_of(text)
    return True


def _hash_of(text: str) -> str:
    """Fingerprint of a notebook's cells and outputs.

    JupyterLab writes a file again when its kernel has started, in lines and with
    the kernel's name: whoever has only opened a copy has not changed it.
    """
    try:
        cells = json.loads(text)["cells"]
    except (ValueError, TypeError, KeyError):
        cells = text
    else:
        for cell in cells:
            cell.get("metadata", {}).pop("trusted", None)
    whole = json.dumps(_in_one_piece(cells), sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def _in_one_piece(value):
    """Of a notebook: every text that is stored as a list of lines as one text."""
    if isinstance(value, list):
        if value and all(isinstance(line, str) for line in value):
            return "".join(value)
        return [_in_one_piece(part) for part in value]
    if isinstance(value, dict):
        return {name: _in_one_piece(part) for name, part in value.items()}
    return value


def write_kernel(root: Path, folder: Path) -> None:
    """A kernel that runs in this Python and finds what the book's own kernels find.

    So a cell that is run again unchanged prints and draws what the page shows.
    """
    found = kernel_environment(root)
    del found[EXECUTOR]  # a reader runs it, not the book
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (dla, dlabook)",
        "language": "python",
        "env": found,
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
