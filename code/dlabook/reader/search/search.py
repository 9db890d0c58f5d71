"""Sphinx extension: the search finds sections, by words and by what they contain.

Not Sphinx's own index alone, because that knows words and pages. ``_static/sections.js``, written
at the end of a build, knows for each section the words of its title and text, the symbols of its
formulas, the labels in it, whom it cites and of which year, and the functions of the library that
its code calls; and what the numbers of equations, figures and sections stand for. Words are
folded as in the script: small letters without accents, Greek letters by their names.
``search.js`` puts what is found before what Sphinx finds.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.search.en import english_stopwords

from dlabook.site.parallel import begin
from dlabook.site.record import record_of
from dlabook.site.static import publish
from dlabook.source.library import LABEL

INDEX = "sections.js"
_WORD = re.compile(r"[^\W_][\w]*(?:[-'][^\W_][\w]*)*")
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
# What a mention is worth; a word in running text is worth one.
TITLE, MARKED, CITED, CALLED, SHOWN = 12, 4, 3, 1, 8
SYMBOL, DISPLAYED, EXPLAINED = 1, 3, 30  # in the text, in an equation, in a table's first column
# The least a word must be worth in a section to be found there, unless it is in few sections.
LEAST, FEW = 2, 5
# How fast mentions add up (BM25): half the most at this many in a section of mean length.
HALF, BY_LENGTH, MOST = 4, 0.6, 20
LETTERS = {"æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "œ": "oe", "ı": "i", "đ": "d"}
_SYMBOL = re.compile(r"(?<![A-Za-z])[A-Za-z](?:_\{?[A-Za-z0-9]+\}?)?(?![A-Za-z])")


@dataclass
class Section:
    """What can be found in a section, without those inside it."""

    anchor: str
    title: str
    words: Counter = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)
    cited: Counter = field(default_factory=Counter)  # keys of references
    named: Counter = field(default_factory=Counter)  # names in code, of the library or not


def fold(text: str) -> str:
    """Small letters without accents, Greek letters by their names: as people type them."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(_fold_letter(one) for one in parts if not unicodedata.combining(one))


@cache
def _fold_letter(one: str) -> str:
    name = unicodedata.name(one, "")
    if name.startswith("GREEK SMALL LETTER ") and " WITH " not in name:
        return name.split()[-1].lower().replace("lamda", "lambda")
    return LETTERS.get(one, one)


def tokens(text: str) -> Iterator[str]:
    """Folded words; of compound words also the parts, and the whole in one piece."""
    for word in _WORD.findall(fold(text)):
        yield from _tokens_of(word)


@cache
def _tokens_of(word: str) -> tuple[str, ...]:
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
            for symbol in symbols(node):
                section.words[symbol] += _worth_of_symbol(node)
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


def symbols(node: nodes.math | nodes.math_block) -> Iterator[str]:
    """Names of a formula's symbols; where they are explained also letters (``p_c`` and ``p``)."""
    text = node.astext()
    for name in _COMMAND.findall(text):
        yield name.lower()
        if name.startswith("var"):
            yield name[3:].lower()
    if _is_explained(node):
        for symbol in set(_SYMBOL.findall(re.sub(r"\\[A-Za-z]+", " ", text))):
            symbol = re.sub("[{}]", "", symbol).lower()
            yield from {symbol, symbol[0]}


def _is_explained(node: nodes.math | nodes.math_block) -> bool:
    """Whether a formula stands in the first column of a table."""
    cell = node.parent.parent if node.parent is not None else None
    return isinstance(cell, nodes.entry) and cell.parent.index(cell) == 0


def _worth_of_symbol(node: nodes.math | nodes.math_block) -> int:
    if isinstance(node, nodes.math_block):
        return DISPLAYED
    return EXPLAINED if _is_explained(node) else SYMBOL


def add(words: Counter, text: str, worth: int) -> None:
    for token in tokens(text):
        words[token] += worth


def index(env) -> dict:
    """Pages, sections, and for each term the sections with what it is worth there."""
    objects = env.domaindata["py"]["objects"]
    functions: dict[str, list[str]] = {}
    for name in objects:
        functions.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    authors = _names_and_years(env)
    pages, rows, terms, labels = [], [], defaultdict(list), {}
    lengths = [
        section.words.total() for page in record_of(env).pages.values() for section in page.sections
    ]
    mean = sum(lengths) / max(1, len(lengths))
    for docname, page in record_of(env).each():
        pages.append([docname, env.titles[docname].astext()])
        for section in page.sections:
            number = len(rows)
            kind = objects[section.anchor].objtype if section.anchor in objects else ""
            rows.append([len(pages) - 1, section.anchor, section.title, *filter(None, [kind])])
            worth = Counter(section.words)
            for key, count in section.cited.items():
                for name in filter(None, authors.get(key, ())):
                    worth[name] += CITED * count
                worth[key.lower()] += CITED * count
            for name, count in section.named.items():
                short = name.rsplit(".", 1)[-1]
                if name in objects or short in functions:
                    worth[short.lower()] += CALLED * count
            usual = HALF * (1 - BY_LENGTH + BY_LENGTH * section.words.total() / mean)
            shares = _shares(worth.values(), usual, in_text=not kind)
            for term, value in worth.items():
                terms[term].append((number, shares[value], value))
            for label in dict.fromkeys(section.labels):
                labels.setdefault(label, number)
    found = {term: _worth_finding(places) for term, places in terms.items()}
    return {
        "pages": pages,
        "sections": rows,
        "terms": {term: places for term, places in found.items() if places},
        "labels": labels,
        "numbers": numbers(env, labels),
    }


def _shares(values: Collection[int], usual: float, *, in_text: bool) -> dict[int, int]:
    """What mentions are worth in a section where ``usual`` gives half the most, by their sum."""
    return {
        value: 2 * MOST
        if in_text and value >= EXPLAINED  # also in a long table
        else max(1, round(MOST * value / (value + usual)))
        for value in set(values)  # few: most words are said once
    }


def _worth_finding(places: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Of a term that is in many sections, those where it is more than mentioned."""
    least = LEAST if len(places) > FEW else 1
    return [(number, share) for number, share, value in places if value >= least]


def numbers(env, labels: dict[str, int]) -> dict[str, list[list[str]]]:
    """Number, such as 4.34 -> kind and label of what has it; equations before sections, figures."""
    found: dict[str, list[list[str]]] = {}

    def add_number(number: tuple[int, ...], kind: str, anchor: str) -> None:
        label = anchor.removeprefix("equation-")
        if number and label in labels:
            found.setdefault(".".join(map(str, number)), []).append([kind, label])

    for docname, page in record_of(env).each():
        kinds = env.toc_fignumbers.get(docname, {})
        for anchor, number in kinds.get("displaymath", {}).items():
            add_number(number, "equation", anchor)
        for anchor, number in (env.toc_secnumbers.get(docname) or {}).items():
            titles = page.sections
            ids = page.anchors
            add_number(number, "section", ids.get(anchor[1:], titles[0].anchor if titles else ""))
        for anchor, number in kinds.get("figure", {}).items():
            add_number(number, "figure", anchor)
    order = ["equation", "section", "figure"]
    return {
        n: sorted(things, key=lambda thing: order.index(thing[0])) for n, things in found.items()
    }


def _names_and_years(env) -> dict[str, list[str]]:
    """Key of a reference -> family names of its authors, as they are typed, and its year."""
    if "cite" not in env.domains:
        return {}
    entries = env.get_domain("cite").bibdata.data.entries
    return {
        key: [
            token
            for person in entry.persons.get("author", [])
            for token in tokens(" ".join(person.last_names).replace("{", "").replace("}", ""))
        ]
        + [entry.fields.get("year", "")]
        for key, entry in entries.items()
    }


def keep_sections(app: Sphinx, doctree: nodes.document) -> None:
    page = record_of(app.env).of(app.env.docname)
    page.sections = sections(doctree)
    page.anchors = {
        name: next((i for i in section["ids"] if LABEL.fullmatch(i)), section["ids"][0])
        for section in doctree.findall(nodes.section)
        for name in section["ids"]
    }


def add_scripts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if pagename == "search":
        app.add_js_file(INDEX, defer="defer")
        app.add_js_file("search.js", defer="defer")


def begin_index(app: Sphinx, builder: Builder) -> None:
    """All pages were read: what can be found in them is worked out while they are written.

    In a fork: at 108 pages half a second, which a word saved under ``make serve`` waited for.
    """
    if builder.format == "html" and app.parallel > 1:
        _BEGUN[app] = begin(lambda: _index_as_text(app.env))


_BEGUN: WeakKeyDictionary[Sphinx, Callable[[], str]] = WeakKeyDictionary()


def _index_as_text(env) -> str:
    return json.dumps(index(env), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def write_index(app: Sphinx, exception: Exception | None) -> None:
    ended = _BEGUN.pop(app, lambda: _index_as_text(app.env))
    if exception or app.builder.format != "html":
        return
    data = ended()
    path = Path(app.outdir, "_static", INDEX)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"window.bookSections = {data};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    publish(app, __file__, "search.js")
    return {
        "version": "2",
        "env_version": 2,  # pages read by an earlier one are read again
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
