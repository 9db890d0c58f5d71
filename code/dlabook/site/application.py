"""Sphinx with the book's configuration, in a process of its own: pages are read side by side.

    python -m dlabook.site.application ROOT [--all] [--strict] [--jobs N]

Not ``jupyter-book build``, because that reads the pages one after the
other. The configuration is Jupyter Book's, made from ``_config.yml``.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNUSED = "sphinx_jupyterbook_latex"  # of PDF alone; and it cannot read pages side by side
# Numbers the sections when all pages have been read: it does not mind who read them.
SAFE = "sphinx_multitoc_numbering"
PROOF = "prf"  # sphinx-proof merges its statements itself, and its empty domain not at all


def book_config(root: Path) -> dict:
    """Sphinx's configuration as Jupyter Book makes it."""
    from jupyter_book.config import get_final_config

    cli = {"latex_individualpages": False}
    config, _ = get_final_config(user_yaml=root / "_config.yml", sourcedir=root, cli_config=cli)
    config["extensions"] = [name for name in config["extensions"] if name != UNUSED]
    config["templates_path"] = []  # the theme adds to it: not to Sphinx's own, for other books
    config["extensions"].append("dlabook.site.executed")  # see `_config.yml`
    return config


def make_application(root: Path, *, strict: bool, jobs: int):
    """The application; to be made inside `book_namespace`."""
    from sphinx.application import Sphinx

    build, config = root / "_build", book_config(root)
    if strict:
        config["nitpicky"] = True
    app = Sphinx(
        srcdir=root,
        confdir=None,
        outdir=build / "html",
        doctreedir=build / ".doctrees",
        buildername="html",
        confoverrides=config,
        status=None,
        warningiserror=strict,
        parallel=jobs,
        keep_going=strict,
    )
    if SAFE in app.extensions:
        app.extensions[SAFE].parallel_read_safe = True
    if PROOF in app.env.domains:
        app.env.domains[PROOF].merge_domaindata = _merge_nothing
    return app


def _merge_nothing(docnames, other) -> None:
    """A domain without data of its own has nothing to merge."""


@contextmanager
def book_namespace(root: Path) -> Iterator[None]:
    """What Sphinx's extensions change in docutils is undone at the end."""
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with patch_docutils(root), docutils_namespace():
        yield


def _build_pages(root: Path, *, strict: bool, jobs: int, everything: bool) -> int:
    """Read what changed and write what shows it; returns Sphinx's status.

    Args:
        root: the book's root.
        strict: warnings are errors, also missing references.
        jobs: pages read and written at a time.
        everything: read all pages.
    """
    with book_namespace(root):
        app = make_application(root, strict=strict, jobs=jobs)
        app.build(force_all=everything)
    return app.statuscode


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="dlabook.site.application")
    parser.add_argument("root", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    gc.disable()  # one short process: collecting its garbage is an eighth of its time
    try:
        return _build_pages(
            options.root.resolve(), strict=options.strict, jobs=options.jobs, everything=options.all
        )
    except Exception as error:
        if (said := error_of_the_system(error)) is None:
            raise
        print(f"dlabook: {said}", file=sys.stderr)
        return 2


def error_of_the_system(error: BaseException) -> str | None:
    """What the system refused (no space, no permission), in a line; None if that was not it.

    Sphinx wraps errors: those of its extensions keep the cause, those of the processes that read
    and write side by side their name.
    """
    from sphinx.errors import SphinxParallelError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError):
            return str(seen)
        if isinstance(seen, SphinxParallelError):
            last = seen.traceback.strip().splitlines()[-1]
            name, _, text = last.partition(": ")
            return text if name in SYSTEM_ERRORS else None
        seen = seen.__cause__ or getattr(seen, "orig_exc", None)
    return None


SYSTEM_ERRORS = ("OSError", "PermissionError", "FileNotFoundError", "BlockingIOError")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
