"""Sphinx extension: pages take the outputs of their cells from the executed chapters.

Not MyST-NB's own way, its cache, because that holds the same notebooks once more: filling it from
the executed chapters, then hashing, reading and merging each took 4 of 52 s of CPU at 111 pages.
"""

from __future__ import annotations

import copy
from pathlib import Path

from myst_nb import sphinx_ as myst_nb
from myst_nb.core.execute import NotebookClientBase
from nbformat import NotebookNode
from sphinx.application import Sphinx

from dlabook.run.executed import load_as_it_ran
from dlabook.source.chapters import Chapter

MODE = "cache"  # of MyST-NB, in which nothing is executed that was
OF_KERNEL = ("kernelspec", "language_info", "widgets")  # metadata that an execution leaves


class ExecutedNotebook(NotebookClientBase):
    """What MyST-NB asks for outputs; a chapter that was never executed has none."""

    def start_client(self) -> None:
        ran = load_as_it_ran(self._kwargs["chapter"])
        if ran is None:
            return
        cells = [cell for cell in ran.cells if cell.cell_type == "code"]
        if [cell.source for cell in cells] != [
            cell.source for cell in self.notebook.cells if cell.cell_type == "code"
        ]:
            self.logger.warning(
                "the code cells changed since they were executed; the page is without outputs. "
                "Run `make book`.",
                subtype="exec",
            )
            return
        self._notebook = with_outputs(self.notebook, ran, cells)


def with_outputs(
    notebook: NotebookNode, ran: NotebookNode, cells: list[NotebookNode]
) -> NotebookNode:
    """A notebook with the outputs of its code cells, copied: MyST-NB changes what is glued."""
    outputs = iter(copy.deepcopy(cells))
    merged = NotebookNode(notebook)
    merged.metadata = NotebookNode(notebook.metadata)
    merged.metadata.update({key: ran.metadata[key] for key in OF_KERNEL if key in ran.metadata})
    merged.cells = [
        NotebookNode({**next(outputs), "metadata": cell.metadata})
        if cell.cell_type == "code"
        else cell
        for cell in notebook.cells
    ]
    return merged


def _take_executed_chapters(app: Sphinx) -> None:
    made = getattr(myst_nb.create_client, "made", myst_nb.create_client)
    root = Path(app.srcdir)

    def create_client(notebook, source, nb_config, logger, read_fmt=None) -> NotebookClientBase:
        if nb_config.execution_mode != MODE:
            return made(notebook, source, nb_config, logger, read_fmt)
        path = Path(source)
        chapter = Chapter(root, path.relative_to(root).with_suffix("").as_posix())
        return ExecutedNotebook(notebook, path, nb_config, logger, chapter=chapter)

    create_client.made = made
    myst_nb.create_client = create_client


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", _take_executed_chapters)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
