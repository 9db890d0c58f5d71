"""Sphinx extension: what is copied of a page has its formulas as TeX and as MathML.

By itself a browser copies a formula as it is built: each letter of what is
read and of what is seen, one a line. The TeX that the book was written in
is not on the page (it would add a twentieth to its weight); ``formula.js``
spells it out of the MathML, macros included, so that it needs none.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.site.static import contains, publish


def add_script(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """On pages with formulas only."""
    if contains(doctree, lambda node: isinstance(node, nodes.math | nodes.math_block)):
        app.add_js_file("formula.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    publish(app, __file__, "formula.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
