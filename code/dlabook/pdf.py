"""The whole book as one PDF: Sphinx writes LaTeX, xelatex sets it.

Needs programs and packages that ``make book`` does not; `missing` names
them. What it makes stays in ``_build/pdf``, apart from the site.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = "_build/pdf"
PROGRAMS = {  # -> the Debian package that has it
    "xelatex": "texlive-xetex",
    "latexmk": "latexmk",
    "kpsewhich": "texlive-binaries",
    "rsvg-convert": "librsvg2-bin",
}


def write_latex(root: Path) -> Path:
    """``book.tex`` with all that it includes, from the executed chapters; returns its folder.

    Raises:
        RuntimeError: Sphinx reported errors; they are printed above.
    """
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    from dlabook.chapters import executable_chapters
    from dlabook.site import fill_cache

    fill_cache(root, executable_chapters(root))
    config, _ = get_final_config(
        user_yaml=root / "_config.yml", sourcedir=root, cli_config={"latex_individualpages": False}
    )
    config["extensions"].remove("sphinx_jupyterbook_latex")
    config["extensions"].append("dlabook.paper")
    config["nb_execution_cache_path"] = str(root / "_build" / ".jupyter_cache")
    build = root / FOLDER
    with patch_docutils(root), docutils_namespace():
        app = Sphinx(
            srcdir=root,
            confdir=None,
            outdir=build / "latex",
            doctreedir=build / "doctrees",
            buildername="latex",
            confoverrides=config,
            status=None,
            freshenv=True,
        )
        app.build(force_all=True)
    if app.statuscode:
        raise RuntimeError("Sphinx could not write the book; the messages above say where")
    return build / "latex"


INCLUDED = re.compile(r"\b(?P<folder>_sounds|_figures)/(?P<name>[0-9a-f]+)\.(?P<kind>mp3|jpg|pdf)\b")
FONTS = ("DejaVuSans", "DejaVuSansMono")
FACES = ("", "-Bold", "-Oblique", "-BoldOblique")


def bring_parts(root: Path, latex: Path, jobs: int) -> None:
    """What ``book.tex`` includes: pictures as PDF, fonts; and the sounds beside the book."""
    made = root / FOLDER / "jupyter_execute"
    named = {
        match.groups() for match in INCLUDED.finditer((latex / "book.tex").read_text("utf-8"))
    }
    (latex / "_figures").mkdir(exist_ok=True)
    drawings = []
    for folder, name, kind in sorted(named):
        target = latex / folder / f"{name}.{kind}"
        if kind == "pdf":
            drawings.append((made / folder / f"{name}.svg", target))
        elif kind == "jpg":
            shutil.copyfile(made / folder / target.name, target)
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda pair: draw(*pair), drawings))
    copy_sounds(made / "_sounds", root / FOLDER / "_sounds", {n for f, n, k in named if k == "mp3"})
    copy_fonts(latex / "fonts")


def draw(svg: Path, pdf: Path) -> None:
    """An SVG as PDF; its name is the hash of its content, so that one that is there is right."""
    if pdf.exists():
        return
    partial = pdf.with_suffix(".partial")
    command = ["rsvg-convert", "--format=pdf", f"--output={partial}", str(svg)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"rsvg-convert could not draw {svg}: {result.stderr.strip()}")
    partial.replace(pdf)


def copy_sounds(source: Path, target: Path, names: set[str]) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in sorted(names):
        shutil.copyfile(source / f"{name}.mp3", target / f"{name}.mp3")


def copy_fonts(target: Path) -> None:
    """The DejaVu fonts that come with matplotlib: no font of the machine's is asked for."""
    import matplotlib

    source = Path(matplotlib.get_data_path(), "fonts", "ttf")
    target.mkdir(exist_ok=True)
    for font in FONTS:
        for face in FACES:
            shutil.copyfile(source / f"{font}{face}.ttf", target / f"{font}{face}.ttf")
