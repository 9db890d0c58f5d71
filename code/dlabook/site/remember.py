"""Sphinx extension: what the toolchain works out again and again is worked out once.

None of it changes a page. Each replaces a function of another library, and
says what it saves at 110 pages, as the CPU time inside the function that is
replaced. Kept is what saves 4 of 100 s of a build, or grows with the square of
the pages. Those that saved less are gone: sources of notebooks (2), formatters
(2) and lexers (1) of code.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from pybtex import plugin
from pybtex.style import FormattedEntry
from pybtex.style.formatting import BaseStyle
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment.adapters.toctree import global_toctree_for_doc
from sphinx.util.osutil import relative_uri

from dlabook.source.files import write_whole


def _remember_plugins() -> None:
    """pybtex searches all installed packages for its parts at each citation.

    10 of 100 s of a build from nothing.
    """
    if not hasattr(plugin._load_entry_point, "cache_info"):
        plugin._load_entry_point = functools.cache(plugin._load_entry_point)


def _remember_citations(app: Sphinx) -> None:
    """sphinxcontrib-bibtex formats all references of the book in each build, twice.

    11 of 100 s of a build after one changed word.
    """
    store = Path(app.doctreedir, "citations.pickle")
    known = pickle.loads(store.read_bytes()) if store.exists() else {}
    before = len(known)

    def keep(app: Sphinx, env) -> None:
        if len(known) > before:
            write_whole(store, pickle.dumps(known))

    app.connect("env-updated", keep, priority=900)  # when bibtex has formatted them
    made = getattr(BaseStyle.format_entry, "made", BaseStyle.format_entry)

    def format_once(self, label, entry, bib_data=None) -> FormattedEntry:
        key = type(self).__module__, repr(entry)
        if key not in known:  # one that lacks a field is not: it gives its warning each time
            known[key] = made(self, label, entry, bib_data).text
        return FormattedEntry(entry.key, known[key], label)

    format_once.made = made
    BaseStyle.format_entry = format_once


def _remember_contents() -> None:
    """Sphinx makes the table of contents for each page out of all sections of all pages.

    6 of 100 s of a build from nothing, 4 at 45 pages: it grows with their square.
    """
    if not hasattr(StandaloneHTMLBuilder._get_local_toctree, "made"):
        made = StandaloneHTMLBuilder._get_local_toctree

        def contents_once(self, docname: str, collapse: bool = True, **options) -> str:
            if collapse or not options.get("titles_only"):
                return made(self, docname, collapse, **options)
            tree = _contents_from_root(self, tuple(sorted(options.items())))
            if tree is None:
                return made(self, docname, collapse, **options)
            return self.render_partial(seen_from(self.get_target_uri(docname), tree))["fragment"]

        contents_once.made = made
        StandaloneHTMLBuilder._get_local_toctree = contents_once


@functools.lru_cache(maxsize=4)
def _contents_from_root(builder: StandaloneHTMLBuilder, options: tuple) -> nodes.Element | None:
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
    """docutils walks a tree by a generator for each node: each node passes through all above it.

    4 of 100 s of a build from nothing (48 pages, both ways side by side: 27.4 and 26.4 s of CPU).
    """
    if not hasattr(nodes.Node.findall, "made"):
        made = nodes.Node.findall

        def findall(
            self, condition=None, include_self=True, descend=True, siblings=False, ascend=False
        ):
            if not (include_self and descend) or siblings or ascend:
                return made(self, condition, include_self, descend, siblings, ascend)
            if condition is None or isinstance(condition, type):
                return _in_order(self, condition or nodes.Node)
            return (node for node in _in_order(self) if condition(node))

        findall.made = made
        nodes.Node.findall = findall


def _in_order(root: nodes.Node, kind: type = nodes.Node) -> Iterator[nodes.Node]:
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
    _remember_plugins()
    _remember_contents()
    walk_trees_flat()
    app.connect("env-updated", lambda app, env: _contents_from_root.cache_clear())
    app.connect("builder-inited", _remember_citations)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
