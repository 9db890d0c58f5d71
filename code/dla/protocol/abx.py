r"""Listening tests by ABX: what guessing gives, what a test can find.

In each trial a listener hears A, B, and X, which is one of the two
(Munson and Gardner, 1950), and says which. If a fair coin draws X,
independently of everything else, one who hears no difference is right
in half of the trials, whatever the habits: the number K of right
answers is binomial with p = 1/2. All that follows is exact.

Not scipy, because the page of a test computes the same numbers in the
reader's browser: both sides add the same terms in the same order, and
scipy is the oracle of this one's tests.
"""

import operator

from dla.protocol.statistics import Interval

MOST = 1000  # trials: 2**-1000 is still a double
HALVINGS = 60  # of an interval of length 1: finer than a double


def binomial_tail(
    successes: int, trials: int, probability: float
) -> float:
    r"""Probability of at least so many successes.

    .. math:: P(K \ge k) = \sum_{j=k}^{n} \binom nj p^j (1 - p)^{n-j}

    The terms are added from j = n downwards, each from the last. For
    p below one half the failures are counted, so that the first term
    is never too small for a number.

    Args:
        successes: k, from 0 to n.
        trials: n, from 1 to 1000.
        probability: p, of a success.

    Raises:
        ValueError: a number that is outside.

    >>> binomial_tail(2, 2, 0.5)
    0.25
    """
    k, n = _counts(successes, trials)
    p = _probability(probability, "a probability")
    if k == 0:
        return 1.0
    if p < 0.5:
        return 1 - _sum_from_above(n - k + 1, n, 1 - p)
    return _sum_from_above(k, n, p)


def _sum_from_above(k: int, n: int, p: float) -> float:
    """The tail for k of at least 1 and p of at least one half."""
    term, total = p**n, 0.0
    for j in range(n, k - 1, -1):
        total += term
        term *= (j * (1 - p)) / ((n - j + 1) * p)
    return min(1.0, total)


def binomial_p_value(correct: int, trials: int) -> float:
    r"""Exact one-sided p value: as many right, or more, by guessing.

    .. math:: P(K \ge k \mid n, \tfrac12)

    Args:
        correct: k, right answers.
        trials: n, decided on before the first one.

    Raises:
        ValueError: as :func:`binomial_tail`.

    >>> binomial_p_value(12, 16)
    0.0384
    """
    return binomial_tail(correct, trials, 0.5)


def critical_number(trials: int, *, level: float = 0.05) -> int:
    r"""The least k whose p value is at most the level.

    A test at the level :math:`\alpha` needs so many right answers. As
    k is whole, guessing reaches it with a probability below the level.

    Raises:
        ValueError: so few trials that all right are not enough; or as
            :func:`binomial_tail`.

    >>> critical_number(16)
    12
    """
    _, n = _counts(0, trials)
    level = _probability(level, "a level")
    if 0.5**n > level:
        raise ValueError(
            f"{n} trials: even all right have p = {0.5**n:.3g}, above "
            f"the level {level:g}; ask for more trials"
        )
    return next(
        k for k in range(n + 1) if binomial_p_value(k, n) <= level
    )


def binomial_power(
    trials: int, proportion: float, *, level: float = 0.05
) -> float:
    r"""Probability that a test finds what is there.

    .. math:: P(K \ge k_\alpha \mid n, p)

    Args:
        trials: n.
        proportion: p, of the trials in which the listener is right; one
            who hears the difference in a share d of them, and guesses
            in the others, has p = (1 + d) / 2.
        level: of the test, :math:`\alpha`.

    Raises:
        ValueError: as :func:`critical_number`.

    >>> binomial_power(16, 0.7)
    0.450
    >>> binomial_power(16, 0.9)
    0.983
    """
    needed = critical_number(trials, level=level)
    return binomial_tail(needed, trials, proportion)


def clopper_pearson(
    correct: int, trials: int, *, level: float = 0.95
) -> Interval:
    r"""Interval of a proportion that covers it at least so often.

    All p of which neither tail beyond the result is below
    :math:`(1 - \mathrm{level}) / 2` (Clopper and Pearson, 1934). It is
    never too narrow, and for few trials wider than
    :func:`dla.protocol.statistics.wilson`'s.

    Args:
        correct: k, from 0 to n.
        trials: n, from 1 to 1000.
        level: of confidence.

    Raises:
        ValueError: as :func:`binomial_tail`.

    >>> f"{clopper_pearson(12, 16):.3f}"
    '0.750 [0.476, 0.927]'
    """
    k, n = _counts(correct, trials)
    tail = (1 - _probability(level, "a level")) / 2
    low, high = _low_end(k, n, tail), 1 - _low_end(n - k, n, tail)
    return Interval(k / n, low, high)


def _low_end(k: int, n: int, tail: float) -> float:
    """The p with a given probability of k successes or more."""
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if binomial_tail(k, n, middle) < tail:
            low = middle
        else:
            high = middle
    return low


def _counts(successes: int, trials: int) -> tuple[int, int]:
    """Both as whole numbers, if they are."""
    try:
        k, n = operator.index(successes), operator.index(trials)
    except TypeError:
        raise ValueError(
            f"{successes!r} of {trials!r}: expected whole numbers; is "
            "it a share?"
        ) from None
    if not 1 <= n <= MOST:
        raise ValueError(f"expected 1 to {MOST} trials, got {n}")
    if not 0 <= k <= n:
        raise ValueError(f"{k} right of {n} trials")
    return k, n


def _probability(value: float, what: str) -> float:
    if not 0 < value < 1:
        raise ValueError(
            f"{what} lies between 0 and 1, got {value}"
            + ("; is it in percent?" if 1 < value <= 100 else "")
        )
    return float(value)
