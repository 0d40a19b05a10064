"""Invented surveys with known truth: a bundle of any size from one seed, and the shares it was drawn from.

For demonstrations, benchmarks and studies: nobody in it exists. Population, response and answers depend on
area, register sex and age band only, through logits; given these the answers are independent. Response is
therefore missing at random given what the weights know, which a real survey can only hope for.

`python -m analysis.synthetic OUT --size full` writes a bundle that `python -m analysis OUT --out ...` reads,
and truth.csv beside it.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.arrays import Ints
from analysis.schema import FILES, LEGAL_GENDERS, Bundle
from analysis.synthetic_answers import AnswerModel, draw_answers, indicators, solve_level
from analysis.synthetic_population import (
    BANDS,
    SIZES,
    Plan,
    draw_cells,
    population_of,
    population_table,
    strata_of,
)
from analysis.synthetic_truth import true_values
from analysis.writing import write_table


@dataclass(frozen=True)
class Synthetic:
    """An invented survey.

    Attributes:
        bundle: its tables, not yet validated.
        truth: wave, geography (all, municipality, area), code, age_group, indicator, statistic (str) and
            value: the expected share or mean among everybody who lives there and would be asked; the model's
            expectation, not a count of persons.
    """

    bundle: Bundle
    truth: pd.DataFrame


def synthesize(plan: Plan) -> Synthetic:
    """Invent a survey; the same plan gives the same survey, and every wave its own sample.

    Items q01, q02 ... : `plan.binary` yes/no items, then `plan.ordinal` items of five levels; q05 is asked of
    those who answered yes on q04. About 0.7 % of the answers are missing.
    """
    rng = np.random.default_rng(plan.seed)
    strata = strata_of(plan, rng)
    population = population_of(strata, rng)
    model = AnswerModel.draw(plan, strata, rng)
    parts = [
        _wave(plan, wave, number, strata, population, model, rng) for number, wave in enumerate(plan.waves)
    ]
    sample = pd.concat([part[0] for part in parts], ignore_index=True)
    responses = pd.concat([part[1] for part in parts], ignore_index=True)  # equal categories: stays packed
    bundle = Bundle(
        strata=pd.concat([strata.assign(wave=wave) for wave in plan.waves], ignore_index=True),
        population=population_table(plan, strata, population),
        sample=sample,
        responses=responses,
        indicators=indicators(plan),
    )
    return Synthetic(bundle, true_values(plan, strata, population, model))


def _wave(
    plan: Plan,
    wave: str,
    number: int,
    strata: pd.DataFrame,
    population: Ints,
    model: AnswerModel,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sample and responses of one wave."""
    cells = np.concatenate(
        [
            draw_cells(row, size, rng) + at * row.size
            for at, (row, size) in enumerate(zip(population, strata["sampled"], strict=True))
        ]
    )
    area, sex, band = np.unravel_index(cells, population.shape)
    level = solve_level(model.response, population / population.sum(), np.array([plan.response_rate]))
    answered = rng.random(len(cells)) < expit(level + model.response).ravel()[cells]
    sample = pd.DataFrame(
        {
            "wave": wave,
            "case_id": np.arange(1, len(cells) + 1).astype(str),
            "stratum": strata["stratum"].to_numpy()[area],
            "legal_gender": np.array(LEGAL_GENDERS, dtype=object)[sex],
            "age_group": np.array(BANDS, dtype=object)[band],
            "responded": answered.astype(np.int64),
        }
    )
    return sample, draw_answers(plan, number, sample[answered], cells[answered], sex[answered], model, rng)


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """The tables of a bundle as the files that `read_bundle` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in fields(bundle):
        table = getattr(bundle, part.name)
        if table is not None:
            write_table(table, folder / FILES[part.name])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write an invented survey to a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.synthetic", description="Write an invented survey with known truth."
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the bundle and truth.csv")
    parser.add_argument("--size", choices=SIZES, default="small", help="how large (default: small)")
    parser.add_argument("--seed", type=int, default=Plan.seed, help="another seed, another survey")
    options = parser.parse_args(arguments)
    chosen = SIZES[options.size]
    invented = synthesize(Plan(**{**chosen.__dict__, "seed": options.seed}))
    write_bundle(invented.bundle, options.out)
    write_table(invented.truth, options.out / "truth.csv")
    print(f"{len(invented.bundle.responses)} answers of {len(invented.bundle.sample)} drawn in {options.out}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
