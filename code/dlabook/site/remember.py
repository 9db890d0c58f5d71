"""Sphinx extension: what the toolchain works out anew for each page is worked out once.

None of it changes a page: the same word has the same stem on all pages, the
same options the same formatter of code, and pybtex the same plug-ins; the
nodes of a tree come in the same order, at less cost.
"""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Iterator
from pathlib import Path

import nbformat
from docutils import nodes
from myst_nb.core import read
from pybtex import plugin
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment.adapters.toctree import global_toctree_for_doc
from sphinx.highlighting import PygmentsBridge
from sphinx.search.en import SearchEnglish
from sphinx.util.osutil import relative_uri


def remember_plugins() -> None:
    """pybtex searches all installed packages for its parts at each citation."""
    if not hasattr(plugin._load_entry_point, "cache_info"):
        plugin._load_entry_point = functools.cache(plugin._load_entry_point)


def remember_citations(app: Sphinx) -> None:
    """sphinxcontrib-bibtex formats all references of the book in each build, twice."""
    store = Path(app.doctreedir, "citations.pickle")
    known = pickle.loads(store.read_bytes()) if store.exists() else {}
    before = len(known)

    def keep(app: Sphinx, env) -> None:
        if len(known) > before:
            store.write_bytes(pickle.dumps(known))

    app.connect("env-updated", keep, priority=900)  # when bibtex has formatted them
    made = getattr(BaseStyle.format_entry, "made", BaseStyle.format_entry)

    def format_once(self, label, entry, bib_data=None) -> FormattedEntry:
        key = type(self).__module__, repr(entry)
        if key not in known:  # one that lacks a field is not: it gives its warning each time
            known[key] = made(self, label, entry, bib_data).text
        return FormattedEntry(entry.key, known[key], label)

    format_once.made = made
    BaseStyle.format_entry = format_once


def remember_stems() -> None:
    """Sphinx keeps the stems of a page's words until the page ends."""
    if not hasattr(SearchEnglish.stem, "known"):
        stem, known = SearchEnglish.stem, {}

        def stem_once(self, word: str) -> str:
            if word not in known:
                known[word] = stem(self, word)
            return known[word]

        stem_once.known = known
        SearchEnglish.stem = stem_once


@functools.lru_cache(maxsize=64)
def html_formatter(kind: type[HtmlFormatter], style: type, options: tuple) -> HtmlFormatter:
    return kind(style=style, **dict(options))


def remember_formatters() -> None:
    """Sphinx makes a formatter, which makes a style sheet, for each block of code."""
    if not hasattr(PygmentsBridge.get_formatter, "made"):
        made = PygmentsBridge.get_formatter

        def formatter_once(self, **options):
            plain = all(isinstance(value, str | bool | int) for value in options.values())
            if self.dest != "html" or not plain:
                return made(self, **options)
            options_as_key = tuple(sorted(options.items()))
            return html_formatter(self.formatter, self.formatter_args["style"], options_as_key)

        formatter_once.made = made
        PygmentsBridge.get_formatter = formatter_once


def remember_lexers() -> None:
    """Sphinx makes a lexer for each block of code."""
    if not hasattr(PygmentsBridge.get_lexer, "made"):
        made, known = PygmentsBridge.get_lexer, {}

        def lexer_once(self, source, lang, opts=None, force=False, location=None):
            if lang in ("guess", "default") or opts:
                return made(self, source, lang, opts, force, location)
            key = lang, force, source.startswith(">>>")
            if key not in known:
                known[key] = made(self, source, lang, opts, force, location)
            return known[key]

        lexer_once.made = made
        PygmentsBridge.get_lexer = lexer_once


def remember_notebooks() -> None:
    """MyST-NB and `dlabook.source.chapters` read the same source."""
    if not hasattr(read.read_myst_markdown_notebook, "made"):
        made = read.read_myst_markdown_notebook

        def notebook_once(text, config=None, **options) -> nbformat.NotebookNode:
            return copy.deepcopy(once(text, tuple(sorted(options.items()))))

        @functools.lru_cache(maxsize=64)
        def once(text: str, options: tuple) -> nbformat.NotebookNode:
            return made(text, **dict(options))

        notebook_once.made = made
        read.read_myst_markdown_notebook = notebook_once


def remember_contents() -> None:
    """Sphinx makes the table of contents for each page out of all sections of all pages."""
    if not hasattr(StandaloneHTMLBuilder._get_local_toctree, "made"):
        made = StandaloneHTMLBuilder._get_local_toctree

        def contents_once(self, docname: str, collapse: bool = True, **options) -> str:
            if collapse or not options.get("titles_only"):
                return made(self, docname, collapse, **options)
            tree = contents_from_root(self, tuple(sorted(options.items())))
            if tree is None:
                return made(self, docname, collapse, **options)
            return self.render_partial(seen_from(self.get_target_uri(docname), tree))["fragment"]

        contents_once.made = made
        StandaloneHTMLBuilder._get_local_toctree = contents_once


@functools.lru_cache(maxsize=4)
def contents_from_root(builder: StandaloneHTMLBuilder, options: tuple) -> nodes.Element | None:
    """The table of contents as a page at the root of the site would have it."""
    return global_toctree_for_doc(builder.env, "", builder, collapse=False, **dict(options))


def seen_from(page: str, tree: nodes.Element) -> nodes.Element:
    """The table of contents with links that start at a page, which is marked in it."""
    tree = tree.deepcopy()
    for link in tree.findall(nodes.reference):
        if link["refuri"] == page:
            branch = link
            while branch is not None:
                branch["classes"].append("current")
                branch = branch.parent
        if "://" not in link["refuri"]:
            link["refuri"] = relative_uri(page, link["refuri"])
    return tree


def walk_trees_flat() -> None:
    """docutils walks a tree by a generator for each node: each node passes through all above it."""
    if not hasattr(nodes.Node.findall, "made"):
        made = nodes.Node.findall

        def findall(
            self, condition=None, include_self=True, descend=True, siblings=False, ascend=False
        ):
            if not (include_self and descend) or siblings or ascend:
                return made(self, condition, include_self, descend, siblings, ascend)
            if condition is None or isinstance(condition, type):
                return in_order(self, condition or nodes.Node)
            return (node for node in in_order(self) if condition(node))

        findall.made = made
        nodes.Node.findall = findall


def in_order(root: nodes.Node, kind: type = nodes.Node) -> Iterator[nodes.Node]:
    """Of a node and all below it those of a kind, as docutils orders them.

    The children are looked up after the node was yielded, one after the
    other: who changes the tree on the way sees what he would have seen.
    """
    open_lists = [iter((root,))]
    while open_lists:
        for node in open_lists[-1]:
            if isinstance(node, kind):
                yield node
            if node.children:
                open_lists.append(iter(node.children))
                break
        else:
            open_lists.pop()


def setup(app: Sphinx) -> dict:
    remember_plugins()
    remember_stems()
    remember_formatters()
    remember_lexers()
    remember_notebooks()
    remember_contents()
    walk_trees_flat()
    app.connect("env-updated", lambda app, env: contents_from_root.cache_clear())
    app.connect("builder-inited", remember_citations)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
