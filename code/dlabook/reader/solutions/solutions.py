"""Sphinx extension: one switch hides the solutions of the exercises, on all pages and in print.

It is for who stands in front of a class. The browser keeps it; nobody else sees
another book. Hidden is not secret: the solutions are in the pages, in the
notebooks and in the sources. Without scripts all of them are shown, folded.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_exercise.nodes import solution_node

from dlabook.site.directives import BookDirective
from dlabook.site.static import contains, publish


class solutions_switch(nodes.General, nodes.Element):
    """Where a page without exercises has the switch too."""


class SolutionsSwitch(BookDirective):
    """The switch that hides all solutions, in the text."""

    required_arguments = 0
    has_content = False

    def run(self):
        return [solutions_switch()]


def _visit_switch(translator, node: solutions_switch) -> None:
    translator.body.append('<p class="solutions-place"></p>\n')
    raise nodes.SkipNode


def _skip_switch(translator, node: solutions_switch) -> None:
    raise nodes.SkipNode


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Script and style, on pages with solutions or with the switch only."""
    if contains(doctree, solution_node) or contains(doctree, solutions_switch):
        app.add_js_file("solutions.js", loading_method="defer")
        app.add_css_file("solutions.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("sphinx_exercise")
    publish(app, __file__, "solutions.js", "solutions.css")
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip_switch, None))
    app.add_node(solutions_switch, html=(_visit_switch, None), **others)
    app.add_directive("solutions-switch", SolutionsSwitch)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
