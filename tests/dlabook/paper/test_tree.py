"""The book on paper: the site's numbers and order, and every link has its place."""

import re

import pytest
from paper_book import LATEX, build_alone, config, labels, links, make_book

from dlabook.paper import tree as paper


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


SOLVED = """$$
w = 4
$$ (eq-solved)

(sec-solved)=
**A place.**

See {eq}`eq-solved`.
"""


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> str:
    """The small book without solutions, with links into them."""
    root = make_book(tmp_path_factory.mktemp("edition"))
    page, notation = root / "book/first/a.md", root / "book/notation.md"
    end = "```{solution-end}"
    text = page.read_text().replace(end, f"{SOLVED}\n{end}")
    page.write_text(text + "\nBy {eq}`eq-solved`, and {ref}`words <sec-solved>`.\n")
    notation.write_text(
        notation.read_text() + "\nAlso {eq}`eq-solved`, {ref}`there <sec-solved>`.\n"
    )
    build_alone(LATEX, root, config(paper_solutions=False))
    return (root / "_build/pdf/latex/book.tex").read_text(encoding="utf-8")


def test_the_edition_without_solutions_has_all_exercises_and_no_solution(edition, tex):
    exercises = re.findall(r"\\begin\{bookbox\}\{exercise\}.*", tex)
    assert re.findall(r"\\begin\{bookbox\}\{exercise\}.*", edition) == exercises != []
    for word in ("Because of", "That.", "Solution", "{solution}", r"\bookforth{", "w = 4"):
        assert word not in edition
    assert r"\newcommand{\bookedition}{Edition without solutions}" in edition
    assert r"\newcommand{\bookedition}{}" in tex


def test_what_leads_into_a_solution_that_is_not_printed_is_text(edition):
    assert links(edition) and links(edition) <= labels(edition)
    assert "By (1.1), and" in edition and "Also (1.1)," in edition
    assert edition.count("words") == 1 and edition.count("there}") + edition.count("there.") == 1
