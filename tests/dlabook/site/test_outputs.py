"""Sounds and figures of a notebook on a page: files, players, two themes, text elsewhere."""

import base64
import io
import re
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

matplotlib.use("agg")
import matplotlib.pyplot as plt
from kernel_of_the_book import book_kernel
from places import RC

from dlabook.output.abx import ABX
from dlabook.output.clip import CLIPS_MIME, Clips
from dlabook.output.figure import INKS, describe
from dlabook.output.results import outcome
from dlabook.paper.translator import visit_clip_rows
from dlabook.reader.player import player
from dlabook.reader.player.player import level_note
from dlabook.site import outputs
from dlabook.site.outputs import shrink, size, with_palette
from dlabook.site.record import Page, Record

ALT = 'A curve "falls" from 1 to 0.'


def drawing() -> dict:
    """The outputs of a figure, as the book's kernel writes them."""
    with matplotlib.rc_context(fname=RC):
        figure, ax = plt.subplots()
        ax.plot([0, 1], [1, 0])
        ax.set(xlabel="time (s)", ylabel="level (dB)")
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
        plt.close(figure)
    return {"image/svg+xml": stream.getvalue(), "text/plain": describe(figure)}


def noise(seed: int) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(4000)


def notebook(*outputs: dict, alt: str = ALT) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_markdown_cell("# A page\n\n(pred-x)=\nA prediction.")]
    for k, data in enumerate(outputs):
        figure = {"caption": f"Caption {k}.", "name": f"fig-{k}"}
        options = {"image": {"alt": alt} if alt else {}, "figure": figure}
        metadata = {"mystnb": options} if "image/svg+xml" in data else {}
        result = nbformat.v4.new_output("execute_result", data, execution_count=1)
        cells.append(nbformat.v4.new_code_cell("x", outputs=[result], metadata=metadata))
    language = {"name": "python", "pygments_lexer": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"language_info": language})


def build(
    folder: Path, page: nbformat.NotebookNode, builder: str = "html", **more
) -> tuple[Path, str]:
    """Build a site of one page; returns its folder and the warnings.

    Args:
        more: of the configuration.
    """
    source = folder / "source"
    source.mkdir(exist_ok=True)
    nbformat.write(page, source / "index.ipynb")
    warnings = io.StringIO()
    configuration = {
        "extensions": ["myst_nb", "dlabook.site.outputs", "dlabook.reader.player.player"],
        "nb_execution_mode": "off",
        "numfig": True,
        "html_theme": "basic",
        **more,
    }
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source,
            None,
            folder / builder,
            folder / "doctrees",
            builder,
            configuration,
            status=None,
            warning=warnings,
            freshenv=True,
        )
        app.build(force_all=True)
    return folder / builder, warnings.getvalue()


def sounds() -> dict:
    time = np.arange(4000) / 8000
    rows = {"mix & match": np.sin(time), "nothing": np.zeros(4000)}
    with book_kernel():
        return Clips(rows, sample_rate=8000)._repr_mimebundle_()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    held = outcome("pred-x", held=True, value="4.2 dB")._repr_mimebundle_()
    html, warnings = build(folder, notebook(sounds(), drawing(), held))
    assert warnings == ""
    return html, BeautifulSoup((html / "index.html").read_text(), "html.parser")


def test_every_row_is_a_lazy_player_of_a_file(site):
    html, page = site
    players = page.select(".clips audio")
    assert [p["aria-label"] for p in players] == ["mix & match, 0.5 s", "nothing, 0.5 s"]
    assert {p["preload"] for p in players} == {"none"}
    assert all(p.has_attr("controls") for p in players)
    assert all((html / p["src"]).read_bytes()[:1] for p in players)


def test_a_player_is_whole_without_a_script(site):
    html, page = site
    player = page.select_one(".clips")
    assert player["data-seconds"] == "0.5"
    choices = player.select(".clip > input[type=radio]")
    assert [choice.has_attr("checked") for choice in choices] == [True, False]
    pictures = player.select("img")
    assert len(pictures) == 5  # waveform and spectrogram of each, and the colours
    assert all(p["loading"] == "lazy" and p["width"] and p["height"] for p in pictures)
    assert all((html / p["src"]).stat().st_size for p in pictures)
    assert [said.text for said in player.select(".clip-said")] == [
        "0.5 seconds, -11.0 dBFS as computed; strongest in the octave around 125 Hz.",
        "0.5 seconds, silent; as played, beside mix & match: 40 dB weaker around 125 Hz.",
    ]


def test_the_note_states_the_levels(site):
    assert (
        site[1].select_one(".clips-note").text
        == "2 versions on one time line. Played at one level; as computed: -11.0, silent dBFS."
    )


def test_nothing_is_inlined(site):
    html, _ = site
    assert "base64" not in (html / "index.html").read_text()
    assert "vnd.dla" not in (html / "index.html").read_text()


def test_a_figure_has_two_files_with_one_alternative_text(site):
    html, page = site
    light, dark = page.select(".book-figure img")
    assert light["alt"] == dark["alt"] == ALT
    assert {image["loading"] for image in (light, dark)} == {"lazy"}
    assert {(image["width"], image["height"]) for image in (light, dark)} == {("480", "288")}
    assert dark.parent["class"] == ["in-dark", "only-dark"]
    texts = [(html / image["src"]).read_text() for image in (light, dark)]
    ink = "#24292f"
    assert ink in texts[0]
    assert ink not in texts[1]
    assert INKS[ink] in texts[1]


def test_caption_and_number_are_kept_beside_the_pictures(site):
    figure = site[1].select_one("figure#fig-1")
    caption = figure.select_one("figcaption")
    assert "Fig. 1" in caption.text
    assert "Caption 1." in caption.text
    assert not caption.find_previous_siblings(class_="only-dark")  # the theme would hide it


def test_an_outcome_says_whether_the_prediction_held(site):
    line = site[1].select_one(".deciding > .outcome.held")
    assert line.text.strip() == "Prediction held: 4.2 dB"
    assert line.select_one("a")["href"] == "#pred-x"


def test_a_figure_without_alternative_text_is_a_warning(tmp_path):
    _, warnings = build(tmp_path, notebook(drawing(), alt=""))
    assert "figure without alternative text" in warnings


def test_files_no_longer_used_leave_the_site(tmp_path):
    html, _ = build(tmp_path, notebook(sounds(), drawing()))
    assert len(list(html.glob("_sounds/*"))) == len(list(html.glob("_sound_scripts/*"))) == 2
    pictures = [path.suffix for path in html.glob("_figures/*")]
    assert sorted(pictures) == [".jpg"] * 3 + [".svg"] * 4  # a figure, two sounds, the colours
    build(tmp_path, notebook(drawing()))
    assert not list(html.glob("_sounds/*")) and not list(html.glob("_sound_scripts/*"))
    assert len(list(html.glob("_figures/*"))) == 2


@pytest.mark.parametrize("builder", ["latex", "text"])
def test_other_builders_print_what_an_output_says(builder, tmp_path):
    output, _ = build(tmp_path, notebook(sounds(), drawing()), builder)
    (written,) = [*output.glob("*.tex"), *output.glob("*.txt")]
    text = written.read_text()
    assert "nothing: 0.50 s, 8000 Hz, silent" in text
    assert "audio" not in text


@pytest.mark.parametrize("builder", ["html", "latex"])
def test_a_listening_test_is_its_sounds_where_no_tool_makes_more_of_it(
    builder, tmp_path, monkeypatch
):
    waveforms = {"recording": noise(0), "vocoder": noise(1)}
    with book_kernel():
        data = ABX(waveforms, sample_rate=8000)._repr_mimebundle_()
    chosen = [(builder, CLIPS_MIME, 1)]
    on_paper = {"latex": (visit_clip_rows, None)}
    monkeypatch.setattr(outputs, "AS_TEXT", outputs.AS_TEXT | on_paper)
    monkeypatch.setattr(player, "AS_TEXT", outputs.AS_TEXT)
    output, warnings = build(tmp_path, notebook(data), builder, nb_mime_priority_overrides=chosen)
    text = "".join(p.read_text() for p in (*output.glob("index.html"), *output.glob("*.tex")))
    assert warnings == ""
    assert "recording" in text and "vocoder" in text and "abx" not in text.lower()


def test_size_is_in_css_pixels_and_must_be_stated():
    assert size('<svg width="360pt" height="216pt">') == (480, 288)
    with pytest.raises(ValueError, match="without width and height in pt"):
        size('<svg viewBox="0 0 1 1">')


def test_an_embedded_image_keeps_every_pixel_in_fewer_bytes():
    pixels = np.random.default_rng(0).integers(0, 64, (129, 187))
    image = Image.fromarray(plt.get_cmap("magma", 64)(pixels, bytes=True), "RGBA")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    before = base64.b64encode(stream.getvalue()).decode()
    after = with_palette(before).removeprefix("data:image/png;base64,")
    decoded = Image.open(io.BytesIO(base64.b64decode(after))).convert("RGBA")
    assert decoded.tobytes() == image.tobytes()
    assert len(after) < 0.8 * len(before)
    assert len(after) < 32_000


def test_an_image_of_many_colours_stays_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    encoded = base64.b64encode(stream.getvalue()).decode()
    assert with_palette(encoded) == f"data:image/png;base64,{encoded}"


def test_shrinking_drops_what_is_not_drawn():
    small = shrink("<svg>\n <!-- note -->\n <metadata>x</metadata>\n <path d='M 0'/>\n</svg>")
    assert re.sub(r"\s+", "", small) == "<svg><pathd='M0'/></svg>"


@pytest.mark.parametrize(
    ("levels", "matched", "note"),
    [
        ([-20.0], True, "Played at the same level as every other sound of the book."),
        ([None], True, "Silent."),
        ([-20.0, None], True, "Played at one level; as computed: -20.0, silent dBFS."),
        ([-20.0, -3.0], False, "Played with their own levels: -20.0, -3.0 dBFS."),
    ],
)
def test_the_sentence_about_levels(levels, matched, note):
    assert level_note([{"level": level} for level in levels], matched) == note


@pytest.fixture
def publishing(tmp_path, monkeypatch):
    """Publishes what a page needs; gives the site's files and what was warned of."""

    def publish(made: dict[str, str], there: dict[str, str], needed: set[str]):
        for folder, files in (("jupyter_execute", made), ("html", there)):
            for name, text in files.items():
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        warned = []
        monkeypatch.setattr(outputs.logger, "warning", lambda *said: warned.append(str(said[1])))
        env = SimpleNamespace(dlabook=Record({"book/a": Page(files=needed)}))
        app = SimpleNamespace(
            outdir=tmp_path / "html", env=env, builder=SimpleNamespace(format="html")
        )
        outputs.publish_files(app, None)
        site = tmp_path / "html"
        found = {p.relative_to(site).as_posix(): p.read_text() for p in site.rglob("*.*")}
        return found, warned

    return publish


def test_the_site_gets_the_files_that_its_pages_need_and_keeps_no_others(publishing):
    made = {"_sounds/a.mp3": "a", "_figures/b.svg": "b", "_figures/of-no-page.svg": "c"}
    there = {"_figures/b.svg": "as it was", "_figures/stale.svg": "d", "book/a.html": "e"}
    found, warned = publishing(made, there, {"_sounds/a.mp3", "_figures/b.svg"})
    assert found == {"_sounds/a.mp3": "a", "_figures/b.svg": "as it was", "book/a.html": "e"}
    assert warned == []


def test_a_file_that_is_gone_is_said_also_where_the_site_still_has_it(publishing):
    needed = {"_sounds/a.mp3", "_figures/b.svg"}
    _, warned = publishing({}, {"_figures/b.svg": "b"}, needed)
    assert sorted(path.rpartition("/")[2] for path in warned) == ["a.mp3", "b.svg"]
