"""Covariance between two waves, from persons who answered in both.

Only bundles with a known panel (person_id in sample.csv) have it; for independent samples it is zero. Within
a stratum drawn twice, with r1 and r2 respondents of whom m are the same persons out of N, the covariance of
the two estimated totals is (m - r1 r2 / N) S12, and S12 is the covariance of the linearised values over the
m. Source: Nordberg 2000, Journal of Official Statistics 16, 363-378; Berger & Priam 2016, JRSS A 179,
681-708. Wrong when persons who stay in the panel differ in kind from those who leave, beyond what the weights
mend.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Floats, Ints, Mask
from analysis.blocks import POPULATION, SUM, Block
from analysis.domains import Sums, municipality_sums, union_strata
from analysis.figures import ratio, variance
from analysis.keys import AREA, CELL, MUNICIPALITY, TOTAL
from analysis.local_sums import MAN, WOMAN, LocalSums
from analysis.packed import find_rows
from analysis.weights import CellWeights, Weighted

GAP = "woman-man"  # in the place of a gender: the covariance of the two waves' gaps


def matched_covariances(weighted: Weighted, sums: Sums, previous: str, wave: str) -> pd.DataFrame:
    """Covariance of every estimate with the same estimate of another wave.

    Args:
        weighted: the weights of both waves.
        sums: the domain sums of both waves; of a union, the municipalities among its parts count.
        previous, wave: the two waves.

    Returns:
        geography, code, gender, age_group, indicator, statistic (str) and cov (never larger than the product
        of the two standard errors, but for the rows of gender `GAP`: the gap between women and men).
        No rows when the bundle has no person_id, or nobody answered twice.
    """
    sides = [_Side(weighted, sums, when) for when in (previous, wave)]
    pairs = _matched_rows(weighted, previous, wave)
    later = {(block.geography, block.code): block for block in sums.blocks if block.wave == wave}
    tables = []
    for block in sums.blocks:
        other = later.get((block.geography, block.code))
        if block.wave == previous and other is not None and len(pairs):
            covariance, matched = _covariance(sides, (block, other), pairs)
            if matched:
                tables.append(_table(sums, block, covariance))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*CELL, "cov"])


def covariance_of(
    cells: pd.DataFrame, covariances: pd.DataFrame | None, columns: Sequence[str] = CELL
) -> Floats:
    """Covariance of the two waves' estimates of each cell; 0 where no person answered twice.

    Args:
        cells: previous_wave, wave and the columns that say which cell (text).
        covariances: previous_wave, wave, the cell and cov, from `matched_covariances`; None is no panel.
        columns: what `cells` calls the columns of `CELL`.
    """
    if covariances is None or covariances.empty:
        return np.zeros(len(cells))
    waves = ["previous_wave", "wave"]
    row = find_rows(cells, [*waves, *columns], covariances, [*waves, *CELL])
    return np.where(row >= 0, covariances["cov"].to_numpy(float)[row], 0.0)


def _matched_rows(weighted: Weighted, previous: str, wave: str) -> Ints:
    """Rows of responses.csv of the same person, in the same stratum, in the two waves: persons x 2."""
    bundle = weighted.bundle
    if "person_id" not in bundle.sample.columns:
        return np.zeros((0, 2), dtype=np.int64)
    row = bundle.sample_row
    person = checks.text(bundle.sample, "person_id").iloc[row].reset_index(drop=True)
    people = pd.DataFrame(
        {
            "person": person,
            "stratum": checks.text(bundle.sample, "stratum").iloc[row].to_numpy(),
            "wave": checks.text(bundle.responses, "wave"),
            "row": np.arange(len(row)),
        }
    )
    people = people[people["person"] != ""]
    first, second = people[people["wave"] == previous], people[people["wave"] == wave]
    both = first.merge(second, on=["person", "stratum"], suffixes=("_1", "_2"))
    pairs: Ints = both[["row_1", "row_2"]].to_numpy(dtype=np.int64)
    return pairs


@dataclass(frozen=True)
class _Side:
    """One of the two waves."""

    weighted: Weighted
    sums: Sums
    wave: str

    @cached_property
    def parts(self) -> dict[str, tuple[CellWeights, LocalSums]]:
        """Weights and counts of each municipality."""
        return municipality_sums(self.weighted, self.sums.variables, self.wave)

    @cached_property
    def unions(self) -> dict[tuple[str, str], dict[tuple[str, str, str], Mask]]:
        """Strata of each union in each municipality."""
        return union_strata(self.weighted)

    def inside(self, code: str, block: Block) -> Mask | None:
        """Strata of a municipality that belong to the geography of a block; None when none do.

        A union need not rest on all its municipalities: those that count are the parts of its sums.
        """
        design = self.parts[code][0].design
        member = code in self.sums.parts.get((self.wave, block.geography, block.code), ())
        if (block.geography, block.code) == (MUNICIPALITY, code) or (member and block.geography == TOTAL):
            return np.ones(len(design.areas), dtype=bool)
        if block.geography == AREA:
            held = np.array([design.area_codes[area] == block.code for area in design.area])
            return held if held.any() else None
        own = self.unions.get((self.wave, code), {})
        return own.get((self.wave, block.geography, block.code)) if member else None

    def scores(self, code: str, block: Block, strata: Mask, rows: Ints) -> Iterator[Floats]:
        """For each domain of a block: weighted, linearised values of persons x variables."""
        part, counted = self.parts[code]
        forms, every = counted.forms, np.arange(len(self.sums.variables.statistic))
        cell = self.weighted.frame.cell[rows] - part.design.cells.start
        gender = self.weighted.frame.gender[rows] + 1
        y, m = self.sums.variables.answers(rows, every)
        for number, (sex, age) in enumerate(zip(block.gender, block.age, strict=True)):
            inside = strata[part.design.stratum] & ((age == 0) | (counted.age == age - 1))
            size = block.values[POPULATION, number]
            safe = np.where(size > 0, size, 1.0)
            p = block.values[SUM, number] / safe
            own, _, base = counted.sums_of(sex, every)
            sums = (own - p * base) / safe * inside[:, None]
            belongs = inside[cell] & ((sex == 0) | (gender == sex))
            person = (y - p * m) / safe * belongs[:, None]
            yield forms.score_weight[cell][:, None] * (person - (forms.P @ sums)[cell])


def _covariance(sides: list[_Side], blocks: tuple[Block, Block], pairs: Ints) -> tuple[Floats, int]:
    """Covariance of each domain and variable of a geography, and the persons it rests on."""
    domains, variables = blocks[0].values.shape[1:]
    total = np.zeros((domains + 1, variables))  # the gap last
    matched = 0
    for code in sorted(sides[0].parts.keys() & sides[1].parts.keys()):
        held = [side.inside(code, block) for side, block in zip(sides, blocks, strict=True)]
        designs = [side.parts[code][0].design for side in sides]
        cell = [side.weighted.frame.cell[pairs[:, t]] for t, side in enumerate(sides)]
        here = np.logical_and.reduce(
            [(c >= d.cells.start) & (c < d.cells.stop) for c, d in zip(cell, designs, strict=True)]
        )
        if held[0] is None or held[1] is None or not here.any():
            continue
        stratum = designs[0].stratum[cell[0][here] - designs[0].cells.start]
        factor = _factors(sides, code, stratum)
        matched += int(held[0][stratum].sum())
        both = zip(
            sides[0].scores(code, blocks[0], held[0], pairs[here, 0]),
            sides[1].scores(code, blocks[1], held[1], pairs[here, 1]),
            strict=True,
        )
        gap = [np.zeros((0, variables)), np.zeros((0, variables))]
        for number, (first, second) in enumerate(both):
            total[number] += _products(first, second, stratum, factor)
            if number == WOMAN:
                gap = [first, second]
            elif number == MAN:
                total[-1] += _products(gap[0] - first, gap[1] - second, stratum, factor)
    one, two = (np.nan_to_num(variance(block.values, ratio(block.values))) for block in blocks)
    spread = np.sqrt(np.maximum(one, 0.0) * np.maximum(two, 0.0))
    total[:-1] = np.clip(total[:-1], -spread, spread)
    return total, matched


def _factors(sides: list[_Side], code: str, stratum: Ints) -> Floats:
    """(m - r1 r2 / N) / (m - 1) of each stratum; 0 where fewer than two persons match."""
    first, second = (side.parts[code][0].design for side in sides)
    place = {area: position for position, area in enumerate(second.areas)}
    m = np.bincount(stratum, minlength=len(first.areas)).astype(np.float64)
    there = np.array([place.get(area, -1) for area in first.areas])
    r2 = np.where(there >= 0, second.stratum_respondents[there], 0)
    N = np.maximum(first.stratum_population, 1.0)
    factor: Floats = np.where(m > 1, (m - first.stratum_respondents * r2 / N) / np.maximum(m - 1.0, 1.0), 0.0)
    return factor


def _products(first: Floats, second: Floats, stratum: Ints, factor: Floats) -> Floats:
    """Sum over strata of the factor times the products of deviations from the stratum's means."""
    membership = (np.arange(len(factor))[:, None] == stratum).astype(np.float64)
    size = np.maximum(membership.sum(axis=1), 1.0)[:, None]
    means = [(membership @ scores / size) for scores in (first, second)]
    deviations = (first - means[0][stratum]) * (second - means[1][stratum])
    result: Floats = factor @ (membership @ deviations)
    return result


def _table(sums: Sums, block: Block, covariance: Floats) -> pd.DataFrame:
    """The rows of one geography."""
    variables, domains = len(sums.variables.statistic), len(block.gender) + 1
    genders = np.append(np.array(sums.genders, dtype=object)[block.gender], GAP)
    ages = np.append(np.array(sums.ages, dtype=object)[block.age], sums.ages[0])
    indicators = np.array([one.indicator for one in sums.variables.measured], dtype=object)
    return pd.DataFrame(
        {
            "geography": block.geography,
            "code": block.code,
            "gender": np.repeat(genders, variables),
            "age_group": np.repeat(ages, variables),
            "indicator": np.tile(indicators[sums.variables.of_indicator], domains),
            "statistic": np.tile(np.array(sums.variables.statistic, dtype=object), domains),
            "cov": covariance.ravel(),
        }
    )
