"""A local server for authors: build, serve, rebuild when a source changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

WATCHED = ("book", "code", "_config.yml", "_toc.yml")


def serve(root: Path, rebuild: Callable[[], int], *, port: int = 8000) -> int:
    """Serve ``_build/html`` on this machine only, until interrupted."""
    from watchfiles import watch

    from dlabook.host.browser import Server

    rebuild()
    server = Server(root / "_build" / "html", port=port)
    print(f"serving {server.base}, Ctrl-C ends it")
    for changes in watch(*(root / name for name in WATCHED), raise_interrupt=True):
        print(f"{len(changes)} files changed")
        rebuild()
    return 0
