"""Sphinx extension of the book on paper: configuration, title page, style.

It is loaded by `dlabook.paper.latex` only, and not when the site is built.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx_exercise.nodes import (
    exercise_latex_number_reference,
)

from dlabook.output.clip import CLIPS_MIME
from dlabook.output.nodes import SVG_MIME, clip_rows, figure_image
from dlabook.output.results import OUTCOME_MIME
from dlabook.paper.translator import (
    PaperTranslator,
    depart_box,
    visit_box,
    visit_clip_rows,
    visit_exercise_number,
    visit_figure_image,
)
from dlabook.paper.tree import PaperBuilder, box, escaped
from dlabook.source.pages import MACROS

STYLE = Path(__file__).with_name("dlabook.sty")
WITHOUT_SOLUTIONS = "Edition without solutions"


def preamble(root: Path, *, solutions: bool = True) -> str:
    """The style, the macros of the book, and what the title page says."""
    import json

    from dlabook.source.version import citation_data

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
    data["edition"] = "" if solutions else WITHOUT_SOLUTIONS
    lines += [
        rf"\newcommand{{\book{key}}}{{{escaped(data[key])}}}"
        for key in ("title", "author", "version", "date", "edition")
    ]
    return "\n".join(lines)


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
        "preamble": preamble(root, solutions=config.paper_solutions),
    }


def _copy_style(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        shutil.copyfile(STYLE, Path(app.outdir, STYLE.name))


def setup(app: Sphinx) -> dict:
    app.add_config_value("paper_solutions", True, "env", types=(bool,))
    app.add_builder(PaperBuilder, override=True)
    app.set_translator("latex", PaperTranslator, override=True)
    app.add_node(box, latex=(visit_box, depart_box))
    number = exercise_latex_number_reference
    app.add_node(number, override=True, latex=(visit_exercise_number, None))
    app.add_node(figure_image, override=True, latex=(visit_figure_image, None))
    app.add_node(clip_rows, override=True, latex=(visit_clip_rows, None))
    app.connect("config-inited", configure, priority=950)
    app.connect("build-finished", _copy_style)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
