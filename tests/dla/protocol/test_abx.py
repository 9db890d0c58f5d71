"""What guessing gives in ABX: all sequences of answers, scipy, and tests against intervals."""

from itertools import product

import pytest
from scipy import stats

from dla.protocol.abx import (
    MOST,
    binomial_p_value,
    binomial_power,
    binomial_tail,
    clopper_pearson,
    critical_number,
)

COUNTS = [(k, n) for n in (1, 2, 5, 16, 25, 100) for k in {0, 1, n // 2, n - 1, n} if 0 <= k <= n]


@pytest.mark.parametrize("n", [1, 4, 9])
def test_the_p_value_counts_the_sequences_of_guesses_that_do_as_well(n):
    rights = [sum(answers) for answers in product((0, 1), repeat=n)]
    for k in range(n + 1):
        assert binomial_p_value(k, n) == sum(right >= k for right in rights) / 2**n


@pytest.mark.parametrize("p", [0.001, 0.3, 0.45, 0.5, 0.7, 0.9, 0.99999])
@pytest.mark.parametrize("n", [1, 16, 100, MOST])
def test_the_tail_is_scipy_s(n, p):
    for k in sorted({0, 1, n // 3, n // 2, round(0.7 * n), n - 1, n}):
        assert binomial_tail(k, n, p) == pytest.approx(stats.binom.sf(k - 1, n, p), abs=1e-12)


@pytest.mark.parametrize(("k", "n"), [(16, 16), (60, 60), (190, 200), (MOST, MOST)])
def test_a_small_p_value_keeps_its_digits(k, n):
    expected = stats.binomtest(k, n, 0.5, alternative="greater").pvalue
    assert binomial_p_value(k, n) == pytest.approx(expected, rel=1e-10, abs=0)


@pytest.mark.parametrize("level", [0.05, 0.01])
@pytest.mark.parametrize("n", [7, 10, 16, 33, 100])
def test_the_critical_number_is_the_first_that_guessing_reaches_rarely_enough(n, level):
    k = critical_number(n, level=level)
    assert stats.binom.sf(k - 1, n, 0.5) <= level < stats.binom.sf(k - 2, n, 0.5)


def test_a_p_value_at_the_very_level_is_enough():
    assert critical_number(5, level=1 / 32) == 5
    assert critical_number(5, level=6 / 32) == 4


@pytest.mark.parametrize("p", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("n", [5, 16, 40])
def test_the_power_is_how_often_all_numbers_from_the_critical_one_come(n, p):
    reached = range(critical_number(n), n + 1)
    assert binomial_power(n, p) == pytest.approx(sum(stats.binom.pmf(reached, n, p)), abs=1e-12)


def test_one_who_guesses_passes_no_more_often_than_the_level_says():
    assert all(binomial_power(n, 0.5) <= 0.05 for n in range(5, 120))


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("k", "n"), COUNTS)
def test_the_interval_is_scipy_s(k, n, level):
    ours = clopper_pearson(k, n, level=level)
    theirs = stats.binomtest(k, n).proportion_ci(level, method="exact")
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=1e-12)
    assert ours.estimate == k / n


@pytest.mark.parametrize("n", [6, 16, 30])
def test_the_interval_leaves_out_one_half_where_a_two_sided_test_would_reject_it(n):
    for k in range(n + 1):
        smaller = min(binomial_p_value(k, n), binomial_p_value(n - k, n))
        assert (0.5 in clopper_pearson(k, n)) == (smaller > 0.025)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: binomial_p_value(0.75, 16), "expected whole numbers; is it a share"),
        (lambda: binomial_p_value(17, 16), "17 right of 16 trials"),
        (lambda: binomial_p_value(-1, 16), "-1 right of 16 trials"),
        (lambda: binomial_p_value(0, 0), "expected 1 to 1000 trials, got 0"),
        (lambda: binomial_power(MOST + 1, 0.7), "expected 1 to 1000 trials, got 1001"),
        (lambda: binomial_power(16, 70), "between 0 and 1, got 70; is it in percent"),
        (lambda: clopper_pearson(12, 16, level=95), "between 0 and 1, got 95; is it in percent"),
        (lambda: critical_number(4), "even all right have p = 0.0625, above the level 0.05"),
    ],
)
def test_refuses_what_is_no_test(call, message):
    with pytest.raises(ValueError, match=message):
        call()
