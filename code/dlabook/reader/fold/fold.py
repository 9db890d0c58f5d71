"""Sphinx extension: code that is not the idea is folded to one line (`dlabook.source.cells`).

Not MyST-NB's hidden cells, because their button does not say what is folded.

A folded cell is a ``<details>``: it opens without scripts, and a browser that
searches the page opens it. ``fold.js`` opens all of a page at once, and what
a link or a search leads to. Folded is not hidden: the code is in the page, in
print and in the notebook, and a builder that cannot fold shows it. A cell
tagged ``output-first`` has its code below what it gave, on every page that is
made of it; the notebook keeps the order in which things happened.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook.site.directives import code_cells
from dlabook.site.static import contains, publish
from dlabook.source.cells import OUTPUT_FIRST, describe, is_folded, is_output_first

logger = logging.getLogger(__name__)


class folded_code(nodes.General, nodes.Element):
    """The code of a cell, folded; ``summary`` says what is in it."""


def fold_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Fold the code of the cells that are tagged, and of those that prepare the others."""
    for cell in code_cells(doctree):
        for source in [node for node in cell.children if _is_source(node)]:
            text, metadata = source.astext(), cell.get("cell_metadata", {})
            try:
                folded = is_folded(text, metadata)
            except ValueError as error:
                logger.warning("%s", error, location=cell)
                continue
            if folded:
                cell["classes"].append("is-folded")
                place = folded_code("", summary=describe(text, metadata))
                source.replace_self(place)
                place += source


def put_outputs_first(app: Sphinx, doctree: nodes.document) -> None:
    """Put the code of the cells that are tagged so below their outputs."""
    for cell in list(code_cells(doctree)):
        if not is_output_first(cell.get("cell_metadata", {})):
            continue
        sources = [node for node in cell.children if _is_source(node)]
        outputs = [node for node in cell.children if not _is_source(node)]
        if not outputs:
            logger.warning("a cell tagged %s gives nothing", OUTPUT_FIRST, location=cell)
        cell.children = [*outputs, *sources]


def _is_source(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_source"


def _visit_folded(translator, node: folded_code) -> None:
    title, _, length = node["summary"].rpartition(", ")
    translator.body.append(
        f'<details class="folded-code">\n<summary>{escape(title)}'
        f"<span>, {escape(length)}</span></summary>\n"
    )


def _depart_folded(translator, node: folded_code) -> None:
    translator.body.append("</details>\n")


def _show_whole(translator, node: folded_code) -> None:
    """A builder that cannot fold writes the code."""


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Script and style, on pages with folded code only."""
    if contains(doctree, folded_code):
        app.add_js_file("fold.js", loading_method="defer")
        app.add_css_file("fold.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    publish(app, __file__, "fold.js", "fold.css")
    whole = dict.fromkeys(("latex", "text", "man", "texinfo"), (_show_whole, _show_whole))
    app.add_node(folded_code, html=(_visit_folded, _depart_folded), **whole)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
