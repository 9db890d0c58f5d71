"""Outputs of a cell that a reader runs again: each sound once, as HTML that any Jupyter shows."""

import base64
import io
import os
import re

import numpy as np
import pytest
import soundfile

from dlabook.output.clip import CLIPS_MIME, Clip, Clips
from dlabook.output.jupyter import EXECUTOR, book_executes, caption, picture, players

TONE = 0.1 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)


@pytest.fixture
def in_the_book(monkeypatch):
    monkeypatch.setenv(EXECUTOR, str(os.getppid()))


def test_only_a_kernel_that_the_executor_started_is_the_books(monkeypatch, in_the_book):
    assert book_executes()
    monkeypatch.setenv(EXECUTOR, str(os.getpid()))  # inherited by what such a kernel starts
    assert not book_executes()
    monkeypatch.delenv(EXECUTOR)
    assert not book_executes()


def test_the_book_keeps_each_sound_once_in_its_own_form(in_the_book):
    assert set(Clip(TONE, 8000)._repr_mimebundle_()) == {CLIPS_MIME, "text/plain"}


def test_a_reader_gets_a_player_for_each_row_that_lasts_as_long_as_it_says():
    shown = Clips({"a <b>": TONE, "half": TONE[:4000]}, sample_rate=8000)._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    sounds = re.findall(r"base64,([^\"]+)", shown["text/html"])
    seconds = [
        len(samples) / rate
        for samples, rate in (soundfile.read(io.BytesIO(base64.b64decode(s))) for s in sounds)
    ]
    assert seconds == pytest.approx([1.0, 0.5], abs=0.1)
    assert 'aria-label="a &lt;b&gt;" title="a &lt;b&gt;"' in shown["text/html"]
    assert "half: 0.50 s, 8000 Hz" in shown["text/html"]


def test_silence_is_said():
    assert caption("x", 1.0, 8000, None) == "x: 1.00 s, 8000 Hz, silent"


def test_nothing_of_a_label_is_markup():
    row = {"label": '"><script>', "seconds": 1.0, "sample_rate": 8000, "level": -20.0, "mp3": "AA"}
    assert "<script>" not in players([row])


def test_a_picture_is_an_image_with_words():
    html = picture('<svg width="3pt"/>', 'two\n"lines"')
    assert '<img alt="two &quot;lines&quot;"' in html
    encoded = re.search(r"svg\+xml;base64,([^\"]+)", html)[1]
    assert base64.b64decode(encoded) == b'<svg width="3pt"/>'
