"""Real municipalities and their real population, split into neutral areas by a seeded rule."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from survey.preparation.population import AGE_GROUPS, GENDERS

DATA = Path(__file__).parent / "data"
POPULATION_FILE = DATA / "population_stockholm_gotland.csv"
MUNICIPALITIES_FILE = DATA / "municipalities.csv"

FULL_AREAS = 271  # times 300 = the 81,300 whom region Stockholm invited in 2020
SMALL_MUNICIPALITIES = ("0125", "0128", "0140", "0187", "0192", "0980")
SMALL_AREAS_AT_MOST = 4
_AREAS_AT_LEAST = 2
_SIZE_RATIO = 9.0  # the largest area of a municipality against the smallest
_REFERENCE_DATE = date(2019, 12, 31)  # the plan is made once, so that areas are the same in all waves

Counts = NDArray[np.int64]  # area x gender x age band


@dataclass(frozen=True)
class Municipality:
    """A municipality of the demonstration."""

    code: str
    name: str


@dataclass(frozen=True)
class Area:
    """A neutral area of a municipality."""

    code: str
    name: str
    municipality_code: str


@dataclass(frozen=True)
class Plan:
    """The areas of a demonstration and each area's share of its municipality by age band."""

    municipalities: tuple[Municipality, ...]
    areas: tuple[Area, ...]
    shares: NDArray[np.float64]  # area x age band; sums to 1 over the areas of a municipality

    def rows_of(self, municipality_code: str) -> NDArray[np.intp]:
        """Positions of a municipality's areas."""
        return np.flatnonzero([area.municipality_code == municipality_code for area in self.areas])


def stream(seed: int, *names: str) -> np.random.Generator:
    """A random stream of its own for each purpose, so that one more draw in one place moves no other."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


def plan(size: str, seed: int) -> Plan:
    """The areas of a full or a small demonstration; the same for every wave."""
    wanted = SMALL_MUNICIPALITIES if size == "small" else None
    municipalities = tuple(m for m in _municipalities() if wanted is None or m.code in wanted)
    population = _population(_REFERENCE_DATE)
    numbers = _areas_per_municipality({code: int(cells.sum()) for code, cells in population.items()})
    areas: list[Area] = []
    shares: list[NDArray[np.float64]] = []
    for municipality in municipalities:
        number = numbers[municipality.code]
        if size == "small":
            number = min(number, SMALL_AREAS_AT_MOST)
        code = municipality.code
        areas += [Area(f"{code}-{i:02d}", f"Område {i}", code) for i in range(1, number + 1)]
        shares.append(_shares(number, stream(seed, "areas", code)))
    return Plan(municipalities, tuple(areas), np.concatenate(shares))


def restrict(whole: Plan, codes: Sequence[str]) -> Plan:
    """The part of a plan that lies in the given municipalities, areas unchanged."""
    keep = np.flatnonzero([area.municipality_code in codes for area in whole.areas])
    return Plan(
        tuple(m for m in whole.municipalities if m.code in codes),
        tuple(whole.areas[i] for i in keep),
        whole.shares[keep],
    )


def counts(areas: Plan, reference_date: date) -> Counts:
    """Inhabitants of each area by register sex and age band; the municipality's cells add up exactly."""
    population = _population(reference_date)
    result = np.zeros((len(areas.areas), len(GENDERS), len(AGE_GROUPS)), dtype=np.int64)
    for municipality in areas.municipalities:
        rows = areas.rows_of(municipality.code)
        result[rows] = _split(population[municipality.code], areas.shares[rows])
    return result


def _split(cells: NDArray[np.int64], shares: NDArray[np.float64]) -> Counts:
    # Largest remainder, cell by cell: whole persons, nobody lost.
    exact = shares[:, None, :] * cells[None, :, :]
    whole = np.floor(exact).astype(np.int64)
    missing = cells - whole.sum(axis=0)
    rank = np.argsort(np.argsort(-(exact - whole), axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray(whole + (rank < missing[None, :, :]))


def _shares(number: int, rng: np.random.Generator) -> NDArray[np.float64]:
    # Sizes spread evenly on a log scale and shuffled; some areas younger, some older than the rest.
    size = rng.permutation(_SIZE_RATIO ** np.linspace(0.0, 1.0, number))
    tilt = rng.normal(0.0, 0.25, number)
    profile = np.linspace(-1.0, 1.0, len(AGE_GROUPS))
    weights = size[:, None] * np.exp(tilt[:, None] * profile[None, :])
    normalised: NDArray[np.float64] = weights / weights.sum(axis=0)
    return normalised


def _areas_per_municipality(totals: dict[str, int]) -> dict[str, int]:
    codes = sorted(totals)
    weight = np.array([totals[code] for code in codes], dtype=float) ** 0.75
    spare = FULL_AREAS - _AREAS_AT_LEAST * len(codes)
    exact = spare * weight / weight.sum()
    extra = np.floor(exact).astype(int)
    for i in np.argsort(-(exact - extra), kind="stable")[: spare - extra.sum()]:
        extra[i] += 1
    return {code: _AREAS_AT_LEAST + int(more) for code, more in zip(codes, extra, strict=True)}


def _municipalities() -> list[Municipality]:
    with MUNICIPALITIES_FILE.open(encoding="utf-8", newline="") as file:
        return [Municipality(row["municipality_code"], row["municipality"]) for row in csv.DictReader(file)]


def _population(reference_date: date) -> dict[str, NDArray[np.int64]]:
    cells: dict[str, NDArray[np.int64]] = {}
    with POPULATION_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["reference_date"] != reference_date.isoformat():
                continue
            empty = np.zeros((len(GENDERS), len(AGE_GROUPS)), dtype=np.int64)
            table = cells.setdefault(row["municipality_code"], empty)
            cell = GENDERS.index(row["legal_gender"]), AGE_GROUPS.index(row["age_group"])
            table[cell] = int(row["population"])
    if not cells:
        raise ValueError(f"no population for {reference_date} in {POPULATION_FILE.name}")
    return cells
