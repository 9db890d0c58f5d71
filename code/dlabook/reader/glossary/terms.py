"""Sphinx extension: where a page first uses a term of the glossary, the term is a link to it.

Not Sphinx's glossary, because there each use of a word is marked in the source.

The script of `dlabook.reader.preview` shows the definition beside the link. What is
found is running prose, with its lists, exercises and solutions; headings,
captions, tables, code, formulas, other links and the oral questions, whose
answer a definition would give away, are left as they are. Sources stay
plain text, and a new chapter or a new term needs no mark.

A term is found in the plural, at the beginning of a sentence, and with
spaces for hyphens; of two that overlap the longer one. Abbreviations behind it
(``short-time Fourier transform (STFT)``) are found as they are written. The
glossary's header says what else is found, and what is not:

    also:
      Viterbi algorithm: [Viterbi]
    not_terms:  # where the words mean something else
      - mixture of two normals
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.site.record import once
from dlabook.source.chapters import topics
from dlabook.source.pages import GLOSSARY

PROSE = (nodes.document, nodes.section, nodes.bullet_list, nodes.enumerated_list, nodes.list_item)
BOXES = {"exercise", "solution", "proof"}  # classes of boxes that hold prose
LEFT_ALONE = (nodes.reference, nodes.literal, nodes.math, nodes.raw, nodes.citation_reference)


def forms(term: str) -> list[str]:
    """A term's name and the abbreviations that stand in parentheses behind it.

    >>> forms("short-time Fourier transform (STFT)")
    ['short-time Fourier transform', 'STFT']
    >>> forms("information gain (of beats)")
    ['information gain']
    """
    name, _, behind = term.partition(" (")
    short = [word for word in behind.rstrip(")").split(", ") if re.search("[A-Z]", word)]
    return [name, *short]


def pattern(form: str) -> str:
    """What finds a form: its plural, a capital at a beginning, and hyphens or spaces inside.

    >>> re.fullmatch(pattern("log-mel spectrogram"), "Log-mel spectrograms") is not None
    True
    >>> re.fullmatch(pattern("continuity"), "continuities") is not None
    True
    >>> re.fullmatch(pattern("mel"), "MEL") is None
    True
    """
    first = form[0]
    start = f"[{first.upper()}{first}]" if form[:2].islower() else re.escape(first)
    rest = r"[\s-]+".join(map(re.escape, re.split("[ -]", form[1:])))
    if rest.endswith("y") and not re.search("[aeiou]y$", rest):
        return f"{start}{rest[:-1]}(?:y|ies)"
    return f"{start}{rest}(?:e?s)?"


class Finder:
    """Finds terms in a text.

    Args:
        terms: as the glossary has them.
        also: term -> other words for it.
        not_terms: phrases whose words are no terms.

    >>> find = Finder(["mixture"], not_terms=["mixture of two normals"])
    >>> list(find("A mixture of two normals is no mixture."))
    [(31, 38, 'mixture')]
    """

    def __init__(self, terms: Iterable[str], also: dict | None = None, not_terms: Iterable = ()):
        found = [(form, term) for term in terms for form in forms(term)]
        found += [(form, term) for term, words in (also or {}).items() for form in words]
        found += [(phrase, None) for phrase in not_terms]
        found.sort(key=lambda pair: -len(pair[0]))
        self.terms = [term for _, term in found]
        choices = "|".join(f"({pattern(form)})" for form, _ in found)
        self.expression = re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])") if found else None

    def __call__(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Beginning, end and term of each place, in order."""
        for match in self.expression.finditer(text) if self.expression else ():
            term = self.terms[match.lastindex - 1]
            if term is not None:
                yield match.start(), match.end(), term


def glossary(env) -> dict[str, tuple[str, str]]:
    """Term -> its page and anchor."""
    objects = env.get_domain("std").objects
    return {name: place for (kind, name), place in objects.items() if kind == "term"}


def finder(app: Sphinx) -> Finder:
    """Of the terms in the glossary, and of what its header says."""
    header = app.env.metadata.get(GLOSSARY, {})
    also, not_terms = (json.loads(header.get(key, "[]")) for key in ("also", "not_terms"))
    return Finder(glossary(app.env), dict(also), not_terms)


def prose(doctree: nodes.document) -> Iterator[nodes.Text]:
    """The texts of a page in which a term may become a link, in order."""
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.get("classes") or not all(map(_holds_prose, _ancestors(paragraph, doctree))):
            continue
        _join_lines(paragraph)
        for text in paragraph.findall(nodes.Text):
            if not any(isinstance(node, LEFT_ALONE) for node in _ancestors(text, paragraph)):
                yield text


def _join_lines(paragraph: nodes.paragraph) -> None:
    """Make one text of the lines of a source: a term may begin on one and end on the next."""
    for parent in paragraph.findall(nodes.TextElement):
        joined: list[nodes.Node] = []
        for child in parent.children:
            if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
                joined[-1] = nodes.Text(f"{joined[-1]}{child}")
            else:
                joined.append(child)
        if len(joined) < len(parent):
            parent.children = []
            parent.extend(joined)


def _holds_prose(node: nodes.Element) -> bool:
    return isinstance(node, PROSE) or bool(BOXES & set(node.get("classes", ())))


def _ancestors(node: nodes.Node, top: nodes.Element) -> Iterator[nodes.Element]:
    """The elements around a node, from its parent to ``top``."""
    while node is not top:
        node = node.parent
        yield node


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html" or docname not in once(app, _chapter_pages):
        return
    find = once(app, finder)
    address = {
        term: f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        for term, (page, anchor) in glossary(app.env).items()
    }
    linked = {node.get("refuri") for node in doctree.findall(nodes.reference)}  # by the author
    for text in list(prose(doctree)):
        parts, end = [], 0
        for start, stop, term in find(text):
            if address[term] not in linked:
                linked.add(address[term])
                parts += [nodes.Text(text[end:start]), link(text[start:stop], address[term])]
                end = stop
        if parts:
            parts.append(nodes.Text(text[end:]))
            text.parent.replace(text, [part for part in parts if part.astext()])


def link(word: str, address: str) -> nodes.reference:
    inside = nodes.inline("", word)
    return nodes.reference("", "", inside, internal=True, refuri=address, classes=["glossary-term"])


def _chapter_pages(app: Sphinx) -> set[str]:
    """The pages of the chapters on a method: those about the book explain its words themselves."""
    return {page.docname for pages in topics(Path(app.srcdir)) for page in pages}


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.pipeline")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
