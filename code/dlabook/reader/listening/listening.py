"""A blind listening test on a page: markup that is whole before any script.

The sounds of a test (`dlabook.output.abx`) are rows of a player, each with its label, and stay so
without scripts and in print. ``listening.js`` runs the test above the player, which is out of sight
meanwhile. What it draws, and what was answered, is in no element and no attribute, in no
storage, and leaves the page as a file only, which the reader asks for.
"""

from __future__ import annotations

import html
import json

from docutils import nodes
from sphinx.application import Sphinx

from dlabook.output.abx import FADE, SEEDS
from dlabook.output.nodes import listening_test
from dlabook.site.outputs import pass_through
from dlabook.site.static import contains, publish


def opening(test: dict, number: int) -> str:
    """The markup of a test up to its player; a ``</div>`` ends it after that.

    Args:
        test: as `ABX.test` gives it.
        number: of the test on its page.
    """
    names = ", ".join(test["names"])
    return (
        f'<div class="abx" role="group" aria-label="Listening test: {html.escape(names)}" '
        f'data-trials="{test["trials"]}" data-pairs="{json.dumps(test["pairs"])}" '
        f'data-names="{html.escape(json.dumps(test["names"]))}">'
        f'<p class="abx-name">Listening test (ABX): {html.escape(names)}</p>'
        f"<p>{design(test)}</p>"
        "<noscript><p>The test needs scripts; the sounds below do not.</p></noscript>"
        '<p class="abx-power"></p>'
        f'<div class="abx-start"><label for="abx-{number}-seed">Seed</label>'
        f'<input type="number" id="abx-{number}-seed" inputmode="numeric" required min="0" '
        f'max="{SEEDS - 1}" step="1" value="{test["seed"]}" autocomplete="off">'
        '<button type="button" class="abx-begin">Start</button></div>'
        '<p class="abx-said" role="status"></p>'
        f"{TRIAL}{RESULT}"
    )


def design(test: dict) -> str:
    """What is compared, and how fairly, in a few sentences."""
    pairs = len(test["pairs"])
    what = "two sounds" if pairs == 1 else f"{pairs} pairs of sounds"
    return (
        f"{test['trials']} trials with {what}. Each trial has A, B and X: X is A or B again; say "
        "which. Nothing is said about right and wrong before the end. The two sounds have the "
        f"same length, are faded over {1000 * FADE:.0f} ms at both ends, and are played at one "
        "level (RMS), both as MP3. The order of the pairs, which sound is A, and, as by a fair "
        "coin, which of the two X is, are drawn from the seed: the same seed repeats the same "
        "test. Nothing is sent, and nothing is kept once you leave the page."
    )


TRIAL = (
    '<div class="abx-trial" hidden><div class="abx-play">'
    + "".join(
        f'<button type="button" data-play="{name}" aria-label="Play {name}" aria-pressed="false">'
        f"{name}</button>"
        for name in "ABX"
    )
    + '</div><div class="abx-answer">'
    + "".join(f'<button type="button" data-answer="{name}">X is {name}</button>' for name in "AB")
    + '<button type="button" class="abx-stop">Stop the test</button></div>'
    '<p class="abx-keys">Keys: <kbd>A</kbd> <kbd>B</kbd> <kbd>X</kbd> play, again to stop; '
    "<kbd>1</kbd> X is A; <kbd>2</kbd> X is B.</p></div>"
)
RESULT = (
    '<div class="abx-result" role="group" aria-label="Result" tabindex="-1" hidden>'
    '<div class="abx-told"></div>'
    '<div class="abx-take"><button type="button" data-save="json">Save as JSON</button>'
    '<button type="button" data-save="csv">Save as CSV</button>'
    '<button type="button" class="abx-copy">Copy</button>'
    '<button type="button" class="abx-again">Another test</button></div>'
    "<details><summary>Your answers</summary><pre></pre></details></div>"
)


def visit_listening_test(translator, node: listening_test) -> None:
    """A test; a preview, in which nothing can be activated, shows none."""
    if translator.shown_on is None:
        raise nodes.SkipNode
    translator.listening_tests = getattr(translator, "listening_tests", 0) + 1
    translator.body.append(opening(node["test"], translator.listening_tests))


def depart_listening_test(translator, node: listening_test) -> None:
    translator.body.append("</div>\n")


def add_parts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    """Script and style, on pages with a test only."""
    if contains(doctree, listening_test):
        app.add_js_file("listening.js", loading_method="defer")
        app.add_css_file("listening.css")


def setup(app: Sphinx) -> dict:
    app.setup_extension("dlabook.pipeline")
    app.setup_extension("dlabook.reader.player.player")
    publish(app, __file__, "listening.js", "listening.css")
    written = {"html": (visit_listening_test, depart_listening_test)}
    app.add_node(listening_test, override=True, **pass_through() | written)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
