"""The effects: takes of one event stay together, and so do cuts of one recording."""

from collections import defaultdict

import pytest
import torch

from dla.datasets import effects


@pytest.fixture(scope="module")
def every():
    return effects.table()


def test_a_waveform_is_the_file(every):
    for e in every[::10]:
        x = e.waveform()
        assert x.dtype == torch.float32
        assert len(x) == round(e.seconds * e.sample_rate)


def test_an_event_is_the_name_without_module_and_take(every):
    events = {e.name: e.event for e in every}
    assert events["default_dirt_footstep.1"] == events["default_dirt_footstep.2"] == "dirt_footstep"
    assert events["env_sounds_water.4"] == "water"
    assert events["fire_large"] == "fire_large"
    assert all(e.name.removesuffix(".1").endswith(e.event) for e in every if e.name[-2:] == ".1")


def test_every_event_has_one_kind_and_one_group(every):
    found = defaultdict(set)
    for e in every:
        found[e.event].add((e.kind, e.group))
    assert all(len(values) == 1 for values in found.values())
    assert {e.event for e in every if e.kind == "footstep"} == {
        f"{ground}_footstep"
        for ground in (
            "dirt", "glass", "grass", "gravel", "hard", "ice", "metal", "sand", "snow", "water",
            "wood",
        )
    }  # fmt: skip


def test_sounds_from_one_recording_share_a_group(every):
    found = defaultdict(set)
    for e in every:
        if e.origin:
            found[e.origin].add(e.group)
    assert all(len(groups) == 1 for groups in found.values())
    groups = {e.event: e.group for e in every}
    assert groups["gravel_dig"] == groups["gravel_dug"]
    assert groups["fire_fire"] == groups["fire_large"] != groups["fire_small"]
    assert groups["gravel_footstep"] != groups["gravel_dig"]
    assert groups["chest_open"] == groups["chest_close"]  # mixed from the same recordings
    assert len(set(groups.values())) == 48


def test_files_whose_author_nobody_names_are_not_here(every):
    assert all(e.author for e in every)
    assert not [e.name for e in every if "cart" in e.name or "soundstuff" in e.name]


@pytest.mark.parametrize("seed", range(5))
def test_a_split_keeps_groups_whole(every, seed):
    train, test = effects.split(every, seed=seed)
    assert sorted(e.file for e in train + test) == [e.file for e in every]
    for shared in ("group", "event"):
        assert not {getattr(e, shared) for e in train} & {getattr(e, shared) for e in test}
    origins = [{e.origin for e in side if e.origin} for side in (train, test)]
    assert not origins[0] & origins[1]
    assert {e.kind for e in test} <= {e.kind for e in train}
    assert sum(e.kind == "footstep" for e in test) >= 3


def test_conditions_select(every):
    chosen = effects.table(kinds=["footstep"], events=["ice_footstep", "lava"])
    assert chosen == tuple(e for e in every if e.event == "ice_footstep")
    assert len(chosen) == 3
    longest = effects.table(kinds=["footstep"], min_seconds=2.0)
    assert {e.event for e in longest} == {"water_footstep"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: effects.find("dirt_footstep"), "did you mean 'default_dirt_footstep.1' or 'def"),
        (lambda: effects.table(events=["snow_fotstep"]), "did you mean 'snow_footstep'"),
        (lambda: effects.table(kinds=["steps"]), "no kind 'steps'; did you mean 'footstep'"),
        (lambda: effects.table(events="lava"), r"events is a list of names: did you mean \['lav"),
        (lambda: effects.table(kinds=["dig"], events=["lava"]), "no recording meets all cond"),
        (lambda: effects.table(max_seconds=0.01), r"no recording lasts 0\.0 to 0\.01 s; .* last 0"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(call, message):
    with pytest.raises(ValueError, match=message):
        call()
