"""Sphinx extension: what a reader can take away from a page, in the theme's download menu."""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from dlabook.reader.notebook.notebook import readable, section_titles
from dlabook.run.executed import executed_path
from dlabook.site.record import once
from dlabook.source.chapters import Chapter, book_chapters
from dlabook.source.pages import RUN_IT

FOLDER = "_notebooks"
NAMES = {"download-source-button": "Source (.md)", "download-pdf-button": "Print or PDF"}


def offer_downloads(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """The executed notebook, the source, and printing; the theme offers the last two."""
    for group in context.get("header_buttons", []):
        if group.get("label") != "download-buttons":
            continue
        for button in group["buttons"]:
            if button.get("label") in NAMES:
                button.update(text=NAMES[button["label"]], tooltip=None)
        if executed_path(Chapter(Path(app.srcdir), pagename)).exists():
            group["buttons"].insert(0, _notebook_button(app, pagename))
            group["buttons"].append(_how_to_run(app, pagename))


def _notebook_button(app: Sphinx, pagename: str) -> dict:
    name = f"{FOLDER}/{pagename}.ipynb"
    write_notebook(app, pagename, Path(app.outdir, name))
    own = relative_uri(app.builder.get_target_uri(pagename), name)
    return {"type": "link", "url": own, "text": "Notebook (.ipynb)", "icon": "fas fa-code"}


def _how_to_run(app: Sphinx, pagename: str) -> dict:
    """The page that says how to run this one."""
    own = app.builder.get_relative_uri(pagename, RUN_IT)
    return {"type": "link", "url": own, "text": "Run it yourself", "icon": "fas fa-lightbulb"}


def titles(app: Sphinx) -> dict[str, str]:
    return section_titles(book_chapters(Path(app.srcdir)))


def write_notebook(app: Sphinx, pagename: str, target: Path) -> None:
    """The page for Jupyter; written when the page is."""
    source = app.config.html_theme_options.get("repository_url", "")
    notebook = readable(Chapter(Path(app.srcdir), pagename), once(app, titles), source)
    target.parent.mkdir(parents=True, exist_ok=True)
    # for Jupyter to read, on one line: in readable lines it takes six times as long
    target.write_text(json.dumps(notebook, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.pipeline")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
