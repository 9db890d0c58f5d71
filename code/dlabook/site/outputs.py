"""Outputs of cells as nodes of a page: sounds, figures in two themes, outcomes.

A plug-in of MyST-NB (entry point ``myst_nb.mime_renderers``). Sounds and
figures become files named by their hash, below MyST-NB's own folder while
the pages are read, and below ``_sounds/`` and ``_figures/`` of the site
when it is finished. Builders other than HTML show an output's text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
import re
import shutil
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook.output.clip import CLIPS_MIME
from dlabook.output.figure import recolour
from dlabook.output.nodes import (
    FIGURES,
    HTML_BUILDERS,
    SOUNDS,
    SVG_MIME,
    clip_rows,
    figure_image,
    listening_test,
)
from dlabook.output.results import OUTCOME_MIME
from dlabook.output.spectrum import colour_bar, draw
from dlabook.site.record import record_of
from dlabook.source.memo import known

POINTS_TO_PIXELS = 96 / 72  # CSS
logger = logging.getLogger(__name__)


class BookMimeRenderer:
    """What MyST-NB asks for each MIME type of an output."""

    mime_priority_overrides = [
        (builder, mime, 1)
        for builder in HTML_BUILDERS
        for mime in (CLIPS_MIME, OUTCOME_MIME, SVG_MIME)
    ]

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Element] | None:
        """Nodes for the types that are the book's own; None leaves it to MyST-NB."""
        handle = {CLIPS_MIME: _show_clips, SVG_MIME: _show_figure, OUTCOME_MIME: _show_outcome}
        if inline or data.mime_type not in handle or not renderer.renderer.sphinx_env:
            return None
        return handle[data.mime_type](renderer, data)


def _show_clips(renderer, data) -> list[nodes.Element]:
    """Each row's sound as a file, and the rows; around them the test that is made of them."""
    rows, env = [], renderer.renderer.sphinx_env
    for row in data.content["rows"]:
        mp3 = base64.b64decode(row["mp3"])
        drawn = draw(mp3, drawings(env))
        files = {
            "file": keep(renderer, SOUNDS, mp3, ".mp3"),
            "waveform": keep(renderer, FIGURES, drawn["waveform"], ".svg"),
            "spectrogram": keep(renderer, FIGURES, drawn["spectrogram"], ".jpg"),
        }
        said = {key: value for key, value in row.items() if key != "mp3"}
        rows.append(said | files | {"peak": drawn["peak"], "bands": drawn["bands"]})
    bar = known(Path(env.srcdir), colour_bar, version("matplotlib"))  # which is slow to import
    bar = keep(renderer, FIGURES, bar, ".jpg")
    players = clip_rows(
        "",
        rows=rows,
        matched=data.content["matched"],
        bar=bar,
        words=data.cell_metadata.get("words", []),
    )
    test = data.content.get("abx")
    return [listening_test("", players, test=test) if test else players]


def drawings(env) -> Path:
    """Where the pictures of sounds stay from build to build."""
    return Path(env.app.outdir).parent / "drawings"


def _show_figure(renderer, data) -> list[nodes.Element]:
    """The figure in both themes, with the alternative text of the cell's metadata."""
    options = renderer.renderer.get_cell_level_config(
        "render_image_options", data.cell_metadata, line=data.line
    )
    alt = " ".join(str(options.get("alt", "")).split())
    if not alt:
        renderer.logger.warning(
            "figure without alternative text: say in the cell's metadata what is to be seen, "
            "mystnb: {image: {alt: ...}}",
            subtype="image",
            line=data.line,
        )
    return [_in_both_themes(renderer, data.string, alt)]


def figure_of_page(env, svg: str, alt: str) -> figure_image:
    """A figure that a cell of another page drew, on the page that is being read.

    Args:
        env: Sphinx's.
        svg: as the cell drew it.
        alt: alternative text.
    """
    return _in_both_themes(_PageRenderer(env), svg, alt)


def _in_both_themes(renderer, svg: str, alt: str) -> figure_image:
    """A figure that matplotlib drew, as two files of this page."""
    svg = shrink(svg)
    width, height = size(svg)
    light = keep(renderer, FIGURES, svg.encode(), ".svg")
    dark = keep(renderer, FIGURES, recolour(svg).encode(), ".svg")
    return figure_image("", light=light, dark=dark, alt=alt, width=width, height=height)


class _PageRenderer:
    """What `keep` asks of MyST-NB's renderer, where no cell is rendered."""

    def __init__(self, env):
        self.renderer = SimpleNamespace(sphinx_env=env)

    def write_file(self, parts: list[str], content: bytes, exists_ok: bool) -> None:
        path = Path(self.renderer.sphinx_env.app.outdir).parent.joinpath("jupyter_execute", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(content)


def clips_of_page(env, content: dict, metadata: dict) -> list[nodes.Element]:
    """A player that a cell of another page made, on the page that is being read.

    Args:
        env: Sphinx's.
        content: of the cell's output.
        metadata: of the cell.
    """
    data = SimpleNamespace(content=content, cell_metadata=metadata)
    return _show_clips(_PageRenderer(env), data)


def _show_outcome(renderer, data) -> list[nodes.Element]:
    """One line that says whether the prediction held, with a link to it."""
    verdict = "held" if data.content["held"] else "failed"
    line = nodes.paragraph(classes=["outcome", verdict])
    label = data.content["prediction"]
    line += nodes.reference("", "Prediction", refid=label, internal=True)
    line += nodes.Text(" ")
    line += nodes.strong("", verdict)
    line += nodes.Text(f": {data.content['value']}")
    return [nodes.container("", line, classes=["output", "deciding"])]


def keep(renderer, folder: str, content: bytes, suffix: str) -> str:
    """Write a file named by its hash; note that this page needs it."""
    env = renderer.renderer.sphinx_env
    name = _name_of(folder, content, suffix)
    renderer.write_file(name.split("/"), content, exists_ok=True)
    record_of(env).of(env.docname).files.add(name)
    return name


def _name_of(folder: str, content: bytes, suffix: str) -> str:
    return f"{folder}/{hashlib.sha256(content).hexdigest()[:20]}{suffix}"


def kept_files(env) -> set[str]:
    """The sounds and figures of all pages."""
    return set().union(*(page.files for page in record_of(env).pages.values()))


_FIRST_TAG = re.compile(r"<svg\b[^>]*>", re.DOTALL)
_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def size(svg: str) -> tuple[int, int]:
    """Width and height in CSS pixels.

    Raises:
        ValueError: the image does not state its size in points.
    """
    tag = _FIRST_TAG.search(svg)
    found = (
        [re.search(rf'\b{side}="([\d.]+)pt"', tag[0]) for side in ("width", "height")]
        if tag
        else []
    )
    if not found or None in found:
        raise ValueError("SVG without width and height in pt: was it drawn by matplotlib?")
    return tuple(round(float(match[1]) * POINTS_TO_PIXELS) for match in found)


def shrink(svg: str) -> str:
    """The same picture in fewer bytes: no metadata, embedded images with a palette."""
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n\s*", "\n", svg)
    return _EMBEDDED.sub(lambda match: with_palette(match[1]), svg)


def with_palette(encoded: str) -> str:
    """A PNG in base64 as one with a palette, where its colours are few enough; lossless."""
    from PIL import Image

    original = base64.b64decode(encoded)
    image = Image.open(io.BytesIO(original)).convert("RGBA")
    colours = image.getcolors(256)
    if colours and all(pixel[3] == 255 for _, pixel in colours):
        stream = io.BytesIO()
        palette = image.convert("RGB").quantize(len(colours), dither=Image.Dither.NONE)
        if palette.convert("RGB").tobytes() == image.convert("RGB").tobytes():
            palette.save(stream, "PNG", optimize=True)
            if len(stream.getvalue()) < len(original):
                encoded = base64.b64encode(stream.getvalue()).decode("ascii")
    return "data:image/png;base64," + "".join(encoded.split())


# ---------------------------------------------------------------- HTML


def visit_figure_image(translator, node) -> None:
    attributes = (
        f'alt="{html.escape(node["alt"])}" width="{node["width"]}" height="{node["height"]}" '
        'loading="lazy" decoding="async"'
    )
    light, dark = (translator.picture_source(node[theme]) for theme in ("light", "dark"))
    translator.body.append(
        '<div class="book-figure">'
        f'<img class="in-light dark-light" {light} {attributes}>'
        f'<span class="in-dark only-dark"><img class="dark-light" {dark} {attributes}></span>'
        "</div>\n"
    )
    raise nodes.SkipNode


# ---------------------------------------------------------------- other builders


def _visit_as_text(translator, node) -> None:
    text = node.get("alt") or "; ".join(row["label"] for row in node.get("rows", []))
    translator.visit_paragraph(nodes.paragraph())
    translator.visit_Text(nodes.Text(text))
    translator.depart_Text(nodes.Text(text))
    translator.depart_paragraph(nodes.paragraph())
    raise nodes.SkipNode


def publish_files(app: Sphinx, exception: Exception | None) -> None:
    """Bring the pages' sounds and figures to the site; nothing else stays there."""
    if exception or app.builder.format != "html":
        return
    needed = kept_files(app.env)
    site, made = Path(app.outdir), Path(app.outdir).parent / "jupyter_execute"
    there, kept = _files_in(site), _files_in(made)
    for stale in there - needed:
        (site / stale).unlink()
    for name in sorted(needed - there | needed - kept):
        if name not in kept:
            logger.warning("%s is gone; build with --all", made / name)
        else:
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made / name, site / name)


def _files_in(root: Path) -> set[str]:
    """The sounds and figures that are there, listed: asking for each of thousands is slow."""
    return {
        f"{folder}/{name}"
        for folder in (SOUNDS, FIGURES)
        if (root / folder).is_dir()
        for name in os.listdir(root / folder)
    }


# For builders other than HTML.
OTHERS = ("latex", "text", "man", "texinfo")
AS_TEXT = dict.fromkeys(OTHERS, (_visit_as_text, None))


def _write_nothing(translator, node) -> None:
    """What is in the node is written, and nothing around it."""


def pass_through() -> dict[str, tuple]:
    """For each builder: a node of which only the content is seen."""
    return dict.fromkeys(("html", *OTHERS), (_write_nothing, _write_nothing))


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    app.setup_extension("dlabook.site.translator")
    app.add_node(figure_image, html=(visit_figure_image, None), **AS_TEXT)
    app.add_node(clip_rows, html=(_visit_as_text, None), **AS_TEXT)
    app.add_node(listening_test, **pass_through())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
