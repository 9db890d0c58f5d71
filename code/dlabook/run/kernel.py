"""What runs inside a chapter's kernel: an ordinary IPython kernel that knows what it read.

The kernel keeps a list of the files that the chapter depends on, describes
its figures in words (for the transcript), and dies with the process that
started it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from dlabook.output.jupyter import book_executes

_opened: set[str] = set()


def main() -> None:
    """Start the kernel; the connection file comes with the command line."""
    _die_with_parent()
    sys.addaudithook(_note_opened_file)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance(log_level=logging.ERROR)
    app.initialize()
    configure(app.shell)
    app.start()


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, however it dies.

    Elsewhere ipykernel's own poller ends the kernel a second later.
    """
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    PR_SET_PDEATHSIG = 1  # linux/prctl.h
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if not book_executes():  # the executor died before the call
        os._exit(1)


def configure(shell) -> None:
    """Reproducible SVG figures that carry their own description."""
    shell.run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
    shell.run_line_magic(
        "config",
        "InlineBackend.print_figure_kwargs = {'bbox_inches': None, 'metadata': {'Date': None}}",
    )

    def describe_figures() -> None:
        # IPython forgets all printers of figures when pyplot is loaded. This
        # event comes before the one that shows a cell's figures.
        if "matplotlib.figure" in sys.modules:
            from matplotlib_inline.config import InlineBackend

            backend = InlineBackend.instance(parent=shell)
            if set(backend.figure_formats) != {"svg"}:  # an import set another, e.g. music21
                backend.figure_formats = {"svg"}
            figure = sys.modules["matplotlib.figure"].Figure
            shell.display_formatter.formatters["text/plain"].for_type(figure, _describe_figure)

    shell.events.register("post_execute", describe_figures)


def _describe_figure(figure, printer, cycle) -> None:
    from dlabook.output.figure import describe

    printer.text(describe(figure))


def _note_opened_file(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str):
        _opened.add(arguments[0])


def report(root: str) -> str:
    """What this kernel read below ``root``, what it used, and what it ran on, as JSON."""
    import platform
    import resource
    from importlib.metadata import version

    modules = {
        module.__file__
        for module in list(sys.modules.values())
        if getattr(module, "__file__", None)
    }
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    packages = ("torch", "numpy", "scipy", "librosa", "matplotlib")
    return json.dumps(
        {
            "files": sorted(below(Path(root), modules | _opened)),
            "peak_memory_mib": round(kib / (1024 if sys.platform == "linux" else 1024**2)),
            "python": platform.python_version(),
            "versions": {p: version(p) for p in packages if p in sys.modules},
            "processor": processor(),
        }
    )


def below(root: Path, files: set[str]) -> set[str]:
    """The book's own files among those named, relative to its root.

    Left out: everything generated or installed, compiled modules (their
    sources are listed), and what is gone by now.
    """
    kept = set()
    for name in files:
        try:
            relative = Path(name).resolve().relative_to(root.resolve())
        except (ValueError, OSError):
            continue
        hidden = any(part.startswith((".", "_build", "__pycache__")) for part in relative.parts)
        if not hidden and (root / relative).is_file():
            kept.add(relative.as_posix())
    return kept


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    import platform

    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
