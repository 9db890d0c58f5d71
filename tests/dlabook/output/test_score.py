"""Pictures of scores: the notes asked for, in the book's ink, alike every time."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from kernel_of_the_book import book_kernel

from dla import scores
from dlabook import ScorePicture
from dlabook.output.figure import INKS, recolour
from dlabook.output.score import INK
from dlabook.site.outputs import size

CLOSED = [("Soprano", "Alto"), ("Tenor", "Bass")]


pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def chorale():
    return ScorePicture("bwv66.6", (0, 4), staves=CLOSED)


@pytest.fixture(scope="module")
def svg(chorale):
    return chorale.svg()


def test_every_note_of_the_bars_is_drawn_once(chorale, svg):
    score = scores.load("bwv66.6")
    asked = (score.notes["bar"] <= 4).sum()
    assert len(re.findall(r'class="notehead"', svg)) == asked


def test_the_picture_is_well_formed_light_and_as_wide_as_asked(chorale, svg):
    ElementTree.fromstring(svg)
    assert len(svg.encode()) < 60 * 1024
    width, height = size(svg)
    assert width == pytest.approx(480, abs=2) and 200 < height < 500
    view = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg)
    assert (float(view[1]), float(view[2])) == pytest.approx((width, height), abs=1)


def test_the_same_bars_give_the_same_bytes(svg):
    assert ScorePicture("bwv66.6", (0, 4), staves=CLOSED).svg() == svg


def test_only_the_ink_is_used_and_the_dark_theme_exchanges_it(svg):
    paints = set(re.findall(r'\b(?:fill|stroke|color)="([^"]*)"', svg))
    assert paints == {INK, "none"} and INK in INKS
    assert "currentColor" not in svg and "<style" not in svg
    dark = recolour(svg)
    assert INK not in dark and dark.count(INKS[INK]) == svg.count(INK)


def test_nothing_is_left_to_the_readers_fonts_or_to_the_network():
    svg = ScorePicture("bwv66.6", (0, 4)).svg()
    assert "<text" not in svg and "<image" not in svg
    assert set(re.findall(r'href="(.)', svg)) == {"#"}
    assert svg.count('<path stroke="none" d="M') >= 5  # four names, one bar number


def test_it_says_what_is_to_be_seen(chorale):
    with book_kernel():
        bundle = chorale._repr_mimebundle_()
    again = chorale._repr_mimebundle_()
    assert 'src="data:image/svg+xml;base64,' in again["text/html"]  # for who runs it again
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    score = scores.load("bwv66.6")
    rows = score.notes["part"][score.notes["bar"] <= 4]
    assert bundle["text/plain"].splitlines() == [
        "score of 'bwv66.6', bars 0 to 4",
        f"  Soprano, Alto: {(rows < 2).sum()} notes",
        f"  Tenor, Bass: {(rows >= 2).sum()} notes",
    ]


def test_own_notes_are_drawn_with_ties_and_rests():
    score = scores.from_notes([(0, 1, 61), (3, 2.5, 66), (7, 1, 64)], key=(11, "minor"))
    svg = ScorePicture(score, (1, 2)).svg()
    # 66 is held over the bar line, and 1.5 quarters are one dotted note
    assert len(re.findall(r'class="notehead"', svg)) == 4
    assert len(re.findall(r'class="tie"', svg)) == 1
    assert len(re.findall(r'class="rest"', svg)) >= 2


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("bwv66.7", {}, r"did you mean .*bwv66\.6"),
        ("bwv66.6", {"bars": (1, 99)}, "no bar 99"),
        ("bwv66.6", {"staves": [("Soprani",)]}, "there are Soprano"),
        ("bwv66.6", {"staves": [("Soprano", "Alto", "Bass")]}, "one part or two"),
    ],
)
def test_nonsense_is_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        ScorePicture(name, **options)
