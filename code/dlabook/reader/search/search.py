"""Sphinx extension: the search finds sections, by words and by what they contain.

Not Sphinx's own index, because that knows words and pages. ``_static/sections.js``, written
at the end of a build, knows for each section the words of its title and text, which of them stand
side by side, the symbols of its formulas, the labels in it, whom it cites and of which year, and
the names in its code; the entries of the glossary; and what the numbers of equations, sections,
figures and exercises stand for. Words are folded as in the script: small letters without accents,
Greek letters by their names. ``find.js`` finds in it; ``search.js`` shows what is found while one
types, in the dialogue of each page and on the search's own; ``sphinx_highlight.js``, in place of
Sphinx's, marks it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
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
from dlabook.source.pages import GLOSSARY

INDEX = "sections.js"
_WORD = re.compile(r"[^\W_][\w]*(?:[-'][^\W_][\w]*)*")
_COMMAND = re.compile(r"\\([A-Za-z]{2,})")
_NAME = re.compile(r"[A-Za-z_]\w{2,}")
_IMPORT = re.compile(r"^(?:from \S+ )?import (?:\([^)]*\)|.*)$", re.M)  # it explains nothing
# What a mention is worth; a word in running text is worth one.
TITLE, MARKED, CITED, CALLED, SHOWN = 12, 4, 3, 1, 8
SYMBOL, DISPLAYED, EXPLAINED = 1, 3, 30  # in the text, in an equation, in a table's first column
# The least a word must be worth in a section to be found there, unless it is in few sections.
LEAST, FEW = 2, 5
SAID, TOLD = 5, 4  # pairs of words are kept that the book says so often, or one of its sections
LED = 12  # what a glossary's entry says its name is worth in the section that it leads to
EVERYWHERE = 6  # a name in code, not of the library, that is in more sections finds none of them
# How fast mentions add up (BM25): half the most at this many in a section of mean length.
HALF, BY_LENGTH, MOST = 4, 0.6, 20
ORDER = ("equation", "section", "figure", "exercise")  # of what has the same number
# Words that no pair of words begins or ends with, beside those of every sentence.
_WORDS = """
about after all also an any because before between both can does each every few from give
given had has have here how its just less like made make many may more most much must need
never new none once one only other our out over own said same say see seen she so some still
take than them those three too two under up use used very we well what when where which who
whose why without would you your he his her been being do did done could should now again
another first second third last next four five six ten while until since through against
behind below above beside across within among toward whether though although however yet even
itself
"""
_JOINING = frozenset(_WORDS.split())
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
    pairs: Counter = field(default_factory=Counter)  # two words side by side
    leads: list[str] = field(default_factory=list)  # labels that a glossary's entry names
    is_term: bool = False  # an entry of the glossary


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


def pairs(text: str) -> Iterator[str]:
    """Two words side by side, both in the singular, neither a word of every sentence.

    >>> list(pairs("the learning rates of a network"))
    ['learning rate']
    """
    words = [_singular(word) for word in _WORD.findall(fold(text))]
    for first, second in pairwise(words):
        if not (_is_common(first) or _is_common(second)):
            yield f"{first} {second}"


@cache
def _singular(word: str) -> str:
    """As the script takes the end of a plural away; not always a word, but always the same.

    >>> _singular("rates"), _singular("loss")
    ('rate', 'loss')
    """
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


@cache
def _is_common(word: str) -> bool:
    return len(word) < 2 or word[0].isdigit() or word in english_stopwords or word in _JOINING


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
        add(section, section.title, TITLE)
        found.append(section)
    elif _is_entry(node):
        section = Section(node[0]["ids"][0], node[0].astext(), is_term=True)
        add(section, section.title, TITLE)
        found.append(section)
    if section is not None:
        if isinstance(node, nodes.Element):
            section.labels += [name for name in node.get("ids", ()) if LABEL.fullmatch(name)]
        if isinstance(node, nodes.Text):
            add(section, node.astext(), 1)
            return
        if isinstance(node, nodes.math | nodes.math_block):
            for symbol in symbols(node):
                section.words[symbol] += _worth_of_symbol(node)
            if node.get("label"):
                section.labels.append(node["label"])
            return
        if isinstance(node, nodes.literal_block):
            section.named.update(_NAME.findall(_IMPORT.sub("", node.astext())))
            return
        if isinstance(node, nodes.literal):
            section.named.update(_NAME.findall(node.astext()))
        if isinstance(node, nodes.strong | nodes.emphasis | nodes.term):
            add(section, node.astext(), MARKED - 1)
        if isinstance(node, addnodes.pending_xref):
            if section.is_term:
                section.leads.append(node["reftarget"])
            if node.get("refdomain") == "cite":
                section.cited.update(key.strip() for key in node["reftarget"].split(","))
            elif node.get("reftype") == "library":
                section.named[node["reftarget"]] += SHOWN
    if isinstance(node, nodes.title) and section is not None:
        return  # its words were counted
    for child in node.children:
        collect(child, section, found)


def _is_entry(node: nodes.Node) -> bool:
    """Whether a node is a term of the glossary with its definition."""
    return (
        isinstance(node, nodes.definition_list_item)
        and isinstance(node.parent.parent, addnodes.glossary)
        and bool(node[0]["ids"])
    )


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


def add(section: Section, text: str, worth: int) -> None:
    for token in tokens(text):
        section.words[token] += worth
    for pair in pairs(text):
        section.pairs[pair] += worth


def index(env) -> dict:
    """Pages, sections, and for each term the sections with what it is worth there."""
    objects = env.domaindata["py"]["objects"]
    functions: dict[str, list[str]] = {}
    for name in objects:
        functions.setdefault(name.rsplit(".", 1)[-1], []).append(name)
    authors = _names_and_years(env)
    record = record_of(env)
    pages, rows, terms, labels = [], [], defaultdict(list), {}
    every = [(docname, section) for docname, page in record.each() for section in page.sections]
    for number, (_, section) in enumerate(every):
        for label in () if section.is_term else section.labels:
            labels.setdefault(label, number)
    led, sought = _led(every, labels), _sought(env, labels)
    rare = _rare_names(section for _, section in every)
    said, told = Counter(), set()
    for _, section in every:
        said.update(section.pairs)
        told |= {pair for pair, n in section.pairs.items() if n >= TOLD}
    mean = sum(section.words.total() for _, section in every) / max(1, len(every))
    numbers_of_pages = {docname: k for k, (docname, _) in enumerate(record.each())}
    above = _pages_above(env)
    for docname in numbers_of_pages:
        chapter = numbers_of_pages.get(above.get(docname, ""))
        title = env.titles[docname].astext()
        pages.append([docname, title] if chapter is None else [docname, title, chapter])
    for number, (docname, section) in enumerate(every):
        kind = objects[section.anchor].objtype if section.anchor in objects else ""
        kind = "term" if section.is_term else kind
        page = numbers_of_pages[docname]
        rows.append([page, section.anchor, section.title, *filter(None, [kind])])
        worth = Counter(section.words)
        for named in (led.get(number), sought.get(number)):
            worth.update(named)
        for key, count in section.cited.items():
            for name in filter(None, authors.get(key, ())):
                worth[name] += CITED * count
            worth[key.lower()] += CITED * count
        for name, count in section.named.items():
            short = name.rsplit(".", 1)[-1]
            if name in objects or short in functions or short.lower() in rare:
                worth[short.lower()] += CALLED * count
        worth.update(
            {pair: n for pair, n in section.pairs.items() if pair in told or said[pair] >= SAID}
        )
        usual = HALF * (1 - BY_LENGTH + BY_LENGTH * section.words.total() / mean)
        shares = _shares(worth.values(), usual, in_text=not kind)
        for term, value in worth.items():
            terms[term].append((number, shares[value], value))
    found = {t: _worth_finding(places, is_pair=" " in t) for t, places in terms.items()}
    return {
        "pages": pages,
        "sections": rows,
        "terms": {term: places for term, places in found.items() if places},
        "labels": labels,
        "numbers": numbers(env, labels),
    }


def _rare_names(every: Iterable[Section]) -> set[str]:
    """Names in code, in small letters, that few sections have: those of other libraries, mostly."""
    sections_with = Counter(
        name
        for section in every
        for name in {whole.rsplit(".", 1)[-1].lower() for whole in section.named}
    )
    return {name for name, number in sections_with.items() if number <= EVERYWHERE}


def _led(every: list[tuple[str, Section]], labels: dict[str, int]) -> dict[int, Counter]:
    """Number of a section -> the words of the glossary's entries that lead to it."""
    led: dict[int, Counter] = defaultdict(Counter)
    for _, section in every:
        for number in {labels[label] for label in section.leads if label in labels}:
            named = Section("", "")
            add(named, section.title, LED)
            led[number] |= named.words | named.pairs
    return led


def _sought(env, labels: dict[str, int]) -> dict[int, Counter]:
    """Number of a section -> words that people type for it and the book does not use there.

    They stand in the glossary's header, ``sought``. A phrase is found as one; its single words are
    worth no more than those of a sentence.
    """
    found: dict[int, Counter] = defaultdict(Counter)
    header = json.loads(env.metadata.get(GLOSSARY, {}).get("sought", "{}"))
    for label, phrases in dict(header).items():
        for phrase in phrases if label in labels else ():
            named = Section("", "")
            add(named, phrase, EXPLAINED)
            if named.pairs:
                named.words = Counter(dict.fromkeys(named.words, MARKED))
            found[labels[label]] |= named.words | named.pairs
    return found


def _pages_above(env) -> dict[str, str]:
    """Page -> the page in whose table of contents it stands, of all but the first."""
    first = env.config.root_doc
    return {
        below: docname
        for docname, pages in env.toctree_includes.items()
        if docname != first
        for below in pages
    }


def _shares(values: Collection[int], usual: float, *, in_text: bool) -> dict[int, int]:
    """What mentions are worth in a section where ``usual`` gives half the most, by their sum."""
    return {
        value: 2 * MOST
        if in_text and value >= EXPLAINED  # also in a long table
        else max(1, round(MOST * value / (value + usual)))
        for value in set(values)  # few: most words are said once
    }


def _worth_finding(places: list[tuple[int, int, int]], *, is_pair: bool) -> list[int]:
    """Of a word that is in many sections, those where it is more than mentioned.

    How many sections further, worth, how many further, worth and so on: three tenths less than with
    numbers in brackets.
    """
    least = LEAST if len(places) > FEW and not is_pair else 1
    found, last = [], 0
    for number, share, value in places:
        if value >= least:
            found += [number - last, share]
            last = number
    return found


def numbers(env, labels: dict[str, int]) -> dict[str, list[list[str]]]:
    """Number, such as 4.34 -> kind and label of what has it, in the order of `ORDER`."""
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
        for kind in ("figure", "exercise"):
            for anchor, number in kinds.get(kind, {}).items():
                add_number(number, kind, anchor)
    return {
        n: sorted(things, key=lambda thing: ORDER.index(thing[0])) for n, things in found.items()
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
    """Every page has the field; ``search.js`` fetches the index when one goes into it."""
    app.add_js_file("search.js", loading_method="defer")
    app.add_css_file("search.css")


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
    publish(app, __file__, "search.js", "find.js", "sphinx_highlight.js", "search.css")
    return {
        "version": "4",
        "env_version": 4,  # pages read by an earlier one are read again
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
