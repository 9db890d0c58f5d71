"""A process that stays: between builds it makes all ready for the next one.

    python -m dlabook.site.resident ROOT --answers FD [--jobs N]

For ``make serve``. Each byte that it reads asks for a build, and it answers
with a line, ``built`` or ``failed``. Before it is asked, it has loaded
everything that builds, and what the pages say. A build runs in a fork. One
that succeeds takes the place of the process that it came from, with all that
it has looked up; one that fails is gone, and the next starts where it
started, but writes every page, since nobody knows which ones the failed
build had written.

It does not see changes of what is in every page, such as its own code:
`dlabook.host.serve` then starts another.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import traceback
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.site.application import book_namespace, error_of_the_system, make_application
from dlabook.site.build import build_changes, build_environment
from dlabook.site.record import record_of

ASK, BUILT, FAILED = b".", "built", "failed"


class Resident:
    """The side of who asks: a resident process for a book.

    Args:
        root: the book's root.
        jobs: pages read and written at a time.
    """

    def __init__(self, root: Path, jobs: int):
        command = [sys.executable, "-m", "dlabook.site.resident", str(root), "--jobs", str(jobs)]
        answers, end = os.pipe()
        self.process = subprocess.Popen(
            [*command, "--answers", str(end)],
            cwd=root,
            stdin=subprocess.PIPE,
            pass_fds=[end],
            env=build_environment(),
        )
        os.close(end)
        self.answers = os.fdopen(answers, encoding="utf-8")

    def build(self) -> bool:
        """Tell whether a build of the book as it is succeeded.

        Raises:
            RuntimeError: the process has ended.
        """
        try:
            os.write(self.process.stdin.fileno(), ASK)
            answer = self.answers.readline().strip()
        except BrokenPipeError:
            answer = ""
        if answer not in (BUILT, FAILED):
            raise RuntimeError("the process that builds has ended; its messages above say why")
        return answer == BUILT

    def close(self) -> None:
        """End the process: it reads the end of what it is asked."""
        self.process.stdin.close()
        self.answers.close()
        self.process.wait()


# ---------------------------------------------------------------- in the process


def stay(root: Path, answers: int, jobs: int) -> None:
    """Answer requests until they end.

    Args:
        root: the book's root.
        answers: file descriptor to write to.
        jobs: pages read and written at a time.
    """
    built = True
    while built:  # an application builds once: nobody knows what else its parts keep
        with book_namespace(root):
            app = make_application(root, strict=True, jobs=jobs)
            gc.collect()
            gc.freeze()  # what is there stays; a fork shares it
            built = answered(app, root, answers)
        del app


def answered(app: Sphinx, root: Path, answers: int) -> bool:
    """Build when asked to, until a build succeeds; False if nobody asks any longer."""
    while os.read(sys.stdin.fileno(), len(ASK)):
        built = _built_in_fork(root, app)
        os.write(answers, f"{BUILT if built else FAILED}\n".encode())
        if built:
            return True
        record_of(app.env).shared = ""  # all pages are written next time
    return False


def _built_in_fork(root: Path, app: Sphinx) -> bool:
    """Build in a fork: it returns if it succeeded and this process ends; else this one returns."""
    end, own = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        built = False
        try:
            built = build_changes(root, lambda: run(app))
        except BaseException as error:
            if (said := error_of_the_system(error)) is None:
                traceback.print_exc()
            else:
                print(f"dlabook: {said}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        if not built:
            os._exit(1)
        os.write(own, b"+")
        os.close(own)
        return True
    os.close(own)
    built = bool(os.read(end, 1))
    os.close(end)
    if built:
        os._exit(0)
    os.waitpid(child, 0)
    return False


def run(app: Sphinx) -> int:
    app.build()
    return app.statuscode


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dlabook.site.resident")
    parser.add_argument("root", type=Path)
    parser.add_argument("--answers", type=int, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    gc.disable()  # it is collected between builds
    stay(options.root.resolve(), options.answers, options.jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
