"""The book on paper: the site's numbers, solutions at the end of a part, sounds as links."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docutils import nodes
from places import ROOT

from dlabook.paper import latex as pdf
from dlabook.paper import tree as paper
from dlabook.site.build import build_key

TEX_IS_MISSING = pdf.missing()
needs_tex = pytest.mark.skipif(bool(TEX_IS_MISSING), reason=TEX_IS_MISSING)

# ---------------------------------------------------------------- a small book

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50">'
    '<rect width="100" height="50" fill="#005f9e"/></svg>'
)
TOC = """
format: jb-book
root: book/index
parts:
  - caption: First
    numbered: true
    chapters:
      - file: book/first/a
        sections:
          - file: book/first/a/below
      - file: book/first/heard
  - caption: Second
    numbered: true
    chapters:
      - file: book/second
  - caption: Around
    chapters:
      - file: book/exam/trainer
      - file: book/notation
      - file: book/api
"""
PAGES = {
    "book/index": "# The book's title\n\nIt begins.\n",
    "book/first/a": """(ch-a)=
# Chapter A

```{exercise}
:label: ex-a

Why?
```

```{solution-start} ex-a
:class: dropdown
```

Because of {eq}`eq-a`, its solution says.

```{solution-end}
```

(sec-a-one)=
## Section of A

$$
\\E x = 1
$$ (eq-a)

See {ref}`sec-below`, {eq}`eq-below`, {ref}`ch-trainer` and {ref}`ex-a`.
In G♭ the sign ♭ is a glyph that the text's font lacks, and Ω too.
""",
    "book/first/a/below": """(sec-below)=
# Page below A

$$
y = 2
$$ (eq-below)

Wide: {eq}`eq-a`.

| sign | meaning | unit |
|---|---|--:|
| $x$ | a sentence that has to be broken because no line of a page would hold it as a whole | 1 |
""",
    "book/second": """(ch-second)=
# Second ♭ chapter with $a_1$

Text with a_b, 50 % & #.

$$
z = 3
$$ (def-z)

```{prf:theorem} of all
:label: thm-second

It holds.
```

By {prf:ref}`thm-second` it does.

```{exercise} hard
:label: ex-second

What?
```

```{solution} ex-second
:class: dropdown

That.
```
""",
    "book/exam/trainer": "(ch-trainer)=\n# Trainer\n\nIt needs a browser.\n",
    "book/notation": "# Notation\n\nSee {ref}`ch-a`, {ref}`ex-a` and {numref}`fig-heard`.\n",
    "book/api": "# Library\n\n```{library} losses\n```\n",
}
MODULE = '''"""Losses."""

def loss(x: int) -> int:
    """The smallest (eq-a)."""
    return x
'''


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def mp3() -> bytes:
    """A quarter of a second of noise."""
    import numpy as np

    from dlabook.output.clip import encode

    return encode(0.1 * np.random.default_rng(0).standard_normal(4000), 16000)


def heard() -> str:
    """A notebook with a player of two sounds, a figure, and a printed line."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    encoded = base64.b64encode(mp3()).decode()
    row = {"seconds": 0.25, "sample_rate": 16000, "gain": 0.0, "mp3": encoded}
    rows = [row | {"label": "a & b", "level": -20.5}, row | {"label": "nothing", "level": None}]
    sound = new_output(
        "display_data", {"application/vnd.dla.clips+json": {"matched": True, "rows": rows}}
    )
    picture = new_output("display_data", {"image/svg+xml": SVG})
    printed = new_output("stream", text="mean 6 ± 1\n")
    shown = {"figure": {"name": "fig-heard", "caption": "A box."}, "image": {"alt": "A blue box."}}
    cells = [
        new_markdown_cell("(ch-heard)=\n# Heard\n\nIn {numref}`fig-heard`."),
        new_code_cell("Clips(x)", outputs=[sound], execution_count=1),
        new_code_cell("plot()", outputs=[picture], metadata={"mystnb": shown}, execution_count=2),
        new_code_cell('print("mean 6 ± 1")', outputs=[printed], execution_count=3),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    return nbformat.writes(new_notebook(cells=cells, metadata=python))


def config(**more) -> dict:
    return {
        "extensions": [
            "myst_nb",
            "sphinx_external_toc",
            "sphinx_multitoc_numbering",
            "sphinx_exercise",
            "sphinx_proof",
            "dlabook.site.directives",
            "dlabook.reader.library.pages",
            "dlabook.paper.tree",
        ],
        "external_toc_path": "_toc.yml",
        "exclude_patterns": ["_build", "code"],
        "html_title": "T",
        "myst_enable_extensions": ["dollarmath"],
        "nb_execution_mode": "off",
        "numfig": True,
        "math_numfig": True,
        "math_eqref_format": "({number})",
        "use_multitoc_numbering": True,
        "html_theme": "basic",
    } | more


def make_book(root: Path) -> Path:
    write(root, "_toc.yml", TOC)
    write(root, "CITATION.cff", "title: T_1\nversion: 1.0.0\ndate-released: 2020-01-02\nauthors:\n"
          "  - name: A & B\n")  # fmt: skip
    write(root, "book/macros.json", json.dumps({"\\E": "\\operatorname{E}"}))
    for name, text in PAGES.items():
        write(root, f"{name}.md", text)
    write(root, "book/first/heard.ipynb", heard())
    write(root, "code/dla/losses/__init__.py", "")
    write(root, "code/dla/losses/loss.py", MODULE)
    return root


LATEX = """
import json, pathlib, sys
from dlabook.paper import latex as pdf
root = pathlib.Path(sys.argv[1])
pdf.run_sphinx(root, root / "_build/pdf", json.loads(sys.argv[2]))
"""
HTML = """
import io, json, sys
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils
root, settings = sys.argv[1], json.loads(sys.argv[2])
out, trees = f"{root}/_build/html", f"{root}/_build/trees"
with patch_docutils(root), docutils_namespace():
    Sphinx(root, None, out, trees, "html", settings, status=None, warning=io.StringIO()).build()
"""


def build_alone(program: str, root: Path, settings: dict) -> None:
    """Sphinx in a process of its own: an extension asks every object that lives in it."""
    command = [sys.executable, "-c", program, str(root), json.dumps(settings)]
    subprocess.run(command, check=True)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = make_book(tmp_path_factory.mktemp("book"))
    build_alone(LATEX, root, config())
    return root


@pytest.fixture(scope="module")
def tex(book) -> str:
    return (book / "_build/pdf/latex/book.tex").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(book) -> dict[str, str]:
    """The pages of the small book as HTML."""
    settings = config()
    settings["extensions"][-1] = "dlabook.site.outputs"
    build_alone(HTML, book, settings)
    pages = (book / "_build/html").rglob("book/**/*.html")
    return {path.stem: path.read_text(encoding="utf-8") for path in pages}


def labels(tex: str) -> set[str]:
    detokenized = re.sub(r"\\detokenize\{([^{}]*)\}", r"\1", tex)
    equations = re.findall(r"\\bookequation\{[^{}]*\}\{([^{}]*)\}", tex)
    return set(re.findall(r"\\label\{([^{}]*)\}", detokenized)) | set(equations)


def links(tex: str) -> set[str]:
    detokenized = re.sub(r"\\detokenize\{([^{}]*)\}", r"\1", tex)
    found = re.findall(r"\\(?:hyperref\[|pageref\*?\{|bookforth\{|bookback\{)([^]}]+)", detokenized)
    return set(found)


# ---------------------------------------------------------------- numbers and order


def test_equations_have_the_numbers_of_the_site_and_are_cited_by_them(tex, site):
    on_paper = dict(re.findall(r"\\bookequation\{([\d.]+)\}\{equation:[\w/]+:([\w-]+)\}", tex))
    on_site = {
        number: label
        for text in site.values()
        for label, number in re.findall(
            r'id="equation-([\w-]+)">.*?<span class="eqno">\(([\d.]+)\)', text, re.DOTALL
        )
    }
    assert on_paper == on_site == {"1.1": "eq-a", "1.2": "eq-below", "3.1": "def-z"}
    assert r"\hyperref[equation:book/first/a/below:eq-below]{(1.2)}" in tex


def test_figures_and_exercises_have_the_numbers_of_the_site(tex, site):
    assert 'class="caption-number">Fig. 2.1 ' in site["heard"]
    assert r"\renewcommand{\thefigure}{2.1}" in tex
    for page, number, name in (("a", "1.1", ""), ("second", "3.1", " (hard)")):
        assert f"Exercise {number}" in site[page]
        assert rf"\begin{{bookbox}}{{exercise}}{{Exercise {number}{name}}}" in tex


def test_statements_have_the_numbers_of_the_site(tex, site):
    assert "Theorem 3.1 " in site["second"]
    assert r"\begin{bookbox}{statement}{Theorem 3.1 (of all)}" in tex
    place = r"\detokenize{book/second:thm-second}"
    assert rf"\hyperref[{place}]{{\sphinxcrossref{{Theorem 3.1}}}}}}" in tex


def test_exercises_and_figures_of_other_pages_are_cited_by_these_numbers(tex):
    notation = tex[tex.index(r"\chapter{Notation}") :]
    assert r"\hyperref[\detokenize{book/first/a:ex-a}]{Exercise~1.1}" in notation
    assert r"\hyperref[\detokenize{book/first/heard:fig-heard}]{Fig.~2.1}" in notation


def test_pages_of_a_chapter_are_its_sections_and_parts_are_parts(tex):
    order = (
        r"\chapter{About this book}",
        r"\bookpart{First}",
        r"\numberedchapters",
        r"\chapter{Chapter A}",
        r"\section{Section of A}",
        r"\section{Page below A}",
        r"\chapter{Heard}",
        r"\bookpart{Second}",
        r"\bookpart{Around}",
        r"\chapter{Notation}",
    )
    places = [tex.index(mark) for mark in order]
    assert places == sorted(places)
    assert r"\chapter{Library}" not in tex and "It needs a browser" not in tex


def test_a_link_names_section_and_page(tex):
    place = r"\detokenize{book/first/a/below:sec-below}"
    assert rf"Page below A}}}}}}}} (§\,1.2, p.\,\pageref{{{place}}})" in tex


def test_every_link_has_its_place(tex):
    assert links(tex) and links(tex) <= labels(tex)


def test_a_place_has_one_label(tex):
    found = re.findall(r"\\label\{\\detokenize\{([^{}]*)\}\}", tex)
    assert len(found) == len(set(found))


def test_a_page_that_is_not_on_paper_is_a_link_to_the_site_if_there_is_one(tex, tmp_path):
    assert r"(1.2)}, \DUrole{std,std-ref}{Trainer} and " in tex
    root = make_book(tmp_path)
    build_alone(LATEX, root, config(html_baseurl="https://example.org/dla/"))
    published = (root / "_build/pdf/latex/book.tex").read_text(encoding="utf-8")
    assert r"\sphinxhref{https://example.org/dla/book/exam/trainer.html\#ch-trainer}" in published
    assert re.search(r"\\booksound\{https://example.org/dla/_sounds/[0-9a-f]+\.mp3\}", published)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("", ""),
        ("%book/b#sec-b", "%book/b#sec-b"),
        ("https://other.org/", "https://other.org/"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("../deck.apkg", "https://example.org/dla/book/deck.apkg"),
    ],
)
def test_a_file_of_the_site_has_the_address_of_the_site(uri, expected):
    assert paper.address("https://example.org/dla/", "book/exam/a", uri) == expected
    unpublished = paper.NOWHERE if "deck" in uri else expected
    assert paper.address("", "book/exam/a", uri) == unpublished


# ---------------------------------------------------------------- solutions


def test_solutions_stand_at_the_end_of_their_part(tex):
    first, second = (tex.index(rf"\chapter{{Solutions: {name}}}") for name in ("First", "Second"))
    assert tex.index(r"\chapter{Heard}") < first < tex.index(r"\bookpart{Second}")
    assert tex.index(r"\chapter{Second") < second < tex.index(r"\bookpart{Around}")
    assert tex.count("Because of ") == 1 and tex.index("Because of ") > first
    assert r"\section{1 Chapter A}" in tex[first:second]
    assert r"chapter with \texorpdfstring{\(a_1\)}{a\_1}}" in tex[second:]
    assert r"{bookbox}{solution}{Solution to Exercise 3.1}" in tex[second:]


def test_exercise_and_solution_lead_to_each_other(tex):
    exercise = tex[tex.index("{Exercise 1.1}") :]
    assert exercise.index("\\bookforth{\\detokenize{book/first/a:") < exercise.index("\\end{book")
    solution = tex[tex.index("{Solution to Exercise 1.1}") :]
    back = solution.index("\\bookback{\\detokenize{book/first/a:ex-a}}")
    assert back < solution.index("\\end{bookbox}")


# ---------------------------------------------------------------- sounds, figures, signs


def test_a_sound_is_a_link_with_duration_and_level(tex, book):
    found = re.findall(r"\\booksound\{(.*?)\}\{(.*?)\}\{(.*?)\}\{(.*)\}\{_figures/\w+\.jpg\}", tex)
    addresses, names, seconds, levels = zip(*found, strict=True)
    assert names == (r"a \& b", "nothing") and seconds == ("0.2 s", "0.2 s")
    assert levels == (r"\bookglyph{2212}20.5 dBFS", "silent")
    assert (book / "_build/pdf/jupyter_execute" / addresses[0]).read_bytes() == mp3()


def test_a_figure_is_included_with_caption_and_place(tex, book):
    name = re.search(r"\\sphinxincludegraphics\[width=(\d+)bp\]\{_figures/(\w+)\.pdf\}", tex)
    assert int(name[1]) == round(0.85 * 100)
    assert (book / f"_build/pdf/jupyter_execute/_figures/{name[2]}.svg").read_text() == SVG
    assert r"A box." in tex[name.end() :].split(r"\end{figure}")[0]


def test_inputs_and_outputs_look_different(tex):
    assert "{cell_input}\n\\begin{sphinxVerbatim}" in tex
    printed = tex.index("mean 6 ± 1\n\\end{sphinxVerbatim}")
    assert "{cell_output}" in tex[:printed].rsplit("sphinxVerbatim", 1)[0][-40:]


def test_signs_that_the_font_of_the_text_may_lack_are_looked_for_in_another(tex):
    assert r"In G\bookglyph{266D} the sign" in tex
    assert r"\chapter{Second \texorpdfstring{\bookglyph{266D}}{♭} chapter" in tex
    assert r"\texorpdfstring{\(a_1\)}{a\_1}" in tex


def test_macros_are_defined_once_from_the_book_s_file(tex):
    assert tex.count(r"\newcommand{\E}{\operatorname{E}}") == 1
    assert r"\newcommand{\booktitle}{T\_1}" in tex
    assert r"\newcommand{\bookauthor}{A \& B}" in tex


def test_an_equation_that_a_function_names_is_written_although_the_library_is_not(tex):
    assert "loss" not in tex.split(r"\bookequation{1.1}")[1].split(r"\bookequation")[0]


# ---------------------------------------------------------------- tables


def table(*rows: tuple[str, ...], classes: str = "") -> nodes.table:
    body = nodes.tbody()
    for row in rows:
        entries = [nodes.entry("", nodes.paragraph("", text)) for text in row]
        for entry in entries:
            entry["classes"] = classes.split()
        body += nodes.row("", *entries)
    return nodes.table("", nodes.tgroup("", body))


def shares(spec: str) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in re.findall(r"\\X\{(\d+)\}\{(\d+)\}", spec)]


def test_a_narrow_table_is_as_wide_as_its_words():
    assert paper.columns(table(("a", "b", "c"))) == "lll"
    assert paper.columns(table(("1", "2"), classes="text-right")) == "rr"


def test_a_wide_table_fills_the_line_and_no_more():
    spec = shares(paper.columns(table(("word", "many words " * 20, "full scale"))))
    assert sum(share for share, _ in spec) == spec[0][1] <= paper.LINE
    assert spec[1][0] > spec[2][0] >= len("full scale") > spec[0][0] >= len("word")


def test_a_formula_is_not_broken():
    cell = nodes.entry("", nodes.math("", r"s_1 + e_1 + \mathrm{noise}"))
    assert paper.longest_word(cell) == round(0.75 * len("s1+e1+noise"))


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
