"""The index of the book's own sounds: from executed pages to answers."""

import base64
import json

import numpy as np
import pytest
import sound_index
import torch

from dla.retrieval import compact
from dlabook.output.clip import CLIPS_MIME, encode

RATE = 16000


def chirps(seed, seconds=5.0):
    """Sound with events: tones of random pitch, ten a second."""
    random = np.random.default_rng(seed)
    t = np.arange(RATE // 10) / RATE
    tones = [np.sin(2 * np.pi * random.uniform(300, 3000) * t) for _ in range(round(10 * seconds))]
    return 0.3 * np.concatenate(tones)


@pytest.fixture
def folder(tmp_path):
    """Two executed pages; the second plays a sound of the first again."""
    for page, seeds in (("part/one", (0, 1)), ("part/two", (1, 2))):
        rows = [
            {"label": f"sound {s}", "mp3": base64.b64encode(encode(chirps(s), RATE)).decode()}
            for s in seeds
        ]
        cells = [
            {"cell_type": "markdown"},
            {"cell_type": "code", "outputs": [{"data": {CLIPS_MIME: {"rows": rows}}}]},
        ]
        path = tmp_path / f"{page}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"cells": cells}))
    return tmp_path


def test_a_sound_that_two_pages_play_is_there_once_with_its_place(folder):
    found = list(sound_index.sounds(folder))
    assert [s[:3] for s in found] == [
        ("part/one", 0, "sound 0"),
        ("part/one", 0, "sound 1"),
        ("part/two", 0, "sound 2"),
    ]


def test_its_file_holds_the_peaks_of_what_a_browser_plays(folder):
    found = list(sound_index.sounds(folder))
    back = compact.from_bytes(sound_index.index_of(found))
    for sound, peaks in zip(found, back, strict=True):
        expected = sound_index.fingerprint.peaks(sound.waveform(), sample_rate=8000)
        assert torch.equal(peaks, expected)


def test_each_is_found_again_in_noise(folder):
    found = list(sound_index.sounds(folder))
    file = sound_index.index_of(found)
    g = torch.Generator().manual_seed(0)
    answers = sound_index.found_again(found, file, snr=0.0, generator=g)
    assert answers == [(True, True)] * 3


def test_what_is_not_in_the_file_is_not_found(folder):
    found = list(sound_index.sounds(folder))
    file = sound_index.index_of(found[:2] + found[:1])
    g = torch.Generator().manual_seed(0)
    answers = sound_index.found_again(found, file, snr=0.0, generator=g)
    assert answers[2] == (False, False)
    assert answers[0] == (True, True)
