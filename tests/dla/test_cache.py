"""What is kept is intact, and needs nothing of what made it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from score_material import scale

from dla import cache, scores
from dla.scores import library

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.mark.parametrize("damage", ["cut", "altered", "empty", "folder"])
def test_a_damaged_file_is_made_again(fresh_cache, damage):
    first = scores.render(scale(), instruments="oboe", end=2.0)
    files = [p for p in fresh_cache.rglob("*") if p.is_file()]
    assert len(files) == 1
    whole = files[0].read_bytes()
    if damage == "folder":
        files[0].unlink()
        files[0].mkdir()
    else:
        altered = whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]
        files[0].write_bytes({"cut": whole[:-100], "altered": altered, "empty": b""}[damage])
    again = scores.render(scale(), instruments="oboe", end=2.0)
    assert torch.equal(first.stems, again.stems)
    if damage != "folder":
        assert files[0].read_bytes() == whole
    assert len([p for p in fresh_cache.rglob("*") if p.is_file()]) <= 1  # no partial files


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLA_CACHE", str(tmp_path / "file" / "cache"))
    assert scores.render(scale(), instruments="oboe", end=1.0).stems.abs().max() > 0.01


def test_the_folder_is_the_one_asked_for(monkeypatch):
    monkeypatch.delenv("DLA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache.folder() == Path("/somewhere/dla-book")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == Path.home() / ".cache" / "dla-book"


def test_a_kept_piece_needs_no_music21():
    first = scores.load("bwv66.6")
    scores.render(first, instruments="violin", end=2.0)
    code = """
import sys
from dla import scores
score = scores.load("bwv66.6")
print(len(score.notes), score.key, scores.render(score, instruments="violin", end=2.0).seconds)
print({"music21", "pretty_midi"} & set(sys.modules))
"""
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert printed.stdout.split() == ["163", "F#", "minor", "1.8333333333333333", "set()"], (
        printed.stderr
    )
    again = scores.load("bwv66.6")
    for name in library.TABLES:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
