"""Sphinx extension: all figures of the book in one zip, as SVG, for the slides of others.

The site's own files are named by their content; here a figure has the name of
its label, and a table says its number, its page, its caption and what is to
be seen. The zip is written when a build ends and something in it changed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.output.nodes import figure_image
from dlabook.reader.trainer.sheet import relative_to
from dlabook.site.record import record_of
from dlabook.source.pages import FIGURES_ZIP

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest of a zip: the same figures give the same bytes
FOLDER = "dla-book-figures"
READ_ME = """The figures of "{title}", each as SVG in two themes:
light/LABEL.svg is for a white page, dark/LABEL.svg for a dark one.

figures.csv names each figure's number and page in the book, its caption, and what is to be seen.
Letters are outlines: no font is needed, and none is replaced.

Licence: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/
You may show, change and share them, in courses too. Name the book and its authors ({authors}),
link to the licence, and say what you changed.
"""


def keep_figures(app: Sphinx, doctree: nodes.document) -> None:
    """Keep of a page that was read which figures it has, and in which files."""
    record_of(app.env).of(app.env.docname).figures = [
        (
            figure["ids"][0],
            " ".join(caption.astext().split()),
            " ".join(picture["alt"].split()),
            picture["light"],
            picture["dark"],
        )
        for figure in doctree.findall(nodes.figure)
        for picture in figure.findall(figure_image)
        for caption in list(figure.findall(nodes.caption))[:1]
        if figure["ids"]
    ]


def rows(app: Sphinx) -> list[dict[str, str]]:
    """Of each figure its label, number, page, caption, alternative text and two files; in order."""
    found = []
    for docname, page in record_of(app.env).each():
        numbers = app.env.toc_fignumbers.get(docname, {}).get("figure", {})
        for label, caption, alt, light, dark in page.figures:
            number = ".".join(map(str, numbers.get(label, ())))
            found.append(
                {
                    "figure": number,
                    "label": label,
                    "page": app.builder.get_target_uri(docname),
                    "caption": caption,
                    "alternative text": alt,
                    "light": light,
                    "dark": dark,
                }
            )
    return sorted(found, key=lambda row: [int(n) for n in row["figure"].split(".") if n])


def write_figures(app: Sphinx, exception: Exception | None) -> None:
    """Write the zip if anything in it is not what it was."""
    if exception or app.builder.format != "html":
        return
    from dlabook.source.version import citation

    names = [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in citation(Path(app.srcdir)).get("authors", [])
    ]
    listed = rows(app)
    about = READ_ME.format(title=app.config.html_title, authors=", ".join(names))
    digest = hashlib.sha256(repr((about, listed)).encode()).hexdigest()
    target, key = Path(app.outdir, FIGURES_ZIP), Path(app.doctreedir, "figures.key")
    if target.exists() and key.exists() and key.read_text() == digest:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_pack(Path(app.outdir), about, listed))
    key.write_text(digest)


def _pack(site: Path, about: str, listed: list[dict[str, str]]) -> bytes:
    table = io.StringIO()
    heads = ["figure", "label", "page", "caption", "alternative text"]
    writer = csv.DictWriter(table, heads, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:

        def add(name: str, content: bytes) -> None:
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", _DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)

        add("README.txt", about.encode())
        add("figures.csv", table.getvalue().encode("utf-8-sig"))  # spreadsheets ask for the mark
        for row in listed:
            for theme in ("light", "dark"):
                add(f"{theme}/{row['label']}.svg", (site / row[theme]).read_bytes())
    return made.getvalue()


def _zip_link(name, rawtext, text, lineno, inliner, options=None, content=()):
    """Role: a link to the figures, which are packed when the build ends."""
    page = inliner.document.settings.env.docname
    uri = relative_to(page, FIGURES_ZIP)
    return [nodes.reference(rawtext, text, refuri=uri, internal=False)], []


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.add_role("figures-zip", _zip_link)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
