"""What the recorded corpus promises: nothing altered, nothing silent, everything licensed."""

import csv
import hashlib
import io
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dla.datasets import prompts

REDISTRIBUTABLE = {"CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-SA-3.0-IT", "LicenseRef-armelle"}


@pytest.fixture(scope="module")
def manifest():
    """The manifest's rows, as strings."""
    with open(prompts.CORPUS / "manifest.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def recordings(manifest):
    """Path in the corpus -> (bytes, int16 samples, sampling rate)."""
    found = {}
    for row in manifest:
        content = (prompts.CORPUS / row["file"]).read_bytes()
        found[row["file"]] = content, *soundfile.read(io.BytesIO(content), dtype="int16")
    return found


def test_every_file_is_listed_once_and_every_listed_file_is_there(manifest):
    listed = sorted(row["file"] for row in manifest)
    there = sorted(p.relative_to(prompts.CORPUS).as_posix() for p in prompts.CORPUS.rglob("*.flac"))
    assert listed == there


def test_files_have_the_manifests_hashes(manifest):
    for row in manifest:
        content = (prompts.CORPUS / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]


def test_samples_have_the_manifests_hashes(manifest, recordings):
    """Holds for the decoded sound, whichever libFLAC packed or unpacks it."""
    for row in manifest:
        pcm = recordings[row["file"]][1].astype("<i2").tobytes()
        assert hashlib.sha256(pcm).hexdigest() == row["pcm_sha256"], row["file"]


def test_no_two_files_have_the_same_samples(manifest):
    hashes = [row["pcm_sha256"] for row in manifest]
    assert len(set(hashes)) == len(hashes)


def test_durations_and_sampling_rates_are_the_manifests(manifest, recordings):
    for row in manifest:
        _, samples, rate = recordings[row["file"]]
        assert samples.ndim == 1, row["file"]
        assert rate == int(row["sample_rate"]), row["file"]
        assert float(row["seconds"]) == len(samples) / rate, row["file"]


def test_the_second_voices_have_8_khz_and_the_others_16(manifest):
    rates = defaultdict(set)
    for row in manifest:
        rates[row["speaker"]].add(row["sample_rate"])
    second = {speaker for speaker, found in rates.items() if found == {"8000"}}
    assert second == {"armelle", "menardi"}
    assert all(rates[speaker] == {"16000"} for speaker in set(rates) - second)


def test_no_file_is_silent_and_none_is_clipped(recordings):
    """Quiet words stay 35 dB below full scale; clipped means 1 sample in 1000 at the rail."""
    for name, (_, samples, _) in recordings.items():
        power = np.mean((samples / 32768) ** 2)
        assert 10 * math.log10(power + 1e-12) > -35, name
        assert np.mean(np.abs(samples.astype(int)) >= 32767) < 1e-3, name


def test_ends_are_trimmed(recordings):
    """Within 65 ms of either end, a 10 ms frame is at most 41 dB below the loudest one."""
    for name, (_, samples, rate) in recordings.items():
        hop = rate // 100
        frames = samples[: len(samples) // hop * hop].astype(float).reshape(-1, hop)
        power = np.square(frames).mean(axis=1)
        for end in (power[:7], power[-7:]):
            assert end.max() > power.max() * 10**-4.1, name


def test_every_row_has_a_source_a_redistributable_licence_and_its_text(manifest):
    for row in manifest:
        assert row["licence"] in REDISTRIBUTABLE, row["file"]
        assert row["package"].startswith("asterisk-"), row["file"]
        assert row["version"], row["file"]
        assert Path(row["path"]).parts[:3] == ("usr", "share", "asterisk"), row["file"]
    titles = {
        "CC-BY-3.0": "License: CC-BY-3.0",
        "CC-BY-SA-3.0": "License: CC-BY-SA-3.0",
        "CC-BY-SA-3.0-IT": "Creative Commons Attribution Share Alike 3.0 Italian",
        "LicenseRef-armelle": "Redistribution and use, with or without modification, are permitted",
    }
    for licence, file in {(row["licence"], row["licence_file"]) for row in manifest}:
        text = (prompts.CORPUS / "LICENSES" / file).read_text(encoding="utf-8")
        assert titles[licence] in text


def test_names_due_by_the_licences_are_on_the_attribution_page():
    page = (Path(__file__).parents[2] / "book/attribution.md").read_text(encoding="utf-8")
    for due in (
        "Allison Smith",
        "June Wallack",
        "Carlo Flora",
        "Maxim Topal",
        "Marco Menardi",
        "Paola Dal Zot",
        "http://www.voip.ammdomus.it",
        "Armelle Desjardins",
        "Michel Gutierrez",
    ):
        assert due in page


def test_size_and_minutes_are_those_agreed(manifest, recordings):
    assert sum(len(content) for content, _, _ in recordings.values()) < 64e6
    assert 25 <= sum(float(row["seconds"]) for row in manifest) / 60 <= 30


@pytest.mark.parametrize(
    ("speaker", "minutes"),
    [("allison", 4), ("june", 4), ("carlo", 4), ("russian", 4), ("menardi", 2), ("armelle", 1)],
)
def test_each_voice_has_enough_speech_in_long_prompts(manifest, speaker, minutes):
    seconds = [
        float(row["seconds"])
        for row in manifest
        if row["speaker"] == speaker and row["kind"] == "prompt" and float(row["seconds"]) >= 1.5
    ]
    assert sum(seconds) / 60 >= minutes - 0.05


@pytest.mark.parametrize("language", ["en", "es", "fr", "it", "ru"])
def test_the_words_are_complete_in_every_language(manifest, language):
    """0 to 20, the tens to 90, a to z, and the spelling alphabet (French has no word for 9)."""
    words = defaultdict(set)
    for row in manifest:
        if row["language"] == language and row["speaker"] not in ("armelle", "menardi"):
            words[row["kind"]].add(row["text"])
    alphabet = {chr(c) for c in range(ord("a"), ord("z") + 1)}
    assert words["digits"] >= {str(n) for n in [*range(21), *range(30, 100, 10)]}
    assert words["letters"] == alphabet
    assert words["phonetic"] == alphabet | ({"9"} if language != "fr" else set())
