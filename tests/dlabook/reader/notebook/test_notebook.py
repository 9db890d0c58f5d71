"""A page's notebook: valid, whole, and nothing in it that plain Jupyter cannot show."""

import base64
import io
import re

import nbformat
import pytest
import soundfile
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
