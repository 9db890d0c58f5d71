"""Sphinx extension: HTML as readers get it, written where each node is known.

The theme mixes its own class into `BookTranslator`. Tables, for which that class has a method, and
the boxes of other extensions are written by functions that Sphinx gives to each translator.

A translator may also quote: what it writes then stands on another page, without ids and
permanent links (`quote`).

Three things exist in print only, and are changed there:

- The buttons of the table of contents (`dlabook.site.theme`): the theme makes them, from no node.
- KaTeX's markup (`dlabook.site.mathematics`): KaTeX gives out a string.
- Figures (`dlabook.site.outputs`, `dlabook.output`): matplotlib and Verovio give out SVG.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from pygments.formatters import HtmlFormatter
from pygments.token import Token
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.locale import admonitionlabels
from sphinx.util.docutils import new_document
from sphinx.util.osutil import relative_uri
from sphinx.writers.html5 import HTML5Translator
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node, solution_node
from sphinx_proof.nodes import NODE_TYPES, unenumerable_node

from dlabook.source.labels import BOXES
from dlabook.source.pages import ERROR_PAGE

STATEMENTS = (unenumerable_node, *NODE_TYPES.values())
OTHERS_BOXES = (exercise_node, exercise_enumerable_node, solution_node, *STATEMENTS)
# sphinx-proof and sphinx-exercise give the content of every box the same id
_SAME_ID = {"proof-content", "exercise-content", "solution-content"}
_LABEL = re.compile(r"[a-z]+-")  # how a label begins, of whatever kind
_ELSEWHERE = re.compile(r"[a-z]+:|/")  # how an address begins that is no page's of the book


class BookTranslator(HTML5Translator):
    """HTML of the book's pages.

    Attributes:
        is_quoting: write neither ids nor permanent links.
        shown_on: page that shows what is quoted; None if any page may. Then links are text, and
            pictures say where in the site they are (``data-src``).
    """

    def __init__(self, document, builder):
        super().__init__(document, builder)
        self.is_quoting = False
        self.shown_on: str | None = builder.current_docname
        self.in_summary = False

    # -- what is quoted

    def write(self, content: Iterable[nodes.Node]) -> str:
        """HTML of nodes; the translator's own page stays as it is."""
        start = len(self.body)
        for node in content:
            node.walkabout(self)
        return self.take_from(start)

    def write_inside(self, node: nodes.Element) -> str:
        """HTML between the tags of a node that is one element."""
        start = len(self.body)
        node.walkabout(self)
        self.body[start], self.body[-1] = "", ""
        return self.take_from(start)

    def take_from(self, start: int) -> str:
        html = "".join(self.body[start:])
        del self.body[start:]
        return html

    def file_address(self, name: str) -> str:
        """Where a file of the site is, from the page that shows what is written."""
        return relative_uri(self.builder.get_target_uri(self.shown_on), name)

    def picture_source(self, name: str) -> str:
        """The attribute that says where a picture is."""
        if self.shown_on is None:
            return f'data-src="{name}"'
        return f'src="{self.file_address(name)}"'

    # -- ids and permanent links

    def starttag(self, node, tagname, suffix="\n", empty=False, **attributes):
        if not self.is_quoting or not node.get("ids"):
            return super().starttag(node, tagname, suffix, empty, **attributes)
        ids, node["ids"] = node["ids"], []
        tag = super().starttag(node, tagname, suffix, empty, **attributes)
        node["ids"] = ids
        return tag

    def visit_section(self, node):
        if _SAME_ID.intersection(node["ids"]):
            node["ids"] = []
        super().visit_section(node)

    def add_permalink_ref(self, node, title):
        """A link whose address ends in the label, where there is one."""
        if self.is_quoting or self.document.get("is_error_page"):
            return
        super().add_permalink_ref(nodes.Element(ids=[permanent_id(node)]), title)

    def add_link_to_box(self, box: nodes.Element) -> None:
        labelled = box["ids"] and set(BOXES).intersection(box["classes"])
        if labelled and not self.is_quoting and not is_folded(box):
            self.body.append(f'<a class="headerlink" href="#{box["ids"][0]}" title="Link">#</a>')

    def visit_reference(self, node):
        if self.in_summary:  # a link inside a button is out of reach
            return
        if self.shown_on is None:
            self.body.append("<span>")
            return
        if self.is_quoting:
            address = node["refuri"] if "refuri" in node else f"#{node['refid']}"
            node["internal"] = node.get("internal") or "refuri" not in node
            page, place = map(
                self.builder.get_target_uri, (self.builder.current_docname, self.shown_on)
            )
            node["refuri"] = seen_from(page, place, address)
        super().visit_reference(node)

    def depart_reference(self, node):
        if self.in_summary:
            return
        super().depart_reference(node)
        if self.shown_on is None:
            place = -1 if self.body[-1] == "</a>" else -2
            self.body[place] = "</span>"

    # -- boxes

    def visit_admonition(self, node, name=""):
        self.open_box(node, f"admonition {name}")
        if name and not isinstance(node[0], nodes.title):
            node.insert(0, nodes.title(name, admonitionlabels[name]))

    def depart_admonition(self, node=None):
        self.close_box(node)

    def open_box(self, node: nodes.Element, classes: str) -> None:
        """Folded boxes as ``<details>``: they work without scripts, and a search opens them."""
        tag, suffix = ("details", "") if is_folded(node) else ("div", "\n")
        self.body.append(self.starttag(node, tag, suffix, CLASS=classes))

    def close_box(self, node: nodes.Element) -> None:
        self.body.append("</details>\n" if is_folded(node) else "</div>\n")

    def visit_title(self, node):
        box = node.parent
        if isinstance(box, nodes.Admonition):
            node["ids"] = []  # that of an unnumbered statement repeats the id of its box
        if is_folded(box):
            self.body.append('<summary class="admonition-title">')
            self.context.append("</summary>\n")
            self.add_fignumber(box)
            self.in_summary = True
        else:
            super().visit_title(node)
        if isinstance(box, unenumerable_node):
            self.body.append(f'<span class="caption-number">{box["realtype"].title()} </span>')

    def depart_title(self, node):
        self.in_summary = False
        if isinstance(node.parent, nodes.Admonition):
            self.add_link_to_box(node.parent)
        if "further" in node.parent["classes"] and not self.is_quoting:
            self.body.append(' <span class="further-mark">further</span>')
        super().depart_title(node)

    def depart_paragraph(self, node):
        if "oral-kind" in node["classes"]:
            self.add_link_to_box(node.parent)
        super().depart_paragraph(node)

    # -- references

    def visit_citation(self, node):
        """docutils makes a list without list items of them, for screen readers."""
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<div class="citation-list">\n')
        self.body.append(self.starttag(node, "div", CLASS="citation"))


def is_folded(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Admonition) and "dropdown" in node["classes"]


def permanent_id(node: nodes.Element) -> str:
    """The label of a node, where it has one beside the id that was made of its title."""
    return next(filter(_LABEL.match, node["ids"][1:]), node["ids"][0]) if node["ids"] else ""


def seen_from(page: str, place: str, address: str) -> str:
    """An address on one page as it is on another.

    >>> seen_from("book/part/page.html", "book/exam/trainer.html", "other.html#eq-a")
    '../part/other.html#eq-a'
    >>> seen_from("book/part/page.html", "book/exam/trainer.html", "#eq-a")
    '../part/page.html#eq-a'
    """
    if _ELSEWHERE.match(address):
        return address
    path, mark, anchor = address.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return f"{relative_uri(place, target)}{mark}{anchor}"


def seen_from_anywhere(page: str, address: str) -> str:
    """An address on a page from the site's root: a 404 page is served at any address.

    >>> seen_from_anywhere("book/404", "../x.html#a")
    '/x.html#a'
    """
    if address.startswith("#") or _ELSEWHERE.match(address):
        return address
    return "/" + posixpath.normpath(posixpath.join(posixpath.dirname(page), address))


def prepare_error_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Links from the site's root, and none to the page itself."""
    if app.builder.format == "html" and docname == ERROR_PAGE:
        doctree["is_error_page"] = True
        for link in doctree.findall(nodes.reference):
            if "refuri" in link:
                link["refuri"] = seen_from_anywhere(docname, link["refuri"])


def quote(builder: StandaloneHTMLBuilder, *, shown_on: str | None) -> BookTranslator:
    """A translator for what one page shows of the page that is being written."""
    document = new_document("quotation")
    document.settings = builder.docsettings
    translator = builder.create_translator(document, builder)
    translator.is_quoting, translator.shown_on = True, shown_on
    return translator


# ---------------------------------------------------------------- what others' classes would write


def visit_box(translator: BookTranslator, node: nodes.Element) -> None:
    translator.open_box(node, "admonition")
    translator.body.append("" if is_folded(node) else "\n")


def depart_box(translator: BookTranslator, node: nodes.Element) -> None:
    translator.close_box(node)


def visit_table(translator: BookTranslator, node: nodes.table) -> None:
    """A table that scrolls inside itself; the theme's box for it scrolls without a mark."""
    translator._table_row_indices.append(0)
    align = f" table-{node['align']}" if "align" in node else ""
    width = {"style": f"width: {node['width']}"} if "width" in node else {}
    translator.body.append('<div class="table-scroll">')
    translator.body.append(translator.starttag(node, "table", CLASS=f"table{align}", **width))


def depart_table(translator: BookTranslator, node: nodes.table) -> None:
    HTML5Translator.depart_table(translator, node)
    translator.body.append("</div>\n")


def _visit_hidden_cell(translator: BookTranslator, node: HideCodeCellNode) -> None:
    """As MyST-NB does it, but the button's name is what it shows."""
    classes = " ".join(node["classes"])
    translator.body.append(
        f'<details class="admonition hide {classes}">\n<summary>\n'
        f'<p class="collapsed admonition-title">{escape(node["prompt_show"])}</p>\n'
        f'<p class="expanded admonition-title">{escape(node["prompt_hide"])}</p>\n</summary>\n'
    )


def _depart_hidden_cell(translator: BookTranslator, node: HideCodeCellNode) -> None:
    translator.body.append("</details>\n")


# ---------------------------------------------------------------- code

# Names, blanks and the like are in the colour of the text: no element for each.
_PLAIN = {
    Token.Name,
    Token.Name.Namespace,
    Token.Name.Other,
    Token.Punctuation,
    Token.Text.Whitespace,
}


class BookFormatter(HtmlFormatter):
    """Code without an element for each token that looks like text."""

    def format(self, tokensource, outfile):
        tokens = ((Token.Text if kind in _PLAIN else kind, text) for kind, text in tokensource)
        return super().format(tokens, outfile)


def _set_formatter(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.highlighter.formatter = BookFormatter


def _name_statements(app: Sphinx, config) -> None:
    """Statements are called Theorem 4.1; sphinx-proof says theorem and mends what was printed."""
    config.numfig_format |= {kind: f"{kind.title()} %s" for kind in NODE_TYPES}


def setup(app: Sphinx) -> dict:
    """Loads sphinx-proof, sphinx-exercise, and MyST-NB first: it writes their nodes."""
    app.setup_extension("dlabook.pipeline")
    for others in ("sphinx_proof", "sphinx_exercise", "myst_nb"):
        app.setup_extension(others)
    app.set_translator("html", BookTranslator)
    for node in OTHERS_BOXES:
        app.add_node(node, override=True, html=(visit_box, depart_box))
    app.add_node(nodes.table, override=True, html=(visit_table, depart_table))
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden_cell, _depart_hidden_cell))
    app.connect("config-inited", _name_statements, priority=900)
    app.connect("builder-inited", _set_formatter)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
