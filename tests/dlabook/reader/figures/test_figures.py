"""The figures as a zip: each under its label in both themes, with number, caption, and licence."""

import csv
import io
import zipfile
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from dlabook.output.nodes import figure_image
from dlabook.reader.figures import figures
from dlabook.site.record import Record
from dlabook.source.pages import FIGURES_ZIP


def figure(label: str, words: str, name: str) -> nodes.figure:
    picture = figure_image(
        "", light=f"_figures/{name}.svg", dark=f"_figures/{name}d.svg", alt="A\nbox."
    )
    return nodes.figure("", picture, nodes.caption("", words), ids=[label])


@pytest.fixture
def app(tmp_path):
    env = SimpleNamespace(
        dlabook=Record(),
        docname="",
        toc_fignumbers={
            "book/a": {"figure": {"fig-a": (1, 10), "fig-b": (1, 2)}},
            "book/b": {"figure": {"fig-c": (2, 1)}},
        },
    )
    for name in ("one", "two", "three"):
        for ending in ("", "d"):
            path = tmp_path / f"_figures/{name}{ending}.svg"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"<svg>{name}{ending}</svg>")
    (tmp_path / "CITATION.cff").write_text(
        "authors:\n  - name: The Authors\n  - {given-names: A, family-names: B}\n"
    )
    app = SimpleNamespace(
        env=env,
        srcdir=tmp_path,
        outdir=tmp_path,
        doctreedir=tmp_path,
        config=SimpleNamespace(html_title="The Title"),
        builder=SimpleNamespace(format="html", get_target_uri=lambda name: f"{name}.html"),
    )
    pages = {
        "book/a": [figure("fig-a", "Ten\nth.", "one"), figure("fig-b", "Second.", "two")],
        "book/b": [figure("fig-c", "Of b.", "three")],
    }
    for env.docname, found in pages.items():
        document = new_document(env.docname)
        document += found
        figures.keep_figures(app, document)
    return app


def content(app) -> dict[str, str]:
    with zipfile.ZipFile(app.outdir / FIGURES_ZIP) as archive:
        return {
            name.removeprefix(f"{figures.FOLDER}/"): archive.read(name).decode("utf-8-sig")
            for name in archive.namelist()
        }


def test_each_figure_has_its_label_as_name_in_both_themes(app):
    figures.write_figures(app, None)
    found = content(app)
    assert set(found) == {"README.txt", "figures.csv"} | {
        f"{theme}/fig-{name}.svg" for theme in ("light", "dark") for name in "abc"
    }
    assert found["light/fig-b.svg"] == "<svg>two</svg>"
    assert found["dark/fig-b.svg"] == "<svg>twod</svg>"


def test_the_table_has_number_page_words_in_the_order_of_the_book(app):
    figures.write_figures(app, None)
    table = list(csv.DictReader(io.StringIO(content(app)["figures.csv"])))
    assert [row["figure"] for row in table] == ["1.2", "1.10", "2.1"]
    assert table[1] == {
        "figure": "1.10",
        "label": "fig-a",
        "page": "book/a.html",
        "caption": "Ten th.",
        "alternative text": "A box.",
    }


def test_the_licence_names_the_book_and_its_authors(app):
    figures.write_figures(app, None)
    said = content(app)["README.txt"]
    for words in ("The Title", "The Authors, A B", "CC BY 4.0", "say what you changed"):
        assert words in said


def test_the_same_figures_give_the_same_bytes_and_others_a_new_zip(app):
    figures.write_figures(app, None)
    target = app.outdir / FIGURES_ZIP
    before, written = target.read_bytes(), target.stat().st_mtime_ns
    figures.write_figures(app, None)
    assert target.stat().st_mtime_ns == written
    target.unlink()
    figures.write_figures(app, None)
    assert target.read_bytes() == before
    app.env.dlabook.of("book/a").figures[0] = (
        "fig-a",
        "Other.",
        "A box.",
        "_figures/two.svg",
        "_figures/twod.svg",
    )
    figures.write_figures(app, None)
    assert target.read_bytes() != before
    assert content(app)["light/fig-a.svg"] == "<svg>two</svg>"


def test_a_build_that_failed_or_is_not_html_writes_nothing(app):
    figures.write_figures(app, RuntimeError())
    app.builder.format = "latex"
    figures.write_figures(app, None)
    assert not (app.outdir / FIGURES_ZIP).exists()
