"""Sphinx extension: pages are read, resolved and written side by side.

Not Sphinx's own way, because that resolves the references of all pages in one process while another
one writes: of 52 s of CPU at 111 pages, 9 s were that process's alone. Here as many forks as there
are jobs each take the next page when they are done with one, the long pages first, and do with it
all that there is to do; what they say of their pages is merged. What a fork looked up once, it
knows for all its pages.
"""

from __future__ import annotations

import functools
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.build_phase import BuildPhase
from sphinx.util.parallel import ParallelTasks

WIDTH = 4  # bytes of a number in the queue
FEW = 2  # pages that are written sooner than forks are there: one that changed, and the error page
INCREMENTAL = "dlabook.site.incremental"
_BY_PAGE = ("_titles", "_filenames", "_all_titles", "_index_entries")
_BY_WORD = ("_mapping", "_title_mapping")


class BookBuilder(StandaloneHTMLBuilder):
    """Sphinx's HTML builder, with its own way to share out the pages."""

    name = "html"

    def init_templates(self) -> None:
        """Templates that were compiled in one build are not compiled in the next."""
        super().init_templates()
        folder = Path(self.doctreedir, "templates")
        folder.mkdir(parents=True, exist_ok=True)
        self.templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))

    def write(self, build_docnames, updated_docnames, method="update") -> None:
        self.due = {*(build_docnames or ()), *updated_docnames}
        super().write(build_docnames, updated_docnames, method)

    def prepare_writing(self, docnames: set[str]) -> None:
        """Sphinx adds the root page, and those whose contents list a page that is written.

        They are left out again, in the set that Sphinx goes on with: `dlabook.site.incremental`
        knows when they show something else.
        """
        if INCREMENTAL in self.app.extensions and "__all__" not in self.due:
            docnames &= self.due
        super().prepare_writing(docnames)
        if self.indexer is not None:  # Sphinx stems the words of each page anew
            self.indexer.lang.stem = functools.cache(self.indexer.lang.stem)

    def _read_parallel(self, docnames: list[str], nproc: int) -> None:
        for docname in docnames:
            self.events.emit("env-purge-doc", self.env, docname)
            self.env.clear_doc(docname)

        def read(pages: Iterable[str]) -> tuple[list[str], bytes] | None:
            self.env.app = self.app
            done = []
            for docname in pages:
                self.read_doc(docname, _cache=False)
                done.append(docname)
            return (done, pickle.dumps(self.env, pickle.HIGHEST_PROTOCOL)) if done else None

        def merge(result: tuple[list[str], bytes] | None) -> None:
            if result is not None:
                self.env.merge_info_from(result[0], pickle.loads(result[1]), self.app)

        sizes = {docname: _file_size(self.env.doc2path(docname)) for docname in docnames}
        share_out(longest_first(sizes), nproc, read, merge)

    def _write_parallel(self, docnames: list[str], nproc: int) -> None:
        """Resolve and write; ``nproc`` leaves out this process, which waits."""
        sizes = {name: _file_size(Path(self.doctreedir, f"{name}.doctree")) for name in docnames}
        if len(docnames) <= FEW:
            for docname in docnames:
                self.write_page(docname)
            return
        first, *others = reversed(longest_first(sizes))
        self.write_page(first)  # templates and all that is worked out once, before the forks

        def write(pages: Iterable[str]) -> tuple[dict, dict]:
            for name in (*_BY_PAGE, *_BY_WORD) if self.indexer is not None else ():
                setattr(self.indexer, name, {})
            for docname in pages:
                self.write_page(docname)
            return self.images, self.indexed()

        def merge(result: tuple[dict, dict]) -> None:
            images, indexed = result
            self.images.update(images)
            self.add_to_index(indexed)

        share_out(others[::-1], nproc + 1, write, merge)

    def write_page(self, docname: str) -> None:
        self.app.phase = BuildPhase.RESOLVING
        doctree = self.env.get_and_resolve_doctree(docname, self)
        self.app.phase = BuildPhase.WRITING
        self.write_doc_serialized(docname, doctree)
        self.write_doc(docname, doctree)

    def indexed(self) -> dict[str, dict]:
        """What Sphinx's search index has of pages."""
        if self.indexer is None:
            return {}
        return {name: getattr(self.indexer, name) for name in (*_BY_PAGE, *_BY_WORD)}

    def add_to_index(self, indexed: dict[str, dict]) -> None:
        """Add what another process has of other pages."""
        own = self.indexed()
        for name, found in indexed.items():
            if name in _BY_PAGE:
                own[name].update(found)
            else:
                for word, pages in found.items():
                    own[name].setdefault(word, set()).update(pages)


def _file_size(path: str | os.PathLike) -> int:
    """Bytes of a file; none if it is not there."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def longest_first(sizes: dict[str, int]) -> list[str]:
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def share_out(
    pages: list[str],
    jobs: int,
    work: Callable[[Iterator[str]], Any],
    merge: Callable[[Any], None],
) -> None:
    """Let forks work on pages; each takes the next one when it is done with one.

    Args:
        pages: in the order in which they are taken.
        jobs: forks.
        work: gets the pages of one fork, in that fork; what it returns is pickled.
        merge: gets that, here.

    Raises:
        SphinxParallelError: work on a page failed.
    """
    with tempfile.TemporaryFile(buffering=0) as queue:  # forks share the place in an open file
        queue.write(b"".join(k.to_bytes(WIDTH, "big") for k in range(len(pages))))
        queue.seek(0)

        def taken() -> Iterator[str]:
            while number := queue.read(WIDTH):  # the system lets one process read at a time
                yield pages[int.from_bytes(number, "big")]

        tasks = ParallelTasks(jobs)
        for _ in range(min(jobs, len(pages))):
            tasks.add_task(lambda: work(taken()), None, lambda _, result: merge(result))
        tasks.join()


def begin(work: Callable[[], Any]) -> Callable[[], Any]:
    """Let a fork work while this process goes on.

    Args:
        work: depends on nothing that happens here from now on; what it returns is pickled.

    Returns:
        A function, to be called once: it waits for the end and returns what was returned there, or
        raises SphinxParallelError if the work failed.
    """
    results: list[Any] = []
    tasks = ParallelTasks(1)
    tasks.add_task(work, None, lambda _, result: results.append(result))

    def end() -> Any:
        tasks.join()
        return results[0]

    return end


def setup(app: Sphinx) -> dict:
    app.add_builder(BookBuilder, override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
