"""Pages as they are printed: repairs of what the theme and the extensions leave inaccessible."""

from __future__ import annotations

import posixpath
import re

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.source.pages import ERROR_PAGE

_SAME_ID = {"proof-content", "exercise-content", "solution-content"}


def repair_doctree(app: Sphinx, doctree: nodes.document) -> None:
    """sphinx-proof and sphinx-exercise give the content of every box the same id."""
    for k, section in enumerate(doctree.findall(nodes.section)):
        if _SAME_ID & set(section["ids"]):
            section["ids"] = [f"content-{k}"]


def repair_page(app: Sphinx, pagename, templatename, context, doctree) -> str | None:
    """The page's body, where no node can be repaired; the 404 page's own template."""
    if "body" in context:
        context["body"] = repair_body(context["body"])
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = with_named_toggles(context["generate_toctree_html"])
    context["default_mode"] = "light"  # without scripts; with them layout.html decides
    if pagename != ERROR_PAGE:
        return None
    body = re.sub(r'<a class="headerlink".*?</a>', "", context["body"])
    context["body"] = from_root(body, pagename)
    return "404.html"


_PLAIN_CODE = re.compile(r'<span class="(?:n|nn|nx|p|w)">([^<]*)</span>')


def repair_body(body: str) -> str:
    # the title of an unnumbered statement repeats the id of its box
    body = re.sub(r'(<p class="admonition-title") id="[^"]*"', r"\1", body)
    # the name of MyST-NB's button is its visible text
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # names, blanks and the like are in the colour of the text: no element for each
    body = _PLAIN_CODE.sub(r"\1", body)
    # sphinxcontrib-bibtex: a list without list items
    body = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    body = body.replace(' role="doc-biblioentry"', "")
    body = re.sub(
        r"<table\b.*?</table>",
        lambda table: f'<div class="table-scroll">{table[0]}</div>',
        body.replace('<div class="pst-scrollable-table-container">', "<div>"),
        flags=re.DOTALL,
    )
    return native_dropdowns(body)


_TOGGLE = re.compile(
    r'(<a class="[^"]*\breference internal"[^>]*>([^<]*)</a>\s*<details[^>]*>)<summary>'
)


def with_named_toggles(generate):
    """The theme's table of contents, with a name for the button that opens a chapter's pages."""

    def generate_toctree_html(*arguments, **options) -> str:
        contents = str(generate(*arguments, **options))
        return _TOGGLE.sub(r'\1<summary aria-label="Pages of \2">', contents)

    return generate_toctree_html


_DROPDOWN = re.compile(
    r'<div class="([^"]*\bdropdown\b[^"]*\badmonition\b|[^"]*\badmonition\b[^"]*\bdropdown\b)[^"]*"'
    r'([^>]*)>\s*<p class="admonition-title">(.*?)</p>',
    re.DOTALL,
)
_DIV = re.compile(r"<(/?)div\b")


def native_dropdowns(body: str) -> str:
    """Folded boxes as ``<details>``: they work without scripts, and a search opens them."""
    position = 0
    while match := _DROPDOWN.search(body, position):
        end, depth = match.end(), 1
        for tag in _DIV.finditer(body, match.end()):
            depth += -1 if tag[1] else 1
            if depth == 0:
                end = tag.start()
                break
        title = re.sub(r"</?a\b[^>]*>", "", match[3])  # a link inside a button is out of reach
        opening = (
            f'<details class="{match[1]}"{match[2]}>'
            f'<summary class="admonition-title">{title}</summary>'
        )
        inside = body[match.end() : end]
        body = body[: match.start()] + opening + inside + "</details>" + body[end + len("</div>") :]
        position = match.start() + len(opening)
    return body


def from_root(body: str, pagename: str) -> str:
    """Links that start at the site's root: a 404 page is served at any address."""

    def absolute(match: re.Match) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(pagename), match[1]))
        return f'href="/{path}"'

    return re.sub(r'href="(?![a-z]+:|#|/)([^"]*)"', absolute, body)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", repair_doctree, priority=100)
    app.connect("html-page-context", repair_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
