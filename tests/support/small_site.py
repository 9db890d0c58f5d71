"""A book of a few pages, written and built by a test."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from places import ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

# A line of `conf.py` for pages with code that no kernel ran: none has said its language.
UNEXECUTED = "suppress_warnings = ['myst-nb.lexer']\n"


class Built(NamedTuple):
    """What a build did: the pages that it read, those that it wrote, and its warnings."""

    read: set[str]
    written: set[str]
    warnings: str


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def configure(root: Path, extensions: list[str], more: str = "") -> None:
    """Write ``conf.py``: MyST-NB that executes nothing, and what the book's formulas need.

    Args:
        root: of the book.
        extensions: beside MyST-NB.
        more: lines of the configuration.
    """
    lines = (
        f"extensions = {['myst_nb', *extensions]!r}\n"
        "nb_execution_mode = 'off'\nmyst_enable_extensions = ['dollarmath']\n"
        "html_math_renderer = 'book'\nexclude_patterns = ['node_modules', '_build']\n"
    )
    write(root, "conf.py", lines + more)
    (root / "node_modules").symlink_to(ROOT / "node_modules")


def build(root: Path) -> Built:
    """Build ``_build/html`` with the book's own ``conf.py``, from what the last build left."""
    warnings, read, written, out = io.StringIO(), set(), set(), root / "_build"
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            root, root, out / "html", out / "trees", "html",
            status=io.StringIO(), warning=warnings,
        )  # fmt: skip
        app.connect("env-purge-doc", lambda app, env, name: read.add(name))
        app.connect("html-page-context", lambda app, name, *rest: written.add(name))
        app.build()
    pages = {name for name in written if name == "index" or name.startswith("book/")}
    return Built(read, pages, warnings.getvalue())


@contextmanager
def visitor(browser, script: str) -> Iterator:
    """A tab with a memory of its own, in which a script may raise nothing; Sphinx's own do."""
    context = browser.new_context()
    tab, faults = context.new_page(), []
    tab.on("pageerror", lambda error: faults.append(error.stack))
    yield tab
    context.close()
    assert [stack for stack in faults if script in stack] == []
