"""Sphinx extension: what a link refers to, shown where it is.

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
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.site.static import publish
from dlabook.source.labels import BOXES

FOLDER = "_previews"
_LINE = r"(?P<{}>(?:(?!</{}>).)*)"  # up to an element's end
_PARAGRAPH = r"(?:\s*<p>" + _LINE.format("text", "p") + r"</p>)?"
_EQUATION = re.compile(
    r'<div class="math[^"]*" id="(?P<id>equation-[^"]+)">\s*(?P<html><div class="equation"[^>]*>'
    r'.*?</div>(?:<span class="eqno">[^<]*)?)',
    re.DOTALL,
)
_FIGURE = re.compile(r'<figure [^>]*id="(?P<id>[^"]+)">(?P<html>.*?)</figure>', re.DOTALL)
_TERM = re.compile(
    r'(?P<terms>(?:<dt id="term-[^"]+">(?:(?!</dt>).)*</dt>\s*)+)<dd>(?P<html>.*?)</dd>', re.DOTALL
)
_NAME = re.compile(r'<dt id="(?P<id>term-[^"]+)">' + _LINE.format("name", "dt"), re.DOTALL)
_CITATION = re.compile(
    r'<div class="citation" id="(?P<id>[^"]+)">.*?</span>\s*(?P<html><p>.*?</p>)\s*</div>',
    re.DOTALL,
)
_SECTION = re.compile(
    r'<span id="(?P<id>[a-z]+-[^"]+)"></span>(?:<span id="[^"]*"></span>)*'
    r"<h[1-4]>" + _LINE.format("title", "h[1-4]") + "</h[1-4]>"
    r'(?:\s*<p class="outcomes-note">(?:(?!</p>).)*</p>)?' + _PARAGRAPH,
    re.DOTALL,
)
_ENTRY = re.compile(
    r'<section id="(?P<id>dla\.[^"]+)">\s*<h3>'
    + _LINE.format("title", "h3")
    + r"</h3>\s*(?P<html><div class=\"highlight.*?</div>\s*</div>(?:\s*<p>(?:(?!</p>).)*</p>)?)",
    re.DOTALL,
)
_BOXES = "|".join(BOXES)
_BOX = re.compile(rf'<div class="(?:[^"]* )?(?:{_BOXES})[ -][^"]*"[^>]* id="(?P<id>[^"]+)">')
_DIV = re.compile(r"<(/?)div\b[^>]*>")


def previews(body: str) -> dict[str, str]:
    """Anchor -> markup that a link to it may show; without ids, links and scripts."""
    found = {}
    for match in _SECTION.finditer(body):
        text = f"<p>{match['text']}</p>" if match["text"] else ""
        found[match["id"]] = f"<p><strong>{match['title']}</strong></p>{text}"
    for match in _TERM.finditer(body):
        for term in _NAME.finditer(match["terms"]):
            found[term["id"]] = f"<p><strong>{term['name']}</strong></p>{match['html']}"
    for match in _ENTRY.finditer(body):
        found[match["id"]] = match["html"]
    for pattern in (_EQUATION, _FIGURE, _CITATION):
        found.update((match["id"], match["html"]) for match in pattern.finditer(body))
    found.update(boxes(body))
    return {anchor: " ".join(bare(markup).split()) for anchor, markup in found.items()}


def boxes(body: str) -> Iterator[tuple[str, str]]:
    """Exercises, statements, predictions and oral questions, these without their answers."""
    for match in _BOX.finditer(body):
        depth, end = 1, len(body)
        for tag in _DIV.finditer(body, match.end()):
            depth += -1 if tag[1] else 1
            if depth == 0 or "oral-answer" in tag[0]:
                end = tag.start()
                break
        yield match["id"], body[match.end() : end]


def bare(markup: str) -> str:
    """Markup that can stand on another page: a tooltip has nothing to activate."""
    markup = re.sub(r'<a class="headerlink".*?</a>', "", markup, flags=re.DOTALL)
    markup = re.sub(r"<a\b[^>]*>", "<span>", markup).replace("</a>", "</span>")
    return re.sub(r' id="[^"]*"', "", markup)


def with_sources(markup: str, page: str) -> str:
    """Pictures by their place in the site; the script makes it relative to where it shows them."""

    def from_site(match: re.Match) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page), match[1]))
        return f' data-src="{place}"'

    return re.sub(r' src="(?![a-z]+:|/)([^"]*)"', from_site, markup)


def write_previews(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if doctree is None or "body" not in context:
        return
    found = previews(context["body"])
    page = app.builder.get_target_uri(pagename)
    data = {anchor: with_sources(markup, page) for anchor, markup in found.items()}
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
    publish(app, __file__, "preview.js")
    app.connect("html-page-context", write_previews, priority=905)
    app.connect("build-finished", remove_stale)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
