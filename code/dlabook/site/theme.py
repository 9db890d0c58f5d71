"""Sphinx extension: the theme's frame, without the scripts that the book does not use.

No live code, the book's own templates, and a 404 page that works wherever
the site is served.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx

from dlabook.site.icons import reduce_icons
from dlabook.site.mathematics import copy_katex
from dlabook.source.pages import ERROR_PAGE

HERE = Path(__file__).parent


# ---------------------------------------------------------------- what is left out

LEFT_OUT = {
    "sphinx_thebe": "sphinx-thebe.css",  # live code; Jupyter Book loads it twice on each page
    "sphinx_togglebutton": "togglebutton.css",  # a script; see `BookTranslator.open_box`
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


# ---------------------------------------------------------------- what its templates are given

_FIRST = re.compile(
    r'<a class="[^"]*\breference internal" href="(?P<address>[^"]*)">(?P<chapter>\d+)\. [^<]*'
    r"</a>\s*<details[^>]*>\s*<summary.*?</summary>\s*<ul[^>]*>\s*"
    r'(?=<li class="toctree-l2[^"]*"><a [^>]*>(?P=chapter)\.(?P<next>\d+)\. )',
    re.S,
)
_TOGGLE = re.compile(
    r'(<a class="[^"]*\breference internal"[^>]*>([^<]*)</a>\s*<details[^>]*>)<summary>'
)


def _name_toggles(generate: Callable) -> Callable:
    """The theme's table of contents: the button that opens a chapter's pages has a name, and the
    chapter's own page stands above them."""

    def generate_toctree_html(*arguments, **options) -> str:
        contents = str(generate(*arguments, **options))
        return first_page(_TOGGLE.sub(r'\1<summary aria-label="Pages of \2">', contents))

    return generate_toctree_html


def first_page(contents: str) -> str:
    """The sidebar's contents, in which a chapter's own page stands before its further pages.

    Their numbers go on from its sections': without it a chapter's first entry is 5.10. Not other
    numbers, because those of sections are printed, cited, and the PDF's.
    """

    def add(match: re.Match) -> str:
        last = int(match["next"]) - 1
        if last < 1:
            return match[0]
        chapter, here = match["chapter"], match["address"] == "#"
        numbers = f"{chapter}.1" if last == 1 else f"{chapter}.1\u2013{chapter}.{last}"
        return (
            f'{match[0]}<li class="toctree-l2{" current active" if here else ""}">'
            f'<a class="{"current " if here else ""}reference internal" href="{match["address"]}">'
            f"{numbers}. First page</a></li>\n"
        )

    return _FIRST.sub(add, contents)


def prepare_template(app: Sphinx, pagename, templatename, context, doctree) -> str | None:
    """What the theme's templates are given; the 404 page has its own."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = _name_toggles(context["generate_toctree_html"])
    context["default_mode"] = "light"  # without scripts; with them layout.html decides
    return "404.html" if pagename == ERROR_PAGE else None


# ---------------------------------------------------------------- the finished site


def finish_site(app: Sphinx, exception: Exception | None) -> None:
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
    app.setup_extension("dlabook.pipeline")
    remove_extensions(app)
    app.config.templates_path.insert(0, str(HERE / "templates"))
    app.connect("config-inited", admit_error_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
