"""Sphinx extension: permanent addresses and what it takes to cite them.

Not cffconvert, because that cites the book as a whole, and no equation of it.

Every page, equation, figure, statement, exercise, prediction and oral
question has an address that ends in its label, shown as a link beside it
(`dlabook.site.translator`). ``cite.js`` adds a button to each that offers BibTeX, a
formatted reference and the link.

The version of the book changes with each commit, and no page must be
written again for that: the pages carry the version that is being prepared,
and ``_static/version.js``, written at the end of each build, the exact one.
"""

from __future__ import annotations

import html
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.site.static import publish
from dlabook.source.version import VERSION_SCRIPT, citation, write_version


def _version_line(root: Path) -> str:
    """The end of a page: the version being prepared, until the script knows the exact one."""
    number = html.escape(str(citation(root).get("version", "")))
    return f'<p class="book-version">Version <span>{number}</span></p>\n' if number else ""


def add_citation_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if doctree is None or "body" not in context or "orphan" in (context.get("meta") or {}):
        return
    app.add_js_file(VERSION_SCRIPT, defer="defer")
    app.add_js_file("cite.js", defer="defer")
    app.add_css_file("cite.css")
    context["body"] += _version_line(Path(app.srcdir))


def write_version_script(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        write_version(Path(app.srcdir), Path(app.outdir))


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.translator")
    publish(app, __file__, "cite.js", "cite.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
