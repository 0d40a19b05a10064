"""Which persons each row of the estimates counts: the additive structure that a subtraction goes through.

A municipality's respondents in one wave, in groups that no row divides: fine cell (stratum x register sex x
age band) x reported gender, persons who did not state a gender included. Every row that holds any of them
is a
sum of groups: the municipality's own, its areas', and the parts of regions and other unions that lie in it.
METHODS.md M-20.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.domains import reporting_ages, union_strata
from analysis.indicators import Variables
from analysis.keys import TOTAL
from analysis.local_sums import local_groups
from analysis.schema import GENDERS
from analysis.weights import Weighted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Domains:
    """The domains of a table of estimates, in its order: a block of as many rows as there are variables each.

    Attributes:
        wave, geography, code, gender, age_group: str, one per domain.
        of_wave: positions of the domains of each wave, by (geography, code).
    """

    wave: npt.NDArray[np.object_]
    geography: npt.NDArray[np.object_]
    code: npt.NDArray[np.object_]
    gender: npt.NDArray[np.object_]
    age_group: npt.NDArray[np.object_]
    of_wave: dict[str, dict[tuple[str, str], Ints]]


def domains_of(estimates: pd.DataFrame, variables: int) -> Domains:
    """The domains of the table of `estimates.estimate`, every `variables` rows of which are one domain."""
    names = ("wave", "geography", "code", "gender", "age_group")
    columns = {name: estimates[name].iloc[::variables].astype(str).to_numpy(dtype=object) for name in names}
    of_wave: dict[str, dict[tuple[str, str], list[int]]] = {}
    for position, (wave, geography, code) in enumerate(
        zip(columns["wave"], columns["geography"], columns["code"], strict=True)
    ):
        of_wave.setdefault(wave, {}).setdefault((geography, code), []).append(position)
    placed = {
        wave: {key: np.array(rows, dtype=np.int64) for key, rows in keys.items()}
        for wave, keys in of_wave.items()
    }
    return Domains(**columns, of_wave=placed)


@dataclass(frozen=True)
class Crossing:
    """One municipality in one wave.

    Attributes:
        wave, municipality_code: which.
        weight: persons per respondent of each group.
        n, yes: groups x variables: respondents in the base, and those on the yes side (at the level).
        domain: position in `Domains` of each row.
        member: rows x groups: whether the row counts the group.
        local: rows that hold nobody from other municipalities.
        stratum: stratum of each group.
        rest: sets x groups: those who are neither woman nor man, of each own place and age group that has
        a row
            for women or men. No row shows them, total - women - men does.
    """

    wave: str
    municipality_code: str
    weight: Floats
    n: Floats
    yes: Floats
    domain: Ints
    member: Booleans
    local: Booleans
    stratum: Ints
    rest: Booleans


def crossings(weighted: Weighted, variables: Variables, domains: Domains) -> Iterator[Crossing]:
    """The municipalities of a weighted bundle, one at a time: the tables of a large bundle are large."""
    ages, age_of_band = reporting_ages(weighted)
    unions = union_strata(weighted)
    shared: dict[tuple[str, str, str], set[str]] = {}
    for (wave, code), found in unions.items():
        for key in found:
            shared.setdefault((wave, *key[1:]), set()).add(code)
    for part in weighted.municipalities:
        design = part.design
        wave = design.wave
        groups = local_groups(weighted.frame, design, variables)
        cell, gender, columns = groups.cell, groups.gender, variables.columns(groups.counts)
        stratum, age = design.stratum[cell], age_of_band[design.band[cell]] + 1
        places: list[tuple[str, str, Booleans, bool]] = [
            ("municipality", design.municipality_code, np.ones(len(cell), dtype=bool), True)
        ]
        alone = sum(other.design.wave == wave for other in weighted.municipalities) == 1
        places.append((TOTAL, TOTAL, places[0][2], alone))
        places += [("area", area, stratum == number, True) for number, area in enumerate(design.areas)]
        for (_, geography, code), inside in unions.get((wave, design.municipality_code), {}).items():
            places.append((geography, code, inside[stratum], len(shared[wave, geography, code]) == 1))
        rows, member, local = _rows(places, domains, wave, gender + 1, age, ages)
        n = columns[:, variables.base]
        yes = np.where(variables.is_mean, 0.0, columns[:, : len(variables.statistic)])
        rest = _rest(domains, rows, member, local, gender)
        weight = part.weight[cell]
        yield Crossing(wave, design.municipality_code, weight, n, yes, rows, member, local, stratum, rest)


def _rows(
    places: list[tuple[str, str, Booleans, bool]],
    domains: Domains,
    wave: str,
    gender: Ints,
    age: Ints,
    ages: tuple[str, ...],
) -> tuple[Ints, Booleans, Booleans]:
    """The rows of some places, the groups each counts, and whether it lies in the municipality."""
    of_gender = {TOTAL: np.ones(len(gender), dtype=bool)}
    of_gender |= {name: gender == number for number, name in enumerate(GENDERS, start=1)}
    of_age = {TOTAL: np.ones(len(age), dtype=bool)}
    of_age |= {name: age == number for number, name in enumerate(ages, start=1)}
    rows, member, local = [], [], []
    for geography, code, inside, own in places:
        for row in domains.of_wave.get(wave, {}).get((geography, code), ()):
            groups = inside & of_gender[domains.gender[row]] & of_age[domains.age_group[row]]
            if groups.any():
                rows.append(row)
                member.append(groups)
                local.append(own)
    return np.array(rows, dtype=np.int64), np.array(member), np.array(local, dtype=bool)


def _rest(domains: Domains, rows: Ints, member: Booleans, local: Booleans, gender: Ints) -> Booleans:
    """Persons of each place and age group who are in its total alone."""
    others = gender >= 2
    place = list(zip(domains.geography[rows], domains.code[rows], domains.age_group[rows], strict=True))
    split = {key for key, row in zip(place, rows, strict=True) if domains.gender[row] != TOTAL}
    total = (domains.gender[rows] == TOTAL) & local & np.array([key in split for key in place], dtype=bool)
    found = member[total] & others
    return np.unique(found[found.any(axis=1)], axis=0)
