"""A local server for authors: build, serve, rebuild when a source changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WATCHED = ("book", "code", "_config.yml", "_toc.yml")


def serve(root: Path, rebuild: Callable[[], int], *, port: int = 8000) -> int:
    """Serve ``_build/html`` on this machine only, until interrupted."""
    from watchfiles import watch

    rebuild()
    handler = partial(QuietHandler, directory=str(root / "_build" / "html"))
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"serving http://127.0.0.1:{server.server_port}/, Ctrl-C ends it")
    for changes in watch(*(root / name for name in WATCHED), raise_interrupt=True):
        print(f"{len(changes)} files changed")
        rebuild()
    return 0


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format, *arguments):
        pass
