"""The whole book as one PDF: `dlabook.paper` writes LaTeX, xelatex sets it.

Not Jupyter Book's PDF, because its LaTeX does not know the book's sounds, figures and boxes, and
numbers them in its own way.

It needs programs and packages that ``make book`` does not; `missing` names
them before anything runs. All that is made stays in ``_build/pdf``, apart
from the site: the book, and beside it the sounds that it links to.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dlabook.site.build import build_key
from dlabook.source.files import write_whole
from dlabook.source.version import book_version

FOLDER = "_build/pdf"
WITHOUT_SOLUTIONS = "_build/pdf-without-solutions"
SOUNDS, FIGURES = "_sounds", "_figures"
PROGRAMS = {  # -> the Debian packages that have it, and its fonts
    "xelatex": "texlive-xetex lmodern",
    "kpsewhich": "texlive-xetex",
    "latexmk": "latexmk",
    "rsvg-convert": "librsvg2-bin",
}
TEX_FILES = {  # Debian package -> what the book and Sphinx load of it
    "texlive-latex-recommended": "booktabs fancyvrb float fontspec parskip polyglossia xcolor",
    "texlive-latex-extra": "capt-of framed needspace tabulary tcolorbox titlesec upquote varwidth "
    "wrapfig",
    "texlive-pictures": "ellipse pict2e tikz",
    "lmodern": "lmroman10-regular.otf lmsans10-regular.otf",
}
INCLUDED = re.compile(rf"\b({SOUNDS}|{FIGURES})/([0-9a-f]+)\.(mp3|jpg|pdf)\b")
FONTS = ("DejaVuSans", "DejaVuSansMono")
FACES = ("", "-Bold", "-Oblique", "-BoldOblique")
OVERFULL = 20.0  # points beyond the margin that are worth a word


def pdf(root: Path, *, jobs: int = 1, solutions: bool = True) -> Path:
    """Make ``book.pdf`` from the executed chapters; returns its path.

    Args:
        root: of the book.
        jobs: pictures converted at a time.
        solutions: print them; without them the book is another edition, in a folder of its own.

    Raises:
        RuntimeError: a step failed; the message says where.
    """
    folder = root / (FOLDER if solutions else WITHOUT_SOLUTIONS)
    book, key_path = folder / "book.pdf", folder / "book.key"
    key = f"{build_key(root)} {book_version(root).number}"
    if book.exists() and key_path.exists() and key_path.read_text() == key:
        print("pdf: nothing changed")
        return book
    key_path.unlink(missing_ok=True)
    latex = write_latex(root, folder, solutions=solutions)
    bring_parts(latex, jobs)
    log = compile_latex(latex, book_version(root).date)
    for complaint in complaints(log):
        print(f"pdf: {complaint}", file=sys.stderr)
    shutil.copyfile(latex / "book.pdf", book)
    write_whole(key_path, key)
    return book


# ---------------------------------------------------------------- what is needed


def missing() -> str:
    """One sentence that names what is not on this machine; empty if all is there."""
    found = {name: package for name, package in PROGRAMS.items() if shutil.which(name) is None}
    if "kpsewhich" not in found:
        found |= _missing_files()
    if not found:
        return ""
    packages = " ".join(dict.fromkeys(" ".join(found.values()).split()))
    return (
        f"make pdf needs {listed(list(found))}, not found on this machine: "
        f"on Debian, apt-get install {packages}"
    )


def _missing_files() -> dict[str, str]:
    """Styles and fonts that TeX does not find, with the Debian package of each."""
    wanted = {
        name if "." in name else f"{name}.sty": package
        for package, names in TEX_FILES.items()
        for name in names.split()
    }
    answer = subprocess.run(["kpsewhich", *wanted], capture_output=True, text=True).stdout
    there = {Path(line).name for line in answer.splitlines()}
    return {name: package for name, package in wanted.items() if name not in there}


def listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


# ---------------------------------------------------------------- LaTeX


def write_latex(root: Path, build: Path, *, solutions: bool = True) -> Path:
    """``book.tex`` with the styles that it loads; returns its folder, in ``build``.

    Nothing is executed: outputs come from the executed chapters.

    Raises:
        RuntimeError: Sphinx warned; its messages are printed.
    """
    from jupyter_book.config import get_final_config

    config, _ = get_final_config(
        user_yaml=root / "_config.yml", sourcedir=root, cli_config={"latex_individualpages": False}
    )
    config["extensions"].remove("sphinx_jupyterbook_latex")
    config["extensions"] += ["dlabook.site.executed", "dlabook.paper.document"]
    config["paper_solutions"] = solutions
    return run_sphinx(root, build, config)


def run_sphinx(root: Path, build: Path, config: dict) -> Path:
    """Write the LaTeX of a book with a configuration, in ``latex`` below ``build``.

    Raises:
        RuntimeError: Sphinx warned.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    shutil.rmtree(build / "jupyter_execute", ignore_errors=True)
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
            warningiserror=True,
            keep_going=True,
        )
        app.build(force_all=True)
    if app.statuscode:
        raise RuntimeError("the book could not be written as LaTeX; the warnings above say where")
    return build / "latex"


# ---------------------------------------------------------------- pictures, sounds, fonts


def bring_parts(latex: Path, jobs: int) -> None:
    """What ``book.tex`` includes: pictures as PDF, fonts; and the sounds beside the book."""
    build = latex.parent
    made = build / "jupyter_execute"
    text = (latex / "book.tex").read_text(encoding="utf-8")
    named = {(folder, f"{name}.{kind}") for folder, name, kind in INCLUDED.findall(text)}
    figures = sorted(name for folder, name in named if folder == FIGURES)
    (latex / FIGURES).mkdir(exist_ok=True)
    for stale in (latex / FIGURES).iterdir():
        if stale.name not in figures:
            stale.unlink()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda name: bring(made / FIGURES, latex / FIGURES / name), figures))
    shutil.rmtree(build / SOUNDS, ignore_errors=True)
    (build / SOUNDS).mkdir()
    for folder, name in named:
        if folder == SOUNDS:
            shutil.copyfile(made / SOUNDS / name, build / SOUNDS / name)
    _copy_fonts(latex / "fonts")


def bring(source: Path, target: Path) -> None:
    """A picture, an SVG as PDF; its name is the hash of its content: one that is there is right.

    Raises:
        RuntimeError: rsvg-convert failed; the message is its own.
    """
    if target.exists():
        return
    if target.suffix != ".pdf":
        shutil.copyfile(source / target.name, target)
        return
    svg, partial = source / f"{target.stem}.svg", target.with_suffix(".partial")
    command = ["rsvg-convert", "--format=pdf", f"--output={partial}", str(svg)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"rsvg-convert could not draw {svg}: {result.stderr.strip()}")
    partial.replace(target)


def _copy_fonts(target: Path) -> None:
    """The DejaVu fonts that come with matplotlib: no font of the machine's is asked for."""
    import matplotlib

    source = Path(matplotlib.get_data_path(), "fonts", "ttf")
    target.mkdir(exist_ok=True)
    for font in FONTS:
        for face in FACES:
            shutil.copyfile(source / f"{font}{face}.ttf", target / f"{font}{face}.ttf")


# ---------------------------------------------------------------- xelatex


def compile_latex(latex: Path, date: str) -> str:
    """Set ``book.tex``; returns the log. The same sources and date give the same bytes.

    Raises:
        RuntimeError: LaTeX stopped; the message names page, line and reason.
    """
    midnight = datetime.datetime.fromisoformat(f"{date}T00:00:00+00:00")
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": f"{midnight.timestamp():.0f}",
        "FORCE_SOURCE_DATE": "1",
        "LATEXOPTS": "",
        "max_print_line": "10000",
    }
    command = ["latexmk", "-xelatex", "-silent", "-interaction=nonstopmode", "-halt-on-error"]
    command += ["-file-line-error", "book.tex"]
    result = subprocess.run(command, cwd=latex, env=environment, capture_output=True, text=True)
    path = latex / "book.log"
    log = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if result.returncode:
        for kind in ("aux", "fdb_latexmk", "out", "toc", "xdv"):  # half written
            (latex / f"book.{kind}").unlink(missing_ok=True)
        text = (latex / "book.tex").read_text(encoding="utf-8")
        raise RuntimeError(failure(log, text) or (result.stderr or result.stdout).strip()[-1500:])
    return log


_ERROR = re.compile(r"^(?:\./)?(?P<file>[\w./-]+):(?P<line>\d+): (?P<reason>.+)$", re.MULTILINE)


def failure(log: str, text: str) -> str:
    """Why LaTeX stopped, and in which page of the book; empty if the log does not say."""
    match = _ERROR.search(log)
    if match is None:
        return ""
    place = f"{match['file']}, line {match['line']}"
    if match["file"] == "book.tex":
        before = "\n".join(text.splitlines()[: int(match["line"])])
        pages = re.findall(r"^%% page: (.+)$", before, re.MULTILINE)
        place = f"{pages[-1]}.md ({place})" if pages else place
    read = re.search(rf"^l\.{match['line']} (.*)$", log[match.end() :], re.MULTILINE)
    after = f" after {read[1].strip()}" if read else ""
    return f"LaTeX stopped in {place}: {match['reason'].strip()}{after}"


def complaints(log: str) -> list[str]:
    """What is wrong on the printed page: signs without a glyph, links into nothing, wide lines."""
    found = [
        f"no font of the book has {sign}"
        for sign in sorted(set(re.findall(r"Missing character: There is no (.) ", log)))
    ]
    found += re.findall(r"LaTeX Warning: ((?:Hyper r|R)eference .+? undefined)", log)
    found += re.findall(r"LaTeX Warning: (Label .+? multiply defined)", log)
    for width, place in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\) (.*)", log):
        if float(width) > OVERFULL:
            found.append(f"{float(width):.0f} points beyond the margin {place.strip()} of book.tex")
    return found


def summary(book: Path) -> str:
    """Where the book is, how long and how heavy."""
    log = (book.parent / "latex" / "book.log").read_text(encoding="utf-8", errors="replace")
    pages = re.findall(r"Output written on book\.\w+ \((\d+) pages", log)
    weight = book.stat().st_size / 1e6
    return f"{book} ({pages[-1] if pages else '?'} pages, {weight:.1f} MB; its sounds: {SOUNDS})"
