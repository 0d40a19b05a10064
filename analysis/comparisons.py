"""A municipality beside its region and its kind, an area beside its municipality. METHODS.md M-23.

A part is inside the whole it is compared with, so the two are not independent: the covariance of part and
whole comes from the same quadratic forms as their variances. The verdict (above, below,
no_certain_difference, not_comparable) is computed here, once.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis import comparability, multiplicity
from analysis.arrays import Floats, Mask
from analysis.blocks import C_MM, C_MY, C_YM, C_YY
from analysis.coherence import KIND, area_codes
from analysis.differences import Figures, smallest_mark, t_test, too_few_for_t
from analysis.domains import Sums
from analysis.indicators import on_headline, ranges
from analysis.keys import AREA, CELL, MUNICIPALITY, PLACE, TOTAL
from analysis.overlap import covariance_of
from analysis.packed import (
    beside,
    equals,
    find_rows,
    pack,
    row_keys,
    run_starts,
    spread,
    stacked,
    take,
    texts,
)
from analysis.reasons import BREAK, PREVIOUS_SUPPRESSED
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import mover_arms, student_quantile

DOMAIN = ["gender", "age_group", "indicator", "statistic"]
AGAINST = ["against_geography", "against_code"]
FIGURES = ["population", "estimate", "se", "df", "n_eff", "released", "reason", "v_yy", "v_ym", "v_mm"]
KEYS = ["wave", "previous_wave", *PLACE, *AGAINST, *DOMAIN]
COLUMNS = [
    *[*KEYS, "difference", "se", "df", "p", "p_adjusted", "lower", "upper", "verdict"],
    *["released", "reason"],
]
AGAINST_SUPPRESSED = "against_suppressed"
VERDICTS = ("not_comparable", "above", "below", "no_certain_difference")


def comparable_rows(estimates: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """The rows that are compared: headline statistics of totals, genders and ages; of areas the totals.

    Args:
        estimates: the table of `estimates.estimate` after `disclosure.screen`.
        bundle: its indicators.

    Returns:
        wave, `CELL` (text, packed), and `FIGURES`.
    """
    by_gender, by_age = ~equals(estimates["gender"], TOTAL), ~equals(estimates["age_group"], TOTAL)
    whole, area = (equals(estimates["geography"], *names) for names in ((TOTAL, MUNICIPALITY, KIND), (AREA,)))
    keep = (whole & ~(by_gender & by_age)) | (area & ~by_gender & ~by_age)
    rows = np.flatnonzero(keep & on_headline(estimates, bundle))
    return pd.DataFrame({name: take(estimates[name], rows) for name in ["wave", *CELL, *FIGURES]})


def last_waves(rows: pd.DataFrame) -> pd.DataFrame:
    """The last wave of each municipality and area: geography, code, wave (str), from `comparable_rows`."""
    keys = rows[[*PLACE, "wave"]].iloc[run_starts(row_keys([rows], [[*PLACE, "wave"]])[0])].astype("str")
    parts = keys[keys["geography"].isin([MUNICIPALITY, AREA])]
    return parts.sort_values("wave").drop_duplicates(PLACE, keep="last")


def part_covariances(sums: Sums, bundle: Bundle) -> pd.DataFrame:
    """The covariance forms of each area's total with that of its municipality, headline statistics.

    Args:
        sums: the domain sums.
        bundle: its strata say which municipality an area is of.

    Returns:
        wave, code (the area), owner (its municipality), indicator (packed); c_yy, c_ym, c_my, c_mm.
    """
    strata = bundle.strata
    owner = dict(zip(area_codes(strata), strata["municipality_code"], strict=True))
    headline = sums.variables.headline
    areas = [block for block in sums.blocks if block.inside is not None]
    forms = np.zeros((0, 4, len(headline)))
    if areas:
        forms = np.stack([block.inside for block in areas if block.inside is not None])
    names = ["c_yy", "c_ym", "c_my", "c_mm"]
    columns = {name: forms[:, at].ravel() for name, at in zip(names, (C_YY, C_YM, C_MY, C_MM), strict=True)}
    indicators = [one.indicator for one in sums.variables.measured]
    keys = {
        "wave": [block.wave for block in areas],
        "code": [block.code for block in areas],
        "owner": [owner[block.code] for block in areas],
    }
    texts = {}
    for name, values in keys.items():
        codes, known = pd.factorize(np.array(values, dtype=object))
        texts[name] = pack(np.repeat(codes, len(headline)), list(known))
    texts["indicator"] = pack(np.tile(np.arange(len(headline)), len(areas)), indicators)
    return pd.DataFrame(texts | columns)


def kinds(bundle: Bundle) -> dict[str, str]:
    """The union of geography `skr_group` that each municipality lies in."""
    if bundle.domains is None:
        return {}
    table = bundle.domains[bundle.domains["geography"].eq(KIND)]
    row = find_rows(table, ["wave", "stratum"], bundle.strata)
    return dict(zip(bundle.strata["municipality_code"].to_numpy()[row], table["code"], strict=True))


def level_differences(
    rows: pd.DataFrame, others: pd.DataFrame, areas: pd.DataFrame, groups: Mapping[str, str]
) -> pd.DataFrame:
    """Each part beside its whole, or beside the others of its kind, wave by wave.

    Args:
        rows: the table of `comparable_rows`.
        others: the same columns for the others of each municipality's kind; the code is the municipality.
        areas: the table of `part_covariances`.
        groups: the kind of each municipality, `kinds`.

    Returns:
        Nothing for a part that is all there is of its whole, whose persons it would be compared with; else
        wave, geography, code, `AGAINST`, `DOMAIN`, figures of the part and (`…_against`) of what it is
        compared with, cov (of the two estimates), own (the part's share of the variance of the difference)
        and share (of the part's weighted base in the whole's; 0 where the part is not inside).
    """
    place, key = texts(rows["geography"]), ["wave", *DOMAIN]
    cities, own = rows[place == MUNICIPALITY], ["code", *key]
    region = _beside(cities[_of_several(cities, ["wave"])], key, _as_whole(rows[place == TOTAL]), key)
    region = region.assign(c_yy=region["v_yy"], c_ym=region["v_ym"], c_my=region["v_ym"], c_mm=region["v_mm"])
    small = beside(rows[place == AREA], ["wave", "code", "indicator"], areas)
    small = small[_of_several(small, ["wave", "owner"])]
    city = _beside(small, ["owner", *key], _as_whole(cities), own).drop(columns="owner")
    kind = others.assign(against_geography=KIND, against_code=spread(others["code"], groups, ""))
    kind = _beside(cities, own, kind, own)
    kind = kind.assign(cov=0.0, own=kind["se"].to_numpy(float) ** 2, share=0.0)
    return stacked([_inside(region), _inside(city), kind])


def _of_several(parts: pd.DataFrame, whole: list[str]) -> Mask:
    """Rows that are not alone in their whole: the one part with answers is the whole."""
    codes = parts[[*whole, "code"]].drop_duplicates().astype("str")
    found: Mask = find_rows(parts, whole, codes[codes.duplicated(whole)]) >= 0
    return found


def _as_whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that others are compared with."""
    return rows.assign(against_geography=rows["geography"], against_code=rows["code"])


def _beside(table: pd.DataFrame, key: list[str], whole: pd.DataFrame, whole_key: list[str]) -> pd.DataFrame:
    """Each row beside what it is compared with: `AGAINST`, and its figures with `_against`."""
    found = beside(table, key, whole[[*whole_key, *AGAINST, *FIGURES]], whole_key, "_against")
    return found.rename(columns={f"{name}_against": name for name in AGAINST})


def _inside(table: pd.DataFrame) -> pd.DataFrame:
    """Covariance of part and whole, and what the part adds to the variance of their difference."""
    p, q = table["estimate"], table["estimate_against"]
    product = table["population"] * table["population_against"]
    cov = (table["c_yy"] - q * table["c_ym"] - p * table["c_my"] + p * q * table["c_mm"]) / product
    within = (table["v_yy"] - 2 * q * table["v_ym"] + q**2 * table["v_mm"]) / table["population_against"] ** 2
    own, share = table["se"] ** 2 - 2 * cov + within, table["population"] / table["population_against"]
    return table.drop(columns=["c_yy", "c_ym", "c_my", "c_mm"]).assign(cov=cov, own=own, share=share)


def compare_levels(differences: pd.DataFrame, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Is the part above or below what it is compared with? METHODS.md M-23.

    Args:
        differences: the table of `level_differences`, one wave per code.
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
        differences: the table of `level_differences` of both waves, unions on their common municipalities.
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
