"""What the tables of a bundle must say about each other, vectorised.

Each check raises an `InputError` for the first row that contradicts another table.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Ints
from analysis.errors import InputError
from analysis.packed import find_rows, spread, unpack

EXTERNAL_TOTAL_TOLERANCE = 0.05  # frame counts and external totals may differ by this share
AGE_GROUP = re.compile(r"(\d+)(?:-(\d+)|\+)?")
KIND = "skr_group"  # geography of domains.csv: municipalities of the same kind
NOT_ITEMS = frozenset({"wave", "case_id", "gender", "mode"})  # columns of responses.csv
SEVERAL = ("any", "ratio", "index")  # types of indicators made of `items`
AN_ITEM = "an item that is a column of responses.csv"
NUMERIC = re.compile(r"-?\d+")
CONDITION = re.compile(r"([^=|\s]+)=([^=|\s]+)")


def first_age(group: str) -> tuple[float, str]:
    """Sort key of an age group: its youngest age, then its name."""
    low, _ = age_range(group) or (np.inf, np.inf)
    return low, group


def age_range(group: str) -> tuple[float, float] | None:
    """Youngest and oldest age of a group such as `16-29` or `85+`; None when the name holds no ages."""
    match = AGE_GROUP.fullmatch(group)
    if match is None:
        return None
    low = float(match[1])
    high = float(match[2]) if match[2] else (np.inf if group.endswith("+") else low)
    return low, high


def conditions(base: str) -> list[tuple[str, str]]:
    """`a=1|b=2` as [("a", "1"), ("b", "2")]; an empty base is no condition at all."""
    if not base.strip():
        return []
    parts = [CONDITION.fullmatch(part.strip()) for part in base.split("|")]
    if not all(parts):
        raise ValueError(base)
    return [(part[1], part[2]) for part in parts if part]


def area_codes(strata: pd.DataFrame) -> "pd.Series[str]":
    """The code of each stratum's area in the results. METHODS.md M-30.

    Args:
        strata: wave, stratum, municipality_code and area (str), as in strata.csv.

    Returns:
        An entry per row: the stratum's own code, or municipality_code-area where several strata of the wave
        share the area.
    """
    shared = strata.duplicated(["wave", "municipality_code", "area"], keep=False)
    return strata["stratum"].mask(shared, strata["municipality_code"] + "-" + strata["area"])


def check_strata(strata: pd.DataFrame, population: pd.DataFrame, sample: pd.DataFrame) -> None:
    """Strata, totals and sample count the same people."""
    file = "strata.csv"
    checks.require_filled(file, strata, ["area"])
    for name, table in (("sample.csv", sample), ("population.csv", population)):
        alien = ~checks.among(table["wave"], strata["wave"].unique().tolist())
        checks.fail_at(name, table, "wave", alien, "a wave of strata.csv")
    empty = (strata["population"] == 0) & (strata["sampled"] > 0)
    checks.fail_at(file, strata, "population", empty, "a population, since persons were sampled from it")
    over = strata["sampled"] > strata["population"]
    checks.fail_at(file, strata, "sampled", over, "no more sampled than the population")
    stratum = find_rows(sample, ["wave", "stratum"], strata)
    checks.fail_at("sample.csv", sample, "stratum", stratum < 0, "a stratum of this wave in strata.csv")
    drawn = np.bincount(stratum, minlength=len(strata))
    row = checks.first(drawn != strata["sampled"].to_numpy())
    if row is not None:
        found = f"{strata['sampled'].iloc[row]} sampled but {drawn[row]} rows in sample.csv"
        raise InputError(file, row + 2, "sampled", found, "everyone drawn in sample.csv")
    _check_totals(strata, population)
    _check_shared_areas(strata, population)


def _check_shared_areas(strata: pd.DataFrame, population: pd.DataFrame) -> None:
    """Strata that share an area (age classes drawn apart) make it up, and its code is nobody else's."""
    file, place = "strata.csv", ["wave", "municipality_code", "area"]
    area = checks.joined(strata, place)
    shared = area.duplicated(keep=False).to_numpy()
    if not shared.any():
        return
    known = population["population"].groupby(checks.joined(population, place).to_numpy()).sum()
    total = known.reindex(area.to_numpy()).to_numpy(dtype=np.float64)
    counted = strata["population"].groupby(area.to_numpy()).transform("sum").to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = shared & (np.abs(counted / total - 1.0) > EXTERNAL_TOTAL_TOLERANCE)
    expected = "strata that together are within 5 % of the area's population in population.csv"
    checks.fail_at(file, strata, "area", far, expected)
    codes = checks.joined(strata.assign(code=area_codes(strata)), ["wave", "code"])
    taken = ~shared & checks.among(codes, codes[shared].tolist())
    checks.fail_at(
        file, strata, "stratum", taken, "a code other than municipality_code-area of a shared area"
    )


def _check_totals(strata: pd.DataFrame, population: pd.DataFrame) -> None:
    """Every stratum has its totals, by area or for the municipality as a whole, and they agree."""
    place = ["wave", "municipality_code"]
    file = "population.csv"
    municipality, mine = checks.joined(population, place), checks.joined(strata, place)
    alien = ~checks.among(municipality, mine)
    checks.fail_at(file, population, "municipality_code", alien, "a municipality of this wave in strata.csv")
    area_key = checks.joined(population, [*place, "area"])
    known = checks.joined(strata, [*place, "area"])
    external = (population["area"] == "").to_numpy()
    strange = ~checks.among(area_key, known) & ~external
    expected = "an area of this municipality and wave in strata.csv, or empty"
    checks.fail_at(file, population, "area", strange, expected)
    mixed = ~external & checks.among(municipality, municipality[external])
    expected = "either areas or totals for the whole municipality, not both"
    checks.fail_at(file, population, "area", mixed, expected)
    positive = population["population"].to_numpy() > 0
    lacking = ~checks.among(known, area_key[positive]) & ~checks.among(
        mine, municipality[external & positive]
    )
    lacking &= (strata["population"] > 0).to_numpy()
    checks.fail_at("strata.csv", strata, "stratum", lacking, "its population in population.csv")
    _check_external(strata, population)


def _check_external(strata: pd.DataFrame, population: pd.DataFrame) -> None:
    """The totals of a municipality and the counts of its strata differ by little."""
    place = ["wave", "municipality_code"]
    municipality = checks.joined(population, place)
    totals = population["population"].groupby(municipality.to_numpy()).sum()
    counts = strata["population"].groupby(checks.joined(strata, place).to_numpy()).sum()
    far = (totals / counts.reindex(totals.index) - 1).abs() > EXTERNAL_TOTAL_TOLERANCE
    row = checks.first(checks.among(municipality, far.index[far].tolist()))
    if row is not None:
        name = municipality.iloc[row]
        found = f"a total of {totals[name]:.0f} persons for municipality {name.split(checks.SEPARATOR)[1]}"
        expected = f"within 5 % of the {counts[name]} of its strata"
        raise InputError("population.csv", row + 2, "population", found, expected)


def check_ages(sample: pd.DataFrame, population: pd.DataFrame) -> None:
    """Ages lie inside their groups, and the groups are those of the totals."""
    groups = sorted(population["age_group"].unique(), key=first_age)
    checks.require_known("sample.csv", sample, "age_group", groups)
    if "age" not in sample.columns:
        return
    ages = checks.parsed(sample["age"])
    stated = ~checks.empty(sample["age"])
    checks.fail_at("sample.csv", sample, "age", stated & ~(ages >= 0), "an age in years, or empty")
    ranges = {group: age_range(group) or (-np.inf, np.inf) for group in groups}
    low = spread(sample["age_group"], {group: ends[0] for group, ends in ranges.items()}, -np.inf)
    high = spread(sample["age_group"], {group: ends[1] for group, ends in ranges.items()}, np.inf)
    outside = stated & ((ages < low) | (ages >= high + 1))
    row = checks.first(outside)
    if row is not None:
        expected = f"an age in {sample['age_group'].iloc[row]}"
        raise InputError("sample.csv", row + 2, "age", repr(f"{ages[row]:g}"), expected)
    sample["age"] = ages


def sample_rows(responses: pd.DataFrame, sample: pd.DataFrame) -> Ints:
    """Row of sample.csv of each row of responses.csv; -1 where there is none."""
    return find_rows(responses, ["wave", "case_id"], sample)


def check_responses(responses: pd.DataFrame, sample: pd.DataFrame) -> Ints:
    """Every answer comes from a person of the sample who is counted as having responded, and the reverse.

    Returns:
        `sample_rows`.
    """
    row = sample_rows(responses, sample)
    outside = row < 0
    checks.fail_at("responses.csv", responses, "case_id", outside, "a case_id of this wave in sample.csv")
    responded = (sample["responded"] == 1).to_numpy()
    silent = ~responded[row]
    checks.fail_at("responses.csv", responses, "case_id", silent, "a case with responded 1 in sample.csv")
    heard = np.zeros(len(sample), dtype=bool)
    heard[row] = True
    lost = responded & ~heard
    checks.fail_at("sample.csv", sample, "case_id", lost, "a row in responses.csv, since responded is 1")
    return row


def check_items(indicators: pd.DataFrame, responses: pd.DataFrame) -> None:
    """Recipes name items that exist, and answers and bases carry codes that a recipe knows."""
    for row, recipe in enumerate(indicators.itertuples(index=False)):
        _check_columns(row, recipe, responses)
        _check_recipe(row, recipe)
    stated = stated_codes(indicators)
    for row, base in enumerate(indicators["base"]):
        check_conditions("indicators.csv", row + 2, str(base), responses, stated)
    for item, codes in stated.items():
        _check_codes(item, {"", *codes}, responses)


def recipe_items(recipe: Any) -> list[str]:
    """The items that a row of indicators.csv is made of."""
    return str(recipe.items).split() if recipe.type in SEVERAL else [str(recipe.item)]


def stated_codes(indicators: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The codes of each item whose recipes all state its levels: these, "don't know" and refused."""
    known: dict[str, set[str]] = {}
    open_items: set[str] = set()
    for recipe in indicators.itertuples(index=False):
        codes = f"{recipe.yes} {recipe.levels} {recipe.dont_know} {recipe.refused}".split()
        for item in recipe_items(recipe):
            known.setdefault(item, set()).update(codes)
            if not recipe.levels:
                open_items.add(item)
    return {item: frozenset(codes) for item, codes in known.items() if item not in open_items}


def check_conditions(
    file: str, line: int, base: str, responses: pd.DataFrame, stated: Mapping[str, frozenset[str]]
) -> None:
    """A base is a condition on items that exist, and on codes that they may have where that is stated."""
    try:
        pairs = conditions(base)
    except ValueError:
        raise InputError(file, line, "base", repr(base), "conditions such as q04=1|q05=2") from None
    for item, code in pairs:
        if item in NOT_ITEMS or item not in responses.columns:
            raise InputError(file, line, "base", repr(item), AN_ITEM)
        if code not in stated.get(item, {code}):
            expected = f"one of the codes of {item}: {', '.join(sorted(stated[item]))}"
            raise InputError(file, line, "base", repr(f"{item}={code}"), expected)


def _check_columns(row: int, recipe: Any, responses: pd.DataFrame) -> None:
    """The items a recipe reads are columns of the responses."""
    column = "items" if recipe.type in SEVERAL else "item"
    for item in recipe_items(recipe) or [""]:
        if item == "" or item not in responses.columns:
            raise InputError("indicators.csv", row + 2, column, repr(item), AN_ITEM)


def _check_recipe(row: int, recipe: object) -> None:
    """Codes and items of one recipe."""
    yes = str(getattr(recipe, "yes", "")).split()
    levels = str(getattr(recipe, "levels", "")).split()
    kind = getattr(recipe, "type", "")
    file, line = "indicators.csv", row + 2
    if kind in ("binary", "any", "ratio") and not yes:
        raise InputError(file, line, "yes", "''", f"the codes that count as yes, since the type is {kind}")
    if levels and not set(yes) <= set(levels):
        raise InputError(file, line, "yes", repr(" ".join(yes)), f"codes among the levels {' '.join(levels)}")
    if kind == "ordinal" and not (levels and all(map(NUMERIC.fullmatch, levels))):
        expected = f"numeric levels, since the type is {kind}"
        raise InputError(file, line, "levels", repr(" ".join(levels)), expected)
    items = str(getattr(recipe, "items", ""))
    if kind == "ratio" and len(items.split()) != 2:
        raise InputError(file, line, "items", repr(items), "two items: numerator, denominator")


def _check_codes(item: str, known: set[str], responses: pd.DataFrame) -> None:
    """Every code of an item is known to a recipe."""
    column = responses[item]
    if set(unpack(column)[1]) <= known:
        return
    shown = ", ".join(repr(code) for code in sorted(known))
    unknown = ~checks.among(responses[item], sorted(known))
    checks.fail_at("responses.csv", responses, item, unknown, f"one of {shown}")
