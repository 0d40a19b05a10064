"""The areas behind a small-area model: which, how large, and what is known of them. METHODS.md M-29."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Floats
from analysis.design import reporting_groups
from analysis.domains import union_strata
from analysis.errors import InputError
from analysis.schema import LEGAL_GENDERS
from analysis.weights import Weighted


@dataclass(frozen=True)
class Areas:
    """The areas of one wave.

    Attributes:
        wave: which.
        areas: their codes.
        municipalities: codes of the municipalities.
        member: municipalities x areas, share of the municipality's population; 0 elsewhere.
        codes: codes of the geography to report.
        share: codes x areas, share of the code's population.
    """

    wave: str
    areas: tuple[str, ...]
    municipalities: tuple[str, ...]
    member: Floats
    codes: tuple[str, ...]
    share: Floats


def areas_of(weighted: Weighted, wave: str, geography: str) -> Areas:
    """The areas of a wave, and how the codes of a geography (`area`, or of domains.csv) consist of them."""
    designs = [one for one in weighted.frame.designs if one.wave == wave]
    areas = tuple(code for one in designs for code in one.area_codes)
    place = {code: number for number, code in enumerate(areas)}
    member = np.zeros((len(designs), len(areas)))
    held: dict[str, Floats] = {}
    unions = union_strata(weighted)
    for number, design in enumerate(designs):
        of_stratum = [place[design.area_codes[area]] for area in design.area]
        np.add.at(member[number], of_stratum, design.stratum_total)
        for key, inside in unions.get((wave, design.municipality_code), {}).items():
            if key[1] == geography:
                row = held.setdefault(key[2], np.zeros(len(areas)))
                np.add.at(row, of_stratum, np.where(inside, design.stratum_total, 0.0))
    if geography == "area":
        held = dict(zip(areas, np.eye(len(areas)), strict=True))
    share = np.array(list(held.values())).reshape(len(held), len(areas))
    return Areas(
        wave,
        areas,
        tuple(one.municipality_code for one in designs),
        member / np.maximum(member.sum(axis=1, keepdims=True), 1.0),
        tuple(held),
        share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12),
    )


def covariates(weighted: Weighted, areas: Areas, most: int) -> Floats:
    """Intercept and covariates of each area, standardised.

    Args:
        weighted: its bundle may hold covariates.csv (geography `area`) and population by area.
        areas: of one wave.
        most: covariates that may be used, besides the intercept. Those of covariates.csv come first, then the
            register's shares of women and of the youngest and the oldest reporting age group.

    Returns:
        Areas x (1 + at most `most`); constant and dependent columns are left out.

    Raises:
        InputError: covariates.csv has rows of this wave but not of every area.
    """
    X = np.ones((len(areas.areas), 1))
    for column in [*_given(weighted, areas), *_register(weighted, areas)]:
        spread = column.std()
        if X.shape[1] <= most and spread > 0:
            wider = np.column_stack([X, (column - column.mean()) / spread])
            X = wider if np.linalg.matrix_rank(wider) == wider.shape[1] else X
    return X


def _given(weighted: Weighted, areas: Areas) -> list[Floats]:
    """The columns of covariates.csv."""
    table = weighted.bundle.covariates
    if table is None:
        return []
    mine = table[table["wave"].eq(areas.wave) & table["geography"].eq("area")]
    if mine.empty:
        return []
    row = checks.positions(pd.Series(areas.areas), mine["code"])
    if (row < 0).any():
        lacking = areas.areas[int((row < 0).argmax())]
        raise InputError(
            "covariates.csv", 0, "code", f"no row for area {lacking} in {areas.wave}", "every area"
        )
    names = [name for name in table if name not in ("wave", "geography", "code")]
    return [mine[name].to_numpy(dtype=np.float64)[row] for name in names]


def _register(weighted: Weighted, areas: Areas) -> list[Floats]:
    """Shares of women, of the youngest and of the oldest; none when the totals are not known by area."""
    bundle = weighted.bundle
    mine = bundle.population[bundle.population["wave"].eq(areas.wave) & bundle.population["area"].ne("")]
    strata = bundle.strata[bundle.strata["wave"].eq(areas.wave)]
    code_of: dict[str, str] = {}
    for design in weighted.frame.designs:
        if design.wave == areas.wave:
            code_of |= {s: design.area_codes[a] for s, a in zip(design.areas, design.area, strict=True)}
    key = ["municipality_code", "area"]
    row = checks.positions(checks.joined(mine, key), checks.joined(strata, key))
    place = checks.positions(strata["stratum"].map(code_of).iloc[row], areas.areas)
    persons = mine["population"].to_numpy(dtype=np.float64)
    total = np.bincount(place, weights=persons, minlength=len(areas.areas))
    if not (total > 0).all():
        return []
    groups = reporting_groups(bundle, weighted.settings)
    names = list(dict.fromkeys(groups.values()))
    age = mine["age_group"].map(groups)
    chosen = [mine["legal_gender"].eq(LEGAL_GENDERS[0]), age.eq(names[0]), age.eq(names[-1])]
    return [
        np.bincount(place, weights=persons * one.to_numpy(), minlength=len(total)) / total for one in chosen
    ]
