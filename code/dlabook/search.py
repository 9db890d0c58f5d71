"""Sphinx extension: the search finds sections, by words and by what they contain.

Sphinx's own index knows words and pages. ``_static/sections.js``, written at
the end of a build, knows for each section the words of its title and text,
the symbols of its formulas, the labels in it, whom it cites, and the
functions of the library that its code calls. ``book/_static/search.js``
puts what is found there before what Sphinx finds.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.search.en import english_stopwords

from dlabook.library import LABEL

INDEX = "sections.js"
_WORD = re.compile(r"[^\W_][\w]*(?:[-'][^\W_][\w]*)*")
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
# What a mention is worth; a word in running text is worth one.
TITLE, MARKED, CITED, CALLED, SHOWN = 12, 4, 3, 1, 8
SYMBOL, DISPLAYED, EXPLAINED = 1, 3, 30  # in the text, in an equation, in a table's first column
# The least a word must be worth in a section to be found there.
LEAST = 2


@dataclass
class Section:
    """What can be found in a section, without those inside it."""

    anchor: str
    title: str
    words: Counter = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)
    cited: Counter = field(default_factory=Counter)  # keys of references
    named: Counter = field(default_factory=Counter)  # names in code, of the library or not


def tokens(text: str) -> Iterator[str]:
    """Words in small letters; of compound words also the parts, and the whole in one piece."""
    for word in _WORD.findall(text.lower()):
        yield from tokens_of(word)


@cache
def tokens_of(word: str) -> tuple[str, ...]:
    parts = re.split(r"[-_']", word)
    whole = (word, "".join(parts)) if len(parts) > 1 else ()
    kept = (p for p in parts if len(p) > 1 and p not in english_stopwords and not p.isdigit())
    return (*whole, *kept)


def sections(doctree: nodes.document) -> list[Section]:
    found: list[Section] = []
    for child in doctree.children:
        collect(child, None, found)
    return found


def collect(node: nodes.Node, section: Section | None, found: list[Section]) -> None:
    """Walk a page; what is outside all sections cannot be linked to and is left out."""
    if isinstance(node, nodes.section) and isinstance(node.next_node(), nodes.title):
        anchor = next((i for i in node["ids"] if LABEL.fullmatch(i)), node["ids"][0])
        section = Section(anchor, " ".join(node[0].astext().split()))
        add(section.words, section.title, TITLE)
        found.append(section)
    if section is not None:
        if isinstance(node, nodes.Element):
            section.labels += [name for name in node.get("ids", ()) if LABEL.fullmatch(name)]
        if isinstance(node, nodes.Text):
            add(section.words, node.astext(), 1)
            return
        if isinstance(node, nodes.math | nodes.math_block):
            for symbol in _COMMAND.findall(node.astext()):
                section.words[symbol.lower()] += worth_of_symbol(node)
            if node.get("label"):
                section.labels.append(node["label"])
            return
        if isinstance(node, nodes.literal_block):
            section.named.update(_NAME.findall(node.astext()))
            return
        if isinstance(node, nodes.literal):
            section.named.update(_NAME.findall(node.astext()))
        if isinstance(node, nodes.strong | nodes.emphasis | nodes.term):
            add(section.words, node.astext(), MARKED - 1)
        if isinstance(node, addnodes.pending_xref):
            if node.get("refdomain") == "cite":
                section.cited.update(key.strip() for key in node["reftarget"].split(","))
            elif node.get("reftype") == "library":
                section.named[node["reftarget"]] += SHOWN
    if isinstance(node, nodes.title) and section is not None:
        return  # its words were counted
    for child in node.children:
        collect(child, section, found)


def worth_of_symbol(node: nodes.math | nodes.math_block) -> int:
    if isinstance(node, nodes.math_block):
        return DISPLAYED
    cell = node.parent.parent if node.parent is not None else None
    first = isinstance(cell, nodes.entry) and cell.parent.index(cell) == 0
    return EXPLAINED if first else SYMBOL


def add(words: Counter, text: str, worth: int) -> None:
    for token in tokens(text):
        words[token] += worth


def index(env) -> dict:
    """Pages, sections, and for each term the sections with what it is worth there."""
    objects = env.domaindata["py"]["objects"]
    functions: dict[str, list[str]] = {}
    for name in objects:
        functions.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    authors = family_names(env)
    pages, rows, terms, labels = [], [], {}, {}
    for docname in sorted(env.dlabook_sections):
        pages.append([docname, env.titles[docname].astext()])
        for section in env.dlabook_sections[docname]:
            number = len(rows)
            kind = objects[section.anchor].objtype if section.anchor in objects else ""
            rows.append([len(pages) - 1, section.anchor, section.title, *filter(None, [kind])])
            worth = Counter(section.words)
            for key, count in section.cited.items():
                for name in authors.get(key, ()):
                    worth[name] += CITED * count
                worth[key.lower()] += CITED * count
            for name, count in section.named.items():
                short = name.rsplit(".", 1)[-1]
                if name in objects or short in functions:
                    worth[short.lower()] += CALLED * count
            for term, value in worth.items():
                if value >= LEAST:
                    terms.setdefault(term, []).append([number, value])
            for label in dict.fromkeys(section.labels):
                labels.setdefault(label, number)
    return {"pages": pages, "sections": rows, "terms": terms, "labels": labels}


def family_names(env) -> dict[str, list[str]]:
    """Key of a reference -> family names of its authors, as they are typed."""
    if "cite" not in env.domains:
        return {}
    entries = env.get_domain("cite").bibdata.data.entries
    return {
        key: [
            token
            for person in entry.persons.get("author", [])
            for token in tokens(" ".join(person.last_names).replace("{", "").replace("}", ""))
        ]
        for key, entry in entries.items()
    }


def read(app: Sphinx, doctree: nodes.document) -> None:
    app.env.dlabook_sections[app.env.docname] = sections(doctree)


def prepare(app: Sphinx) -> None:
    if not hasattr(app.env, "dlabook_sections"):
        app.env.dlabook_sections = {}


def forget(app: Sphinx, env, docname: str) -> None:
    env.dlabook_sections.pop(docname, None)


def add_scripts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if pagename == "search":
        app.add_js_file(INDEX, defer="defer")
        app.add_js_file("search.js", defer="defer")


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    data = json.dumps(index(app.env), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    path = Path(app.outdir, "_static", INDEX)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"window.bookSections = {data};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", prepare)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", read, priority=950)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
