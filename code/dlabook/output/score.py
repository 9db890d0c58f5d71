"""Music as a picture: some bars of a score, engraved by verovio.

An output like a figure: one SVG in the book's ink, which `dlabook.site.outputs`
shows in both themes. Nothing in it depends on a font of the reader's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from dlabook.output.jupyter import book_executes, picture

INK = "#24292f"  # of text: dlabook.output.figure knows its dark counterpart
FONT = "DejaVu Sans"  # comes with matplotlib; the figures' font
SVG_MIME = "image/svg+xml"
SCALE = 44  # per cent of verovio's natural size: a staff is 26 px high
PIXELS_TO_POINTS = 0.75  # CSS
PAGE = 60_000  # the highest that verovio takes; what is not needed is cut


class ScorePicture:
    """Some bars of a score; shown when it is the last value of a cell.

    Args:
        score: a `dla.scores.Score`, or the name of a piece.
        bars: first and last, by their printed numbers (an upbeat is 0).
        staves: for each staff from the top, the names of the one or two
            parts on it; None gives each part its own. A chorale in the
            usual two staves: ``[("Soprano", "Alto"), ("Tenor", "Bass")]``.
        width: of the picture in CSS pixels. Bars that do not fit go to
            another line; on a phone the whole picture shrinks.

    Raises:
        ValueError: an unknown piece, part or bar; the message says what
            is near.
    """

    def __init__(
        self,
        score,
        bars: tuple[int, int] = (1, 4),
        *,
        staves: Sequence[Sequence[str]] | None = None,
        width: int = 480,
    ):
        from dla import scores
        from dla.scores import notation

        self.score = scores.load(score) if isinstance(score, str) else score
        self.bars, self.staves, self.width = bars, staves, width
        self.source = notation.musicxml(self.score, bars=bars, staves=staves)

    def svg(self) -> str:
        """The picture; the same bytes every time."""
        import verovio

        verovio.enableLog(verovio.LOG_ERROR)
        toolkit = verovio.toolkit()
        toolkit.setOptions(
            {
                "adjustPageHeight": True,
                "breaks": "auto",
                "footer": "none",
                "header": "none",
                "mnumInterval": 0,
                "pageHeight": PAGE,
                "pageMarginBottom": 0,
                "pageMarginLeft": 60,
                "pageMarginRight": 0,
                "pageMarginTop": 0,
                "pageWidth": round(self.width * 100 / SCALE),
                "removeIds": True,
                "scale": SCALE,
                "spacingStaff": 8,
                "svgFormatRaw": True,
                "svgRemoveXlink": True,
                "xmlIdSeed": 1,
            }
        )
        if not toolkit.loadData(self.source):
            raise RuntimeError("verovio does not understand the score")
        return _in_ink(toolkit.renderToSVG(1))

    def __repr__(self) -> str:
        score, (first, last) = self.score, self.bars
        start, end = score.quarters(first, last)
        staves = self.staves or [[part] for part in score.parts]
        rows = [[score.part(part) for part in staff] for staff in staves]
        lines = [f"score of {score.name!r}, bars {first} to {last}"]
        for staff in rows:
            names, counts = [], []
            for row in staff:
                onset = score.notes["onset"][score.notes["part"] == row]
                counts.append(int(((onset >= start) & (onset < end)).sum()))
                names.append(score.parts[row])
            lines.append(f"  {', '.join(names)}: {sum(counts)} notes")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        shown = {SVG_MIME: self.svg(), "text/plain": repr(self)}
        if not book_executes():
            shown["text/html"] = picture(shown[SVG_MIME], repr(self))
        return shown


def _in_ink(svg: str) -> str:
    """Verovio's SVG as the book's figures are: its size in points, its colour named."""
    for unwanted in (
        r"<desc>.*?</desc>",
        r"<style.*?</style>",
        r'<g [^>]*class="[^"]*placeholder[^>]*>\s*<ellipse[^>]*>\s*</g>',
        r"<g [^>]*/>",
        r'(?<=<g) id="[^"E][^"]*"',
    ):
        svg = re.sub(unwanted, "", svg, flags=re.DOTALL)
    first = re.compile(r'<svg width="([\d.]+)px" height="([\d.]+)px"')
    width, height = (float(x) for x in first.search(svg).groups())
    svg = first.sub(
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width * PIXELS_TO_POINTS:g}pt" '
        f'height="{height * PIXELS_TO_POINTS:g}pt"',
        svg,
        count=1,
    )
    svg = _TEXT.sub(_outlined, svg)
    return svg.replace('color="black"', f'fill="{INK}" stroke="{INK}"')


_TEXT = re.compile(
    r'<text(?: x="(?P<x>[-\d.]+)")? y="(?P<y>[-\d.]+)"(?: text-anchor="(?P<anchor>\w+)")?'
    r' font-size="0px">(?:<tspan[^>]*>)+?<tspan[^>]*font-size="(?P<size>[\d.]+)px"[^>]*>'
    r"(?P<words>[^<]*)(?:</tspan>)+</text>"
)


def _outlined(text: re.Match) -> str:
    """A text element (bar number, name of a part) as the outlines of its letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    letters = TextPath(
        (0, 0),
        html.unescape(text["words"]),
        0.9 * float(text["size"]),
        prop=FontProperties(family=FONT),
    )
    width = letters.get_extents().x1
    left = float(text["x"] or 0) - {"end": width, "middle": width / 2}.get(text["anchor"], 0)
    commands = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
    drawn = []
    for points, code in letters.iter_segments(simplify=False):
        if code == Path.CLOSEPOLY:
            drawn.append("Z")
        else:
            places = points.reshape(-1, 2) * [1, -1] + [left, float(text["y"])]
            drawn.append(commands[code] + " ".join(f"{v:.0f}" for v in places.ravel()))
    return f'<path stroke="none" d="{"".join(drawn)}"/>'
