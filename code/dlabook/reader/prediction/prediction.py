"""Sphinx extension: the outcome of a prediction is closed until the reader has said what to expect.

The markup has every outcome, at the prediction and at the cell that decides
it: print, readers without scripts, the PDF and the notebooks show it.
``prediction.js`` closes it before the first paint, asks, and keeps what was
said in the browser; on the trainer's page it counts.

Only the two lines that name the verdict are closed. What a deciding cell
prints is the evidence, and the text after it tells the outcome in words:
both stay, because a page with holes could not be read by those who do not
want to be asked. The question says so.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.site.record import record_of
from dlabook.site.static import contains, publish
from dlabook.source.chapters import topics
from dlabook.source.pages import TRAINER


def _has_outcome(node: nodes.Node) -> bool:
    return isinstance(node, nodes.paragraph) and "outcome" in node["classes"]


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """The script in the head, where it closes outcomes before they are painted."""
    if pagename == TRAINER:
        app.add_css_file("prediction.css")
        app.add_js_file("prediction.js", loading_method="defer")  # after the trainer's
    elif contains(doctree, _has_outcome):
        app.add_js_file("prediction.js")
        app.add_css_file("prediction.css")


def decided_predictions(app: Sphinx) -> list[dict]:
    """Of each decided prediction its label, chapter, place and outcome, as the trainer counts."""
    record = record_of(app.env)
    return [
        {
            "id": label,
            "chapter": pages[0].docname,
            "href": f"{app.builder.get_relative_uri(TRAINER, page.docname)}#{label}",
            "held": held,
        }
        for pages in topics(Path(app.srcdir))
        for page in pages
        for label, held in record.get(page.docname).predictions.items()
    ]


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.site.directives")
    publish(app, __file__, "prediction.js", "prediction.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
