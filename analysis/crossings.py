"""Which persons each row of the estimates counts: the additive structure that a subtraction goes through.

A municipality's respondents in all waves, in groups that no row divides: wave x fine cell (stratum x
register sex x age band) x reported gender, persons who did not state a gender included. Every row that holds
any of them is a sum of groups: the municipality's own, its areas', and the parts of regions and other unions
that lie in it. METHODS.md M-20.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.blocks import Key
from analysis.domains import reporting_ages, union_strata
from analysis.indicators import Variables
from analysis.keys import AREA, MUNICIPALITY, TOTAL
from analysis.local_sums import count_cells
from analysis.packed import rows_of
from analysis.schema import GENDERS
from analysis.weights import CellWeights, Weighted

# Geography, code, what of the municipality lies in it, and whether nothing else does.
Place = tuple[str, str, Mask, bool]
# Wave, geography and code of a union -> code under which it stands on some municipalities -> which.
Common = Mapping[Key, Mapping[str, frozenset[str]]]


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
    """One municipality.

    Attributes:
        weight: persons per respondent of each group.
        n, yes: groups x variables: respondents in the base, and those on the yes side (at the level).
        domain: position in `Domains` of each row.
        member: rows x groups: whether the row counts the group.
        local: rows that hold nobody from other municipalities.
        stratum: number of the stratum of each group, another one in every wave.
        rest_domain: position in `Domains` of the total of each place and age group that has a row for women
            or men ...
        rest: ... x groups: those of it who are neither. No row shows them, total - women - men does.
    """

    weight: Floats
    n: Floats
    yes: Floats
    domain: Ints
    member: Mask
    local: Mask
    stratum: Ints
    rest_domain: Ints
    rest: Mask

    def row_of(self, domain: Ints) -> Ints:
        """The row of each domain; -1 for domains without anybody of this municipality."""
        return rows_of(self.domain, domain)

    def own(self) -> "Crossing":
        """The same groups, and of the rows only those that hold nobody else."""
        rows = self.local
        return replace(self, domain=self.domain[rows], member=self.member[rows], local=rows[rows])


def crossings(
    weighted: Weighted, variables: Variables, domains: Domains, common: Common | None = None
) -> list[Crossing]:
    """The municipalities of a weighted bundle.

    Args:
        weighted, variables: the sample.
        domains: the rows.
        common: rows of unions on some of their municipalities only, which those are.
    """
    ages, age_of_band = reporting_ages(weighted)
    unions = union_strata(weighted)
    holders = Counter(key for found in unions.values() for key in found)
    holders.update((part.design.wave, TOTAL, TOTAL) for part in weighted.municipalities)
    by_code: dict[str, list[Crossing]] = {}
    for part in weighted.municipalities:
        design = part.design
        everybody = np.ones(len(design.areas), dtype=bool)
        places = [(MUNICIPALITY, design.municipality_code, everybody, True)]
        places += [(AREA, code, design.area == at, True) for at, code in enumerate(design.area_codes)]
        inside = {(design.wave, TOTAL, TOTAL): everybody}
        inside |= unions.get((design.wave, design.municipality_code), {})
        for (wave, geography, code), strata in inside.items():
            places.append((geography, code, strata, holders[wave, geography, code] == 1))
            for apart, members in (common or {}).get((wave, geography, code), {}).items():
                places += [(geography, apart, strata, False)] * (design.municipality_code in members)
        found = _one_wave(weighted, part, variables, domains, places, (ages, age_of_band))
        by_code.setdefault(design.municipality_code, []).append(found)
    return [joined(waves) for waves in by_code.values()]


def joined(parts: Sequence[Crossing]) -> Crossing:
    """Several waves or municipalities as one: groups side by side, rows they share as one row."""
    if len(parts) == 1:
        return parts[0]
    domain, member = _beside([part.domain for part in parts], [part.member for part in parts])
    rest_domain, rest = _beside([part.rest_domain for part in parts], [part.rest for part in parts])
    local = np.ones(len(domain), dtype=bool)
    for part in parts:
        local[np.searchsorted(domain, part.domain)] &= part.local
    strata = np.cumsum([0, *(part.stratum.max() + 1 for part in parts)])
    return Crossing(
        np.concatenate([part.weight for part in parts]),
        np.vstack([part.n for part in parts]),
        np.vstack([part.yes for part in parts]),
        domain,
        member,
        local,
        np.concatenate([part.stratum + first for part, first in zip(parts, strata[:-1], strict=True)]),
        rest_domain,
        rest,
    )


def _beside(domains: Sequence[Ints], members: Sequence[Mask]) -> tuple[Ints, Mask]:
    """The rows of several tables over groups side by side, one row per domain."""
    domain = np.unique(np.concatenate(domains))
    groups = np.cumsum([0, *(part.shape[1] for part in members)])
    table = np.zeros((len(domain), groups[-1]), dtype=bool)
    for own, part, first, last in zip(domains, members, groups[:-1], groups[1:], strict=True):
        table[np.searchsorted(domain, own), first:last] = part
    return domain, table


def _one_wave(
    weighted: Weighted,
    part: CellWeights,
    variables: Variables,
    domains: Domains,
    places: Sequence[Place],
    ages: tuple[tuple[str, ...], Ints],
) -> Crossing:
    """One municipality in one wave."""
    design = part.design
    groups = count_cells(weighted.frame, design, variables)
    cell, gender, columns = groups.cell, groups.gender, variables.columns(groups.counts)
    stratum, age = design.stratum[cell], ages[1][design.band[cell]] + 1
    there = [(geography, code, strata[stratum], own) for geography, code, strata, own in places]
    rows, member, local = _rows(there, domains, design.wave, gender + 1, age, ages[0])
    return Crossing(
        part.weight[cell],
        columns[:, variables.base],
        np.where(variables.is_mean, 0.0, columns[:, : len(variables.statistic)]),
        rows,
        member,
        local,
        stratum,
        *_rest(domains, rows, member, gender),
    )


def _rows(
    places: Sequence[Place],
    domains: Domains,
    wave: str,
    gender: Ints,
    age: Ints,
    ages: tuple[str, ...],
) -> tuple[Ints, Mask, Mask]:
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


def _rest(domains: Domains, rows: Ints, member: Mask, gender: Ints) -> tuple[Ints, Mask]:
    """Persons of each place and age group who are in its total alone."""
    place = list(zip(domains.geography[rows], domains.code[rows], domains.age_group[rows], strict=True))
    split = {key for key, row in zip(place, rows, strict=True) if domains.gender[row] != TOTAL}
    total = (domains.gender[rows] == TOTAL) & np.array([key in split for key in place], dtype=bool)
    found = member & (gender >= 2)
    total &= found.any(axis=1)
    return rows[total], found[total]
