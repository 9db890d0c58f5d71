"""A local server for authors: build, serve, rebuild when a source changes.

Not sphinx-autobuild, because that starts Sphinx anew for each change and executes no chapter: here
a process stays (`dlabook.site.resident`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from dlabook.run.execute import execute
from dlabook.site.build import build, frame_key, sealed, site_key
from dlabook.site.resident import Resident
from dlabook.source.chapters import executable_chapters
from dlabook.source.lock import locked

WATCHED = ("book", "code", "_config.yml", "_toc.yml")


def serve(root: Path, rebuild: Callable[[], int], *, port: int = 8000) -> int:
    """Serve ``_build/html`` on this machine only, until interrupted; returns an exit status.

    The port is asked for first: a build before "it is taken" would be in vain.
    """
    from watchfiles import watch

    from dlabook.host.browser import Server

    try:
        server = Server(root / "_build" / "html", port=port)
    except OSError as error:
        print(
            f"dlabook: port {port} of 127.0.0.1: {error.strerror}; "
            f"another one is `make serve PORT={port % 65535 + 1}`",
            file=sys.stderr,
        )
        return 2
    rebuild()
    print(f"serving {server.base}, Ctrl-C ends it")
    for changes in watch(*(root / name for name in WATCHED), raise_interrupt=True):
        print(f"{len(changes)} files changed")
        rebuild()
    return 0


class Rebuilder:
    """Builds the book again and again; what is in no page but its own is built by a resident.

    Args:
        root: the book's root.
        jobs: kernels, and pages, at a time.
    """

    def __init__(self, root: Path, jobs: int):
        self.root, self.jobs = root, jobs
        self.resident: Resident | None = None
        self.frame, self.left = "", []

    def __call__(self) -> int:
        failures = execute(executable_chapters(self.root), jobs=self.jobs)
        return 1 if not self.site() or failures else 0

    def site(self) -> bool:
        """Build the site; tell whether it succeeded."""
        with locked(self.root):
            frame = frame_key(self.root)
            if self.resident is not None and frame == self.frame and self.is_its_own():
                built = self.resident.build()
            else:
                self.close()
                built = build(self.root, jobs=self.jobs)
                if built:
                    self.resident, self.frame = Resident(self.root, self.jobs), frame
            self.left = sealed(self.root)
            return built

    def is_its_own(self) -> bool:
        """Whether the site lies there as the resident left it, finished or not."""
        now = sealed(self.root)
        return now == self.left and (not now or now[2:] == [site_key(self.root)])

    def close(self) -> None:
        if self.resident is not None:
            self.resident.close()
            self.resident = None
