"""The gap between women and men, and how it changed since the previous wave. METHODS.md M-14."""

import numpy as np
import pandas as pd

from analysis import comparability, unions
from analysis.arrays import Floats
from analysis.differences import t_test
from analysis.keys import PLACE, TOTAL
from analysis.overlap import GAP, covariance_of
from analysis.packed import find_rows
from analysis.schema import Bundle

KEY = [*PLACE, "indicator", "statistic"]
COLUMNS = ["wave", "previous_wave", *KEY, "gap", "se", "cov", "change", "se_change", "p"]


def compare_gaps(
    gaps: pd.DataFrame,
    bundle: Bundle,
    pairs: pd.DataFrame,
    common: pd.DataFrame | None = None,
    covariances: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The gap between women and men and how it changed since the code's previous wave. METHODS.md M-14.

    Args:
        gaps: the table of `estimates.gender_gaps` (gap = woman - man, with the covariance within the wave,
            df and `rare`).
        bundle: its indicators, breaks and items say what is comparable; no change is computed across a break,
            and a bridge moves women and men alike.
        pairs: the table of `changes.previous_waves`, or of `unions.name_left_out`.
        common: gaps of the unions that are compared on their common municipalities, on those.
        covariances: of the gaps of two waves, from persons who answered in both: the rows of gender
            `overlap.GAP` of `overlap.matched_covariances`, with previous_wave and wave.

    Returns:
        The columns `COLUMNS`, a row per row of `gaps`; change, se_change and p (t, two-sided, with the sum of
        the df) are filled on the rows of each code's last wave that have a previous one. A rare gap has no
        se, and its change no se_change and no p: they would be near 0 for want of answers, not of spread.
    """
    types = {**dict.fromkeys(["wave", *KEY], str), **dict.fromkeys(["gap", "se", "df"], float)}
    gaps = gaps.astype(types)
    gaps["se"] = gaps["se"].mask(gaps["rare"].astype(bool))
    pair = find_rows(gaps, [*PLACE, "wave"], pairs)
    named = pairs.drop(columns=[*PLACE, "wave"]).reset_index(drop=True).reindex(pair).set_axis(gaps.index)
    table = pd.concat([gaps, named], axis=1)
    table["previous_wave"] = table["previous_wave"].fillna("")
    row = find_rows(table, ["previous_wave", *KEY], gaps, ["wave", *KEY])
    gap, se, df_previous = (
        np.where(row >= 0, gaps[name].to_numpy()[row], np.nan) for name in ("gap", "se", "df")
    )
    comparable = ~(comparability.passage(table, bundle).broken | unions.of_others(table))
    table["change"] = (table["gap"] - gap).where(comparable)
    se_change = np.where(comparable, _standard_error(table, se, covariances), np.nan)
    df = table["df"].to_numpy(float) + df_previous
    table["se_change"] = se_change
    table["p"] = t_test(table["change"].to_numpy(float), se_change, df, np.ones(len(table), dtype=bool))
    if common is not None and not common.empty:
        _take_changes(table, compare_gaps(common, bundle, pairs, None, covariances))
    return table[COLUMNS]


def _standard_error(table: pd.DataFrame, before: Floats, covariances: pd.DataFrame | None) -> Floats:
    """Standard error of the change of each gap."""
    now = table["se"].to_numpy(float)
    cov = covariance_of(table.assign(gender=GAP, age_group=TOTAL), covariances)
    cov = np.clip(cov, -now * before, now * before)
    error: Floats = np.sqrt(np.maximum(now**2 + before**2 - 2 * cov, 0.0))
    return error


def _take_changes(table: pd.DataFrame, common: pd.DataFrame) -> None:
    """Put the changes of the unions' common municipalities in the place of those of all they have."""
    row = find_rows(table, ["wave", "previous_wave", *KEY], common)
    for name in ("change", "se_change", "p"):
        table[name] = np.where(row >= 0, common[name].to_numpy(float)[row], table[name].to_numpy(float))
