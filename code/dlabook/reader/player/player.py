"""The player of one or several versions of a sound: markup that is complete before any script.

Not wavesurfer.js, because that draws after its script ran and its sound was loaded, has a clock for
each sound, and cannot load from ``file://``.

All versions lie on one time line, up to the end of the longest. Each has its
waveform; the spectrogram is that of the chosen one. Choosing works by radio
buttons and a style sheet; ``player.js`` adds what needs a script.
"""

from __future__ import annotations

import base64
import html
import math
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlabook.output.clip import QUIETEST
from dlabook.output.nodes import SOUNDS, clip_rows
from dlabook.output.spectrum import BANDS, HEIGHT, HIGHEST, LOWEST, WIDTH, height_of
from dlabook.reader.player.words import markup, said
from dlabook.site.outputs import AS_TEXT, kept_files
from dlabook.site.static import contains, publish

SCRIPTS = "_sound_scripts"  # the sounds again: a page read from file:// may not fetch
KHZ = (0.25, 0.5, 1, 2, 4, 8, 16)  # marks of the frequency axis
AUDIBLE = 3.0  # dB between two versions that are worth a word
logger = logging.getLogger(__name__)


def player(rows: list[dict], *, number: int, colour_bar: str, note: str, words: str = "") -> str:
    """The markup of a player.

    Args:
        rows: of each version ``label``, ``seconds``, ``sample_rate``, ``level``, and the addresses
            ``source``, ``waveform``, ``spectrogram``; ``peak`` and ``bands`` of `spectrum.draw`.
        number: of the player on its page.
        colour_bar: address of the picture of all colours.
        note: what was done to the levels.
        words: markup of what is said in the sounds.
    """
    longest = max(row["seconds"] for row in rows)
    scale = max(*(row["peak"] for row in rows), 0.01)
    items = "".join(
        version(row, place, number=number, longest=longest, scale=scale, said=describe(row, rows))
        for place, row in enumerate(rows, 1)
    )
    names = ", ".join(row["label"] for row in rows)
    kind = "One sound" if len(rows) == 1 else f"{len(rows)} versions on one time line"
    return (
        f'<div class="clips" role="group" aria-label="Player: {html.escape(names)}" '
        f'aria-describedby="clips-{number}" data-seconds="{longest}" data-step="{step(longest)}">'
        f"{CONTROLS}"
        f'<ul class="clips-rows">{items}'
        f'<li class="clips-axes" aria-hidden="true">{_frequency_axis(rows)}'
        f"{_time_axis(longest)}</li>"
        "</ul>"
        f'<p class="clips-scale">waveform ±{scale:.2f} of full scale; spectrogram '
        f'<span>{LOWEST:.0f}&nbsp;<img src="{colour_bar}" width="96" height="10" loading="lazy" '
        f'alt="Colours from dark, {LOWEST:.0f} dB, to bright, {HIGHEST:.0f} dB.">&nbsp;'
        f"{HIGHEST:.0f}&nbsp;dB</span></p>"
        f'<p class="clips-note" id="clips-{number}">{kind}. {html.escape(note)}</p>'
        f"{words}{keys(len(rows), longest)}"
        '<p class="visually-hidden clips-said" aria-live="polite"></p></div>\n'
    )


CONTROLS = (
    '<div class="clips-controls"><button type="button" class="clips-play">Play</button>'
    '<button type="button" class="clips-loop" aria-pressed="false">Loop</button>'
    '<button type="button" class="clips-unmark" hidden>Unmark</button>'
    '<span class="clips-time">0.00 s</span></div>'
)


def version(row: dict, place: int, *, number: int, longest: float, scale: float, said: str) -> str:
    label, seconds = html.escape(row["label"]), f"{row['seconds']:.1f} s"
    share = 100 * row["seconds"] / longest
    high = 100 * row["peak"] / scale
    checked = " checked" if place == 1 else ""
    return (
        f'<li class="clip"><input type="radio" name="clips-{number}" id="clips-{number}-{place}" '
        f'aria-describedby="clips-{number}-{place}-said"{checked}>'
        f'<label for="clips-{number}-{place}"><kbd>{place}</kbd> '
        f'<span class="clip-label">{label}</span> '
        f'<span class="clip-seconds">{seconds}</span></label>'
        f'<span class="clip-wave"><img src="{row["waveform"]}" alt="Waveform of {label}" '
        f'width="{WIDTH}" height="40" loading="lazy" style="width:{share:.4g}%;height:{high:.4g}%">'
        "</span>"
        f'<span class="clip-spectrum"><img src="{row["spectrogram"]}" '
        f'alt="Spectrogram of {label}" width="{WIDTH}" height="{HEIGHT}" loading="lazy" '
        f'style="width:{share:.4g}%"></span>'
        f'<audio controls preload="none" src="{row["source"]}" '
        f'aria-label="{label}, {seconds}"></audio>'
        f'<span class="visually-hidden clip-said" id="clips-{number}-{place}-said">'
        f"{html.escape(said)}</span></li>"
    )


def keys(versions: int, longest: float) -> str:
    digits = f"1-{min(versions, 9)}" if versions > 1 else ""
    choose = f"; <kbd>{digits}</kbd> another version, at the same place" if digits else ""
    return (
        '<details class="clips-keys"><summary>Keys</summary><p>In the player: <kbd>space</kbd> '
        f"play or pause; <kbd>←</kbd> <kbd>→</kbd> back or on by {step(longest):g} s{choose}; "
        "<kbd>shift</kbd> with an arrow moves the end of a marked region, which begins where you "
        "are; <kbd>L</kbd> loops it, or everything; <kbd>Esc</kbd> removes the mark. With mouse "
        "or finger: draw across the pictures; a touch beside the mark removes it.</p></details>"
    )


def _time_axis(longest: float) -> str:
    return (
        '<span class="clips-times">'
        + "".join(
            f'<span style="left:{100 * at / longest:.4g}%">{at:g}</span>' for at in marks(longest)
        )
        + '</span><span class="clips-unit">time (s)</span>'
    )


def _frequency_axis(rows: list[dict]) -> str:
    rate = rows[0]["sample_rate"]
    ticks = [k for k in KHZ if height_of(1000 * k, rate) < 0.97]
    return (
        '<span class="clips-frequencies"><b>frequency (kHz, mel)</b>'
        + "".join(
            f'<span style="bottom:{100 * float(height_of(1000 * k, rate)):.4g}%">{k:g}</span>'
            for k in ticks
        )
        + "</span>"
    )


def _nice(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(round(k * power, 6) for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9))


def marks(longest: float) -> list[float]:
    """Places of the time axis, in seconds: at most six, none at the very end."""
    every = _nice(longest / 6)
    return [round(k * every, 6) for k in range(math.ceil(0.95 * longest / every))]


def step(longest: float) -> float:
    """How far an arrow goes, in seconds."""
    return _nice(longest / 40)


def describe(row: dict, rows: list[dict]) -> str:
    """What a listener hears in a version, for one who does not see the pictures."""
    level = row["level"]
    said = f"{row['seconds']:.1f} seconds, "
    said += "silent" if level is None else f"{level:.1f} dBFS as computed"
    first = rows[0]
    if row is first:
        return f"{said}; {where(row['bands'])}."
    return (
        f"{said}; as played, beside {first['label']}: {difference(row['bands'], first['bands'])}."
    )


def where(bands: list[float | None]) -> str:
    heard = [(level, centre) for level, centre in zip(bands, BANDS, strict=False) if level]
    return f"strongest in the octave around {max(heard)[1]} Hz" if heard else "nothing to hear"


def difference(bands: list[float | None], others: list[float | None]) -> str:
    """The octave in which two sounds differ most, of those within 40 dB of the strongest."""
    floor = max((x for x in (*bands, *others) if x is not None), default=0.0) - 40
    pairs = [
        (max(floor, -999 if a is None else a) - max(floor, -999 if b is None else b), centre)
        for a, b, centre in zip(bands, others, BANDS, strict=False)
    ]
    if not pairs or max(abs(gap) for gap, _ in pairs) < AUDIBLE:
        return f"within {AUDIBLE:.0f} dB in every octave"
    gap, centre = max(pairs, key=lambda pair: abs(pair[0]))
    return f"{abs(gap):.0f} dB {'stronger' if gap > 0 else 'weaker'} around {centre} Hz"


# ---------------------------------------------------------------- the site


def sound_script(mp3: bytes, name: str) -> str:
    """A sound as a script, which a page may load from file://."""
    encoded = base64.b64encode(mp3).decode("ascii")
    return f'bookSound("{name}", "{encoded}");\n'


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Script and style, on pages with a player only."""
    if contains(doctree, clip_rows):
        app.add_js_file("player.js", loading_method="defer")
        app.add_css_file("player.css")


def write_sound_scripts(app: Sphinx, exception: Exception | None) -> None:
    """The sounds of the site as scripts; to be called when the sounds are there."""
    if exception is None and app.builder.format == "html":
        sounds = {name for name in kept_files(app.env) if name.startswith(SOUNDS)}
        _write_scripts(app, sounds)


def _write_scripts(app: Sphinx, sounds: set[str]) -> None:
    """One script for each sound of the site, and no other."""
    folder = Path(app.outdir, SCRIPTS)
    wanted = {Path(name).with_suffix(".js").name: name for name in sorted(sounds)}
    for stale in folder.glob("*"):
        if stale.name not in wanted:
            stale.unlink()
    for name, sound in wanted.items():
        source = Path(app.outdir, sound)
        if source.exists() and not (folder / name).exists():
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(sound_script(source.read_bytes(), source.stem))


def visit_clip_rows(translator, node) -> None:
    """A player; a preview, in which nothing can be activated, shows none."""
    if translator.shown_on is None:
        raise nodes.SkipNode
    address = translator.file_address
    rows = [
        row
        | {name: address(row[name]) for name in ("waveform", "spectrogram")}
        | {"source": address(row["file"])}
        for row in node["rows"]
    ]
    translator.players = getattr(translator, "players", 0) + 1
    bar = address(node["bar"])
    note = level_note(rows, node["matched"])
    number, words = translator.players, _words(translator, node)
    translator.body.append(player(rows, number=number, colour_bar=bar, note=note, words=words))
    raise nodes.SkipNode


def _words(translator, node) -> str:
    """What is said in the sounds; a recording that is not there is a warning."""
    try:
        return markup(said(Path(translator.builder.srcdir), node["words"]))
    except ValueError as error:
        logger.warning("%s: %s", translator.builder.current_docname, error)
        return ""


def level_note(rows: list[dict], matched: bool) -> str:
    """What was done to the levels, in one sentence."""
    levels = [row["level"] for row in rows]
    if matched and len(rows) == 1:
        if levels[0] is None:
            return "Silent."
        if levels[0] < QUIETEST:
            return (
                f"What rounding has left, at {levels[0]:.1f} dBFS: not raised, and not to be heard."
            )
        return "Played at the same level as every other sound of the book."
    said = ", ".join("silent" if x is None else f"{x:.1f}" for x in levels)
    if matched:
        return f"Played at one level; as computed: {said} dBFS."
    return f"Played with their own levels: {said} dBFS."


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.site.record")
    publish(app, __file__, "player.js", "player.css")
    app.add_node(clip_rows, override=True, html=(visit_clip_rows, None), **AS_TEXT)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
