"""Whether a part is above or below what it is compared with, in level and in change. METHODS.md M-23.

The verdict (above, below, no_certain_difference, not_comparable) is computed here, once.
"""

import numpy as np
import pandas as pd

from analysis import comparability, multiplicity
from analysis.arrays import Floats
from analysis.differences import Figures, smallest_mark, t_test, too_few_for_t
from analysis.indicators import ranges
from analysis.keys import MUNICIPALITY, PLACE
from analysis.overlap import covariance_of
from analysis.packed import beside, equals, find_rows, pack, spread, texts
from analysis.parts_of_wholes import AGAINST, DOMAIN
from analysis.reasons import BREAK, PREVIOUS_SUPPRESSED
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import mover_arms, student_quantile

KEYS = ["wave", "previous_wave", *PLACE, *AGAINST, *DOMAIN]
COLUMNS = [
    *[*KEYS, "difference", "se", "df", "p", "p_adjusted", "lower", "upper", "verdict"],
    *["released", "reason"],
]
AGAINST_SUPPRESSED = "against_suppressed"
VERDICTS = ("not_comparable", "above", "below", "no_certain_difference")


def compare_levels(differences: pd.DataFrame, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Is the part above or below what it is compared with? METHODS.md M-23.

    Args:
        differences: the table of `parts_of_wholes.level_differences`, one wave per code.
        bundle: its indicators.
        settings: thresholds and level of significance.

    Returns:
        The columns `COLUMNS`, previous_wave empty. `released` is 1 when both figures are; p is empty where
        the standard error is 0 and where counts are too small for a t test (the limits are then
        MOVER-Wilson's).
    """
    table = differences.assign(previous_wave=pack(np.zeros(len(differences), dtype=np.int8), [""]))
    _level(table, settings)
    own, theirs = table["released"].eq(0).to_numpy(), table["released_against"].eq(0).to_numpy()
    reason, reason_against = texts(table["reason"]).astype(object), texts(table["reason_against"])
    table["reason"] = np.select(
        [own, theirs, reason != ""], [reason, AGAINST_SUPPRESSED, reason], reason_against
    )
    table["released"] = np.where(own | theirs, 0, 1)
    return _finished(table, table["estimate_against"].to_numpy(float), bundle, settings)


def compare_changes(
    differences: pd.DataFrame,
    bundle: Bundle,
    settings: Settings,
    pairs: pd.DataFrame,
    covariances: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Did the part change more or less than what it is compared with? A difference of differences. M-23.

    Args:
        differences: as in `compare_levels`, of both waves, unions on their common municipalities.
        bundle, settings: as in `compare_levels`.
        pairs: geography, code, wave, previous_wave: only codes whose region has the same two waves.
        covariances: of the estimates of two waves (`overlap.matched_covariances`).

    Returns:
        The columns `COLUMNS`; municipalities only. A bridge moves both sides alike and cancels.
    """
    cities = differences[equals(differences["geography"], MUNICIPALITY)]
    now = beside(cities, [*PLACE, "wave"], pairs[[*PLACE, "wave", "previous_wave"]])
    rest = ["code", *AGAINST, *DOMAIN]
    row = find_rows(now, ["previous_wave", *rest], cities, ["wave", *rest])
    table = now[row >= 0].reset_index(drop=True)
    earlier = cities.iloc[row[row >= 0]].reset_index(drop=True)
    _level(earlier, settings)
    _level(table, settings)
    cov = _matched(table, earlier, covariances)
    variance = table["se"] ** 2 + earlier["se"] ** 2 - 2 * cov
    table["difference"] -= earlier["difference"]
    table["se"] = np.sqrt(np.maximum(variance, 0.0))
    table["df"] += earlier["df"]
    table["rare"] |= earlier["rare"]
    table["down"], table["up"] = mover_arms(
        (earlier["down"].to_numpy(), earlier["up"].to_numpy()),
        (table["down"].to_numpy(), table["up"].to_numpy()),
    )
    _change_state(table, earlier, bundle)
    return _finished(table, earlier["estimate_against"].to_numpy(float), bundle, settings)


def _change_state(table: pd.DataFrame, earlier: pd.DataFrame, bundle: Bundle) -> None:
    """Whether the difference of two changes may be shown, and what stands in its way."""
    sides = [table.assign(geography=table[AGAINST[0]], code=table[AGAINST[1]]), table]
    broken = np.logical_or.reduce([comparability.passage(side, bundle).broken for side in sides])
    own, theirs = table["released"].eq(0).to_numpy(), table["released_against"].eq(0).to_numpy()
    before = (earlier["released"].eq(0) | earlier["released_against"].eq(0)).to_numpy()
    reason = texts(table["reason"]).astype(object)
    table["reason"] = np.select(
        [broken, own, theirs, before], [BREAK, reason, AGAINST_SUPPRESSED, PREVIOUS_SUPPRESSED], reason
    )
    table["released"] = np.where(broken | own | theirs | before, 0, 1)
    table.loc[broken, ["difference", "se"]] = np.nan


def _level(table: pd.DataFrame, settings: Settings) -> None:
    """Difference, standard error, Satterthwaite's degrees of freedom, arms of the MOVER-Wilson limits."""
    difference = table["estimate"] - table["estimate_against"]
    together = table["se"] ** 2 + table["se_against"] ** 2 - 2 * table["cov"]
    variance = np.maximum(together.to_numpy(float), 0.0)
    own = np.clip(table["own"].to_numpy(float), 0.0, variance)
    df, df_against = (np.maximum(table[name].to_numpy(float), 1.0) for name in ("df", "df_against"))
    rest = np.where(table["share"].to_numpy(float) > 0, np.maximum(df_against - df, 1.0), df_against)
    with np.errstate(divide="ignore", invalid="ignore"):
        satterthwaite = variance**2 / (own**2 / df + (variance - own) ** 2 / rest)
        correlation = table["cov"].to_numpy(float) / (table["se"] * table["se_against"]).to_numpy(float)
    correlation = np.clip(np.nan_to_num(correlation, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
    sides = [Figures.of(table, suffix) for suffix in ("_against", "")]
    whole, part = (
        side.arms(student_quantile(of_side, settings.confidence))
        for side, of_side in zip(sides, (table["df_against"], table["df"]), strict=True)
    )
    table["rare"] = too_few_for_t(sides, equals(table["statistic"], "mean"), settings)
    table["down"], table["up"] = mover_arms(whole, part, correlation)
    table["df"] = np.floor(np.where(np.isfinite(satterthwaite), satterthwaite, df + rest))
    se = np.sqrt(variance)
    table["difference"], table["se"] = difference, np.where(se < settings.se_zero, 0.0, se)


def _matched(table: pd.DataFrame, earlier: pd.DataFrame, covariances: pd.DataFrame | None) -> Floats:
    """Covariance of the two waves' differences, from persons who answered in both.

    With the part's shares s and t of the whole, difference = (1 - s)(part - rest): the covariance is that of
    the wholes plus (1 - s - t) times that of the parts. For the others of a kind it is that of the part: what
    their own persons add is left out, which makes the test careful.
    """
    part = covariance_of(table, covariances)
    whole = covariance_of(table, covariances, [*AGAINST, *DOMAIN])
    inside = table["share"].to_numpy(float) > 0
    shares = table["share"].to_numpy(float) + earlier["share"].to_numpy(float)
    return np.where(inside, whole + (1.0 - shares) * part, part)


def _finished(table: pd.DataFrame, level: Floats, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Limits, p value, correction for many tests, and verdict; `level` is what the mark is measured by."""
    difference, se = table["difference"].to_numpy(float), table["se"].to_numpy(float)
    df, rare = table["df"].to_numpy(float), table["rare"].to_numpy(bool)
    half = student_quantile(df, settings.confidence) * se
    table["lower"] = difference - np.where(rare, table["down"], half)
    table["upper"] = difference + np.where(rare, table["up"], half)
    table["p"] = t_test(difference, se, df, ~rare)
    multiplicity.adjust(table, [*PLACE, *AGAINST, "previous_wave"], bundle, settings)
    item_range = spread(table["indicator"], ranges(bundle), np.nan)
    smallest = smallest_mark(level, equals(table["statistic"], "mean"), item_range, settings.thresholds)
    marked = table["p_adjusted"].le(settings.thresholds.alpha).to_numpy() & (np.abs(difference) >= smallest)
    unknown = np.isnan(difference)
    verdict = np.select([unknown, marked & (difference > 0), marked & (difference < 0)], [0, 1, 2], 3)
    table["verdict"] = pack(verdict, VERDICTS)
    return table[COLUMNS]
