"""The prompts as a reader uses them: chosen by what they are, divided by text, joined, refused."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import torch

from dla.datasets import prompts


@pytest.fixture(scope="module")
def every():
    return prompts.table()


def test_a_waveform_is_the_file_at_its_own_rate(every):
    for p in every[::40]:
        x = p.waveform()
        assert x.dtype == torch.float32
        assert len(x) == p.seconds * p.sample_rate
        assert 0.1 < x.abs().max() <= 1


def test_conditions_select_and_together_they_intersect(every):
    chosen = prompts.table(
        speakers=["carlo", "menardi"],
        languages=["it"],
        sample_rate=8000,
        kinds=["digits", "prompt"],
        min_seconds=1.0,
    )
    assert chosen == tuple(
        p
        for p in every
        if p.speaker == "menardi" and p.kind in ("digits", "prompt") and p.seconds >= 1.0
    )
    assert {p.kind for p in chosen} == {"digits", "prompt"}


def test_the_sexes_are_those_the_packages_document(every):
    assert {(p.speaker, p.sex) for p in every} == {
        ("allison", "f"), ("armelle", "f"), ("carlo", "m"), ("june", "f"), ("menardi", "f"),
        ("russian", "f"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"speakers": ["june", "bob"]}, "no speaker 'bob'; there are allison, armelle,"),
        ({"languages": ["de"]}, "no language 'de'; there are en, es, fr, it, ru"),
        ({"sample_rate": 44100}, "no sample rate 44100; there are 8000, 16000"),
        ({"kinds": ["songs"]}, "no kind 'songs'; there are digits, letters, phonetic, prompt"),
        ({"speakers": ["carlo"], "languages": ["fr"]}, r"there are .*carlo \(it, 16000 Hz\)"),
        ({"min_seconds": 60.0}, r"the longest prompt has 8\.0 s"),
        ({"speakers": "june"}, r"speakers is a list of names: did you mean \['june'\]"),
    ],
)
def test_what_is_not_there_is_refused_with_a_list_of_what_is(conditions, message):
    with pytest.raises(ValueError, match=message):
        prompts.table(**conditions)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_split_is_a_partition_by_text_of_each_speaker(every, seed):
    train, test = prompts.split(every, seed=seed)
    assert sorted(p.file for p in train + test) == [p.file for p in every]
    texts = [{(p.speaker, p.text.lower()) for p in side} for side in (train, test)]
    assert not texts[0] & texts[1]


def test_a_text_in_several_kinds_or_languages_stays_together(every):
    kinds = defaultdict(set)
    for p in every:
        kinds[p.speaker, p.text].add((p.language, p.kind))
    assert kinds["carlo", "9"] == {("it", "digits"), ("it", "phonetic")}
    train, test = prompts.split(every, seed=0)
    for side in (train, test):
        found = defaultdict(set)
        for p in side:
            found[p.speaker, p.text].add((p.language, p.kind))
        assert found
        assert all(kinds[key] == found[key] for key in found)


def test_a_split_is_decided_by_its_seed_alone(every):
    torch.manual_seed(0)
    first = prompts.split(every, seed=0)
    torch.manual_seed(1)
    assert prompts.split(every, seed=0) == first
    assert prompts.split(every, seed=1)[1] != first[1]


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_split_holds_out_the_same_share_of_every_voice_and_kind(every, share):
    train, test = prompts.split(every, test=share, seed=0)
    for speaker in {p.speaker for p in every}:
        for kind in ("digits", "letters", "prompt"):
            held = sum(p.speaker == speaker and p.kind == kind for p in test)
            kept = sum(p.speaker == speaker and p.kind == kind for p in train)
            assert abs(held - share * (held + kept)) <= 2, (speaker, kind)


def test_a_voice_is_divided_the_same_way_in_any_company(every):
    alone = prompts.split(prompts.table(speakers=["june"]), seed=3)[1]
    among = prompts.split(every, seed=3)[1]
    assert alone == tuple(p for p in among if p.speaker == "june")


@pytest.mark.parametrize("share", [0, 1, 25])
def test_a_share_that_is_none_is_refused(every, share):
    with pytest.raises(ValueError, match="test is a share between 0 and 1"):
        prompts.split(every, test=share, seed=0)


def test_speech_joins_in_order_and_cuts():
    two = prompts.table(speakers=["carlo"], kinds=["digits"])[:2]
    joined = torch.cat([p.waveform() for p in two])
    assert torch.equal(prompts.speech(two), joined)
    assert torch.equal(prompts.speech(two, seconds=0.5), joined[:8000])


def test_speech_refuses_too_much_and_mixed_rates(every):
    with pytest.raises(ValueError, match=r"asked for 60.0 s of speech, the table has"):
        prompts.speech(every[:2], seconds=60.0)
    mixed = prompts.table(speakers=["carlo", "menardi"])
    with pytest.raises(ValueError, match="carlo 16000 Hz, menardi 8000 Hz"):
        prompts.speech(mixed, seconds=1.0)
    with pytest.raises(ValueError, match="the table is empty"):
        prompts.speech([], seconds=1.0)


def test_load_gives_a_row_per_speaker_in_the_order_asked():
    x = prompts.load(speakers=["june", "carlo"], seconds=10.0, seed=4)
    assert x.shape == (2, 160000)
    swapped = prompts.load(speakers=["carlo", "june"], seconds=10.0, seed=4)
    assert torch.equal(swapped, x.flip(0))
    assert not torch.equal(prompts.load(speakers=["june", "carlo"], seconds=10.0, seed=5), x)


def test_load_refuses_mixed_rates_and_unknown_names():
    with pytest.raises(ValueError, match="june 16000 Hz, armelle 8000 Hz"):
        prompts.load(speakers=["june", "armelle"], seconds=1.0)
    with pytest.raises(ValueError, match="no speaker 'bob'"):
        prompts.load(speakers=["bob"], seconds=1.0)


def test_files_are_opened_by_python_so_that_an_audit_hook_sees_them():
    """The book's executor learns from `open` events which recordings a chapter depends on."""
    program = (
        "import sys; seen = []\n"
        "sys.addaudithook(lambda e, a: e == 'open' and seen.append(str(a[0])))\n"
        "from dla.datasets import prompts\n"
        "p = prompts.table(speakers=['june'])[0]; p.waveform()\n"
        "assert str(prompts.CORPUS / p.file) in seen\n"
        "assert str(prompts.CORPUS / 'manifest.csv') in seen\n"
    )
    code = str(Path(prompts.__file__).parents[2])
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": code}, check=True)
