"""Sphinx extension: where a cell's sounds, figures and numbers come from, one click away.

Not PROV or RO-Crate, because these describe whole runs to machines, and no figure to its reader.

Below what a cell gave: which cell of the page it is and how long it ran; which functions of the
library its code names; which recordings it read, or the cells before it; the seeds that it sets.
Functions and seeds are read from the code, times and recordings from the execution. What a variable
carries from an earlier cell is said by that cell.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.reader.library.pages import reference
from dlabook.run.executed import executed_record
from dlabook.site.directives import code_cells
from dlabook.site.outputs import OTHERS
from dlabook.site.static import contains, publish
from dlabook.source.chapters import Chapter

PACKAGE = "dla"
CORPORA = "/corpora/"
SEEDS, GENERATORS = ("seed", "seeds"), ("manual_seed", "default_rng")


class provenance(nodes.General, nodes.Element):
    """What is known of the origin of a cell's outputs, folded."""


@lru_cache(maxsize=1)
def _parsed(source: str) -> ast.Module:
    """A cell's code, parsed once for all that is asked of it; empty if it is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])


def names_of_library(source: str, known: dict[str, str]) -> list[str]:
    """Full names of the package's objects that a cell's code names, in the order of the code.

    Args:
        source: of the cell; what is no Python (a line of IPython's) names nothing.
        known: name -> full name, of what the cells before it imported; this cell's are added.
    """
    tree = _parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and _is_own(node.module):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and _is_own(alias.name):
                    known[alias.asname] = alias.name
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            parts = ast.unparse(node).split(".")
            if parts[0] in known and all(map(str.isidentifier, parts)):
                full = ".".join([known[parts[0]], *parts[1:]])
                found.append((node.lineno, node.col_offset, full))
    whole = [full for *_, full in sorted(found)]
    longer = {full.rpartition(".")[0] for full in whole}  # of `plot.show`, also `plot` is named
    return list(dict.fromkeys(full for full in whole if full not in longer))


def _is_own(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def seeds(source: str) -> list[str]:
    """Where a cell's code sets a seed, as Python writes it: arguments, names, generators."""
    tree = _parsed(source)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and (node.arg or "").lower() in SEEDS:
            found.append((node.lineno, f"{node.arg}={ast.unparse(node.value)}"))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in GENERATORS:
            arguments = ", ".join(map(ast.unparse, node.args))
            found.append((node.lineno, f"{ast.unparse(node.func).split('.')[-1]}({arguments})"))
        elif isinstance(node, ast.Assign):
            names = [ast.unparse(target) for target in node.targets]
            if any(name.lower() in SEEDS for name in names):
                found.append((node.lineno, ast.unparse(node)))
    return list(dict.fromkeys(text for _, text in sorted(found)))


def recordings(files: list[str]) -> str:
    """How many files of which corpora: ``prompts (2), songs (1)``; empty if there are none."""
    parts = [name.partition(CORPORA)[2].split("/") for name in files if CORPORA in name]
    counts = Counter(corpus for corpus, *rest in parts if rest and rest[-1].endswith(".flac"))
    return ", ".join(f"{corpus} ({count})" for corpus, count in sorted(counts.items()))


def origin(number: int, total: int, record: dict) -> str:
    """Which cell it is, how long it took, where and when."""
    text = f"Cell {number} of {total}"
    times = record.get("cell_seconds", [])
    if number <= len(times):
        text += f", {times[number - 1]:.1f} s on {record.get('processor') or 'one core'}"
        text += f", {record.get('date', '')}"
    return f"{text}."


def read_by(number: int, record: dict) -> list[str]:
    """Two sentences at most: the recordings that a cell read, and those that others before it did.

    A run that did not note which cell reads knows only the page's.
    """
    first = record.get("first_read")
    if first is None:
        page = recordings(list(record.get("files", {})))
        return [f"Recordings that this page reads: {page}."] if page else []
    own = recordings([name for name, cell in first.items() if cell == number])
    before = recordings([name for name, cell in first.items() if cell < number])
    said = [f"Recordings read here: {own}."] if own else []
    return said + ([f"Read by the cells before: {before}."] if before else [])


def add_provenance(app: Sphinx, doctree: nodes.document) -> None:
    """A folded line at the end of each cell that gave something."""
    chapter = Chapter(Path(app.srcdir), app.env.docname)
    record = executed_record(chapter)
    if record is None:
        return
    cells, known, linked = code_cells(doctree), {}, set()
    for number, cell in enumerate(cells, start=1):
        source = "\n".join(
            part.astext()
            for part in cell.findall(nodes.container)
            if part.get("nb_element") == "cell_code_source"
        )
        names = names_of_library(source, known)
        if any(part.get("nb_element") == "cell_code_output" for part in cell.children):
            cell += _told(app.env.docname, number, len(cells), source, names, linked, record)


def _told(docname, number, total, source, names, linked, record) -> provenance:
    """One paragraph, and a link for the first mention: a page is weighed."""
    line = nodes.paragraph("", " ".join([origin(number, total, record), *read_by(number, record)]))
    links = []
    for name in names:  # the address says what the short name does not
        text = nodes.Text(name.rpartition(".")[2])
        links.append(text if name in linked else reference(docname, name, text))
        linked.add(name)
    for title, parts in (("Library", links), ("Seeds", [nodes.Text(s) for s in seeds(source)])):
        for k, part in enumerate(parts):
            line += nodes.Text(", " if k else f" {title}: ")
            line += part
        if parts:
            line += nodes.Text(".")
    return provenance("", line, number=number)


def _visit(translator, node: provenance) -> None:
    if translator.shown_on is None:  # a preview
        raise nodes.SkipNode
    translator.body.append(
        f'<details class="provenance"><summary aria-label="source of cell {node["number"]}">'
        "source</summary>"
    )


def _depart(translator, node: provenance) -> None:
    translator.body.append("</details>\n")


def _skip(translator, node: provenance) -> None:
    raise nodes.SkipNode


def add_style(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """The style, on pages with such lines only."""
    if contains(doctree, provenance):
        app.add_css_file("provenance.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.reader.library.pages")
    publish(app, __file__, "provenance.css")
    app.add_node(provenance, html=(_visit, _depart), **dict.fromkeys(OTHERS, (_skip, None)))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
