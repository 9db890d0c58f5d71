"""In a notebook, music21 leaves the format of later figures alone, and is silent on what is cut."""

import os
import subprocess
import sys

import pytest

from dla import scores

NOTEBOOK = """
import sys
class OutStream(type(sys.stderr)):  # music21 tells a notebook by this name
    pass
sys.stderr = OutStream(sys.stderr.buffer)
from dla import scores
score = scores.load("bwv66.6")
{use}
from music21 import ipython21
print(ipython21.t.is_alive(), ipython21.t.finished.is_set())
"""


@pytest.mark.parametrize(
    "use",
    [
        "import dla.scores.parsing",
        "from dla.scores.notation import musicxml\nmusicxml(score, bars=(0, 1))",
    ],
)
def test_no_timer_of_music21s_is_left(use):
    scores.load("bwv66.6")  # in the cache: the other process need not parse it
    code = NOTEBOOK.format(use=use)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_an_overfull_bar_is_cut_without_a_warning(tmp_path):
    """The first to parse the piece is a page: a warning would be printed there."""
    code = "from dla import scores; scores.load('beethoven-opus18no1-2')"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"DLA_CACHE": str(tmp_path)},
    )
    assert "overfull" not in done.stderr
