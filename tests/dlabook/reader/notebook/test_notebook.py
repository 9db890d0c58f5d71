"""A page's notebook: valid, whole, and nothing in it that plain Jupyter cannot show."""

import base64
import copy
import io
import os
import re
import subprocess
import sys
import venv

import nbformat
import pytest
import soundfile
from bs4 import BeautifulSoup
from places import ROOT

from dlabook.output.clip import CLIPS_MIME
from dlabook.reader.notebook.notebook import markdown, readable, section_titles
from dlabook.run.executed import executed
from dlabook.source.chapters import Chapter, book_chapters, executable_chapters

CHAPTERS = executable_chapters(ROOT)
TITLES = section_titles(book_chapters(ROOT))
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)


@every_chapter
def test_it_is_valid_and_has_the_cells_and_outputs_of_the_page(chapter):
    notebook = readable(chapter, TITLES)
    nbformat.validate(notebook)
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    ran = [c for c in executed(chapter).cells if c.cell_type == "code"]
    assert [c.source for c in cells] == [c.source for c in ran]
    assert [len(c.outputs) for c in cells] == [len(c.outputs) for c in ran]


@every_chapter
def test_its_text_is_plain_markdown(chapter):
    for cell in readable(chapter, TITLES).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\[[a-z]+-[a-z-]+\](?!\()", cell.source), "a number is missing"
            assert not re.search(r"^[`:]{3,}\{|\{[a-z:]+\}`|^\([\w-]+\)=", cell.source, re.M)


@every_chapter
def test_its_sounds_play_as_long_as_they_say(chapter):
    rows = [
        row
        for cell in executed(chapter).cells
        for output in cell.get("outputs", [])
        for row in output.get("data", {}).get(CLIPS_MIME, {}).get("rows", [])
    ]
    shown = [
        sound
        for cell in readable(chapter, TITLES).cells
        for output in cell.get("outputs", [])
        for sound in re.findall(
            r"audio/mpeg;base64,([^\"]+)", output.get("data", {}).get("text/html", "")
        )
    ]
    assert len(shown) == len(rows)
    for sound, row in list(zip(shown, rows, strict=True))[:3]:
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(sound)))
        assert len(samples) / rate == pytest.approx(row["seconds"], abs=0.1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$$\nx\n$$ (eq-a)", "$$\nx\n\\tag{eq-a}\n$$"),
        ("see {eq}`eq-a` and {ref}`sec-a`", "see (eq-a) and *A section*"),
        ("{ref}`there <sec-a>`", "*there*"),
        ("{cite:t}`CohenWelling2016` say", "Cohen and Welling 2016 say"),
        ("as shown {cite:p}`Luo2019,Yu2017`", "as shown (Luo 2019, Yu 2017)"),
        ("{glue:text}`gain` dB", "6.7 dB"),
        ("(sec-b)=\n## B", '<a id="sec-b"></a>\n\n## B'),
        ("```{outcomes} LO1\n```", ""),
        ("```{prediction} pred-a\nIt holds.\n```", "> **Prediction**\n>\n> It holds."),
        (
            "```{literalinclude} code.py\n:pyobject: f\n```",
            "```python\n@decorated\ndef f():\n    return 1\n```",
        ),
    ],
)
def test_myst_becomes_markdown(source, expected, tmp_path):
    (tmp_path / "code.py").write_text("x = 1\n\n@decorated\ndef f():\n    return 1\n\ny = 2\n")
    chapter = Chapter(tmp_path, "page")
    assert markdown(source, chapter, {"sec-a": "A section"}, {"gain": "6.7"}) == expected


def test_a_changed_word_of_prose_is_in_the_notebook(tmp_path):
    (tmp_path / "page.md").write_text(
        "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Page\n\nNew word.\n"
    )
    cells = readable(Chapter(tmp_path, "page"), {}).cells
    assert any("New word." in cell.source for cell in cells)


@every_chapter
def test_its_figures_are_images_that_an_untrusted_notebook_shows(chapter):
    drawn = [
        cell.metadata["mystnb"]["image"]["alt"] if "mystnb" in cell.metadata else ""
        for cell in executed(chapter).cells
        for output in cell.get("outputs", [])
        if "image/svg+xml" in output.get("data", {})
    ]
    outputs = [
        output.get("data", {})
        for cell in readable(chapter, TITLES).cells
        for output in cell.get("outputs", [])
    ]
    figures = [data for data in outputs if "image/svg+xml" in data]
    assert len(figures) == len(drawn)
    for data, alt in zip(figures, drawn, strict=True):
        image = BeautifulSoup(data["text/html"], "html.parser").img
        kind, encoded = image["src"].split(",")
        assert kind == "data:image/svg+xml;base64"
        assert base64.b64decode(encoded).decode() == data["image/svg+xml"]
        assert image["alt"] == " ".join((alt or data["text/plain"]).split()) != ""


def test_its_first_cell_says_how_to_get_the_packages(tmp_path):
    first = readable(CHAPTERS[0], TITLES, "https://example.org/book.git").cells[0].source
    assert "git clone https://example.org/book.git dla-book" in first
    assert "make lab" in first and "`dla` and `dlabook`" in first
    assert "git clone" not in readable(CHAPTERS[0], TITLES).cells[0].source


RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": sys.argv[2]}}).execute()
nbformat.write(notebook, sys.argv[1])
"""


PAGE = "overview/speech/mel-and-metrics"  # sounds and figures in a few seconds
CHANGE = ("seconds=4.0", "seconds=2.0")


def test_run_again_with_another_parameter_it_keeps_its_sounds_and_figures(tmp_path):
    """In a fresh environment with the packages and a plain Jupyter kernel, not the book's own."""
    (chapter,) = [c for c in CHAPTERS if c.name == PAGE]
    before = readable(chapter, TITLES)
    changed = copy.deepcopy(before)
    for cell in changed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.source = [], cell.source.replace(*CHANGE)
    assert [c.source for c in changed.cells] != [c.source for c in before.cells], CHANGE
    after = run_in_fresh_environment(changed, tmp_path)
    sounds = figures = 0
    for old, new in zip(code_cells(before), code_cells(after), strict=True):
        assert not any(CLIPS_MIME in data for data in shown(new))  # each sound once
        assert len(players(new)) == len(players(old))
        for seconds, samples in players(new):
            sounds += 1
            assert samples == pytest.approx(seconds, abs=0.1)
        drawn = [data for data in shown(new) if {"image/png", "image/svg+xml"} & set(data)]
        assert len(drawn) == sum("image/svg+xml" in data for data in shown(old))
        figures += len(drawn)
    assert sounds >= 3 and figures >= 3
    assert {seconds for cell in code_cells(after) for seconds, _ in players(cell)} == {2.0}


def run_in_fresh_environment(notebook, folder):
    """The notebook after a run by a new environment that borrows the packages' files alone."""
    path = folder / "downloaded.ipynb"
    path.write_text(nbformat.writes(notebook))
    venv.create(folder / "fresh", symlinks=True)
    packages = next((folder / "fresh/lib").glob("python*/site-packages"))
    here = [str(ROOT / "code"), *(p for p in sys.path if p.endswith("site-packages"))]
    (packages / "book.pth").write_text("\n".join(here))
    others = ("JUPYTER", "DLABOOK", "MPL", "MATPLOTLIB", "PYTHON", "IPYTHON")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    environment |= {"JUPYTER_DATA_DIR": str(folder), "IPYTHONDIR": str(folder / "ipython")}
    python = folder / "fresh" / "bin" / "python"
    subprocess.run([python, "-c", RUN, path, folder], check=True, env=environment)
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell) -> list[dict]:
    return [output.data for output in cell.outputs if "data" in output]


def players(cell) -> list[tuple[float, float]]:
    """Of each sound in a cell's HTML: the seconds that its caption says, and those it lasts."""
    found = []
    for data in shown(cell):
        for figure in BeautifulSoup(data.get("text/html", ""), "html.parser").find_all("figure"):
            said = re.search(r": ([\d.]+) s,", figure.figcaption.text)
            kind, encoded = figure.audio["src"].split(",")
            assert kind == "data:audio/mpeg;base64"
            samples, rate = soundfile.read(io.BytesIO(base64.b64decode(encoded)))
            found.append((float(said[1]), len(samples) / rate))
    return found
