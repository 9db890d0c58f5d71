"""A book of a few pages, written and built by a test."""

import io
from pathlib import Path
from typing import NamedTuple

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils


class Built(NamedTuple):
    """What a build did: the pages that it read, those that it wrote, and its warnings."""

    read: set[str]
    written: set[str]
    warnings: str


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


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
