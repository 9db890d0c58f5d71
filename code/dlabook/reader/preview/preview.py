"""Sphinx extension: what a link refers to, shown where it is.

Not sphinx-tippy, because that writes what other pages say beside each page that names them: a
changed definition would change all of these.

For each page ``_previews/<page>.js`` holds what links to it may show: its
equations, figures, statements, exercises, references, terms, entries of the
library, and the beginning of its sections. ``preview.js``
loads it when a reader first points at such a link, so that a page carries
nothing of another one, and a changed page changes its own file only. It is
a script and not JSON, because a page that was opened as a file may load
scripts and nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.site.mathematics import write_equation
from dlabook.site.static import publish
from dlabook.site.translator import BookTranslator, is_folded, permanent_id, quote
from dlabook.source.labels import BOXES

FOLDER = "_previews"
CLOSED = {"oral-answer", "outcome"}  # a reader is to think first


def previews(doctree: nodes.document, translator: BookTranslator) -> dict[str, str]:
    """Anchor -> markup that a link to it may show.

    Args:
        doctree: of a page that has been written.
        translator: one that quotes for any page.
    """
    found = {}
    for node in doctree.findall(nodes.Element):
        for kind, preview in PREVIEWS:
            if isinstance(node, kind):
                anchor, markup = preview(node, translator)
                if anchor:
                    found[anchor] = " ".join(markup.split())
    return found


def _preview_section(section: nodes.section, translator: BookTranslator) -> tuple[str, str]:
    """Its title and first paragraph; of an entry of the library the signature."""
    anchor, title = permanent_id(section), section[0]
    following = [node for node in section.children[1:] if not _is_silent(node)]
    if not isinstance(title, nodes.title):
        return "", ""
    if anchor in section["ids"][1:]:
        text = translator.write(node for node in following[:1] if _is_plain(node))
        return anchor, f"<p><strong>{translator.write_inside(title)}</strong></p>{text}"
    if anchor.startswith("dla.") and isinstance(following[0], nodes.literal_block):
        text = (node for node in following[1:2] if _is_plain(node))
        return anchor, translator.write([following[0], *text])
    return "", ""


def _is_silent(node: nodes.Node) -> bool:
    """Whether a node prints nothing, or no more than what a section practises."""
    return isinstance(node, nodes.Invisible | nodes.target) or "outcomes-note" in node["classes"]


def _is_plain(node: nodes.Node) -> bool:
    return isinstance(node, nodes.paragraph) and not node["classes"] and not node["ids"]


def _preview_term(term: nodes.term, translator: BookTranslator) -> tuple[str, str]:
    anchor = next((name for name in term["ids"] if name.startswith("term-")), "")
    definition = translator.write(term.parent[-1].children) if anchor else ""
    return anchor, f"<p><strong>{translator.write_inside(term)}</strong></p>{definition}"


def _preview_equation(equation: nodes.math_block, translator: BookTranslator) -> tuple[str, str]:
    if not equation.get("label"):
        return "", ""
    start = len(translator.body)
    write_equation(translator, equation)
    return equation["ids"][0], translator.take_from(start)


def _preview_figure(figure: nodes.figure, translator: BookTranslator) -> tuple[str, str]:
    return permanent_id(figure), translator.write_inside(figure)


def _preview_citation(citation: nodes.citation, translator: BookTranslator) -> tuple[str, str]:
    return citation["ids"][0], translator.write(citation.children[1:])


def _preview_box(box: nodes.Element, translator: BookTranslator) -> tuple[str, str]:
    """Exercises, statements, predictions without outcomes, oral questions without answers."""
    if not box["ids"] or not set(BOXES).intersection(box["classes"]) or is_folded(box):
        return "", ""
    shown = (node for node in box.children if CLOSED.isdisjoint(node["classes"]))
    return box["ids"][0], translator.write(shown)


PREVIEWS = (
    (nodes.section, _preview_section),
    (nodes.term, _preview_term),
    (nodes.math_block, _preview_equation),
    (nodes.figure, _preview_figure),
    (nodes.citation, _preview_citation),
    ((nodes.Admonition, nodes.container), _preview_box),
)


def write_previews(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if doctree is None:
        return
    data = previews(doctree, quote(app.builder, shown_on=None))
    path = Path(app.outdir, FOLDER, f"{pagename}.js")
    path.parent.mkdir(parents=True, exist_ok=True)
    call = f"bookPreviews({json.dumps(pagename)}, {json.dumps(data, ensure_ascii=False)});\n"
    path.write_text(call, encoding="utf-8")
    app.add_js_file("preview.js", defer="defer")


def remove_stale(app: Sphinx, exception: Exception | None) -> None:
    folder = Path(app.outdir, FOLDER)
    for path in folder.rglob("*.js"):
        if path.relative_to(folder).as_posix().removesuffix(".js") not in app.env.all_docs:
            path.unlink()


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.mathematics")
    app.setup_extension("dlabook.site.translator")
    publish(app, __file__, "preview.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
