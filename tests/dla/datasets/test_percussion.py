"""Percussion and ambience: chosen by kind, divided by group, nothing of unclear origin."""

import re
from collections import Counter, defaultdict

import pytest
import torch

from dla.datasets import percussion


@pytest.fixture(scope="module")
def every():
    return percussion.table()


def test_kind_is_the_prefix_of_the_name(every):
    assert all(s.name.partition("_")[0] == s.kind for s in every)
    assert Counter(s.kind for s in every) == {
        "ambi": 11, "bd": 15, "drum": 20, "elec": 25, "hat": 21, "loop": 14, "perc": 10,
        "ride": 2, "sn": 4, "tabla": 26,
    }  # fmt: skip


def test_loops_that_may_be_cut_from_records_are_not_here(every):
    assert not [s.name for s in every if "amen" in s.name or "break" in s.name]
    assert all(s.author and s.origin.lower().startswith("http") for s in every)
    assert {s.licence for s in every} == {"CC0-1.0"}


def test_a_waveform_is_the_file(every):
    for s in every[::10]:
        x = s.waveform()
        assert x.dtype == torch.float32
        assert len(x) == round(s.seconds * s.sample_rate)


def test_numbered_takes_share_a_group_and_different_sounds_do_not(every):
    groups = {s.name: s.group for s in every}
    assert groups["tabla_ghe1"] == groups["tabla_ghe8"] == "tabla_ghe"
    assert groups["elec_blip"] == groups["elec_blip2"]
    assert groups["bd_808"] != groups["bd_pure"]
    assert groups["tabla_na"] != groups["tabla_na_o"]
    stems = defaultdict(set)
    for s in every:
        stems[re.sub(r"(?<=[a-z])\d$", "", s.name)].add(s.group)
    assert all(len(found) == 1 for found in stems.values())


def test_three_kinds_are_nearly_one_contributors_each(every):
    """What the docstring warns of."""
    first = {
        kind: Counter(s.author for s in every if s.kind == kind).most_common(1)[0]
        for kind in ("tabla", "elec", "drum")
    }
    assert first == {"tabla": ("dio_333", 26), "elec": ("looppool", 25), "drum": ("menegass", 17)}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_split_keeps_groups_whole_and_kinds_on_both_sides(every, seed):
    train, test = percussion.split(every, seed=seed)
    assert sorted(s.file for s in train + test) == [s.file for s in every]
    assert not {s.group for s in train} & {s.group for s in test}
    assert {s.kind for s in train} == {s.kind for s in test} == {s.kind for s in every}
    assert percussion.split(every, seed=seed) == (train, test)


def test_conditions_select(every):
    chosen = percussion.table(kinds=["drum", "hat"], authors=["menegass"], max_seconds=1.0)
    assert chosen == tuple(
        s for s in every if s.kind == "drum" and s.author == "menegass" and s.seconds <= 1.0
    )
    assert 0 < len(chosen) < 17
    assert percussion.table(min_seconds=8.0) == tuple(s for s in every if s.seconds >= 8.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: percussion.find("drum_cowbel"), "no sample 'drum_cowbel'; did you mean 'drum_cow"),
        (lambda: percussion.find("cowbell"), "did you mean 'drum_cowbell'"),
        (lambda: percussion.table(kinds=["snare"]), "no kind 'snare'; there are ambi, bd, drum"),
        (
            lambda: percussion.table(authors=["dio333"]),
            "no author 'dio333'; did you mean 'dio_333'",
        ),
        (lambda: percussion.table(kinds="hat"), r"kinds is a list of names: did you mean \['hat'"),
        (lambda: percussion.table(kinds=["hat"], authors=["dio_333"]), "meets all conditions"),
        (lambda: percussion.table(kinds=["hat"], min_seconds=9.0), r"last 0\.\d\d to \d\.\d\d s"),
        (lambda: percussion.split(percussion.table(), test=25, seed=0), "share between 0 and 1"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(call, message):
    with pytest.raises(ValueError, match=message):
        call()
