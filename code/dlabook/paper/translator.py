"""LaTeX of the book's own nodes, and the site's numbers instead of LaTeX's."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.writers.latex import LaTeXTranslator

from dlabook.paper.tables import columns
from dlabook.paper.tree import NOWHERE, address
from dlabook.source.pages import NO_PAGE_NUMBERS

PIXELS_TO_POINTS = 72 / 96  # CSS
FIGURE_SCALE = 0.85  # their letters of 11 pt beside a text of 11 pt
NOTES = {"check-note", "outcomes-note", "library-link", "outcome", "oral-kind", "page-minutes"}
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

    def depart_title(self, node):
        if "further" in node.parent["classes"]:
            self.body.append(r"\texorpdfstring{\textnormal{\small\ further}}{ (further)}")
        super().depart_title(node)

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
        if docname and docname not in NO_PAGE_NUMBERS and not self.in_title and not self.table:
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
        if (docname, f"equation-{label}") in self.builder.left_out:
            self.body.append(text)
            raise nodes.SkipNode
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
