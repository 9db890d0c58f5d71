"""What the book promises of its chapters: outputs, checks, predictions, figures, questions."""

import re

import pytest
import yaml
from places import ROOT

from dlabook.run.executed import executed, executed_record
from dlabook.run.proved import committed_proofs, key_of, mutants_path, unproved
from dlabook.run.transcript import difference, outcomes, render, transcript_path
from dlabook.source.chapters import (
    DISPLAY,
    ORAL_KINDS,
    Chapter,
    book_chapters,
    executable_chapters,
    topics,
)

PAGES = book_chapters(ROOT)
CHAPTERS = executable_chapters(ROOT)
TOPICS = topics(ROOT)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda chapter: chapter.name)
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
every_topic = pytest.mark.parametrize("pages", TOPICS, ids=lambda pages: pages[0].name)


@every_chapter
def test_the_chapter_prints_what_its_transcript_says(chapter):
    path = transcript_path(chapter)
    committed = path.read_text(encoding="utf8") if path.exists() else ""
    diff = difference(committed, render(executed(chapter)), name=path.relative_to(ROOT).as_posix())
    if diff:
        pytest.fail(f"{diff}\nIntended? make accept", pytrace=False)


def test_each_transcript_belongs_to_a_chapter():
    present = set((ROOT / "tests" / "transcripts").rglob("*.txt"))
    assert present == {transcript_path(chapter) for chapter in CHAPTERS}


@every_chapter
def test_every_displayed_equation_is_numbered(chapter):
    assert [e.body for e in chapter.equations if e.label is None] == []


@every_chapter
def test_every_derived_equation_is_checked(chapter):
    derived = [equation.label for equation in chapter.equations if equation.is_derived]
    assert [label for label in derived if label not in chapter.checks] == []


@every_topic
def test_a_chapter_on_a_method_derives_something(pages):
    assert sum(equation.is_derived for page in pages for equation in page.equations) > 0


@every_chapter
def test_a_check_names_an_equation_that_exists_and_asserts_something(chapter):
    labels = {equation.label for equation in chapter.equations}
    for label, cells in chapter.checks.items():
        assert label in labels, f"{label} is checked but does not exist"
        for index in cells:
            assert re.search(r"\bassert", chapter.cells[index].source), f"cell of {label}"


def test_every_check_cell_was_seen_to_fail():
    """Each assertion, when what it tests is changed; the others are named, and get fewer."""
    lines = (ROOT / "tests" / "unproved-checks.txt").read_text(encoding="utf8").splitlines()
    named = {line for line in lines if line and not line.startswith("#")}
    found = {str(u) for chapter in CHAPTERS for u in unproved(chapter, executed_record(chapter))}
    assert sorted(found - named) == [], "no change makes these fail: another computation is needed"
    assert sorted(named - found) == [], "these can fail, or are gone: take them off the list"


@every_chapter
def test_what_is_known_of_the_check_cells_is_committed(chapter):
    cells = {cell for cells in chapter.checks.values() for cell in cells}
    keys = {key_of(chapter.cells[cell]) for cell in cells}
    assert set(committed_proofs(chapter)) == keys, "make accept"
    assert mutants_path(chapter).exists() == bool(keys)


@every_chapter
def test_each_prediction_is_made_before_the_one_cell_that_decides_it(chapter):
    made = {directive.argument: directive for directive in chapter.directives("prediction")}
    decided = outcomes(executed(chapter))
    assert set(made) == set(decided)
    for label, directive in made.items():
        assert directive.cell < decided[label][0], f"{label} is decided before it is made"
        assert "*Decided by*:" in directive.body, f"{label} names no criterion"


COUNTED = [pages for pages in TOPICS if pages[0].name.startswith(("overview/", "decomposition/"))]


@pytest.mark.parametrize("pages", COUNTED, ids=lambda pages: pages[0].name)
def test_a_chapter_makes_at_most_five_predictions_each_beside_its_null(pages):
    made = [directive for page in pages for directive in page.directives("prediction")]
    assert 1 <= len(made) <= 5
    for directive in made:
        null, criterion = (directive.body.find(name) for name in ("*The null*:", "*Decided by*:"))
        assert 0 <= null < criterion, (
            f"{directive.argument}: what the null scores, then a criterion"
        )


@every_chapter
def test_every_figure_says_in_words_what_is_to_be_seen(chapter):
    notebook = executed(chapter)
    for cell in notebook.cells:
        drawn = any("image/svg+xml" in output.get("data", {}) for output in cell.get("outputs", []))
        if drawn:
            options = cell.metadata.get("mystnb", {})
            alternative = options.get("image", {}).get("alt", "")
            figure = options.get("figure", {})
            assert len(alternative.split()) >= 8, f"alternative text of\n{cell.source}"
            assert figure.get("caption"), f"caption of\n{cell.source}"
            assert figure.get("name", "").startswith("fig-"), f"name of\n{cell.source}"


@every_chapter
def test_no_cell_is_hidden(chapter):
    for _, cell in chapter.code_cells:
        assert not [tag for tag in cell.metadata.get("tags", []) if tag.startswith(("hide", "rem"))]


@every_chapter
def test_code_fits_a_page(chapter):
    wide = [
        line
        for _, cell in chapter.code_cells
        for line in cell.source.splitlines()
        if len(line) > 88
    ]
    assert wide == []


@every_topic
def test_a_chapter_ends_in_its_six_oral_questions(pages):
    """A chapter of the overview adds Present and Break it for each of its pages on the field."""
    questions = [question for page in pages for question in page.oral_questions]
    kinds = [question.kind for question in questions]
    field = sum(page.name.endswith(("/today", "/ideas", "/attention")) for page in pages)
    assert kinds == [*ORAL_KINDS, *["present", "break"] * field]
    assert len({question.label for question in questions}) == len(questions)
    text = "\n".join(page.text for page in pages)
    for question in questions:
        assert "**" in question.answer, f"{question.label}: no key term in bold"
        for label in question.proof:
            assert f"({label})" in text or f"name: {label}" in text or f"label: {label}" in text


@every_topic
def test_a_chapter_has_five_exercises_whose_solutions_run(pages):
    exercises = [(page, d.options["label"]) for page in pages for d in page.directives("exercise")]
    assert len(exercises) >= 5
    for page, label in exercises:
        start = page.text.index(f"{{solution-start}} {label}\n")
        end = page.text.index("{solution-end}", start)
        assert "{code-cell}" in page.text[start:end], f"the solution of {label} runs nothing"


SECTIONS = ("hear", "problem", "remember", "exercises", "oral", "literature", "assumptions")


@every_topic
def test_a_chapter_has_the_sections_that_every_chapter_has(pages):
    text = "\n".join(page.text for page in pages)
    for section in SECTIONS:
        assert re.search(rf"^\(sec-\w+-{section}\)=$", text, re.M), section


def test_every_citation_is_in_the_bibliography():
    keys = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text(), re.M))
    cited = {
        key.strip()
        for page in PAGES
        for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", page.text)
        for key in keys.split(",")
    }
    assert cited <= keys
    assert cited


@every_page
def test_prose_has_no_number_typed_for_a_result(page):
    """A decibel in the prose comes from a cell, or from a paper that is cited beside it."""
    for index, cell in page.markdown_cells:
        prose = re.sub(r"^(`{3,}|:{3,}).*?^\1[`:]*[ ]*$", "", cell.source, flags=re.M | re.S)
        for paragraph in prose.split("\n\n"):
            if re.search(r"(?<![\w.$])\d+\.\d+\s*dB", paragraph):
                assert "{cite:" in paragraph, f"cell {index}: {paragraph}"


class StrictLoader(yaml.SafeLoader):
    """A YAML loader that refuses a key given twice."""


def _mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise yaml.constructor.ConstructorError(
            None, None, f"given twice: {twice}", node.start_mark
        )
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@pytest.mark.parametrize("name", ["_config.yml", "_toc.yml"])
def test_no_key_of_the_configuration_is_given_twice(name):
    assert yaml.load((ROOT / name).read_text(), Loader=StrictLoader)


def test_the_strict_loader_refuses_a_key_given_twice():
    with pytest.raises(yaml.constructor.ConstructorError, match="given twice"):
        yaml.load("a: 1\na: 2\n", Loader=StrictLoader)


def test_every_symbol_of_a_displayed_equation_is_in_the_notation():
    notation = symbols((ROOT / "book" / "notation.md").read_text())
    for chapter in CHAPTERS:
        for equation in chapter.equations:
            missing = symbols(f"${equation.body}$") - notation
            assert not missing, f"{chapter.name}, {equation.label}: {sorted(missing)}"


def symbols(text: str) -> set[str]:
    """Letters and named letters (with their accents and styles) used in the formulas of a text."""
    found = set()
    for formula in re.findall(r"\$\$?(.+?)\$\$?", text, flags=re.DOTALL):
        formula = re.sub(
            r"\\(?:text|operatorname\*?|mathrm|begin|end|label|tag)\s*\{[^{}]*\}", " ", formula
        )
        style = r"\\(?:hat|tilde|bar|mathcal|mathbb|mathbf|mathfrak|boldsymbol)"
        letter = r"\\[a-zA-Z]+(?:\s*[a-zA-Z](?![a-zA-Z]))?|[a-zA-Z](?![a-zA-Z])"
        styled = rf"{style}\s*(?:\{{(?:{letter})\}}|{letter})"
        found |= {re.sub(r"[\s{}]", "", m.group()) for m in re.finditer(styled, formula)}
        formula = re.sub(styled, " ", formula)
        found |= set(re.findall(rf"\\(?:{GREEK})(?![a-zA-Z])", formula))
        found |= set(
            re.findall(r"(?<![\\a-zA-Z])[a-zA-Z](?![a-zA-Z])", re.sub(r"\\[a-zA-Z]+", " ", formula))
        )
    return found


GREEK = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|pi|rho|"
    "sigma|tau|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|ell"
)


def test_symbols_are_found_with_their_accents():
    assert symbols(r"$\hat{s}_i = \alpha s, \mathcal{L} \text{ where } \min_{\pi} D$") == {
        r"\hats",
        "i",
        r"\alpha",
        "s",
        r"\mathcalL",
        r"\pi",
        "D",
    }


def test_display_equations_are_found_with_their_labels():
    matches = DISPLAY.findall("$$\na = b\n$$ (eq-a)\n\ntext $x$\n\n$$ c $$")
    assert matches == [("\na = b\n", "eq-a"), (" c ", "")]


def test_a_chapter_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: a\n")
    (tmp_path / "a.md").write_text("---\nfile_format: mystnb\n---\n# A\n")
    with pytest.raises(ValueError, match=r"no chapter 'b' with code in _toc.yml; there are\n  a"):
        executable_chapters(tmp_path, ["b"])
    assert executable_chapters(tmp_path, ["a"]) == [Chapter(tmp_path, "a")]
