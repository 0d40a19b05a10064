"""How well the survey went: response by group, representativeness, and what weighting cost.

Everything is counted over fine cells, never over persons. METHODS.md M-17 and M-18.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.arrays import Floats, Ints
from analysis.design import reporting_groups
from analysis.keys import TOTAL
from analysis.schema import LEGAL_GENDERS
from analysis.weights import Weighted

DIAGNOSTIC_COLUMNS = [
    *["wave", "municipality_code", "sampled", "responded", "response_rate", "r_indicator"],
    *["deff_kish", "n_eff", "weight_min", "weight_median", "weight_max", "weight_cv2"],
    *["trimmed_share", "collapsed"],
]
RATE_COLUMNS = ["wave", "municipality_code", "legal_gender", "age_group", "sampled", "responded"]
GROUP = ["wave", "municipality_code"]


@dataclass(frozen=True)
class Cells:
    """Every fine cell of a weighted bundle, municipality after municipality.

    Attributes:
        design: position in `Weighted.frame.designs` of each cell's municipality and wave.
        gender, band: register sex and age band.
        sampled, respondents: persons.
        design_weight: N_h / n_h.
        weight: final weight; 0 in a municipality without answers.
    """

    design: Ints
    gender: Ints
    band: Ints
    sampled: Floats
    respondents: Floats
    design_weight: Floats
    weight: Floats


def all_cells(weighted: Weighted) -> Cells:
    """The fine cells of all municipalities as one table of arrays."""
    designs = weighted.frame.designs
    sizes = [len(one.stratum) for one in designs]
    weight = np.zeros(sum(sizes))
    for part in weighted.municipalities:
        weight[part.design.cells] = part.weight
    return Cells(
        np.repeat(np.arange(len(designs)), sizes),
        np.concatenate([one.gender for one in designs]),
        np.concatenate([one.band for one in designs]),
        np.concatenate([one.sampled for one in designs]).astype(np.float64),
        np.concatenate([one.respondents for one in designs]).astype(np.float64),
        np.concatenate([one.design_weight for one in designs]),
        weight,
    )


def diagnose(weighted: Weighted) -> pd.DataFrame:
    """Response and weights of each municipality and wave, and of everything together (`all`).

    Args:
        weighted: what `weights.weigh` gives.

    Returns:
        The columns `DIAGNOSTIC_COLUMNS`: counts in persons, rates in [0, 1], weights in persons per
        respondent, `collapsed` how many cells the weighting merged and what else it repaired, by step. A
        municipality without answers has its row, with empty weight figures; r_indicator is empty where nobody
        or everybody answered.

    Source: Kish (1992) for deff_kish = 1 + cv2 (cv2 here has r - 1 below, as R's); Schouten, Cobben &
    Bethlehem (2009) for the R-indicator; see METHODS.md.
    """
    cells = all_cells(weighted)
    designs, waves = weighted.frame.designs, weighted.bundle.waves
    wave_of = np.array([waves.index(one.wave) for one in designs])
    bands = len(weighted.frame.bands)
    each = pd.DataFrame(_figures(cells, cells.design, len(designs), bands))
    each.insert(0, "wave", [one.wave for one in designs])
    each.insert(1, "municipality_code", [one.municipality_code for one in designs])
    whole = pd.DataFrame(_figures(cells, wave_of[cells.design], len(waves), bands))
    whole.insert(0, "wave", list(waves))
    whole.insert(1, "municipality_code", TOTAL)
    table = pd.concat([each, whole], ignore_index=True)
    table = table[table["sampled"] > 0]
    notes, trimmed = _notes(weighted), _trimmed(weighted)
    keys = list(zip(table["wave"], table["municipality_code"], strict=True))
    table["trimmed_share"] = [trimmed.get(key, np.nan) for key in keys]
    table["collapsed"] = [notes.get(key, "") for key in keys]
    return table.sort_values(GROUP, kind="stable", ignore_index=True)[DIAGNOSTIC_COLUMNS]


def response_rates(weighted: Weighted) -> pd.DataFrame:
    """Persons drawn and persons who answered, by municipality, register sex and reporting age group.

    Args:
        weighted: what `weights.weigh` gives.

    Returns:
        The columns `RATE_COLUMNS`: totals are `all`; each sex, each age group and each combination in which
        somebody was drawn.
    """
    cells, designs = all_cells(weighted), weighted.frame.designs
    groups = reporting_groups(weighted.bundle, weighted.settings)
    ages = sorted({*groups.values(), TOTAL})
    sexes = sorted({*LEGAL_GENDERS, TOTAL})
    sex = np.array([sexes.index(name) for name in LEGAL_GENDERS])[cells.gender]
    age = np.array([ages.index(groups[band]) for band in weighted.frame.bands])[cells.band]
    counts = np.zeros((2, len(designs), len(sexes), len(ages)), dtype=np.int64)
    for number, persons in enumerate((cells.sampled, cells.respondents)):
        for at_sex in (sex, np.full_like(sex, sexes.index(TOTAL))):
            for at_age in (age, np.full_like(age, ages.index(TOTAL))):
                np.add.at(counts[number], (cells.design, at_sex, at_age), persons.astype(np.int64))
    place, at_sex, at_age = np.nonzero(counts[0])
    return pd.DataFrame(
        {
            "wave": np.array([one.wave for one in designs], dtype=object)[place],
            "municipality_code": np.array([one.municipality_code for one in designs], dtype=object)[place],
            "legal_gender": np.array(sexes, dtype=object)[at_sex],
            "age_group": np.array(ages, dtype=object)[at_age],
            "sampled": counts[0, place, at_sex, at_age],
            "responded": counts[1, place, at_sex, at_age],
        }
    ).astype(dict.fromkeys(RATE_COLUMNS[:4], "str"))


def _figures(cells: Cells, group: Ints, count: int, bands: int) -> dict[str, npt.NDArray[np.generic]]:
    """Everything about each group of municipalities, as columns."""
    sampled = sums_by(group, cells.sampled, count)
    responded = sums_by(group, cells.respondents, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "sampled": sampled.astype(np.int64),
            "responded": responded.astype(np.int64),
            "response_rate": responded / sampled,
            "r_indicator": np.where(
                (responded > 0) & (responded < sampled), _r_indicator(cells, group, count, bands), np.nan
            ),
            **_weight_figures(cells, group, count, responded),
        }


def _r_indicator(cells: Cells, group: Ints, count: int, bands: int) -> Floats:
    """1 - 2 S(propensity), a propensity being the response rate of a sex and age group. METHODS.md M-18.

    The variance between the groups' rates is lowered by what chance alone gives, and is never below 0.
    """
    width = len(LEGAL_GENDERS) * bands
    place = group * width + cells.gender * bands + cells.band

    def sums(values: Floats) -> Floats:
        return sums_by(place, values, count * width).reshape(count, width)

    d = cells.design_weight
    size, answered = sums(d * cells.sampled), sums(d * cells.respondents)
    there = np.where(size > 0, size, 1.0)
    rate = answered / there
    share = size / size.sum(axis=1, keepdims=True)
    mean = (share * rate).sum(axis=1, keepdims=True)
    concentration = sums(d**2 * cells.sampled) / there**2  # 1/n when weights are equal
    # A cell of one person has a rate of 0 or 1 and no estimable variance: 0.
    chance = rate * (1 - rate) * concentration / np.where(concentration < 1, 1 - concentration, 1.0)
    between = (share * (rate - mean) ** 2 - share * (1 - share) * chance).sum(axis=1)
    indicator: Floats = 1 - 2 * np.sqrt(np.maximum(between, 0.0))
    return indicator


def _weight_figures(
    cells: Cells, group: Ints, count: int, responded: Floats
) -> dict[str, npt.NDArray[np.generic]]:
    """Kish's figures and the distribution of the weights over respondents; missing without respondents."""
    n, w = cells.respondents, cells.weight
    total, squares = sums_by(group, n * w, count), sums_by(group, n * w**2, count)
    deff = responded * squares / total**2
    mean = total / responded
    spread = sums_by(group, n * (w - mean[group]) ** 2, count) / np.where(
        responded > 1, responded - 1, np.nan
    )
    quantiles = weight_quantiles(w, n, group, count, (0.0, 0.5, 1.0))
    return {
        "deff_kish": deff,
        "n_eff": responded / deff,
        "weight_min": quantiles[:, 0],
        "weight_median": quantiles[:, 1],
        "weight_max": quantiles[:, 2],
        "weight_cv2": spread / mean**2,
    }


def weight_quantiles(
    values: Floats, persons: Floats, group: Ints, count: int, at: tuple[float, ...]
) -> Floats:
    """Quantiles over persons of a quantity that is constant within cells.

    Args:
        values: the quantity of each cell.
        persons: persons of each cell.
        group: group of each cell, 0 to count - 1.
        count: number of groups.
        at: quantiles in [0, 1].

    Returns:
        Groups x quantiles, interpolated between neighbours in order as numpy does; missing for a group of
        nobody.
    """
    used = np.flatnonzero(persons > 0)
    if not len(used):
        return np.full((count, len(at)), np.nan)
    order = used[np.lexsort((values[used], group[used]))]
    ends = np.cumsum(persons[order])
    size = sums_by(group[order], persons[order], count)
    before = np.cumsum(size) - size
    position = before[:, None] + np.asarray(at) * np.maximum(size - 1, 0)[:, None]
    low = np.floor(position + 1e-9)
    sorted_values = values[order]

    def value(rank: Floats) -> Floats:
        return sorted_values[np.minimum(np.searchsorted(ends, rank, side="right"), len(order) - 1)]

    last = (before + np.maximum(size - 1, 0))[:, None]
    first, second = value(low), value(np.minimum(low + 1, last))
    found = first + np.clip(position - low, 0.0, 1.0) * (second - first)
    quantiles: Floats = np.where(size[:, None] > 0, found, np.nan)
    return quantiles


def sums_by(group: Ints, values: Floats, count: int) -> Floats:
    """Sum of the values over each of `count` groups."""
    total: Floats = np.bincount(group, weights=values, minlength=count).astype(np.float64)
    return total


def _notes(weighted: Weighted) -> dict[tuple[str, str], str]:
    """How many times each step of the log was taken, by wave and municipality and by wave."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    log = weighted.log
    for wave, code, step in zip(log["wave"], log["municipality_code"], log["step"], strict=True):
        for key in ((str(wave), str(code)), (str(wave), TOTAL)):
            mine = counts.setdefault(key, {})
            mine[str(step)] = mine.get(str(step), 0) + 1
    return {key: "; ".join(f"{step} {n}" for step, n in steps.items()) for key, steps in counts.items()}


def _trimmed(weighted: Weighted) -> dict[tuple[str, str], float]:
    """Share of respondents with a trimmed weight, by wave and municipality and by wave."""
    counts: dict[tuple[str, str], tuple[float, int]] = {}
    for part in weighted.municipalities:
        persons = int(part.design.respondents.sum())
        cut = persons * part.summary["trimmed_share"]
        for key in ((part.design.wave, part.design.municipality_code), (part.design.wave, TOTAL)):
            before = counts.get(key, (0.0, 0))
            counts[key] = (before[0] + cut, before[1] + persons)
    return {key: cut / persons for key, (cut, persons) in counts.items()}
