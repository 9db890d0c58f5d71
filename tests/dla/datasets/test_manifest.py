"""What all loaders share: choosing, near matches, dividing by groups."""

from collections import Counter
from dataclasses import dataclass

import pytest

from dla.datasets import manifest


@dataclass(frozen=True)
class Take:
    name: str
    event: str
    kind: str
    seconds: float


TAKES = tuple(
    Take(f"{kind}{event}.{take}", f"{kind}{event}", kind, event + take / 10)
    for kind, events in (("step", 8), ("door", 4), ("lone", 1))
    for event in range(events)
    for take in range(3)
)


def divide(items=TAKES, **changes):
    settings = {
        "group": lambda t: t.event,
        "stratum": lambda _, same: (same[0].kind,),
        "test": 0.25,
        "seed": 0,
    }
    return manifest.divide(items, **(settings | changes))


def test_a_division_is_a_partition_that_keeps_the_order():
    train, test = divide()
    assert sorted(train + test, key=TAKES.index) == list(TAKES)
    for side in (train, test):
        assert sorted(side, key=TAKES.index) == list(side)


@pytest.mark.parametrize("seed", range(10))
def test_a_group_is_never_on_both_sides(seed):
    train, test = divide(seed=seed)
    assert not {t.event for t in train} & {t.event for t in test}


@pytest.mark.parametrize(("share", "steps", "doors"), [(0.25, 2, 1), (0.5, 4, 2), (0.01, 1, 1)])
def test_the_share_of_every_stratum_is_held_out_and_of_two_groups_at_least_one(share, steps, doors):
    _, test = divide(test=share)
    held = Counter(t.kind for t in test)
    assert held == {"step": 3 * steps, "door": 3 * doors}


def test_two_groups_are_never_both_held_out():
    doors = [t for t in TAKES if t.event in ("door0", "door1")]
    train, test = divide(doors, test=0.99)
    assert len(train) == len(test) == 3


def test_a_stratums_division_does_not_depend_on_the_others():
    for seed in range(10):
        among = divide(seed=seed)[1]
        alone = divide([t for t in TAKES if t.kind == "step"], seed=seed)[1]
        assert alone == tuple(t for t in among if t.kind == "step")
        assert divide(TAKES[::-1], seed=seed)[1] == among[::-1]


def test_the_seed_decides():
    assert divide() == divide()
    assert len({divide(seed=seed)[1] for seed in range(10)}) > 5


@pytest.mark.parametrize("share", [0, 1, -0.1, 25])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match=f"test is a share between 0 and 1, got {share}"):
        divide(test=share)


def test_choose_intersects_and_none_keeps_all():
    assert manifest.choose(TAKES, kind=None, event=None) == list(TAKES)
    chosen = manifest.choose(TAKES, kind=["door"], event=["door2", "step1"])
    assert [t.name for t in chosen] == ["door2.0", "door2.1", "door2.2"]


def test_few_names_are_listed_and_of_many_the_near_ones():
    with pytest.raises(ValueError, match="no kind 'dor'; there are door, lone, step"):
        manifest.choose(TAKES, kind=["door", "dor"])
    with pytest.raises(ValueError, match="no event 'doorr3'; did you mean 'door3' or"):
        manifest.choose(TAKES, event=["doorr3"])
    with pytest.raises(ValueError, match=r"no take 'xyz'; there are 39, see table\(\)"):
        manifest.find("name", "xyz", TAKES, what="take")
    with pytest.raises(ValueError, match="did you mean 'lone0.0' or 'lone0.1' or 'lone0.2'"):
        manifest.find("name", "lone", TAKES, what="take")


def test_find_returns_the_item():
    assert manifest.find("name", "door1.2", TAKES, what="take") is TAKES[29]


def test_a_string_is_not_a_list_of_names():
    with pytest.raises(ValueError, match=r"kinds is a list of names: did you mean \['door'\]"):
        manifest.choose(TAKES, kind="door")


def test_lasting_includes_its_bounds_and_says_what_there_is():
    kept = manifest.lasting(TAKES, min_seconds=1.0, max_seconds=1.1)
    assert {t.seconds for t in kept} == {1.0, 1.1}
    assert manifest.lasting(TAKES, min_seconds=None, max_seconds=None) == TAKES
    with pytest.raises(ValueError, match=r"lasts 9.0 to inf s; those .* last 0.00 to 7.20 s"):
        manifest.lasting(TAKES, min_seconds=9.0, max_seconds=None)
    with pytest.raises(ValueError, match="no recording meets all conditions"):
        manifest.lasting([], min_seconds=None, max_seconds=None)


def test_a_typed_row_has_numbers_as_numbers():
    row = {"name": "a", "event": "b", "kind": "c", "seconds": "1.5", "sha256": "0"}
    assert manifest.typed(row, Take) == Take("a", "b", "c", 1.5)
