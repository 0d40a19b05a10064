"""Checks of published.csv: figures that came as figures, without the answers behind them. METHODS.md M-32."""

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Floats, Mask
from analysis.errors import InputError

FILE = "published.csv"
OPTIONAL = ("n", "se", "lower", "upper")


def check_published(table: pd.DataFrame, indicators: pd.DataFrame, strata: pd.DataFrame) -> pd.DataFrame:
    """The figures as numbers, when they say nothing impossible.

    Args:
        table: the columns of published.csv as text.
        indicators, strata: the tables of the bundle, checked.

    Returns:
        The table with estimate, n, se, lower and upper as float64, NaN where not known.

    Raises:
        InputError: an indicator or statistic that the bundle does not have, a proportion outside [0, 1], one
            limit without the other, limits on the wrong side, a standard error of 0 of a figure that is
            neither 0 nor 1, a wave that also has answers.
    """
    checks.require_known(FILE, table, "indicator", list(indicators["indicator"]))
    known = [checks.SEPARATOR.join(pair) for pair in _statistics(indicators)]
    strange = ~checks.among(checks.joined(table, ["indicator", "statistic"]), known)
    checks.fail_at(FILE, table, "statistic", strange, "a statistic of this indicator, such as proportion")
    answered = checks.among(checks.text(table, "wave"), sorted(set(strata["wave"])))
    checks.fail_at(FILE, table, "wave", answered, "a wave without answers in this bundle")
    absent = {name: "" for name in OPTIONAL if name not in table}
    whole = table.assign(**absent)
    unknown = "a number, or empty when it is not known"
    numbers = {name: checks.signed(FILE, whole, name, unknown) for name in ("estimate", *OPTIONAL)}
    _check_figures(table, numbers)
    return table.assign(**numbers)


def _statistics(indicators: pd.DataFrame) -> list[tuple[str, str]]:
    """Every indicator with each of its statistics."""
    columns = ["indicator", "type", "yes", "levels"]
    found = []
    for name, kind, yes, levels in indicators[columns].itertuples(index=False, name=None):
        statistics = ["mean"] if kind in ("ordinal", "index") else ["proportion"]
        if kind == "ordinal":
            statistics += [f"p{level}" for level in levels.split()] + (["proportion"] if yes else [])
        found += [(name, statistic) for statistic in statistics]
    return found


def _check_figures(table: pd.DataFrame, numbers: dict[str, Floats]) -> None:
    estimate, n, se, lower, upper = (numbers[name] for name in ("estimate", *OPTIONAL))
    proportion = table["statistic"].ne("mean").to_numpy()
    outside = proportion & ~((estimate >= 0) & (estimate <= 1))
    checks.fail_at(FILE, table, "estimate", outside, "a proportion from 0 to 1, not per cent")
    checks.fail_at(FILE, table, "estimate", np.isnan(estimate), "a number")
    _check_optional(table, "n", (n < 0) | (n % 1 > 0), "a whole number, 0 or more, or empty")
    nothing = (se == 0) & ~(proportion & np.isin(estimate, (0, 1)))
    _check_optional(table, "se", (se < 0) | nothing, "above 0 (0 of nobody or everybody), or empty")
    one_alone = np.isnan(lower) != np.isnan(upper)
    row = checks.first(one_alone)
    if row is not None:
        raise InputError(FILE, row + 2, "lower, upper", "one of the two", "both limits, or neither")
    _check_optional(table, "lower", lower > estimate, "a limit not above the estimate")
    _check_optional(table, "upper", upper < estimate, "a limit not below the estimate")


def _check_optional(table: pd.DataFrame, column: str, wrong: Mask, expected: str) -> None:
    if column in table:
        checks.fail_at(FILE, table, column, wrong, expected)
