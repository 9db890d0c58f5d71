"""Sphinx extension: read again what changed, write again what shows it.

Sphinx knows which sources changed. It does not know that an executed
chapter did, nor that a page shows something of another one: a title in the
table of contents, the number of an equation or figure. Both are told here,
so that a build after one changed word writes one page, and the same bytes
as a build from nothing.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.run.executed import executed_path
from dlabook.site.record import record_of
from dlabook.source.chapters import Chapter
from dlabook.source.memo import digest_of_file
from dlabook.source.pages import GLOSSARY


def _executed_digest(root: Path, docname: str) -> str:
    """Fingerprint of a chapter's executed notebook; empty if there is none."""
    return digest_of_file(executed_path(Chapter(root, docname)))


def pages_executed_anew(app: Sphinx, env, added, changed, removed) -> set[str]:
    """The pages whose executed notebook is another one than when they were read."""
    root = Path(app.srcdir)
    record = record_of(env)
    before = record.executed
    record.executed = {name: _executed_digest(root, name) for name in env.found_docs}
    anew = {name for name, digest in record.executed.items() if before.get(name) != digest}
    return anew & env.found_docs - added


def pages_that_show_others(app: Sphinx, env) -> list[str]:
    """All pages, if something changed that a page may show of another.

    To be called when the numbers have been given: after the collectors.
    """
    shared = _digest_of_shared(env)
    record = record_of(env)
    before, record.shared = record.shared, shared
    if before == shared:
        return []
    return sorted(env.all_docs)


def _digest_of_shared(env) -> str:
    """Fingerprint of titles, numbers and labels: what pages show of each other."""
    citations = env.domaindata.get("cite", {}).get("citations", [])
    terms = env.domaindata["std"]
    shared = [
        sorted((name, toc.astext()) for name, toc in env.tocs.items()),
        sorted(env.toctree_includes.items()),
        sorted(env.toc_secnumbers.items()),
        sorted((name, sorted(kinds.items())) for name, kinds in env.toc_fignumbers.items()),
        sorted(terms["labels"].items()),
        sorted(terms["anonlabels"].items()),
        sorted(map(str, terms["objects"].items())),
        sorted(env.domaindata["math"]["objects"].items()),
        sorted(env.metadata.get(GLOSSARY, {}).items()),
        sorted(env.domaindata["py"]["objects"]),
        [(name, page.named) for name, page in record_of(env).each()],
        [(c.key, c.citation_id, c.formatted_entry.label) for c in citations],
    ]
    return hashlib.sha256(repr(shared).encode()).hexdigest()


def remove_static_files(app: Sphinx, builder) -> None:
    """What extensions wrote last time is in no link's check sum.

    Not before Sphinx has decided to write pages: if none changed, it copies
    no static file, and a site without them has no scripts.
    """
    if builder.format == "html":
        shutil.rmtree(Path(app.outdir, "_static"), ignore_errors=True)


def _drop_words_of_no_page(app: Sphinx) -> list:
    """Sphinx's index keeps a word that was on a page once; a build from nothing has none."""
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        for words in (indexer._mapping, indexer._title_mapping):
            for word in [word for word, pages in words.items() if not pages]:
                del words[word]
    return []  # no pages: the event only says that all have been written


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.connect("html-collect-pages", _drop_words_of_no_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
