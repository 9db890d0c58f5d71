"""Sphinx extension of the book on paper: its pages as one LaTeX document.

Parts, chapters and their pages come from ``_toc.yml``; every number is the
one that the site shows. Solutions go to the end of their part. It is loaded
by `dlabook.pdf` only, and not when the site is built.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.latex import LaTeXBuilder
from sphinx.writers.latex import LaTeXTranslator
from sphinx_exercise.nodes import (
    exercise_enumerable_node,
    exercise_latex_number_reference,
    exercise_node,
    solution_node,
)

from dlabook.chapters import contents
from dlabook.clip import CLIPS_MIME
from dlabook.render import SVG_MIME, clip_rows, figure_image
from dlabook.results import OUTCOME_MIME
from dlabook.theme import MACROS

HERE = Path(__file__).parent
STYLE = HERE / "templates" / "pdf" / "dlabook.sty"
LEFT_OUT = ("book/exam/trainer", "book/api")  # they need a browser; the pages below them too
NOWHERE = "nowhere:"  # address of a page that is neither on paper nor published
FRONT = "About this book"  # the first page's title is that of the book
PIXELS_TO_POINTS = 72 / 96  # CSS
FIGURE_SCALE = 0.85  # their letters of 11 pt beside a text of 11 pt


# ---------------------------------------------------------------- the book's tree


@dataclass(frozen=True)
class Part:
    """A part of ``_toc.yml``: its title, whether its chapters have numbers, and their pages."""

    title: str
    numbered: bool
    chapters: tuple[str, ...]


def parts(root: Path) -> list[Part]:
    """The parts with those of their chapters that make sense on paper."""
    return [
        Part(
            tree.caption or "",
            bool(tree.numbered),
            tuple(str(name) for name in tree.items if on_paper(str(name))),
        )
        for tree in contents(root).root.subtrees
    ]


def on_paper(docname: str) -> bool:
    return not any(docname == name or docname.startswith(f"{name}/") for name in LEFT_OUT)


class box(nodes.Admonition, nodes.Element):
    """A titled box: exercise, solution, statement or prediction; ``kind`` names its look."""


class PaperBuilder(LaTeXBuilder):
    """The book's pages, each resolved by itself as on the site, in the order of ``_toc.yml``."""

    def assemble_doctree(self, indexfile, toctree_only, appendices) -> nodes.document:
        book = parts(Path(self.srcdir))
        self.section_numbers: dict[tuple[str, str], str] = {}
        self.docnames = {indexfile}.union(
            *(self.below(chapter) for part in book for chapter in part.chapters)
        )
        tree = self.env.get_doctree(indexfile).deepcopy()
        tree.children = []
        tree += raw(r"\frontchapters")
        front = self.page(indexfile, [], with_children=False)
        next(front.findall(nodes.title)).replace_self(nodes.title("", FRONT))
        tree += front
        for part in book:
            if not part.chapters:
                continue
            if part.title:
                tree += raw(rf"\bookpart{{{escaped(part.title)}}}")
            tree += raw(r"\numberedchapters" if part.numbered else r"\unnumberedchapters")
            solved: list[nodes.section] = []
            for chapter in part.chapters:
                found: list[nodes.Element] = []
                tree += self.page(chapter, found)
                if found:
                    solved.append(self.solutions_of(chapter, found))
            if solved:
                tree += raw(r"\unnumberedchapters")
                tree += nodes.section(
                    "", nodes.title("", f"Solutions: {part.title}".strip(": ")), *solved
                )
        return tree

    def below(self, docname: str) -> set[str]:
        """A page and all pages below it."""
        children = self.env.toctree_includes.get(docname, [])
        return {docname}.union(*(self.below(child) for child in children if on_paper(child)))

    def page(
        self, docname: str, solutions: list[nodes.Element], *, with_children: bool = True
    ) -> addnodes.start_of_file:
        """A page and those below it as its last sections; its solutions go to the list."""
        tree = self.env.get_doctree(docname)
        for toctree in list(tree.findall(addnodes.toctree)):
            toctree.parent.remove(toctree)
        self.name_boxes(docname, tree)
        for reference in tree.findall(addnodes.pending_xref):
            reference.setdefault("refdomain", "")  # Sphinx's LaTeX builder asks for it
        self.env.resolve_references(tree, docname, self)
        solved = {}
        for solution in list(tree.findall(solution_node)):
            solution.parent.remove(solution)
            solved[solution["target_label"]] = f"{docname}:{solution['ids'][0]}"
            content = as_box(solution, "solution")
            content["back"] = self.address_of_exercise(solution["target_label"])
            solutions.append(addnodes.start_of_file("", content, docname=docname))
        with_links_to_solutions(tree, solved)
        for node in statements(tree):
            node.replace_self(as_box(node, "statement"))
        section = next(tree.findall(nodes.section))
        section["ids"].append(":doc")
        self.note_numbers(docname, tree)
        if with_children:
            for child in self.env.toctree_includes.get(docname, []):
                if on_paper(child):
                    section += self.page(child, solutions)
        return addnodes.start_of_file("", *tree.children, docname=docname)

    def note_numbers(self, docname: str, tree: nodes.document) -> None:
        """The numbers of a page's sections, by each of their ids."""
        numbers = self.env.toc_secnumbers.get(docname, {})
        page = next(tree.findall(nodes.section))
        for section in tree.findall(nodes.section):
            names = [f"#{name}" for name in section["ids"]] + ([""] if section is page else [])
            found = next((numbers[name] for name in names if name in numbers), ())
            for name in section["ids"]:
                self.section_numbers[docname, name] = ".".join(map(str, found))

    def name_boxes(self, docname: str, tree: nodes.document) -> None:
        """The titles of exercises and solutions, with the numbers of the site."""
        known = self.exercises()
        for node in tree.findall(exercise_enumerable_node):
            title(node, f"Exercise {self.number(docname, 'exercise', node)}")
        for node in tree.findall(exercise_node):
            title(node, "Exercise")
        for node in tree.findall(solution_node):
            target = known.get(node.get("target_label"))
            if target is None:
                continue
            number = self.number(target["docname"], "exercise", target["node"])
            title(node, f"Solution to Exercise {number}".strip())
        for node in statements(tree):
            number = self.number(docname, node.get("countertype", ""), node)
            named = node[0].children if isinstance(node[0], nodes.title) else []
            title(node, f"{node['realtype'].title()} {number}".strip())
            node[0] += [part.deepcopy() for part in named]  # " (the author's words)"

    def exercises(self) -> dict[str, dict]:
        return getattr(self.env, "sphinx_exercise_registry", {})

    def address_of_exercise(self, label: str) -> str:
        target = self.exercises().get(label)
        return f"{target['docname']}:{label}" if target else ""

    def number(self, docname: str, kind: str, node: nodes.Element) -> str:
        numbers = self.env.toc_fignumbers.get(docname, {}).get(kind, {})
        found = next((numbers[name] for name in node["ids"] if name in numbers), ())
        return ".".join(map(str, found))

    def solutions_of(self, chapter: str, found: list[nodes.Element]) -> nodes.section:
        number = ".".join(map(str, self.env.toc_secnumbers.get(chapter, {}).get("", ())))
        heading = nodes.title("", "", nodes.Text(f"{number} " if number else ""))
        heading += [node.deepcopy() for node in self.env.titles[chapter]]
        return nodes.section("", heading, *found)

    def get_contentsname(self, indexfile: str) -> str:
        return "Contents"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """A place in the document; of a page that is not in it, its address on the site."""
        if docname in self.docnames:
            return f"%{docname}"
        base = self.config.html_baseurl
        return f"{base.rstrip('/')}/{docname}.html" if base else NOWHERE


def address(base: str, docname: str, uri: str) -> str:
    """A page's link; one to a file of the site as it is reached from elsewhere.

    Args:
        base: where the site is published; empty if nowhere.
        docname: the page.
        uri: relative to the page, or absolute, or a place of the document.
    """
    if not uri or uri.startswith(("%", "#")) or re.match(r"[a-z]+:", uri):
        return uri
    path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), uri))
    return f"{base.rstrip('/')}/{path}" if base else NOWHERE


def statements(tree: nodes.document) -> list[nodes.Element]:
    """Definitions, theorems, algorithms: what sphinx-proof made."""
    return [node for node in tree.findall(nodes.Element) if node.get("realtype")]


def raw(latex: str) -> nodes.raw:
    return nodes.raw("", latex, format="latex")


def title(node: nodes.Element, text: str) -> None:
    """Give a box its title, with the words that its author added in parentheses."""
    first = node[0] if len(node) and isinstance(node[0], nodes.title) else None
    new = nodes.title("", text)
    if first is not None:
        for subtitle in first.findall(nodes.subtitle):
            new += [nodes.Text(" ("), *subtitle.children, nodes.Text(")")]
        node.remove(first)
    node.insert(0, new)


def as_box(node: nodes.Element, kind: str) -> box:
    return box("", *node.children, ids=node["ids"], kind=kind)


def with_links_to_solutions(tree: nodes.document, solved: dict[str, str]) -> None:
    """Exercises as boxes, each with the place of its solution, if the page has one."""
    for kind in (exercise_enumerable_node, exercise_node):
        for node in list(tree.findall(kind)):
            exercise = as_box(node, "exercise")
            exercise["forth"] = solved.get(node.get("label"), "")
            node.replace_self(exercise)


# ---------------------------------------------------------------- the writer

NO_PAGES = ("book/references", "book/glossary")  # their order is that of the alphabet
NOTES = {"check-note", "outcomes-note", "library-link", "outcome", "oral-kind"}
IN_TEXT_FONT = set("–—‘’‚“”„†‡•…‰‹›€™")  # beyond Latin: what the font of the text has
LAST_LATIN = "\u017f"


class PaperTranslator(LaTeXTranslator):
    """LaTeX of the book's own nodes, and the site's numbers instead of LaTeX's."""

    secnumdepth = 3

    def __init__(self, document, builder, theme):
        super().__init__(document, builder, theme)
        self.this_is_the_title = 0  # the title page is our own

    def site_number(self, kind: str, node: nodes.Element) -> str:
        return self.builder.number(self.curfilestack[-1], kind, node)

    # -- text

    def encode(self, text: str) -> str:
        return "".join(self.glyph(char) for char in super().encode(text))

    def glyph(self, char: str) -> str:
        """A character that the text's font may not have, such that LaTeX finds one that has it."""
        if char <= LAST_LATIN or char in IN_TEXT_FONT:
            return char
        printed = rf"\bookglyph{{{ord(char):04X}}}"
        return rf"\texorpdfstring{{{printed}}}{{{char}}}" if self.in_title else printed

    def formula(self, node: nodes.Element) -> str:
        """TeX of a formula; signs typed as such come from the text's fonts."""
        latex = "\n".join(line for line in node.astext().splitlines() if line.strip())
        return "".join(
            char if char.isascii() else rf"\text{{{self.glyph(char)}}}" for char in latex
        )

    def visit_start_of_file(self, node):
        super().visit_start_of_file(node)
        self.body.append(f"%% page: {node['docname']}\n")

    def visit_title(self, node):
        if not isinstance(node.parent, nodes.Admonition):
            super().visit_title(node)
            return
        self.body.append("{")
        self.context.append("}" + self.hypertarget_to(node.parent, anchor=True) + "\n")
        self.in_title = 1

    def visit_abbreviation(self, node):
        self.context.append("")

    def visit_paragraph(self, node):
        super().visit_paragraph(node)
        marks = NOTES.intersection(node["classes"])
        self.body.append(rf"{{\booknote{{{min(marks)}}}" if marks else "")

    def depart_paragraph(self, node):
        if NOTES.intersection(node["classes"]):
            self.body.append(r"\par\nopagebreak}" if "oral-kind" in node["classes"] else r"\par}")
        super().depart_paragraph(node)

    def visit_reference(self, node):
        """A link within the book says, on paper, where it leads."""
        base, page = self.config.html_baseurl, self.curfilestack[-1]
        uri = node["refuri"] = address(base, page, node.get("refuri", ""))
        if uri.startswith(NOWHERE):
            self.context.append("")
            return
        super().visit_reference(node)
        docname, _, name = uri[1:].partition("#") if uri.startswith("%") else ("", "", "")
        if not docname and node.get("refid"):
            docname, name = self.curfilestack[-1], node["refid"]
        if docname and docname not in NO_PAGES and not self.in_title and not self.table:
            place = self.idescape(f"{docname}:{name or ':doc'}")
            number = self.builder.section_numbers.get((docname, name or ":doc"))
            section = rf"§\,{number}, " if number else ""
            self.context[-1] += rf" ({section}p.\,\pageref{{{place}}})"

    def visit_number_reference(self, node):
        """A figure or exercise by the number of the site."""
        docname, _, name = node.get("refuri", "%")[1:].partition("#")
        place = self.idescape(f"{docname or self.curfilestack[-1]}:{name or node.get('refid')}")
        text = self.encode(node.astext()).replace(" ", "~")
        self.body.append(rf"\hyperref[{place}]{{{text}}}")
        raise nodes.SkipNode

    # -- tables

    def visit_table(self, node):
        self.next_table_colspec = columns(node)
        super().visit_table(node)

    # -- mathematics

    def visit_math(self, node):
        latex = self.formula(node).strip()
        if self.in_title:
            latex = rf"\texorpdfstring{{\({latex}\)}}{{{self.escape(plain(latex))}}}"
            self.body.append(latex)
        else:
            self.body.append(rf"\({latex}\)")
        raise nodes.SkipNode

    def visit_math_block(self, node):
        label, number = node.get("label"), self.site_number("displaymath", node)
        body = self.formula(node).strip()
        if node.get("nowrap"):
            self.body.append(f"\n{body}\n")
        elif label and number:
            name = f"equation:{node['docname']}:{label}"
            self.body.append(f"\n\\bookequation{{{number}}}{{{name}}}{{{body}}}%\n")
        else:
            self.body.append(f"\n\\bookformula{{{body}}}%\n")
        raise nodes.SkipNode

    def visit_math_reference(self, node):
        docname, label = node["docname"], node["target"]
        numbers = self.builder.env.toc_fignumbers.get(docname, {}).get("displaymath", {})
        number = ".".join(map(str, numbers.get(f"equation-{label}", ("?",))))
        text = self.config.math_eqref_format.format(number=number)
        self.body.append(rf"\hyperref[equation:{docname}:{label}]{{{text}}}")
        raise nodes.SkipNode

    def equation_mark(self, node: nodes.Element) -> None:
        """Under an equation: definition, or the page of its check; and whether it is a key."""
        words = []
        for part in node[0]:
            if isinstance(part, nodes.reference):
                place = self.idescape(f"{self.curfilestack[-1]}:{part['refid']}")
                words.append(rf"\hyperref[{place}]{{checked on p.\,\pageref*{{{place}}}}}")
            elif "is-library" not in part["classes"]:
                words.append(self.encode(part.astext()))
        self.body.append(rf"\bookequationmark{{{' · '.join(words)}}}" + "\n")

    # -- boxes, cells

    def visit_container(self, node):
        if "equation-mark" in node["classes"]:
            self.equation_mark(node)
            raise nodes.SkipNode
        self.body.extend(self.hypertarget(name) for name in node["ids"])
        super().visit_container(node)

    def visit_admonition(self, node):
        kind = "prediction" if "prediction" in node["classes"] else "note"
        self.body.append(f"\n\\begin{{bookbox}}{{{kind}}}")
        self.no_latex_floats += 1

    def depart_admonition(self, node):
        self.body.append("\\end{bookbox}\n")
        self.no_latex_floats -= 1

    # -- figures

    def visit_figure(self, node):
        number = self.site_number("figure", node)
        if number:
            self.body.append(rf"\renewcommand{{\thefigure}}{{{number}}}")
        super().visit_figure(node)

    # -- references

    def visit_thebibliography(self, node):
        self.body.append("\n\\begin{bookreferences}\n")

    def depart_thebibliography(self, node):
        self.body.append("\\end{bookreferences}\n")

    def visit_citation(self, node):
        self.body.append("\n\\item ")
        self.body.extend(self.hypertarget(name) for name in node["ids"])

    def visit_label(self, node):
        raise nodes.SkipNode


LINE = 92  # characters of a table's line
SILENT = re.compile(  # TeX that prints nothing by itself, or next to nothing
    r"\\(?:math[a-z]+|text|operatorname|[bB]igg?[lr]?|left|right|hat|bar|tilde|overline|tfrac|frac"
    r"|quad|[,;:! ])|[{}^_$]|\s+"
)


def columns(table: nodes.table) -> str:
    """Columns of a LaTeX table: as wide as their words, or shares of the line.

    Every column has room for its longest word. What is left goes to those
    that would have to wrap, to the wider ones less than in proportion.
    """
    rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
    count = max(map(len, rows))
    cells = [[row[k] for row in rows if k < len(row)] for k in range(count)]
    most = [max(length(cell) for cell in column) for column in cells]
    if sum(most) + 2 * (count - 1) <= LINE:
        return "".join(map(alignment, cells))
    widths = [max(map(longest_word, column)) for column in cells]
    while sum(widths) + 2 * count < LINE:
        wanting = [k for k in range(count) if widths[k] < most[k]]
        if not wanting:
            break
        widths[max(wanting, key=lambda k: (most[k] - widths[k]) ** 0.5 / (1 + widths[k]))] += 1
    shares = [width + 2 for width in widths]
    return "".join(rf"\X{{{share}}}{{{sum(shares)}}}" for share in shares)


def pieces(cell: nodes.entry) -> list[str]:
    """A cell's words and formulas, as they print."""
    found = []
    for text in cell.findall(nodes.Text):
        if isinstance(text.parent, nodes.math):
            signs = re.sub(r"\\[a-zA-Z]+", "x", SILENT.sub("", text.astext()))
            found.append(signs[: round(0.75 * len(signs))])  # some of them are small
        else:
            found += text.astext().split()
    return found


def length(cell: nodes.entry) -> int:
    return sum(len(piece) + 1 for piece in pieces(cell)) - 1


def longest_word(cell: nodes.entry) -> int:
    """Signs of the longest piece that is not broken: a word, or a formula."""
    return max(map(len, pieces(cell)), default=1)


def alignment(column: list[nodes.entry]) -> str:
    classes = {name for cell in column for name in cell["classes"]}
    return "r" if "text-right" in classes else "c" if "text-center" in classes else "l"


def plain(latex: str) -> str:
    """A formula of a title as a viewer's list of contents can show it."""
    return " ".join(latex.replace("\\", "").replace("{", "").replace("}", "").split())


def visit_box(translator, node) -> None:
    translator.body.append(f"\n\\begin{{bookbox}}{{{node['kind']}}}")
    translator.no_latex_floats += 1


def depart_box(translator, node) -> None:
    for way in ("forth", "back"):
        if node.get(way):
            translator.body.append(f"\n\\book{way}{{{translator.idescape(node[way])}}}\n")
    translator.body.append("\\end{bookbox}\n")
    translator.no_latex_floats -= 1


def visit_exercise_number(translator, node) -> None:
    translator.visit_number_reference(node)


def visit_figure_image(translator, node) -> None:
    picture = Path(node["light"]).with_suffix(".pdf")
    width = node["width"] * PIXELS_TO_POINTS * FIGURE_SCALE
    translator.body.append(f"\n\\sphinxincludegraphics[width={width:.0f}bp]{{{picture}}}\n")
    raise nodes.SkipNode


def visit_clip_rows(translator, node) -> None:
    """A line for each sound: link and label, duration, level, spectrogram."""
    base = translator.config.html_baseurl
    longest = max(row["seconds"] for row in node["rows"])
    translator.body.append("\n\\begin{booksounds}\n")
    for row in node["rows"]:
        address = f"{base.rstrip('/')}/{row['file']}" if base else row["file"]
        level = "silent" if row["level"] is None else f"{row['level']:.1f} dBFS".replace("-", "−")
        share = row["seconds"] / longest
        translator.body.append(
            f"\\booksound{{{address}}}{{{translator.encode(row['label'])}}}"
            f"{{{row['seconds']:.1f} s}}{{{translator.encode(level)}}}"
            f"{{{row['spectrogram']}}}{{{share:.3f}}}\n"
        )
    translator.body.append("\\end{booksounds}\n")
    raise nodes.SkipNode


# ---------------------------------------------------------------- the document


def preamble(root: Path) -> str:
    """The style, the macros of the book, and what the title page says."""
    import json

    from dlabook.cite import citation_data

    path = root / MACROS
    macros = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = [r"\usepackage{dlabook}"]
    for name, meaning in macros.items():
        lines.append(rf"\let{name}\undefined\newcommand{{{name}}}{{{meaning}}}")
    data = citation_data(root)
    names = [
        author.get("name") or f"{author['given']} {author['family']}" for author in data["authors"]
    ]
    data["author"] = ", ".join(names)
    lines += [
        rf"\newcommand{{\book{key}}}{{{escaped(data[key])}}}"
        for key in ("title", "author", "version", "date")
    ]
    return "\n".join(lines)


def escaped(words: str) -> str:
    from sphinx.util import texescape

    texescape.init()
    return texescape.escape(words, "xelatex")


def configure(app: Sphinx, config) -> None:
    root = Path(app.srcdir)
    config.nb_mime_priority_overrides = [
        ("latex", mime, 1) for mime in (CLIPS_MIME, OUTCOME_MIME, SVG_MIME)
    ]
    config.latex_engine = "xelatex"
    config.latex_theme = "manual"
    config.latex_documents = [(config.root_doc, "book.tex", config.html_title or "", "", "manual")]
    config.latex_show_urls = "no"
    config.latex_domain_indices = False
    config.latex_use_xindy = False
    config.latex_table_style = ["booktabs"]
    config.latex_additional_files = []
    config.pygments_style = "a11y-high-contrast-light"
    config.latex_elements = {
        "papersize": "a4paper",
        "pointsize": "11pt",
        "extraclassoptions": "openany,oneside",
        "fontpkg": "",
        "fncychap": "",
        "geometry": r"\usepackage[hmargin=2.5cm,top=2.6cm,bottom=2.4cm,headheight=15pt]{geometry}",
        "polyglossia": r"\usepackage{polyglossia}",
        "figure_align": "H",
        "maketitle": r"\booktitlepage",
        "tocdepth": r"\setcounter{tocdepth}{1}",
        "secnumdepth": r"\setcounter{secnumdepth}{3}",
        "makeindex": "",
        "printindex": "",
        "preamble": preamble(root),
    }


def copy_style(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        shutil.copyfile(STYLE, Path(app.outdir, STYLE.name))


def setup(app: Sphinx) -> dict:
    app.add_builder(PaperBuilder, override=True)
    app.set_translator("latex", PaperTranslator, override=True)
    app.add_node(box, latex=(visit_box, depart_box))
    number = exercise_latex_number_reference
    app.add_node(number, override=True, latex=(visit_exercise_number, None))
    app.add_node(figure_image, override=True, latex=(visit_figure_image, None))
    app.add_node(clip_rows, override=True, latex=(visit_clip_rows, None))
    app.connect("config-inited", configure, priority=950)
    app.connect("build-finished", copy_style)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
