"""The trend of a figure over three waves or more: which waves it rests on, and its verdict. METHODS.md M-24.

A straight line over time (`trend_lines`), with a step at each break that has no bridge. The verdict (rising,
falling, steady, not_linear, too_uncertain, not_comparable) is computed here, once.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import multiplicity
from analysis.arrays import Floats, Mask
from analysis.comparability import passage
from analysis.differences import equivalence_margin, smallest_mark
from analysis.indicators import on_headline, ranges
from analysis.keys import AREA, CELL, PLACE, TOTAL
from analysis.overlap import covariance_of
from analysis.packed import equals, spread
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.trend_lines import fit_lines, on_scale, times

FEWEST_WAVES = 3
FEW_WAVES, NO_STANDARD_ERROR = "few_waves", "no_standard_error"
SINCE_BREAK = (
    "short_since_break"  # the last wave stands alone: a line of the earlier ones would end before it
)
FIGURES = [
    *["slope", "se", "df", "p", "lower", "upper", "first", "last", "change", "p_linearity"],
    *["step", "se_step", "nearest", "farthest"],
]
COLUMNS = [
    *["wave", "waves", *CELL, "scale", "slope", "se", "df", "p", "p_adjusted", "lower", "upper"],
    *["first", "last", "change", "p_linearity", "p_linearity_adjusted", "break_wave", "step", "se_step"],
    *["verdict", "released", "reason"],
]


def trends(
    estimates: pd.DataFrame, bundle: Bundle, settings: Settings, covariances: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The trend of every headline statistic of totals, genders and ages; of areas, of the totals. M-24.

    Args:
        estimates: the table of `estimates.estimate` after `disclosure.screen`, unions on the municipalities
            they had in all their waves; figures that may not be shown are not used.
        bundle: its waves are the time (years when all their codes are, else their order), its breaks steps.
        settings: thresholds and level of significance.
        covariances: of the estimates of every two waves (`overlap.matched_covariances`), with previous_wave
            and wave; without it the waves are independent.

    Returns:
        The columns `COLUMNS`, a row per cell with figures in three waves or more: waves (those used,
        blank-separated; not those that breaks part from every other), wave (the last of them), scale
        (identity, logit), slope and its se, lower, upper (per year or wave, in the scale's units), df, p (no
        slope), first and last (the line at the ends, under the last wave's definition) and change (last -
        first) in the figure's units, p_linearity (of a straight line), break_wave, step and se_step (the last
        break and its step, in the scale's units), verdict. Nothing is computed, with the reason: few_waves
        (fewer than three that may be shown and are not alone between breaks), short_since_break (a break just
        before the last of them, `break_wave`), no_standard_error (a figure at 0 or 1, or without variance of
        its own).
    """
    rows = _rows(estimates, bundle)
    parts = [
        _fitted((cells, figures), [str(wave) for wave in waves], bundle, settings, covariances)
        for waves, cells, figures in _by_waves(rows)
    ]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    _judge(table, bundle, settings)
    return table[COLUMNS]


def _rows(estimates: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """Figures that may be shown of the cells with enough waves, and one row that says so of the others."""
    by_gender, by_age = ~equals(estimates["gender"], TOTAL), ~equals(estimates["age_group"], TOTAL)
    area = equals(estimates["geography"], AREA)
    keep = ~(by_gender & by_age) & ~(area & (by_gender | by_age)) & on_headline(estimates, bundle)
    table = estimates.loc[keep, ["wave", *CELL, "estimate", "se", "df", "released"]]
    table = table.astype(dict.fromkeys(["wave", *CELL], "str"))
    several = table.groupby(CELL, sort=False)["wave"].transform("size") >= FEWEST_WAVES
    return table[several]


def _by_waves(rows: pd.DataFrame) -> list[tuple[tuple[str, ...], pd.DataFrame, dict[str, Floats]]]:
    """The cells by the waves in which they may be shown: one row per cell, columns of the waves in order."""
    if rows.empty:
        return []
    wide = rows.set_index([*CELL, "wave"])[["estimate", "se", "df", "released"]].unstack("wave")
    shown = wide["released"].eq(1)
    waves = np.array(shown.columns, dtype=object)
    code, patterns = pd.factorize(pd.MultiIndex.from_arrays(list(shown.to_numpy(bool).T)))
    found = []
    for number, pattern in enumerate(patterns):
        used = tuple(waves[np.array(pattern, dtype=bool)])
        cells = wide[code == number]
        figures = {
            name: cells[name][list(used)].to_numpy(float).reshape(len(cells), len(used))
            for name in ("estimate", "se", "df")
        }
        found.append((used, cells.index.to_frame(index=False), figures))
    return found


def _fitted(
    given: tuple[pd.DataFrame, dict[str, Floats]],
    waves: list[str],
    bundle: Bundle,
    settings: Settings,
    covariances: pd.DataFrame | None,
) -> pd.DataFrame:
    """The lines of the cells with figures in these waves, without the waves that stand alone."""
    cells, figures = given[0].reset_index(drop=True), given[1]
    cells = cells.assign(wave=waves[-1] if waves else "", waves=" ".join(waves))
    cells = cells.assign(
        **dict.fromkeys(FIGURES, np.nan), scale="", break_wave="", released=0, reason=FEW_WAVES
    )
    if len(waves) < FEWEST_WAVES:
        return cells.assign(wave=max(bundle.waves))
    ways = [passage(cells.assign(previous_wave=one, wave=two), bundle) for one, two in pairwise(waves)]
    broken = np.stack([way.broken for way in ways], axis=1)
    if (alone := _alone(broken)).any():
        ended = alone[:, -1]
        apart = cells[ended].assign(waves=waves[-1], break_wave=waves[-1], reason=SINCE_BREAK)
        rest = cells[~ended], {name: one[~ended] for name, one in figures.items()}
        parts = [
            _fitted(one, [waves[at] for at in used], bundle, settings, covariances)
            for used, one in _without(*rest, alone[~ended])
        ]
        return pd.concat([*([apart] if ended.any() else []), *parts], ignore_index=True)
    bridges = np.stack([np.where(way.broken, 0.0, way.bridge) for way in ways], axis=1)
    bridge_se = np.stack([np.where(way.broken, 0.0, way.bridge_se) for way in ways], axis=1)
    V = _covariance(cells, waves, figures["se"], covariances)
    share = cells["statistic"].ne("mean").to_numpy()
    series = on_scale(figures["estimate"], V, share, bridges, bridge_se)
    df = figures["df"].sum(axis=1)
    cells.loc[~series.usable, "reason"] = NO_STANDARD_ERROR
    cells["scale"] = np.where(series.logit, "logit", "identity")
    time = times(waves, bundle.waves)
    steps, patterns = pd.factorize(pd.MultiIndex.from_arrays(list(broken.T)))
    for number, pattern in enumerate(patterns):
        at = np.flatnonzero((steps == number) & series.usable)
        after = [place + 1 for place, cut in enumerate(np.atleast_1d(np.array(pattern, dtype=bool))) if cut]
        for name, values in fit_lines(series, at, time, after, df, settings).items():
            cells.loc[at, name] = values
        cells.loc[at, "released"], cells.loc[at, "reason"] = 1, ""
        cells.loc[at, "break_wave"] = waves[after[-1]] if after else ""
    return cells


def _alone(broken: Mask) -> Mask:
    """Cells x waves: a break on either side, or the end, so that the step takes all that the wave says."""
    edge = np.ones((len(broken), 1), dtype=bool)
    cut = np.hstack([edge, broken, edge])
    alone: Mask = cut[:, :-1] & cut[:, 1:]
    return alone


def _without(
    cells: pd.DataFrame, figures: dict[str, Floats], alone: Mask
) -> Iterator[tuple[npt.NDArray[np.intp], tuple[pd.DataFrame, dict[str, Floats]]]]:
    """The cells by the waves they keep: places of these, and the cells with the figures of these."""
    kept, pattern = np.unique(~alone, axis=0, return_inverse=True)
    for number, keep in enumerate(kept):
        rows, used = np.flatnonzero(pattern.ravel() == number), np.flatnonzero(keep)
        yield used, (cells.iloc[rows], {name: one[np.ix_(rows, used)] for name, one in figures.items()})


def _covariance(
    cells: pd.DataFrame, waves: list[str], se: Floats, covariances: pd.DataFrame | None
) -> Floats:
    """Covariance matrix of each cell's figures: cells x waves x waves."""
    V = se[:, :, None] ** 2 * np.eye(len(waves))
    for (i, previous), (j, wave) in combinations(enumerate(waves), 2):
        V[:, i, j] = V[:, j, i] = covariance_of(cells.assign(previous_wave=previous, wave=wave), covariances)
    return V


def _judge(table: pd.DataFrame, bundle: Bundle, settings: Settings) -> None:
    """Correction for many tests, of slopes and of straightness apart, and the verdict."""
    limits = settings.thresholds
    straight = table.assign(p=table["p_linearity"])
    for one in (straight, table):
        multiplicity.adjust(one, PLACE, bundle, settings)
    table["p_linearity_adjusted"] = straight["p_adjusted"]
    mean = equals(table["statistic"], "mean")
    scale = spread(table["indicator"], ranges(bundle), np.nan)
    first = table["first"].to_numpy(float)
    mark = smallest_mark(first, mean, scale, limits)
    margin = equivalence_margin(first, mean, scale, limits)
    change = table["change"].to_numpy(float)
    marked = table["p_adjusted"].le(limits.alpha).to_numpy() & (np.abs(change) >= mark)
    nearest, farthest = (np.abs(table[name].to_numpy(float)) for name in ("nearest", "farthest"))
    within = np.maximum(nearest, farthest) <= margin
    table["verdict"] = np.select(
        [
            table["released"].eq(0).to_numpy(),
            table["p_linearity_adjusted"].le(limits.alpha).to_numpy(),
            marked & (change > 0),
            marked & (change < 0),
            within,
        ],
        ["not_comparable", "not_linear", "rising", "falling", "steady"],
        default="too_uncertain",
    )
