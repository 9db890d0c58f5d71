"""Outputs as HTML that any Jupyter shows: for readers who run a cell again, and for downloads.

The book's own executor keeps a sound or a picture in the form that the site
needs, and no second one: every sound would lie in an executed chapter twice.
Any other kernel (JupyterLab, VS Code, a test) gets the HTML made here. It has
no script, and its pictures are images, not SVG elements: Jupyter shows both
also in a notebook that it does not trust, as every downloaded one.
"""

from __future__ import annotations

import base64
import html
import os

EXECUTOR = "DLABOOK_EXECUTOR"  # set for each kernel of the book: the process that started it


def book_executes() -> bool:
    """Whether this process is a kernel of the book's own executor.

    The variable alone would not do: what such a kernel, or the executor
    itself, starts inherits it.
    """
    return os.environ.get(EXECUTOR) == str(os.getppid())


def players(rows: list[dict]) -> str:
    """Sounds as audio elements, each under the line that its text output has.

    The title names an element where `aria-label` is taken away: JupyterLab does
    so in a notebook that it does not trust.

    Args:
        rows: as `Clips.rows` gives them.
    """
    said = ("label", "seconds", "sample_rate", "level")
    return "".join(
        f'<figure style="margin: 0 0 1em">'
        f"<figcaption>{html.escape(caption(*(row[name] for name in said)))}</figcaption>"
        '<audio controls preload="metadata" '
        f'aria-label="{html.escape(row["label"])}" title="{html.escape(row["label"])}" '
        f'src="data:audio/mpeg;base64,{row["mp3"]}"></audio></figure>'
        for row in rows
    )


def caption(label: str, seconds: float, sample_rate: int, level: float | None) -> str:
    """A sound in a line; its level in dBFS, None for silence."""
    loudness = "silent" if level is None else f"{level:.1f} dBFS"
    return f"{label}: {seconds:.2f} s, {sample_rate} Hz, {loudness}"


def picture(svg: str, alt: str) -> str:
    """An SVG as an image; on white, since its ink is dark and its ground transparent.

    Args:
        svg: the picture; it says its size.
        alt: what is to be seen.
    """
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return (
        f'<img alt="{html.escape(" ".join(alt.split()))}" style="background: white" '
        f'src="data:image/svg+xml;base64,{encoded}">'
    )
