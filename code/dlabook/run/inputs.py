"""What a chapter's kernel reads, beside the modules and files that `dlabook.run.kernel` lists.

Python's audit hook sees what Python opens, lists and starts. It does not see
what C code opens: where a library does so (`BY_LIBRARY`), its function is
wrapped when the library is imported. (Watching the disk would see all of it,
but not whose it is: several kernels, and the build, read at the same time.)
A file that was looked for and was not there counts: one day it may be. What
only its length, date or existence is asked of is not seen.

This module decides nothing that a chapter prints, and is in no chapter's list.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import sys
import threading
from pathlib import Path

from dlabook.run import kernel, proofs
from dlabook.source import files
from dlabook.source.files import hash_importable, hash_names, is_generated

STANDARD = ("importlib", "pkgutil")  # who lists folders to import: `importable` says more
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}
OPENS = {"open", "sqlite3.connect", "ctypes.dlopen"}
LISTS = {"os.listdir", "os.scandir"}

_root = ""
_read: dict[str, int] = {}  # absolute, below the root -> number of the cell that read it first
_listed: dict[str, str] = {}  # folder -> fingerprint of its names when it was first listed
_importable: dict[str, str] = {}  # folder of the search path -> fingerprint of what it offers
_own = threading.local()  # .busy while the hook itself looks


def watch(root: str) -> None:
    """Begin to note what this process reads below a folder; before anything is imported."""
    global _root
    _root = os.path.realpath(root)
    _note_search_path()
    sys.addaudithook(_note)
    sys.meta_path.insert(0, WrapLibraries())


def report(root: str) -> str:
    """`dlabook.run.kernel.report`, with all that was read, as JSON."""
    known = json.loads(kernel.report(root))
    _note_search_path()
    own = kernel.below(Path(root), {__file__, files.__file__, proofs.__file__})
    known["files"] = sorted((set(known["files"]) - own) | set(map(relative, _read)))
    data = [path for path in sorted(_read) if not path.endswith(".py") and os.path.isfile(path)]
    known["first_read"] = {relative(path): _read[path] for path in data}
    known["folders"] = {relative(folder): names for folder, names in sorted(_listed.items())}
    known["importable"] = {relative(place): names for place, names in sorted(_importable.items())}
    return json.dumps(known)


def relative(path: str) -> str:
    return Path(path).relative_to(_root).as_posix()


def inside(path) -> str | None:
    """The real path of what lies below the root and was written by a person; else None."""
    try:
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        real = os.path.realpath(os.fsdecode(path))
    except (TypeError, ValueError, OSError):
        return None
    if real != _root and not real.startswith(_root + os.sep):
        return None
    return None if any(map(is_generated, real[len(_root) :].split(os.sep))) else real


def _note_search_path() -> None:
    _own.busy = True  # to look is not to list
    for place in sys.path:
        folder = inside(place or os.getcwd())
        if folder and folder not in _importable:
            _importable[folder] = hash_importable(Path(folder))
    _own.busy = False


def _cell() -> int:
    """Number of the cell that runs, from 1; 0 before there is a shell."""
    shells = sys.modules.get("IPython.core.interactiveshell")
    shell = getattr(getattr(shells, "InteractiveShell", None), "_instance", None)
    return getattr(shell, "execution_count", 1) - 1  # it counts on before a cell runs


def _note_read(path) -> None:
    if not isinstance(path, int) and (real := inside(path)) and not os.path.isdir(real):
        _read.setdefault(real, _cell())


def _note_listed(folder) -> None:
    real = inside("." if folder is None else folder)
    if real and real not in _listed:
        _listed[real] = hash_names(Path(real))


def _note_command(words, folder=None) -> None:
    """The files and folders that a command line names."""
    for word in [words] if isinstance(words, (str, bytes, os.PathLike)) else words or ():
        text = os.fsdecode(word)
        try:
            parts = shlex.split(text)
        except ValueError:
            parts = text.split()
        for part in {text, *parts, *re.findall(r"[^\s'\"=;|&<>()]+", text)}:
            path = os.path.join(folder or "", part)
            if os.path.isdir(path):
                _note_listed(path)
            elif os.path.isfile(path):
                _note_read(path)


def _note(event: str, arguments: tuple) -> None:
    if event not in OPENS and event not in LISTS and event not in STARTS:
        return
    if getattr(_own, "busy", False):
        return
    _own.busy = True
    try:
        if event in OPENS:
            _note_read(arguments[0])
        elif event in LISTS:
            caller = sys._getframe(1).f_code.co_filename
            if not any(name in caller for name in STANDARD):
                _note_listed(arguments[0])
        elif event == "subprocess.Popen":
            _note_command(arguments[1], arguments[2])
        elif event == "os.system":
            _note_command(arguments[0])
        else:
            _note_command(arguments[1])
    except (OSError, TypeError, ValueError):
        pass  # no name of a file: the call itself says what is wrong
    finally:
        _own.busy = False


# ------------------------------------------------------- what C code opens


def _first_argument_is_read(owner, name: str) -> None:
    """Wrap a function, or class, of a library: its first argument names a file."""
    made = getattr(owner, name)

    @functools.wraps(made, updated=())
    def noted(*arguments, **options):
        named = [*arguments[:1], *(options[key] for key in PARAMETERS if key in options)]
        for path in named:
            if isinstance(path, (str, bytes, os.PathLike)):
                _note_read(path)
        return made(*arguments, **options)

    setattr(owner, name, noted)


PARAMETERS = ("filename", "file", "f", "path", "soundfont", "soundfont_path")


def _wrap_soundfile(module) -> None:
    """libsndfile; librosa and all that calls `soundfile` come through here."""
    made = module.SoundFile.__init__

    @functools.wraps(made)
    def opened(self, file, mode="r", *arguments, **options):
        if mode != "w" and isinstance(file, (str, bytes, os.PathLike)):
            _note_read(file)
        made(self, file, mode, *arguments, **options)

    module.SoundFile.__init__ = opened


def _wrap_pexpect(module) -> None:
    """A line that begins with ``!`` in a cell: the process forks, and starts elsewhere."""
    made = module.spawn._spawn

    @functools.wraps(made)
    def started(self, command, args=(), *arguments, **options):
        _note_command([command, *args], getattr(self, "cwd", None))
        return made(self, command, args, *arguments, **options)

    module.spawn._spawn = started


BY_LIBRARY = {
    "soundfile": _wrap_soundfile,
    "pexpect.pty_spawn": _wrap_pexpect,
    "safetensors": lambda module: _first_argument_is_read(module, "safe_open"),
    "torch.jit._serialization": lambda module: _first_argument_is_read(module, "load"),
}


class WrapLibraries:
    """A finder that finds nothing itself: it wraps a library once it has been loaded."""

    def find_spec(self, name, path=None, target=None):
        if name not in BY_LIBRARY:
            return None
        others = [f for f in sys.meta_path if f is not self and hasattr(f, "find_spec")]
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_wrap(module) -> None:
                load(module)
                BY_LIBRARY[name](module)

            spec.loader.exec_module = load_and_wrap
        return spec
