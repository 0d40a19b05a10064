"""Differences inside a free table: each cell against everybody else, and a test of each variable. M-36."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from analysis import disclosure, multiplicity
from analysis.arrays import Floats, Ints
from analysis.association import TableTest, equal_means, rao_scott
from analysis.blocks import V_YY, YES, N
from analysis.crossing import Crossing
from analysis.differences import Figures, t_test, too_few_for_t
from analysis.figures import figures
from analysis.indicators import Measured
from analysis.settings import Settings
from analysis.table_grid import Grid, values_of

COMPARED = ["difference", "difference_se", "p", "p_bh"]
TEST_COLUMNS = ["by", "kind", "f", "df1", "df2", "p", "reason"]


def compare_cells(rows: pd.DataFrame, grid: Grid, crossing: Crossing, settings: Settings) -> pd.DataFrame:
    """Each cell against everybody else in the table.

    Args:
        rows: the figures of `Grid.rows`, screened.
        grid: the table.
        crossing: its sums.
        settings: thresholds and level of confidence.

    Returns:
        The columns of `FreeTable.rows`. difference = the cell's estimate less that of everybody else, in the
        units of the estimate, with the covariance of the two within the calibrated sample; p by t with the
        smaller degrees of freedom of the two, empty where either has fewer effective persons on one side than
        a t test needs; p_bh corrected by Benjamini and Hochberg within the cells of one kind (of one
        variable, of the other, of both together) that may be shown, for the item's headline statistic.
    """
    statistics = list(grid.one.statistics)
    values = values_of(crossing)
    others = values[:, :1] - values
    mean = np.tile([name == "mean" for name in statistics], len(grid.kind))
    # A variance of 0 must be 0 in spite of the subtraction.
    certain = ((others[YES] == 0) | (others[YES] == others[N])) & ~mean.reshape(others.shape[1:])
    others[V_YY:] = np.where(certain, 0.0, _forms_of_others(crossing))
    others_df = np.maximum(crossing.df[0] - crossing.members, 1)  # at least so many, whatever the strata
    rest = figures(others.reshape(len(others), -1), np.repeat(others_df, grid.statistics), mean, settings)
    difference = rows["estimate"].to_numpy(float) - np.asarray(rest["estimate"], dtype=float)
    difference[: grid.statistics] = np.nan  # the total has nobody else
    se = np.sqrt(np.maximum(_variance_of_difference(rows, rest, crossing), 0.0))
    se = np.where(np.isnan(difference), np.nan, np.where(se < settings.se_zero, 0.0, se))
    df = np.repeat(np.minimum(crossing.df, others_df), grid.statistics)
    sides = [Figures.of(rows), Figures(*(np.asarray(rest[name], float) for name in ("estimate", "n_eff")))]
    p = t_test(difference, se, df, ~too_few_for_t(sides, mean, settings))
    headline = statistics[:1] if statistics[0] in ("proportion", "mean") else statistics
    counted = rows["statistic"].isin(headline) & rows["released"].eq(1)
    family = np.repeat(grid.kind, grid.statistics)
    p_bh = multiplicity.benjamini_hochberg(np.where(counted, p, np.nan), family)
    found = rows.assign(difference=difference, difference_se=se, p=p, p_bh=p_bh)
    keys = ["wave", *(variable.name for variable in grid.variables), "indicator", "statistic"]
    return found[[*keys, *disclosure.ESTIMATE_FIGURES, *COMPARED, "released", "reason"]]


def _blocks(crossing: Crossing) -> Floats:
    """Domains x statistics x 4 x 4: covariances of value and base of the domain and of the table's total."""
    form = crossing.form
    domains, values = form.shape[:2]
    statistics = np.arange(values - 1)
    place = np.empty((domains, values - 1, 4), dtype=np.int64)
    own, total = np.arange(domains)[:, None] * values, 0
    place[:, :, 0], place[:, :, 1] = own + statistics, own + values - 1
    place[:, :, 2], place[:, :, 3] = total + statistics, total + values - 1
    flat = form.reshape(domains * values, domains * values)
    blocks: Floats = flat[place[:, :, :, None], place[:, :, None, :]]
    return blocks


def _forms_of_others(crossing: Crossing) -> Floats:
    """The three variance forms of everybody else: of the table's total less the domain."""
    less = np.array([[-1.0, 0.0, 1.0, 0.0], [0.0, -1.0, 0.0, 1.0]])
    form = np.einsum("ia,dsab,jb->ijds", less, _blocks(crossing), less, optimize=True)
    return np.stack([form[0, 0], form[0, 1], form[1, 1]])


def _variance_of_difference(rows: pd.DataFrame, rest: Mapping[str, object], crossing: Crossing) -> Floats:
    """Variance of the domain's estimate less everybody else's, who are in the same calibrated sample."""
    p, N = rows["estimate"].to_numpy(float), rows["population"].to_numpy(float)
    q, M = np.asarray(rest["estimate"], dtype=float), np.asarray(rest["population"], dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.stack([1 / N + 1 / M, -p / N - q / M, -1 / M, q / M], axis=-1)
        blocks = _blocks(crossing).reshape(-1, 4, 4)
        variance: Floats = np.einsum("ra,rab,rb->r", slopes, blocks, slopes)
    return variance


def overall_tests(grid: Grid, crossing: Crossing) -> pd.DataFrame:
    """One test of each variable, and one of the two together.

    Returns:
        The columns of `FreeTable.tests`, and kind_of_cells: which cells (`Grid.kind`) the test is about.
    """
    found = []
    for kind in sorted(set(grid.kind.tolist()) - {0}):
        cells = np.flatnonzero((grid.kind == kind) & (crossing.counts.sum(axis=1) > 0))
        name = " x ".join(one.name for at, one in enumerate(grid.variables) if kind & 2**at)
        tested = _test(grid.one, crossing, cells, float(crossing.df[0]))
        found.append({"by": name, **asdict(tested), "kind_of_cells": kind})
    return pd.DataFrame(found, columns=[*TEST_COLUMNS, "kind_of_cells"])


def _test(one: Measured, crossing: Crossing, domains: Ints, df: float) -> TableTest:
    """Rao and Scott's test over levels; equal means where only a mean is estimated."""
    size, values = crossing.form.shape[:2]
    total = float(crossing.weighted[0].sum()) or np.nan
    if one.statistics == ("mean",):
        N = crossing.weighted[domains].sum(axis=1)
        mean = crossing.sums[domains, 0] / N
        weights = np.zeros((len(domains), size, values))
        weights[np.arange(len(domains)), domains, 0] = 1 / N
        weights[np.arange(len(domains)), domains, -1] = -mean / N
        return equal_means(mean, crossing.linear(weights), df)
    levels = _level_sums(one)
    joint = crossing.sums[domains] @ levels.T / total
    weights = np.zeros((len(domains), len(levels), size, values))
    weights[np.arange(len(domains)), :, domains, :] = levels
    weights[:, :, 0, -1] -= joint
    V = crossing.linear(weights.reshape(-1, size, values) / total)
    return rao_scott(joint, V, df)


def _level_sums(one: Measured) -> Floats:
    """Levels x values: the sum at each level as a combination of the values' sums."""
    shares = [number for number, name in enumerate(one.statistics) if name not in ("proportion", "mean")]
    values = np.eye(len(one.statistics) + 1)
    if shares:
        return values[shares]
    return np.stack([values[-1] - values[0], values[0]])
