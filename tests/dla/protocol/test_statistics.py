"""Laws of intervals: closed forms, exact enumeration, coverage, the unit of resampling."""

import math
from itertools import product

import pytest
import torch
from scipy import stats

from dla.protocol.statistics import (
    Components,
    Interval,
    binomial_error,
    bootstrap,
    cluster_error,
    design_effect,
    group_sums,
    intraclass_correlation,
    normal_quantile,
    paired_bootstrap,
    variance_components,
    wilson,
)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=dice(seed), dtype=torch.float64)


def test_an_interval_knows_what_it_covers_and_how_wide_it_is():
    interval = Interval(0.5, 0.25, 1.0)
    assert 0.25 in interval and 1.0 in interval and 0.2 not in interval
    assert interval.width == 0.75
    assert f"{interval:.1f}" == "0.5 [0.2, 1.0]"


@pytest.mark.parametrize(("k", "n"), [(83, 100), (0, 10), (10, 10), (1, 3)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_is_scipys(k, n, level):
    found = wilson(k, n, level=level)
    theirs = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    torch.testing.assert_close([found.low, found.high], [theirs.low, theirs.high])
    assert found.estimate == k / n


def test_an_end_of_wilsons_interval_is_just_not_surprising():
    found = wilson(30, 70, level=0.9)
    for p in (found.low, found.high):
        distance = abs(30 / 70 - p) / binomial_error(p, 70)
        torch.testing.assert_close(distance, normal_quantile(0.9))


def test_normal_quantile_is_the_normals():
    torch.testing.assert_close(normal_quantile(0.95), float(stats.norm.ppf(0.975)))


def test_the_error_of_a_share_is_that_of_the_binomial():
    torch.testing.assert_close(binomial_error(0.3, 50), stats.binom(50, 0.3).std() / 50)


def test_the_bootstrap_of_few_numbers_has_the_quantiles_of_all_resamples():
    v = torch.tensor([0.0, 1.0, 1.0, 5.0, 9.0]).double()
    means = torch.tensor([sum(p) / 5 for p in product(v.tolist(), repeat=5)]).double()
    found = bootstrap(v, generator=dice(), resamples=40_000, level=0.9)
    low, high = means.quantile(torch.tensor([0.05, 0.95]).double()).tolist()
    torch.testing.assert_close([found.low, found.high], [low, high], atol=0.21, rtol=0.0)
    torch.testing.assert_close(found.estimate, v.mean().item())


def test_the_bootstrap_of_many_numbers_is_the_normal_interval():
    v = normal(800)
    found = bootstrap(v, generator=dice())
    error = (v.std() / 800**0.5).item()
    torch.testing.assert_close(found.width, 2 * 1.96 * error, rtol=0.06, atol=0.0)


def test_pairing_is_the_bootstrap_of_the_differences():
    a, b = normal(50), normal(50, seed=1)
    groups = torch.arange(50) // 5
    found = paired_bootstrap(a, b, groups, generator=dice())
    assert found == bootstrap(a - b, groups, generator=dice())
    torch.testing.assert_close(found.estimate, (a.mean() - b.mean()).item())


def test_what_both_models_share_drops_out_of_a_paired_interval():
    a, b, hard = normal(60), normal(60, seed=1), 50 * normal(60, seed=2)
    found = paired_bootstrap(a + hard, b + hard, generator=dice())
    plain = paired_bootstrap(a, b, generator=dice())
    torch.testing.assert_close([found.low, found.high], [plain.low, plain.high])


def test_a_group_is_drawn_as_a_whole():
    v = normal(30)
    copies = v.repeat_interleave(40)  # 40 frames of each of 30 recordings
    names = [f"recording {k}" for k in range(30) for _ in range(40)]
    alone = bootstrap(v, generator=dice())
    grouped = bootstrap(copies, names, generator=dice())
    torch.testing.assert_close(
        [grouped.estimate, grouped.low, grouped.high], [alone.estimate, alone.low, alone.high]
    )
    naive = bootstrap(copies, generator=dice())
    torch.testing.assert_close(naive.width, alone.width / 40**0.5, rtol=0.12, atol=0.0)


def test_the_mean_of_a_resample_is_over_all_its_items():
    v = torch.tensor([6.0, 0.0, 0.0, 0.0, 0.0, 3.0]).double()
    names = ["a", "b", "b", "b", "b", "c"]
    parts = {"a": [6.0], "b": [0.0] * 4, "c": [3.0]}
    every = [[x for n in pick for x in parts[n]] for pick in product("abc", repeat=3)]
    means = torch.tensor([sum(e) / len(e) for e in every]).double()
    found = bootstrap(v, names, generator=dice(), resamples=20_000, level=0.6)
    low, high = means.quantile(torch.tensor([0.2, 0.8]).double()).tolist()
    torch.testing.assert_close([found.low, found.high], [low, high], atol=0.02, rtol=0.0)
    torch.testing.assert_close(found.estimate, 1.5)


def test_groups_may_be_names_or_numbers_in_any_order():
    v = normal(6)
    sums, sizes = group_sums(v, ["b", "a", "b", "c", "a", "b"])
    torch.testing.assert_close(sums, torch.stack([v[[0, 2, 5]].sum(), v[[1, 4]].sum(), v[3]]))
    assert sizes.tolist() == [3, 2, 1]
    torch.testing.assert_close(group_sums(v, torch.tensor([7, 3, 7, 0, 3, 7]))[0], sums)


def test_the_interval_over_groups_covers_and_the_one_over_items_does_not():
    hits = {"groups": 0, "items": 0}
    groups = torch.arange(40).repeat_interleave(20)
    for seed in range(100):
        v = (normal(40, 1, seed=seed) + normal(40, 20, seed=seed + 1000)).flatten()
        hits["groups"] += 0.0 in bootstrap(v, groups, generator=dice(seed), resamples=300)
        hits["items"] += 0.0 in bootstrap(v, generator=dice(seed), resamples=400)
    assert hits["groups"] >= 0.86 * 100
    assert hits["items"] <= 0.65 * 100  # the formula says 45 %


def test_resamples_are_drawn_in_parts_that_change_nothing_but_memory():
    v = normal(30_000)  # more than a million numbers in 2000 resamples
    found = bootstrap(v, generator=dice(), resamples=100)
    torch.testing.assert_close(found.width, 2 * 1.96 / 30_000**0.5, rtol=0.25, atol=0.0)


def test_the_cluster_error_of_single_items_is_the_usual_one():
    v = normal(25)
    torch.testing.assert_close(cluster_error(v), (v.std() / 5).item())


def test_the_cluster_error_is_the_spread_of_means_over_samples_of_groups():
    sizes = torch.randint(3, 30, (50,), generator=dice())
    names = torch.arange(50).repeat_interleave(sizes)
    means, errors = [], []
    for seed in range(600):
        effect = normal(50, seed=seed)
        v = 5.0 + effect[names] + normal(len(names), seed=seed + 5000)
        means.append(v.mean())
        errors.append(cluster_error(v, names))
    torch.testing.assert_close(
        sum(errors) / 600, torch.stack(means).std().item(), rtol=0.08, atol=0.0
    )


def test_intraclass_correlation_is_recovered_and_has_its_limits():
    groups = torch.arange(400).repeat_interleave(10)
    v = 0.5 * normal(400, 1) + 0.75**0.5 * normal(400, 10, seed=1)
    found = intraclass_correlation(v.flatten(), groups)
    torch.testing.assert_close(found, 0.25, atol=0.04, rtol=0.0)
    repeated = normal(20).repeat_interleave(3)
    torch.testing.assert_close(
        intraclass_correlation(repeated, torch.arange(20).repeat_interleave(3)), 1.0
    )
    opposite = torch.tensor([1.0, -1.0] * 10)
    assert intraclass_correlation(opposite, torch.arange(10).repeat_interleave(2)) < -0.9


def test_intraclass_correlation_of_unequal_groups_is_nearly_unbiased():
    sizes = torch.randint(2, 20, (60,), generator=dice())
    names = torch.arange(60).repeat_interleave(sizes)
    found = [
        intraclass_correlation(
            0.5**0.5 * (normal(60, seed=s)[names] + normal(len(names), seed=s + 999)), names
        )
        for s in range(200)
    ]
    torch.testing.assert_close(sum(found) / 200, 0.5, atol=0.03, rtol=0.0)


@pytest.mark.parametrize(("size", "icc", "factor"), [(1, 0.7, 1.0), (9, 0.0, 1.0), (9, 1.0, 9.0)])
def test_the_design_effect_has_its_limits(size, icc, factor):
    assert design_effect(size, icc) == factor


def test_variance_components_are_unbiased():
    tables = (
        0.3 * normal(4000, 4, 1)
        + 0.7 * normal(4000, 1, 6, seed=1)
        + 0.5 * normal(4000, 4, 6, seed=2)
    )
    found = [variance_components(t) for t in tables]
    for name, value in {"seed": 0.09, "item": 0.49, "rest": 0.25}.items():
        mean = sum(getattr(f, name) for f in found) / 4000
        torch.testing.assert_close(mean, value, rtol=0.05, atol=0.0)
    spread = tables.mean((1, 2)).var().item()
    of_mean = Components(0.09, 0.49, 0.25).of_mean(seeds=4, items=6)
    torch.testing.assert_close(spread, of_mean, rtol=0.08, atol=0.0)


def test_a_table_without_interaction_has_no_rest():
    rows, columns = normal(5, 1), normal(1, 8, seed=1)
    found = variance_components(rows + columns)
    torch.testing.assert_close(
        [found.seed, found.item, found.rest], [rows.var().item(), columns.var().item(), 0.0]
    )


V = torch.tensor([1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson(5, 0), "at least one trial, got 0"),
        (lambda: wilson(7, 5), "7 successes in 5 trials; is it a share"),
        (lambda: wilson(-1, 5), "-1 successes in 5 trials"),
        (lambda: wilson(0.83, 100), r"0\.83 successes in 100 trials; is it a share"),
        (lambda: wilson(1, 5, level=95), r"level of confidence.*got 95; is it in percent\?"),
        (lambda: binomial_error(1.2, 5), r"between 0 and 1, got 1\.2"),
        (lambda: binomial_error(0.2, 0), "at least one trial"),
        (lambda: paired_bootstrap(V, V[:2], generator=dice()), r"a \(3,\) and b \(2,\)"),
        (lambda: bootstrap(V, ["x"] * 3, generator=dice()), "3 items in 1 group: fewer than two"),
        (lambda: bootstrap(V[:1], generator=dice()), "1 items in 1 group"),
        (lambda: bootstrap(V, ["x", "y"], generator=dice()), "3 items and 2 groups"),
        (lambda: bootstrap(V / 0, generator=dice()), "3 of 3 numbers of values are not finite"),
        (lambda: paired_bootstrap(V, V * math.nan, generator=dice()), "3 numbers of b are not"),
        (lambda: bootstrap(V, generator=dice(), resamples=0), "expected resamples, got 0"),
        (lambda: bootstrap(V, generator=dice(), level=1.0), r"between 0 and 1, got 1\.0"),
        (lambda: intraclass_correlation(V, ["x", "y", "z"]), "3 groups of one item each"),
        (lambda: intraclass_correlation(V * 0, ["x", "y", "y"]), "all values are equal"),
        (lambda: design_effect(0.5, 0.1), "at least one item"),
        (lambda: design_effect(5, 1.1), r"within \+-1, got 1\.1"),
        (lambda: variance_components(V[None]), r"two seeds and two items, got shape \(1, 3\)"),
        (lambda: variance_components(V), r"got shape \(3,\)"),
        (lambda: variance_components(torch.eye(2) / 0), "numbers of table are not finite"),
        (lambda: Components(1.0, 1.0, 1.0).of_mean(seeds=0, items=2), "got 0 and 2"),
    ],
)
def test_calls_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
