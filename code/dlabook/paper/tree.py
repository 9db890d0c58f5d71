"""The book on paper as one tree: its pages in the order of the table of contents.

Parts, chapters and their pages come from ``_toc.yml``; every number is the
one that the site shows. Solutions go to the end of their part, or are left
out: what would lead to them then is text.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.latex import LaTeXBuilder
from sphinx_exercise.nodes import (
    exercise_enumerable_node,
    exercise_node,
    solution_node,
)

from dlabook.source.chapters import contents
from dlabook.source.pages import NOT_ON_PAPER

NOWHERE = "nowhere:"  # address of a page that is neither on paper nor published
FRONT = "About this book"  # the first page's title is that of the book


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
            tuple(str(name) for name in tree.items if _on_paper(str(name))),
        )
        for tree in contents(root).root.subtrees
    ]


def _on_paper(docname: str) -> bool:
    return not any(docname == name or docname.startswith(f"{name}/") for name in NOT_ON_PAPER)


class box(nodes.Admonition, nodes.Element):
    """A titled box: exercise, solution, statement or prediction; ``kind`` names its look."""


class PaperBuilder(LaTeXBuilder):
    """The book's pages, each resolved by itself as on the site, in the order of ``_toc.yml``."""

    def assemble_doctree(self, indexfile, toctree_only, appendices) -> nodes.document:
        book = parts(Path(self.srcdir))
        self.section_numbers: dict[tuple[str, str], str] = {}
        self.left_out: set[tuple[str, str]] = set()  # places in solutions that are not printed
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
        self.unlink_left_out(tree)
        return tree

    def below(self, docname: str) -> set[str]:
        """A page and all pages below it."""
        children = self.env.toctree_includes.get(docname, [])
        return {docname}.union(*(self.below(child) for child in children if _on_paper(child)))

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
            if not self.config.paper_solutions:
                self.leave_out(docname, solution)
                continue
            solved[solution["target_label"]] = f"{docname}:{solution['ids'][0]}"
            content = _as_box(solution, "solution")
            content["back"] = self.address_of_exercise(solution["target_label"])
            solutions.append(addnodes.start_of_file("", content, docname=docname))
        _with_links_to_solutions(tree, solved)
        for node in statements(tree):
            node.replace_self(_as_box(node, "statement"))
        section = next(tree.findall(nodes.section))
        section["ids"].append(":doc")
        self.note_numbers(docname, tree)
        if with_children:
            for child in self.env.toctree_includes.get(docname, []):
                if _on_paper(child):
                    section += self.page(child, solutions)
        return addnodes.start_of_file("", *tree.children, docname=docname)

    def leave_out(self, docname: str, solution: nodes.Element) -> None:
        """Remember the places in a solution that is not printed."""
        for node in solution.findall(nodes.Element):
            self.left_out.update((docname, name) for name in node.get("ids", ()))

    def unlink_left_out(self, tree: nodes.Element) -> None:
        """Write links into solutions that are not printed as text; each page stands in its file."""
        for page in list(tree.findall(addnodes.start_of_file)) if self.left_out else ():
            for link in list(page.findall(nodes.reference)):
                docname, name = _target(link, page["docname"])
                if (docname, name) in self.left_out and _page_of(link) is page:
                    link.replace_self(nodes.inline("", "", *link.children))

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


def _target(link: nodes.reference, docname: str) -> tuple[str, str]:
    """The page and the place that a link of a page leads to."""
    if link.get("refid"):
        return docname, link["refid"]
    page, _, name = link.get("refuri", "").removeprefix("%").partition("#")
    return page or docname, name


def _page_of(node: nodes.Node) -> addnodes.start_of_file:
    """The page that a node stands on; pages stand in pages."""
    while not isinstance(node, addnodes.start_of_file):
        node = node.parent
    return node


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


def _as_box(node: nodes.Element, kind: str) -> box:
    return box("", *node.children, ids=node["ids"], kind=kind)


def _with_links_to_solutions(tree: nodes.document, solved: dict[str, str]) -> None:
    """Exercises as boxes, each with the place of its solution, if the page has one."""
    for kind in (exercise_enumerable_node, exercise_node):
        for node in list(tree.findall(kind)):
            exercise = _as_box(node, "exercise")
            exercise["forth"] = solved.get(node.get("label"), "")
            node.replace_self(exercise)


def escaped(words: str) -> str:
    from sphinx.util import texescape

    texescape.init()
    return texescape.escape(words, "xelatex")
