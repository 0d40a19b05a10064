"""A municipality beside its region and its kind, an area beside its municipality. METHODS.md M-23.

A part is inside the whole it is compared with, so the two are not independent: the covariance of part and
whole comes from the same quadratic forms as their variances. The verdict (above, below,
no_certain_difference, not_comparable) is computed here, once.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis import comparability, multiplicity
from analysis.blocks import C_MM, C_MY, C_YM, C_YY
from analysis.coherence import KIND
from analysis.domains import TOTAL, Sums
from analysis.indicators import headline_statistics, ranges
from analysis.packed import find_rows
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import mover_arms, student_quantile, wilson

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

MUNICIPALITY, AREA = "municipality", "area"
DOMAIN = ["gender", "age_group", "indicator", "statistic"]
AGAINST = ["against_geography", "against_code"]
FIGURES = ["population", "estimate", "se", "df", "n_eff", "released", "reason", "v_yy", "v_ym", "v_mm"]
COLUMNS = [
    *["wave", "previous_wave", "geography", "code", *AGAINST, *DOMAIN],
    *["difference", "se", "df", "p", "p_adjusted", "lower", "upper", "verdict", "released", "reason"],
]
BREAK, AGAINST_SUPPRESSED, PREVIOUS_SUPPRESSED = "break", "against_suppressed", "previous_suppressed"


def comparable_rows(estimates: pd.DataFrame, bundle: Bundle) -> pd.DataFrame:
    """The rows that are compared: headline statistics of totals, genders and ages; of areas the totals.

    Args:
        estimates: the table of `estimates.estimate` after `disclosure.screen`.
        bundle: its indicators.

    Returns:
        The keys as str, and `FIGURES`.
    """
    headline = headline_statistics(bundle)
    by_gender, by_age = estimates["gender"].ne(TOTAL), estimates["age_group"].ne(TOTAL)
    whole = estimates["geography"].isin([TOTAL, MUNICIPALITY, KIND])
    keep = (whole & ~(by_gender & by_age)) | (estimates["geography"].eq(AREA) & ~by_gender & ~by_age)
    keep &= estimates["statistic"].isin(["proportion", "mean"])
    table = estimates.loc[keep, ["wave", "geography", "code", *DOMAIN, *FIGURES]]
    table = table.astype(dict.fromkeys(["wave", "geography", "code", *DOMAIN], "str"))
    return table[table["statistic"].eq(table["indicator"].map(headline))]


def part_covariances(sums: Sums, bundle: Bundle) -> pd.DataFrame:
    """The covariance forms of each area's total with that of its municipality, headline statistics.

    Args:
        sums: the domain sums.
        bundle: its strata say which municipality an area is of.

    Returns:
        wave, code (the area), against_code (its municipality), indicator (str); c_yy, c_ym, c_my, c_mm.
    """
    strata = bundle.strata
    owner = dict(zip(strata["stratum"], strata["municipality_code"], strict=True))
    shared = strata["municipality_code"] + "-" + strata["area"]  # an area of several strata
    owner |= dict(zip(shared, strata["municipality_code"], strict=True))
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
        "against_code": [owner[block.code] for block in areas],
    }
    repeated = {
        name: np.repeat(np.array(values, dtype=object), len(headline)) for name, values in keys.items()
    }
    return pd.DataFrame({**repeated, "indicator": np.tile(indicators, len(areas)), **columns}).astype(
        dict.fromkeys([*keys, "indicator"], "str")
    )


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
        wave, geography, code, `AGAINST`, `DOMAIN`, figures of the part and (`…_against`) of what it is
        compared with, cov (of the two estimates), own (the part's share of the variance of the difference)
        and share (of the part's weighted base in the whole's; 0 where the part is not inside).
    """
    cities = rows[rows["geography"].eq(MUNICIPALITY)]
    key = ["wave", *DOMAIN]
    region = rows[rows["geography"].eq(TOTAL)].rename(columns={"geography": AGAINST[0], "code": AGAINST[1]})
    kind = others.rename(columns={"geography": AGAINST[0]}).assign(
        **{AGAINST[1]: others["code"].astype(str).map(dict(groups)).astype("str")}
    )
    whole = cities.rename(columns={"code": AGAINST[1], "geography": AGAINST[0]})
    in_region = cities.merge(region, on=key, suffixes=("", "_against"))
    in_kind = cities.merge(kind, on=["code", *key], suffixes=("", "_against"))
    small = rows[rows["geography"].eq(AREA)].merge(areas, on=["wave", "code", "indicator"])
    in_city = small.merge(whole, on=[AGAINST[1], *key], suffixes=("", "_against"))
    with_forms = in_region.assign(
        c_yy=in_region["v_yy"], c_ym=in_region["v_ym"], c_my=in_region["v_ym"], c_mm=in_region["v_mm"]
    )
    inside = pd.concat([with_forms, in_city], ignore_index=True)
    _place_inside(inside)
    in_kind = in_kind.assign(cov=0.0, own=in_kind["se"] ** 2, share=0.0)
    return pd.concat([inside, in_kind], ignore_index=True)


def _place_inside(table: pd.DataFrame) -> None:
    """Covariance of part and whole, and what the part adds to the variance of their difference."""
    p, q = table["estimate"], table["estimate_against"]
    product = table["population"] * table["population_against"]
    table["cov"] = (table["c_yy"] - q * table["c_ym"] - p * table["c_my"] + p * q * table["c_mm"]) / product
    within = (table["v_yy"] - 2 * q * table["v_ym"] + q**2 * table["v_mm"]) / table["population_against"] ** 2
    table["own"] = table["se"] ** 2 - 2 * table["cov"] + within
    table["share"] = table["population"] / table["population_against"]


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
    table = differences.assign(previous_wave="")
    _level(table, settings)
    own, theirs = table["released"].eq(0).to_numpy(), table["released_against"].eq(0).to_numpy()
    reason, reason_against = table["reason"].to_numpy(object), table["reason_against"].to_numpy(object)
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
    cities = differences[differences["geography"].eq(MUNICIPALITY)]
    now = cities.merge(
        pairs[["geography", "code", "wave", "previous_wave"]], on=["geography", "code", "wave"]
    )
    before = cities.drop(columns="geography").rename(columns={"wave": "previous_wave"})
    table = now.merge(before, on=["previous_wave", "code", *AGAINST, *DOMAIN], suffixes=("", "_previous"))
    earlier = table[[name for name in table if str(name).endswith("_previous")]]
    earlier = earlier.rename(columns=lambda name: name.removesuffix("_previous"))
    earlier = earlier.assign(statistic=table["statistic"])
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
    reason = table["reason"].to_numpy(object)
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
    sides = [_arms(table, suffix, settings) for suffix in ("_against", "")]
    table["rare"] = _rare(table, settings)
    table["down"], table["up"] = mover_arms(sides[0], sides[1], correlation)
    table["df"] = np.floor(np.where(np.isfinite(satterthwaite), satterthwaite, df + rest))
    se = np.sqrt(variance)
    table["difference"], table["se"] = difference, np.where(se < settings.se_zero, 0.0, se)


def _rare(table: pd.DataFrame, settings: Settings) -> Booleans:
    """Proportions with fewer effective persons than a t test needs on some side of either figure."""
    smallest = np.full(len(table), np.inf)
    for suffix in ("", "_against"):
        p, n_eff = table["estimate" + suffix].to_numpy(float), table["n_eff" + suffix].to_numpy(float)
        smallest = np.minimum(smallest, n_eff * np.minimum(p, 1 - p))
    few = smallest < settings.thresholds.effective_count
    rare: Booleans = few & table["statistic"].ne("mean").to_numpy() & (not settings.test_everywhere)
    return rare


def _arms(table: pd.DataFrame, suffix: str, settings: Settings) -> tuple[Floats, Floats]:
    """Distance from each estimate down and up to its own Wilson limits; means are never rare."""
    p, n_eff = table["estimate" + suffix].to_numpy(float), table["n_eff" + suffix].to_numpy(float)
    quantile = student_quantile(table["df" + suffix].to_numpy(float), settings.confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        lower, upper = wilson(p, n_eff, quantile)
    return p - lower, upper - p


def _matched(table: pd.DataFrame, earlier: pd.DataFrame, covariances: pd.DataFrame | None) -> Floats:
    """Covariance of the two waves' differences, from persons who answered in both.

    With the part's shares s and t of the whole, difference = (1 - s)(part - rest): the covariance is that of
    the wholes plus (1 - s - t) times that of the parts. For the others of a kind it is that of the part: what
    their own persons add is left out, which makes the test careful.
    """
    if covariances is None or covariances.empty:
        return np.zeros(len(table))
    known = covariances.set_index(["previous_wave", "wave", "geography", "code", *DOMAIN])["cov"]

    def of(geography: str, code: str) -> Floats:
        key = table[["previous_wave", "wave", geography, code, *DOMAIN]].astype(str)
        found: Floats = known.reindex(pd.MultiIndex.from_frame(key)).fillna(0.0).to_numpy(float)
        return found

    part = of("geography", "code")
    inside = table["share"].to_numpy(float) > 0
    shares = table["share"].to_numpy(float) + earlier["share"].to_numpy(float)
    return np.where(inside, of(*AGAINST) + (1.0 - shares) * part, part)


def _finished(table: pd.DataFrame, level: Floats, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Limits, p value, correction for many tests, and verdict; `level` is what the mark is measured by."""
    difference, se = table["difference"].to_numpy(float), table["se"].to_numpy(float)
    df, rare = table["df"].to_numpy(float), table["rare"].to_numpy(bool)
    half = student_quantile(df, settings.confidence) * se
    table["lower"] = difference - np.where(rare, table["down"], half)
    table["upper"] = difference + np.where(rare, table["up"], half)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(np.maximum(df, 1), -np.abs(difference) / se)
    table["p"] = np.where((se > 0) & ~rare, p, np.nan)
    multiplicity.adjust(table, ["geography", "code", *AGAINST, "previous_wave"], bundle, settings)
    limits = settings.thresholds
    item_range = np.array(table["indicator"].map(ranges(bundle)), dtype=np.float64)
    points = np.minimum(limits.mark_points, limits.mark_relative * np.minimum(level, 1 - level))
    smallest = np.where(table["statistic"].eq("mean"), limits.mark_mean * item_range, points)
    marked = table["p_adjusted"].le(limits.alpha).to_numpy() & (np.abs(difference) >= smallest)
    table["verdict"] = np.select(
        [np.isnan(difference), marked & (difference > 0), marked & (difference < 0)],
        ["not_comparable", "above", "below"],
        default="no_certain_difference",
    )
    return table[COLUMNS]
