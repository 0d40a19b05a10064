"""Funnel limits against the definition, summed term by term."""

from fractions import Fraction
from math import comb, isnan

import pytest

from analysis.funnel import INNER, OUTER, limits


def by_hand(theta, n, probability):
    """The interpolated quantile with exact fractions: no distribution of a library."""
    share, below = Fraction(theta), Fraction(0)
    for count in range(n + 1):
        step = comb(n, count) * share**count * (1 - share) ** (n - count)
        if below + step > probability or count == n:
            return max(float((count - (below + step - Fraction(probability)) / step) / n), 0.0)
        below += step
    raise AssertionError


@pytest.mark.parametrize("theta", [0.02, 0.3, 0.5])
@pytest.mark.parametrize("n", [12, 60, 231])
def test_limits_are_interpolated_binomial_quantiles(theta, n):
    for inside in (INNER, OUTER):
        lower, upper = limits(theta, n + 0.9, inside)
        tail = (1 - inside) / 2
        assert float(lower) == pytest.approx(by_hand(theta, n, tail), abs=1e-9)
        assert float(upper) == pytest.approx(by_hand(theta, n, 1 - tail), abs=1e-9)


def test_the_limits_of_200_persons_are_those_worked_in_the_methods():
    assert [round(float(limit), 3) for limit in limits(0.30, 200, INNER)] == [0.235, 0.362]


def test_without_persons_there_are_no_limits_and_with_more_they_close_in():
    lower, upper = limits(0.3, [float("nan"), 0.4, 50, 5000], INNER)
    assert all(isnan(value) for value in (lower[0], upper[1]))
    assert upper[3] - lower[3] < (upper[2] - lower[2]) / 5
