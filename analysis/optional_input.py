"""What the optional files about areas and persons say, against the tables every bundle has.

Each check raises an `InputError` for the first row that contradicts another table.
"""

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Floats
from analysis.coherence import EXTERNAL_TOTAL_TOLERANCE, KIND, area_codes, first_age
from analysis.errors import InputError
from analysis.packed import find_rows

RESERVED = ("all", "municipality", "area")


def check_optional(tables: dict[str, pd.DataFrame]) -> None:
    """Unions, reporting groups and further margins refer to what exists."""
    strata, sample = tables["strata"], tables["sample"]
    domains, groups, margins = (tables.get(name) for name in ("domains", "age_groups", "margins"))
    if domains is not None:
        key = ["wave", "stratum"]
        unknown = ~checks.among(checks.joined(domains, key), checks.joined(strata, key))
        checks.fail_at("domains.csv", domains, "stratum", unknown, "a stratum of this wave in strata.csv")
        taken = domains["geography"].isin(RESERVED)
        checks.fail_at("domains.csv", domains, "geography", taken, f"a name other than {', '.join(RESERVED)}")
        _check_kinds(domains, strata)
    if groups is not None:
        bands = sorted(set(tables["population"]["age_group"]), key=first_age)
        checks.require_known("age_groups.csv", groups, "age_group", bands)
        absent = [band for band in bands if band not in set(groups["age_group"])]
        if absent:
            found = f"no row for {absent[0]}"
            raise InputError("age_groups.csv", 0, "age_group", found, "each age group once")
    if margins is not None:
        _check_margins(margins, strata, sample)
    if "covariates" in tables:
        _check_covariates(tables["covariates"], strata)


def _check_kinds(domains: pd.DataFrame, strata: pd.DataFrame) -> None:
    """A municipality is of one kind in a wave: it is compared with the others of that kind."""
    row = find_rows(domains, ["wave", "stratum"], strata)
    kinds = domains.assign(municipality=strata["municipality_code"].to_numpy()[row])
    kinds = kinds[kinds["geography"].eq(KIND)]
    first = kinds.groupby(["wave", "municipality"])["code"].transform("first")
    several = np.zeros(len(domains), dtype=bool)
    several[kinds.index[kinds["code"].ne(first)]] = True
    checks.fail_at("domains.csv", domains, "code", several, "one skr_group for each municipality")


def _check_margins(margins: pd.DataFrame, strata: pd.DataFrame, sample: pd.DataFrame) -> None:
    """Each margin is a column of the sample whose categories all have totals."""
    file = "margins.csv"
    checks.require_known(file, margins, "margin", [str(column) for column in sample.columns])
    checks.require_known(file, margins, "wave", sorted(set(strata["wave"])))
    municipality = ["wave", "municipality_code"]
    alien = ~checks.among(checks.joined(margins, municipality), checks.joined(strata, municipality))
    checks.fail_at(file, margins, "municipality_code", alien, "a municipality of this wave in strata.csv")
    row = find_rows(sample, ["wave", "stratum"], strata)
    codes = pd.Series(strata["municipality_code"].to_numpy()[row])
    wave = checks.text(sample, "wave")
    margin_key = checks.joined(margins, ["wave", "municipality_code", "margin", "category"])
    place = pd.Series(checks.joined(margins, ["wave", "municipality_code", "margin"]))
    for margin in margins["margin"].unique():
        prefix = wave + checks.SEPARATOR + codes + checks.SEPARATOR + margin
        category = checks.text(sample, margin)
        unknown = prefix.isin(place) & ~(prefix + checks.SEPARATOR + category).isin(margin_key)
        checks.fail_at("sample.csv", sample, margin, unknown, "a category with a population in margins.csv")
    totals = margins["population"].groupby(place.to_numpy()).transform("sum").to_numpy()
    size = strata["population"].groupby(checks.joined(strata, municipality).to_numpy()).sum()
    expected: Floats = size.reindex(checks.joined(margins, municipality).to_numpy()).to_numpy(
        dtype=np.float64
    )
    far = ~(np.abs(totals / expected - 1) <= EXTERNAL_TOTAL_TOLERANCE)
    checks.fail_at(file, margins, "population", far, "totals within 5 % of the municipality's strata")


def _check_covariates(covariates: pd.DataFrame, strata: pd.DataFrame) -> None:
    """What is known of an area is known of one that exists in that wave."""
    file = "covariates.csv"
    checks.require_known(file, covariates, "wave", sorted(set(strata["wave"])))
    known = checks.joined(strata.assign(code=area_codes(strata)), ["wave", "code"])
    strange = ~checks.among(checks.joined(covariates, ["wave", "code"]), known)
    strange &= covariates["geography"].eq("area").to_numpy()
    checks.fail_at(file, covariates, "code", strange, "an area of this wave, as in strata.csv")
