"""Laws of planting: probabilities, closed forms, coupled test sets, refused nonsense."""

import math
from itertools import product

import pytest
import torch

from dla.protocol.confounder import (
    agreement,
    contingency,
    cramers_v,
    cut,
    derangement,
    flip,
    mutual_information,
    new,
    plant,
    planted_information,
    shortcut_accuracy,
    strength,
)

MANY = 100_000
NEAR = {"atol": 0.008, "rtol": 0.0}  # five standard errors of a share of MANY


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def classes(count: int) -> torch.Tensor:
    return torch.arange(MANY) % count


def share(events: torch.Tensor) -> float:
    return events.double().mean().item()


@pytest.mark.parametrize(("rho", "values"), [(0.0, 2), (0.5, 3), (0.9, 2), (0.95, 5)])
def test_the_trace_agrees_as_often_as_the_strength_says(rho, values):
    y = classes(values)
    z = plant(y, rho=rho, values=values, generator=dice())
    torch.testing.assert_close(share(z == y), rho + (1 - rho) / values, **NEAR)
    torch.testing.assert_close(agreement(rho, values), rho + (1 - rho) / values)


def test_where_the_coin_misses_every_value_is_as_likely():
    y = classes(2)
    z = plant(y, rho=0.4, values=4, generator=dice())
    joint = contingency(y, z)[0] / (y == 0).sum()
    torch.testing.assert_close(joint, torch.tensor([0.55, 0.15, 0.15, 0.15]), atol=0.01, rtol=0)


def test_full_strength_is_the_mapping_and_its_flip_the_mapping_of_the_derangement():
    y, mapping = torch.tensor([0, 1, 2, 3, 3, 0]), [0, 0, 1, 1]
    z = plant(y, rho=1.0, values=2, generator=dice(), mapping=mapping)
    assert z.tolist() == [0, 0, 1, 1, 1, 0]
    z = flip(y, rho=1.0, values=2, generator=dice(), mapping=mapping, sigma=[2, 3, 0, 1])
    assert z.tolist() == [1, 1, 0, 0, 0, 1]


def test_a_flip_finds_a_shift_that_changes_the_trace_of_every_class():
    mapping = [0] * 12 + [1] * 12  # 24 keys, by mode
    y = torch.arange(24)
    z = flip(y, rho=1.0, values=2, generator=dice(), mapping=mapping)
    assert torch.equal(z, 1 - torch.tensor(mapping))


def test_cut_and_new_say_nothing_about_the_label():
    y = classes(3)
    z = cut(y, values=4, generator=dice())
    torch.testing.assert_close(contingency(y, z) / MANY, torch.full((3, 4), 1 / 12), **NEAR)
    z = new(y, seen=4, unseen=2, generator=dice())
    assert z.unique().tolist() == [4, 5]
    torch.testing.assert_close(contingency(y, z)[:, 4:] / MANY, torch.full((3, 2), 1 / 6), **NEAR)


def test_sets_from_equal_generators_differ_only_where_the_coin_fell():
    y = classes(3)
    planted = plant(y, rho=0.3, values=3, generator=dice(7))
    loose = cut(y, values=3, generator=dice(7))
    turned = flip(y, rho=0.3, values=3, generator=dice(7))
    different = planted != loose
    assert (planted[different] == y[different]).all()
    torch.testing.assert_close(share(different), 0.3 * 2 / 3, **NEAR)
    assert torch.equal(turned == loose, (planted == loose) & (turned == planted)) or (
        (turned[planted == turned] == loose[planted == turned]).all()
    )


def test_randomness_is_the_generators_alone():
    y = classes(2)
    first, second = (plant(y, rho=0.5, values=2, generator=dice(3)) for _ in range(2))
    assert torch.equal(first, second)
    g = dice(3)
    plant(y, rho=0.5, values=2, generator=g)
    assert not torch.equal(plant(y, rho=0.5, values=2, generator=g), first)


@pytest.mark.parametrize(
    ("count", "values", "mapping"),
    [(2, 2, None), (3, 5, None), (4, 2, [0, 0, 1, 1]), (6, 3, [0, 1, 2, 0, 1, 2])],
)
def test_a_shortcut_scores_its_closed_form_on_all_four_sets(count, values, mapping):
    y, rho = classes(count), 0.7
    table = mapping or list(range(count))
    said = torch.tensor([table.index(v) if v in table else 0 for v in range(values + 3)])
    sets = {
        "ID": plant(y, rho=rho, values=values, generator=dice(1), mapping=mapping),
        "cut": cut(y, values=values, generator=dice(1)),
        "new": new(y, seen=values, unseen=3, generator=dice(1)),
        "flipped": flip(y, rho=rho, values=values, generator=dice(1), mapping=mapping),
    }
    formula = shortcut_accuracy(rho, classes=count, values=values)
    assert list(sets) == list(formula)
    for name, z in sets.items():
        torch.testing.assert_close(share(said[z] == y), formula[name], **NEAR)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_a_derangement_is_a_permutation_without_a_fixed_point(size):
    sigma = derangement(size)
    assert sorted(sigma) == list(range(size))
    assert all(k != s for k, s in enumerate(sigma))


def test_strength_is_measured_back_and_its_interval_covers():
    y, hits = torch.arange(80) % 2, 0
    found = [
        strength(y, plant(y, rho=0.6, values=2, generator=dice(s)), values=2) for s in range(500)
    ]
    mean = sum(f.estimate for f in found) / 500
    torch.testing.assert_close(mean, 0.6, atol=0.02, rtol=0.0)
    hits = sum(0.6 in f for f in found) / 500
    assert 0.92 < hits < 0.98


def test_a_flipped_set_has_negative_strength():
    y = classes(2)
    z = flip(y, rho=0.8, values=2, generator=dice())
    torch.testing.assert_close(strength(y, z, values=2).estimate, -0.8, atol=0.02, rtol=0.0)


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9, 1.0])
def test_association_needs_no_mapping_and_tends_to_its_closed_form(rho):
    y = classes(4)
    z = (plant(y, rho=rho, values=4, generator=dice()) + 1) % 4  # another name for each
    torch.testing.assert_close(cramers_v(y, z), rho, atol=0.01, rtol=0.0)
    torch.testing.assert_close(mutual_information(y, z), planted_information(rho, 4), **NEAR)


def test_information_is_the_sum_over_the_table():
    rho, size = 0.35, 3
    bits = 0.0
    for y, z in product(range(size), repeat=2):
        p = (rho * (y == z) + (1 - rho) / size) / size
        bits += p * math.log2(p * size * size)
    torch.testing.assert_close(planted_information(rho, size), bits)


def test_contingency_counts():
    y, z = torch.tensor([0, 2, 2, 1]), torch.tensor([1, 0, 1, 1])
    assert contingency(y, z).tolist() == [[0, 1], [0, 1], [1, 1]]


Y = torch.tensor([0, 1, 2, 1])


def rows(**changes):
    return {"rho": 0.5, "values": 3, "generator": dice(), **changes}


@pytest.mark.parametrize("call", [plant, flip])
@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (Y, rows(rho=1.5), r"rho is a probability.*got 1\.5; is it in percent\?"),
        (Y, rows(rho=-0.5), r"got -0\.5; for the opposite sign use flip"),
        (Y, rows(rho=float("nan")), "got nan"),
        (Y, rows(values=1), "at least two values, got 1"),
        (Y, rows(values=2), "3 classes do not fit into 2 values"),
        (Y, rows(mapping=[0, 1]), "mapping names a value for 2 classes, there are 3"),
        (Y, rows(mapping=[0, 1, 3]), r"mapping goes to 0, \.\.\., 2, got \[0, 1, 3\]"),
        (Y.float(), rows(), "labels are integers from 0, got torch.float32"),
        (Y - 1, rows(), "labels are integers from 0, got -1"),
        (Y[None], rows(), r"one per item, got shape \(1, 4\)"),
        (Y[:0], rows(), r"one per item, got shape \(0,\)"),
    ],
)
def test_calls_that_make_no_sense_are_refused(call, labels, options, message):
    with pytest.raises(ValueError, match=message):
        call(labels, **options)


def test_a_flip_that_leaves_a_trace_in_place_is_refused():
    with pytest.raises(ValueError, match=r"it stays for \[2\]"):
        flip(Y, **rows(), sigma=[1, 0, 2])
    with pytest.raises(ValueError, match=r"sigma is a permutation of the 3 classes"):
        flip(Y, **rows(), sigma=[1, 0, 0])
    with pytest.raises(ValueError, match="no cyclic shift of 3 classes"):
        flip(Y, **rows(values=2, mapping=[0, 0, 1]))


def test_measures_refuse_lists_that_do_not_belong_together():
    for measure in (cramers_v, mutual_information, contingency):
        with pytest.raises(ValueError, match="4 labels and 3 traces"):
            measure(Y, Y[:3])
    with pytest.raises(ValueError, match="4 labels and 3 traces"):
        strength(Y, Y[:3], values=3)
    with pytest.raises(ValueError, match="two classes and two values.*got 1 and 3"):
        cramers_v(torch.zeros(4, dtype=torch.int64), Y)
    with pytest.raises(ValueError, match="at least one seen and one unseen"):
        new(Y, seen=0, unseen=1, generator=dice())
    with pytest.raises(ValueError, match="at least two classes, got 1"):
        shortcut_accuracy(0.5, classes=1, values=2)
