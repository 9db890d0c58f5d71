"""A page as a notebook that plain Jupyter shows whole: formulas, sources, figures, sounds.

Not jupytext, because that leaves directives and roles as they are in the source.

The cells are the page's present ones, the outputs those of its execution.
What MyST writes as directives and roles becomes ordinary Markdown.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path

import nbformat

from dlabook.output.clip import CLIPS_MIME
from dlabook.output.jupyter import picture, players
from dlabook.output.nodes import SVG_MIME
from dlabook.run.executed import load_executed
from dlabook.run.transcript import GLUE_PREFIX
from dlabook.site.directives import FULL_TITLE, OUTLINE_TITLE, SPOKEN_TITLE
from dlabook.site.outputs import shrink
from dlabook.source.chapters import DISPLAY, FENCE, Chapter, parse_directive, parse_oral
from dlabook.source.version import citation

TITLES = {"prediction": "Prediction", "exercise": "Exercise"}
SILENT = ("further", "key", "outcomes", "solution-end")
_LABEL = re.compile(r"^\((?P<label>[\w-]+)\)=[ ]*$", re.MULTILINE)
_ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<text>[^`]*)`")
_TITLED = re.compile(r"(?P<title>[^<]*?)\s*<[^>]*>$")
_PRIVATE = ("source_map", "dlabook")


def readable(chapter: Chapter, titles: dict[str, str], source: str = "") -> nbformat.NotebookNode:
    """The page as a notebook for Jupyter.

    Args:
        chapter: an executable page, executed or not.
        titles: label -> title of every labelled section of the book.
        source: address of the book's repository; empty if it has none.
    """
    notebook = chapter.notebook()
    executed = load_executed(chapter)
    ran = [c for c in executed.cells if c.cell_type == "code"] if executed else []
    for (_, cell), done in zip(
        [(k, c) for k, c in enumerate(notebook.cells) if c.cell_type == "code"], ran, strict=False
    ):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        cell.outputs = [visible(output, alt) for output in copy.deepcopy(done.outputs)]
        cell.execution_count = done.execution_count
    glued = _glued_values(ran)
    macros = chapter.root / "book" / "macros.json"
    define = commands(json.loads(macros.read_text(encoding="utf8"))) if macros.exists() else ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source, chapter, titles, glued)
    notebook.cells = [c for c in notebook.cells if c.cell_type == "code" or c.source.strip()]
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(_introduction(chapter, source) + define))
    for k, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{k}"
        cell.metadata.pop("checks", None)
        cell.metadata.pop("mutants", None)
    for name in _PRIVATE:
        notebook.metadata.pop(name, None)
    notebook.metadata.kernelspec = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _introduction(chapter: Chapter, source: str = "") -> str:
    """The first cell: what this is, and how to get the two packages that it imports.

    Args:
        chapter: the page.
        source: address of the book's repository; empty if it has none.
    """
    known = citation(chapter.root)
    place = f"git clone {source} dla-book" if source else "# dla-book: the book's source, unpacked"
    return (
        f"From the page `{chapter.name}` of *{known.get('title', 'the book')}*, version "
        f"{known.get('version', 'unknown')}. All outputs are here, sounds and figures included."
        "\n\nTo run the cells, with your own parameters too, get the packages `dla` and "
        f"`dlabook`:\n\n```sh\n{place}\n"
        "cd dla-book\n"
        "make lab    # JupyterLab on all pages, and on what you put into dla-book/lab\n"
        "```\n\nor, for an environment of your own with Python 3.11 or newer, in `dla-book`:\n\n"
        "```sh\npip install -r requirements.txt && pip install --no-deps --editable .\n```"
    )


def commands(macros: dict[str, str]) -> str:
    """The book's TeX macros, which Jupyter's typesetter keeps for the whole notebook."""
    lines = (rf"\newcommand{{{name}}}{{{body}}}" for name, body in macros.items())
    return "\n\n$" + "".join(lines) + "$" if macros else ""


def visible(output: nbformat.NotebookNode, alt: str) -> nbformat.NotebookNode:
    """An output with its sounds and figures as HTML: Jupyter shows it trusted or not.

    SVG by itself it shows of trusted notebooks only, and no downloaded one is. It stays
    for what converts notebooks: nbconvert sets SVG in a PDF, and leaves HTML out. A PNG
    beside it, as sharp as a page at twice its size, would be larger than both.

    Args:
        output: of an executed cell; it is changed.
        alt: what is to be seen in the cell's figure; empty: its text says it.
    """
    data = output.get("data", {})
    if CLIPS_MIME in data:
        data["text/html"] = players(data.pop(CLIPS_MIME)["rows"])  # the same sound once
    if SVG_MIME in data:
        data[SVG_MIME] = shrink(data[SVG_MIME])
        data["text/html"] = picture(data[SVG_MIME], alt or data.get("text/plain", ""))
    return output


def _glued_values(cells: list[nbformat.NotebookNode]) -> dict[str, str]:
    """What the cells computed for the prose."""
    found = {}
    for cell in cells:
        for output in cell.outputs:
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            text = output.get("data", {}).get(f"{GLUE_PREFIX}text/plain")
            if name and text is not None:
                found[name] = str(ast.literal_eval(text)) if text[:1] in "'\"" else text
    return found


def markdown(source: str, chapter: Chapter, titles: dict[str, str], glued: dict[str, str]) -> str:
    """MyST as plain Markdown with TeX."""
    text = FENCE.sub(lambda match: directive(match, chapter), source)
    text = DISPLAY.sub(tagged, text)
    text = _LABEL.sub(lambda match: f'<a id="{match["label"]}"></a>\n', text)
    text = re.sub(r"^\+\+\+[ ]*$\n?", "", text, flags=re.MULTILINE)
    return _ROLE.sub(lambda match: role(match, titles, glued), text).strip("\n")


def tagged(match: re.Match) -> str:
    body, label = match["body"].strip("\n"), match["label"]
    return f"$$\n{body}\n\\tag{{{label}}}\n$$" if label else f"$$\n{body}\n$$"


def role(match: re.Match, titles: dict[str, str], glued: dict[str, str]) -> str:
    name, text = match["role"], match["text"]
    titled = _TITLED.fullmatch(text)
    label = text if titled is None else text[text.rindex("<") + 1 : -1]
    if name.startswith("glue"):
        return glued.get(text, f"[{text}]")
    if name == "eq":
        return f"({label})"
    if name.startswith("cite"):
        keys = ", ".join(cited(key) for key in text.split(","))
        return f"({keys})" if name.endswith("p") else keys
    if titled:
        return f"*{titled['title']}*"
    return f"*{titles.get(label, label)}*"


def cited(key: str) -> str:
    """``Luo2019`` as Luo 2019; two surnames run together are parted."""
    match = re.fullmatch(r"(?P<names>.+?)(?P<year>\d{4})(?P<rest>\w*)", key.strip())
    if match is None:
        return key.strip()
    names = " and ".join(re.findall(r"(?:von)?[A-Z][^A-Z]*", match["names"]) or [match["names"]])
    return f"{names} {match['year']}"


def directive(match: re.Match, chapter: Chapter) -> str:
    """A directive as Markdown that says the same."""
    found = parse_directive(match, 0)
    if found.name in SILENT:
        return ""
    if found.name == "literalinclude":
        return listing(chapter.path.parent / found.argument, found.options.get("pyobject"))
    if found.name == "solution-start":
        return "**Solution**"
    if found.name == "oral":
        question = parse_oral(found.argument, found.options, found.body)
        parts = [f"**{question.kind.capitalize()}.** {question.question}"]
        if question.outline:
            parts += [
                f"<details><summary>{OUTLINE_TITLE}</summary>\n\n{question.outline}\n\n</details>"
            ]
        spoken = (
            f"*{SPOKEN_TITLE}.* {question.spoken}\n\n*{FULL_TITLE}.* " if question.spoken else ""
        )
        parts += [
            "<details><summary>Model answer and rubric</summary>\n\n"
            f"{spoken}{question.answer}\n\n{question.rubric}\n\n</details>"
        ]
        return "\n\n".join(parts)
    if found.name == "list-table":
        return _rows_as_list(found.body)
    title = TITLES.get(found.name, found.argument or found.name)
    quoted = "\n".join(f"> {line}".rstrip() for line in found.body.splitlines())
    return f"> **{title}**\n>\n{quoted}"


def listing(path: Path, name: str | None) -> str:
    """The source of a function or class, as the page shows it."""
    source = path.resolve().read_text(encoding="utf8")
    if name:
        node = find(ast.parse(source), name.split("."))
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        source = "\n".join(source.splitlines()[first - 1 : node.end_lineno])
    return f"```python\n{source.rstrip()}\n```"


def find(tree, names: list[str]):
    for node in tree.body:
        if getattr(node, "name", None) == names[0]:
            return find(node, names[1:]) if names[1:] else node
    raise LookupError(f"no {names[0]} to list")


def _rows_as_list(body: str) -> str:
    """A list-table, which Markdown does not have, as a list of its rows."""
    return re.sub(r"^\* - ", "- ", re.sub(r"^  - ", "  ", body, flags=re.M), flags=re.M)


def section_titles(chapters: list[Chapter]) -> dict[str, str]:
    """Label -> title of every labelled section, figures and tables left out."""
    heading = re.compile(r"^\(([\w-]+)\)=\n#+ (.+)$", re.MULTILINE)
    return {label: title for chapter in chapters for label, title in heading.findall(chapter.text)}
