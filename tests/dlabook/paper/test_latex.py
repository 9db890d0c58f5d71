"""The book on paper: the site's numbers, solutions at the end of a part, sounds as links."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paper_book import labels, links, write
from places import ROOT

from dlabook.paper import latex as pdf
from dlabook.site.build import build_key

TEX_IS_MISSING = pdf.missing()
needs_tex = pytest.mark.skipif(bool(TEX_IS_MISSING), reason=TEX_IS_MISSING)

# ---------------------------------------------------------------- what is missing, what went wrong


def run(path: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "code")}
    command = [sys.executable, "-m", "dlabook", "pdf"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_the_programs_one_sentence_names_all_that_is_needed(tmp_path):
    result = run(str(tmp_path))
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr == (
        "dlabook: make pdf needs xelatex, kpsewhich, latexmk and rsvg-convert, not found on this "
        "machine: on Debian, apt-get install texlive-xetex lmodern latexmk librsvg2-bin\n"
    )


def test_without_a_style_its_package_is_named(tmp_path, monkeypatch):
    there = [f"{name}.sty" for names in pdf.TEX_FILES.values() for name in names.split()]
    answers = [name.replace(".otf.sty", ".otf") for name in there if name != "tcolorbox.sty"]
    for name in pdf.PROGRAMS:
        lines = "\n".join(f"echo /texmf/{answer}" for answer in answers)
        write(tmp_path, name, f"#!/bin/sh\n{lines}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.missing() == (
        "make pdf needs tcolorbox.sty, not found on this machine: "
        "on Debian, apt-get install texlive-latex-extra"
    )


def test_a_failure_of_latex_names_the_page_the_line_and_the_command():
    text = "%% page: book/a\nfine\n%% page: book/b\nx \\foo y\n"
    log = "(./book.tex\n./book.tex:4: Undefined control sequence.\nl.4 x \\foo\n          y\n"
    assert pdf.failure(log, text) == (
        "LaTeX stopped in book/b.md (book.tex, line 4): Undefined control sequence. after x \\foo"
    )
    assert pdf.failure("no error here", text) == ""


def test_what_is_wrong_on_the_page_is_said():
    log = (
        "Missing character: There is no ♭ in font lmr!\n"
        "LaTeX Warning: Hyper reference `a:b' on page 3 undefined on input line 7.\n"
        "LaTeX Warning: Label `a:c' multiply defined.\n"
        "Overfull \\hbox (19.9pt too wide) in paragraph at lines 1--2\n"
        "Overfull \\hbox (20.1pt too wide) in paragraph at lines 3--4\n"
    )
    assert pdf.complaints(log) == [
        "no font of the book has ♭",
        "Hyper reference `a:b' on page 3 undefined",
        "Label `a:c' multiply defined",
        "20 points beyond the margin in paragraph at lines 3--4 of book.tex",
    ]


# ---------------------------------------------------------------- with TeX


@pytest.fixture(scope="module")
def printed(book) -> Path:
    latex = book / "_build/pdf/latex"
    pdf.bring_parts(latex, jobs=1)
    return latex


@needs_tex
def test_the_small_book_is_set_without_complaint_and_always_the_same(printed):
    log = pdf.compile_latex(printed, "2020-01-02")
    assert pdf.complaints(log) == []
    first = (printed / "book.pdf").read_bytes()
    assert [path.name for path in (printed.parent / "_sounds").iterdir()] != []
    for path in printed.glob("book.*"):
        if path.suffix != ".tex":
            path.unlink()
    pdf.compile_latex(printed, "2020-01-02")
    assert (printed / "book.pdf").read_bytes() == first


@needs_tex
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
def test_numbers_solutions_and_signs_can_be_read(printed):
    pdf.compile_latex(printed, "2020-01-02")
    command = ["pdftotext", "-layout", str(printed / "book.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for words in (
        "Version 1.0.0, 2020-01-02", "CC BY 4.0", "In G♭", "Fig. 2.1: A box.", "mean 6 ± 1",
        "Solution to Exercise 1.1", "−20.5 dBFS",
    ):  # fmt: skip
        assert words in text
    assert re.search(r"= 1 +\(1\.1\)", text)
    assert re.search(r"1\.2 +Page below A", text)


@needs_tex
def test_a_mistake_in_a_formula_is_found_by_its_page(printed):
    path = printed / "book.tex"
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace("{z = 3}", r"{z = \unheardof}"), encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"stopped in book/second\.md .*Undefined control"):
        pdf.compile_latex(printed, "2020-01-02")
    path.write_text(right, encoding="utf-8")
    pdf.compile_latex(printed, "2020-01-02")


# ---------------------------------------------------------------- the whole book


def made() -> str:
    """Why the whole book cannot be looked at; empty if it is there and up to date."""
    key = ROOT / pdf.FOLDER / "book.key"
    current = key.exists() and key.read_text().split()[0] == build_key(ROOT)
    return "" if current else "`make pdf` has not been run on these sources"


@pytest.fixture(scope="module")
def whole() -> str:
    if reason := made():
        pytest.skip(reason)
    return (ROOT / pdf.FOLDER / "latex/book.tex").read_text(encoding="utf-8")


def on_site(pattern: str) -> dict[tuple[str, str], str]:
    """(page, label) -> number, by a pattern that finds label and number in the site's pages."""
    found = {}
    for path in (ROOT / "_build/html/book").rglob("*.html"):
        docname = path.relative_to(ROOT / "_build/html").as_posix().removesuffix(".html")
        text = path.read_text(encoding="utf-8")
        for label, number in re.findall(pattern, text, re.DOTALL):
            found[docname, label] = number
    return found


def on_paper(pattern: str, whole: str) -> dict[tuple[str, str], str]:
    """(page, label) -> number, by a pattern that finds number and ``page:label`` in the LaTeX."""
    text = re.sub(r"\\detokenize\{([^{}]*)\}", r"\1", whole)
    return {
        tuple(place.split(":")): number for number, place in re.findall(pattern, text, re.DOTALL)
    }


def test_all_equations_have_the_numbers_of_the_site(whole):
    printed = on_paper(r"\\bookequation\{([\d.]+)\}\{equation:([^{}]+)\}", whole)
    shown = on_site(r'<div class="equation" id="([\w-]+)">.*?<span class="eqno">\(([\d.]+)\)')
    assert printed == shown and len(shown) > 200


def test_all_figures_have_the_numbers_of_the_site(whole):
    printed = on_paper(r"\\thefigure\}\{([\d.]+)\}.*?\\caption.*?\\label\{([^{}]+)\}", whole)
    shown = on_site(r'<figure [^>]*id="([\w-]+)">.*?class="caption-number">Fig. ([\d.]+) ')
    assert printed == shown and len(shown) > 20


def test_all_exercises_have_the_numbers_of_the_site(whole):
    printed = on_paper(
        r"\{exercise\}\{Exercise ([\d.]+).*?\}\\phantomsection\\label\{(.*?)\}", whole
    )
    shown = on_site(r'id="(ex-[\w-]+)">\s*<p class="admonition-title"><[^>]*>Exercise ([\d.]+)')
    assert printed == shown and len(shown) > 30


def test_links_give_the_numbers_that_their_sections_carry(whole):
    aux = (ROOT / pdf.FOLDER / "latex/book.aux").read_text(encoding="utf-8")
    carried = dict(re.findall(r"\\newlabel\{([^{}]+)\}\{\{([\d.]*)\}", aux))
    said = re.findall(r"§\\,([\d.]+), p\.\\,\\pageref\{\\detokenize\{([^{}]*)\}\}", whole)
    assert len(said) > 50
    assert [number for number, _ in said] == [carried[place] for _, place in said]


def test_the_whole_book_is_set_without_complaint(whole):
    log = (ROOT / pdf.FOLDER / "latex/book.log").read_text(encoding="utf-8", errors="replace")
    assert pdf.complaints(log) == []
    assert links(whole) <= labels(whole)
