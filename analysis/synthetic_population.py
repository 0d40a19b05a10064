"""An invented survey's places and people: how many live where, by register sex and age band."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Ints
from analysis.schema import LEGAL_GENDERS

BANDS = ("16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84")
BAND_SHARES = np.array([0.13, 0.18, 0.18, 0.17, 0.15, 0.12, 0.07])


@dataclass(frozen=True)
class Plan:
    """What to invent: areas are spread over municipalities as evenly as they go, larger ones first."""

    municipalities: int
    areas: int
    drawn: int  # persons drawn in each area
    binary: int = 20
    ordinal: int = 20
    waves: tuple[str, ...] = ("2024", "2025")
    response_rate: float = 0.47
    change: float = 0.25  # spread of the true changes of a municipality between two waves, logits
    seed: int = 20261101


SIZES = {
    "small": Plan(municipalities=3, areas=9, drawn=300),
    "full": Plan(municipalities=27, areas=270, drawn=300),
    "large": Plan(municipalities=290, areas=2900, drawn=733),
}


def strata_of(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Areas of 600 to about 30,000 persons."""
    owner = np.sort(np.arange(plan.areas) % plan.municipalities)
    number = np.arange(plan.areas) - np.searchsorted(owner, owner)
    code = np.array([f"{100 + one:04d}" for one in range(plan.municipalities)], dtype=object)[owner]
    size = np.exp(rng.uniform(np.log(max(600, 2 * plan.drawn)), np.log(30000), plan.areas)).astype(np.int64)
    area = pd.Series(number + 1).astype(str)
    return pd.DataFrame(
        {
            "stratum": pd.Series(code).str.cat(area, sep="-"),
            "municipality_code": code,
            "area": area,
            "population": size,
            "sampled": np.minimum(plan.drawn, size),
        }
    )


def population_of(strata: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Persons by area x sex x band, adding up to the areas."""
    shares = np.concatenate([0.5 * BAND_SHARES, 0.5 * BAND_SHARES])
    counts = [rng.multinomial(size, rng.dirichlet(200 * shares)) for size in strata["population"]]
    return np.array(counts, dtype=np.int64).reshape(len(strata), len(LEGAL_GENDERS), len(BANDS))


def population_table(plan: Plan, strata: pd.DataFrame, population: Ints) -> pd.DataFrame:
    cells = population.shape[1] * population.shape[2]
    table = pd.DataFrame(
        {
            "municipality_code": np.repeat(strata["municipality_code"].to_numpy(), cells),
            "area": np.repeat(strata["area"].to_numpy(), cells),
            "legal_gender": np.tile(np.repeat(LEGAL_GENDERS, len(BANDS)), len(strata)),
            "age_group": np.tile(BANDS, len(strata) * len(LEGAL_GENDERS)),
            "population": population.ravel(),
        }
    )
    return pd.concat([table.assign(wave=wave) for wave in plan.waves], ignore_index=True)


def draw_cells(cells: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Cell of each person of a simple random sample from an area."""
    taken = rng.multivariate_hypergeometric(cells.ravel(), size)
    return np.repeat(np.arange(cells.size), taken)
