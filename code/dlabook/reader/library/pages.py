"""Sphinx extension: pages of the library `dla`, with links to the book and back.

A page says ``{library} losses``. Each public function and class has the
address ``page#dla.losses.pit.pit``. The labels that its docstring names lead
to their equations and sections; under each of these equations, at the end of
each page that explains a module, and under code that a chapter includes, a
link leads back.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.directives.code import LiteralInclude
from sphinx.util.nodes import make_refnode

from dlabook.site.directives import BookDirective
from dlabook.site.record import once, record_of
from dlabook.source.chapters import find_root
from dlabook.source.library import (
    LABEL,
    Block,
    Module,
    Object,
    blocks,
    library,
    meaning,
    module_names,
    named_in,
)

_INLINE = re.compile(
    r":math:`(?P<math>[^`]+)`|:\w+:`(?P<object>[^`]+)`|``(?P<code>.+?)``|`(?P<name>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*|(?P<label>" + LABEL.pattern + r")"
    r"|(?P<page>(?<![\w/.])[a-z]+/[a-z]+(?:-[a-z]+)*(?:/[a-z]+(?:-[a-z]+)*)*(?![\w/]))"
)


class Library(BookDirective):
    """All public functions and classes of a subpackage; ``.`` stands for the modules in none."""

    has_content = False

    def run(self):
        root = find_root(Path(self.env.srcdir))
        part = self.arguments[0]
        try:
            modules = library(root, part)
        except ValueError as error:
            raise self.error(str(error)) from error
        page = record_of(self.env).of(self.env.docname)
        page.part, page.modules = part, [module.name for module in modules]
        for module in modules:
            self.env.note_dependency(str(module.path))
        named = page.named
        for label, names in named_in(modules).items():
            named.setdefault(label, []).extend(names)
        for module in modules:
            for page in pages_named(module.doc):
                named.setdefault(page, []).append(module.name)
        everything = {o.fullname: o.kind for m in library(root) for o in m.objects}
        return [self.module(module, everything) for module in modules if module.objects]

    def module(self, module: Module, known: dict[str, str]) -> nodes.section:
        section = nodes.section("", ids=[module.name], names=[module.name])
        section += nodes.title("", "", nodes.literal("", module.name))
        self.note(module.name, "module")
        section += Writer(self.env.docname, module, known).parts(module.doc)
        for thing in module.objects:
            section += self.object(thing, module, known)
        return section

    def object(self, thing: Object, module: Module, known: dict[str, str]) -> nodes.section:
        write = Writer(self.env.docname, module, known)
        section = nodes.section("", ids=[thing.fullname], names=[thing.fullname])
        section += nodes.title("", "", nodes.literal("", thing.name))
        section += code(thing.signature, "python")
        section += write.parts(thing.doc)
        self.note(thing.fullname, thing.kind)
        for member in thing.members:
            if member.doc:
                name = nodes.literal("", f"{thing.name}.{member.name}")
                section += nodes.paragraph("", "", name, classes=["library-member"])
                section += write.parts(member.doc)
        return section

    def note(self, name: str, kind: str) -> None:
        self.env.get_domain("py").note_object(name, kind, name, location=self.get_location())


def code(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


def pages_named(doc: str) -> list[str]:
    """The pages that a module's docstring says explain it."""
    found = re.search(r"Explained in(.*?)(?:\.\s|\.$)", doc, re.DOTALL)
    return [f"book/{name}" for name in re.findall(r"[a-z]+/[a-z/-]+", found[1])] if found else []


class Writer:
    """Docstrings of a module as nodes."""

    def __init__(self, docname: str, module: Module, known: dict[str, str]):
        self.docname, self.module, self.known = docname, module, known

    def parts(self, doc: str) -> list[nodes.Node]:
        return [self.part(block) for block in blocks(doc)]

    def part(self, block: Block) -> nodes.Node:
        if block.kind == "text":
            return nodes.paragraph("", "", *self.inline(block.text))
        if block.kind == "math":
            return nodes.math_block(
                block.text, block.text, nowrap=False, number=None, label=None, docname=None
            )
        if block.kind == "example":
            return code(block.text, "pycon")
        if block.kind == "items":
            return self.items(block)
        body = nodes.field_body()
        body += (
            self.items(block) if block.items else nodes.paragraph("", "", *self.inline(block.text))
        )
        return nodes.field_list("", nodes.field("", nodes.field_name("", block.kind), body))

    def items(self, block: Block) -> nodes.bullet_list:
        """Names with their texts."""
        rows = nodes.bullet_list()
        for name, text in block.items:
            row = nodes.paragraph("", "")
            if name:
                row += nodes.literal("", name)
                row += nodes.Text(": ")
            row += self.inline(text)
            rows += nodes.list_item("", row)
        return rows

    def inline(self, text: str) -> Iterator[nodes.Node]:
        end = 0
        for match in _INLINE.finditer(text):
            if match.start() > end:
                yield nodes.Text(text[end : match.start()])
            end = match.end()
            yield self.marked(match.lastgroup, match[match.lastgroup])
        if end < len(text):
            yield nodes.Text(text[end:])

    def marked(self, kind: str, text: str) -> nodes.Node:
        if kind == "math":
            return nodes.math(text, text)
        if kind == "strong":
            return nodes.strong("", text)
        if kind in ("label", "page"):
            target = text if kind == "label" else f"book/{text}"
            return reference(self.docname, target, nodes.inline("", text))
        name = meaning(text.rstrip("()"), self.module, self.known)
        if name and (kind == "object" or text.startswith("dla.")):
            return reference(self.docname, name, nodes.literal("", text))
        return nodes.literal("", text)


def reference(docname: str, target: str, content: nodes.Node) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "", content, refdoc=docname, reftype="library", reftarget=target, refexplicit=False
    )


def resolve(app: Sphinx, env, node, content) -> nodes.Node | None:
    """Where a docstring's label, page, or name leads; its text if that is in no page."""
    if node.get("reftype") != "library":
        return None
    found = place(env, node["reftarget"])
    if found is None:
        return content
    docname, anchor, text = found
    content = nodes.inline("", text) if text else content
    return make_refnode(app.builder, node["refdoc"], docname, anchor, content)


def place(env, target: str) -> tuple[str, str, str] | None:
    """Page, anchor and text of a label, of a page, or of an object of the library."""
    standard, equations = env.domaindata["std"], env.domaindata["math"]["objects"]
    objects = env.domaindata["py"]["objects"]
    if target in objects:
        return objects[target].docname, objects[target].node_id, ""
    if target in equations:
        docname, _ = equations[target]  # its number there counts from the page's beginning
        numbers = env.toc_fignumbers.get(docname, {}).get("displaymath", {})
        full = ".".join(map(str, numbers.get(f"equation-{target}", ())))
        return docname, f"equation-{target}", f"equation {full}".strip()
    if target in standard["labels"]:
        docname, anchor, title = standard["labels"][target]
        return docname, anchor, title
    if target in standard["anonlabels"]:
        docname, anchor = standard["anonlabels"][target]
        return docname, anchor, target
    if target in env.titles:
        return target, "", env.titles[target].astext()
    return None


# ---------------------------------------------------------------- from the chapters


class LinkedInclude(LiteralInclude):
    """Code of the library in a chapter, with a link to its place in the library's pages."""

    def run(self):
        found = super().run()
        path = Path(posixpath.normpath(self.env.relfn2path(self.arguments[0])[1]))
        code_folder = Path(self.env.srcdir, "code")
        if "pyobject" in self.options and code_folder in path.parents:
            module = ".".join(path.relative_to(code_folder).with_suffix("").parts)
            owner = self.options["pyobject"].split(".")[0]  # a method stands with its class
            found.append(_library_line(self.env.docname, [f"{module}.{owner}"]))
        return found


def _library_line(docname: str, names: list[str]) -> nodes.paragraph:
    line = nodes.paragraph("", "In the library: ", classes=["library-link"])
    for k, name in enumerate(names):
        line += nodes.Text(", " if k else "")
        line += reference(docname, name, nodes.literal("", name))
    return line


def _all_named(app: Sphinx) -> dict[str, list[str]]:
    """Label or page -> the objects or modules that name it; in the order of the pages."""
    merged: dict[str, list[str]] = {}
    for _, page in record_of(app.env).each():
        for label, names in page.named.items():
            merged.setdefault(label, []).extend(names)
    return {label: sorted(set(names)) for label, names in merged.items()}


def link_back(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Links at equations and at the end of a page; made when it is written, for others say them."""
    named = once(app, _all_named)
    if record_of(app.env).get(docname).named:
        return
    for equation in list(doctree.findall(nodes.math_block)):
        names = named.get(equation.get("label"))
        following = equation.next_node(descend=False, siblings=True)
        if names and "equation-mark" in getattr(following, "attributes", {}).get("classes", ()):
            for name in names:
                link = links(app, docname, name, name.rsplit(".", 1)[-1])
                following[0] += nodes.inline("", "", link, classes=["is-library"])
    modules = named.get(docname, ())
    if modules:
        line = nodes.paragraph("", "In the library: ", classes=["library-link"])
        for k, module in enumerate(modules):
            line += nodes.Text(", " if k else "")
            line += links(app, docname, module, module)
        next(doctree.findall(nodes.section), doctree).append(line)


def links(app: Sphinx, docname: str, name: str, text: str) -> nodes.Node:
    content = nodes.literal("", text)
    found = place(app.env, name)
    if found is None:
        return content
    return make_refnode(app.builder, docname, found[0], found[1], content, name)


def pages_with_other_modules(app: Sphinx, env, added, changed, removed) -> list[str]:
    """Pages whose subpackage has a file more or less; Sphinx sees those that changed."""
    root = find_root(Path(app.srcdir))
    return [
        docname
        for docname, page in record_of(env).each()
        if docname in env.found_docs
        and page.part is not None
        and page.modules != _modules_now(root, page.part)
    ]


def _modules_now(root: Path, part: str) -> list[str]:
    """The modules of a subpackage as they are; none if it is gone."""
    try:
        return module_names(root, part)
    except ValueError:
        return []


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.add_directive("library", Library)
    app.add_directive("literalinclude", LinkedInclude, override=True)
    app.connect("missing-reference", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
