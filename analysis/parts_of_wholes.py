"""A municipality beside its region and its kind, an area beside its municipality. METHODS.md M-23.

A part is inside the whole it is compared with, so the two are not independent: the covariance of part and
whole comes from the same quadratic forms as their variances.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.arrays import Mask
from analysis.blocks import C_MM, C_MY, C_YM, C_YY
from analysis.coherence import KIND, area_codes
from analysis.domains import Sums
from analysis.indicators import on_headline
from analysis.keys import AREA, CELL, MUNICIPALITY, PLACE, TOTAL
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
from analysis.schema import Bundle

DOMAIN = ["gender", "age_group", "indicator", "statistic"]
AGAINST = ["against_geography", "against_code"]
FIGURES = ["population", "estimate", "se", "df", "n_eff", "released", "reason", "v_yy", "v_ym", "v_mm"]


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
