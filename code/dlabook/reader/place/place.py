"""Sphinx extension: a reader sees where he is, and where he was.

``place.js`` brings the current page into sight in the sidebar, lets the page's contents follow a
jump, marks what a link led to, and keeps in the browser which sections of a chapter's pages were
read: the sidebar ticks pages that were read to the end, and the first page offers to go on.
Nothing is sent.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from dlabook.site.static import publish


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Script and style, on every page that has a source."""
    if doctree is not None:
        app.add_js_file("place.js", loading_method="defer")
        app.add_css_file("place.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    publish(app, __file__, "place.js", "place.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
