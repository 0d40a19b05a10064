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
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from analysis.packed import pack
from analysis.schema import LEGAL_GENDERS, Bundle
from analysis.writing import write_table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BANDS = ("16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84")
BAND_SHARES = np.array([0.13, 0.18, 0.18, 0.17, 0.15, 0.12, 0.07])
RESPONSE_BY_BAND = np.array([-0.8, -0.6, -0.3, 0.0, 0.35, 0.7, 0.7])
GENDER_CODES = ("woman", "man", "other", "undisclosed")
GENDER_SHARES = np.array([[0.985, 0.0, 0.007, 0.008], [0.0, 0.985, 0.007, 0.008]])
MODES, MODE_SHARES = ("web", "paper"), np.array([[0.7, 0.3]])
LEVELS = ("1", "2", "3", "4", "5")
SKIPPED = 0.007
SENSITIVE = 9  # the first items, as many as a usual questionnaire asks about victimisation


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
    strata = _strata(plan, rng)
    population = _population(strata, rng)
    model = _Model.draw(plan, strata, rng)
    parts = [
        _wave(plan, wave, number, strata, population, model, rng) for number, wave in enumerate(plan.waves)
    ]
    sample = pd.concat([part[0] for part in parts], ignore_index=True)
    responses = pd.concat([part[1] for part in parts], ignore_index=True)  # equal categories: stays packed
    bundle = Bundle(
        strata=pd.concat([strata.assign(wave=wave) for wave in plan.waves], ignore_index=True),
        population=_population_table(plan, strata, population),
        sample=sample,
        responses=responses,
        indicators=_indicators(plan),
    )
    return Synthetic(bundle, _truth(plan, strata, population, model))


def solve_level(leaning: Floats, weights: Floats, targets: Floats) -> Floats:
    """The levels to add so that the weighted mean of expit(level + leaning) is each of the targets.

    Args:
        leaning: logits, any shape.
        weights: of the same shape or one that spreads to it, adding up to 1.
        targets: in (0, 1).
    """
    low, high = np.full(len(targets), -25.0), np.full(len(targets), 25.0)
    values, place = np.unique(np.round(leaning.ravel(), 6), return_inverse=True)
    mass = np.bincount(place, weights=np.broadcast_to(weights, leaning.shape).ravel())
    for _ in range(50):
        middle = (low + high) / 2
        above = expit(values[:, None] + middle).T @ mass > targets
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray((low + high) / 2)


def draw_codes(shares: Floats, rng: np.random.Generator) -> Ints:
    """A position for each row, drawn with the row's shares (need not add up to 1)."""
    edges = np.cumsum(shares, axis=1)
    drawn = rng.random(len(shares))[:, None] * edges[:, -1:]
    return np.asarray((drawn >= edges[:, :-1]).sum(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class _Model:
    """Logits of every item and of response: level, and what area, sex, age and wave add."""

    levels: list[Floats]  # thresholds of each item
    place: Floats  # waves x areas
    load: Floats  # of the place on each item
    woman: Floats
    age: Floats
    response: Floats  # areas x sexes x bands, without the level

    @classmethod
    def draw(cls, plan: Plan, strata: pd.DataFrame, rng: np.random.Generator) -> "_Model":
        items = plan.binary + plan.ordinal
        municipality = pd.factorize(strata["municipality_code"])[0]
        steps = rng.normal(0.0, plan.change, (len(plan.waves), plan.municipalities))
        steps[0] = rng.normal(0.0, 0.3, plan.municipalities)
        place = np.cumsum(steps, axis=0)[:, municipality] + rng.normal(0.0, 0.4, len(strata))
        first = rng.uniform(0.02, 0.6, plan.binary)
        if plan.binary > 6:
            first[5], first[6] = 0.004, 0.985  # one rare and one nearly universal item
        levels = [np.array([_logit(share)]) for share in first]
        for _ in range(plan.ordinal):
            levels.append(np.sort(rng.normal(0.0, 1.2, len(LEVELS) - 1))[::-1])
        woman = np.array([gender == "woman" for gender in LEGAL_GENDERS], dtype=np.float64)
        response = (
            rng.normal(0.0, 0.12, len(strata))[:, None, None]
            - 0.3 * place[0][:, None, None]
            + 0.18 * woman[:, None]
            + RESPONSE_BY_BAND
        )
        return cls(
            levels, place, rng.uniform(0.0, 1.0, items), rng.normal(0.0, 0.5, items),
            rng.normal(0.0, 0.3, items), response,
        )  # fmt: skip

    def shares(self, item: int, wave: int) -> Floats:
        """Share of each level: areas x sexes x bands x levels."""
        woman = np.array([gender == "woman" for gender in LEGAL_GENDERS], dtype=np.float64)
        age = np.linspace(-1.0, 1.0, len(BANDS))
        lean = (
            self.load[item] * self.place[wave][:, None, None]
            + self.woman[item] * (woman[:, None] - 0.5)
            + self.age[item] * age
        )
        beyond = expit(lean[..., None] + self.levels[item])
        edges = np.concatenate(
            [np.ones_like(beyond[..., :1]), beyond, np.zeros_like(beyond[..., :1])], axis=-1
        )
        return np.asarray(edges[..., :-1] - edges[..., 1:])


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def _names(plan: Plan) -> list[str]:
    return [f"q{number:02d}" for number in range(1, plan.binary + plan.ordinal + 1)]


def _indicators(plan: Plan) -> pd.DataFrame:
    names, binary = _names(plan), plan.binary
    yes_no = pd.DataFrame({"indicator": names[:binary], "type": "binary", "yes": "1", "levels": "0 1"})
    ordinal = pd.DataFrame({"indicator": names[binary:], "type": "ordinal", "levels": " ".join(LEVELS)})
    table = pd.concat([yes_no, ordinal], ignore_index=True).fillna("")
    base = np.where((table["indicator"] == "q05") & (binary > 4), "q04=1", "")
    sensitive = (np.arange(len(table)) < SENSITIVE).astype(int).astype(str)
    return table.assign(item=table["indicator"], base=base, sensitive=sensitive)


def _strata(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
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


def _population(strata: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Persons by area x sex x band, adding up to the areas."""
    shares = np.concatenate([0.5 * BAND_SHARES, 0.5 * BAND_SHARES])
    counts = [rng.multinomial(size, rng.dirichlet(200 * shares)) for size in strata["population"]]
    return np.array(counts, dtype=np.int64).reshape(len(strata), len(LEGAL_GENDERS), len(BANDS))


def _population_table(plan: Plan, strata: pd.DataFrame, population: Ints) -> pd.DataFrame:
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


def _wave(
    plan: Plan,
    wave: str,
    number: int,
    strata: pd.DataFrame,
    population: Ints,
    model: _Model,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sample and responses of one wave."""
    cells = np.concatenate(
        [
            _drawn(row, size, rng) + at * row.size
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
    return sample, _responses(plan, number, sample[answered], cells[answered], sex[answered], model, rng)


def _drawn(cells: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Cell of each person of a simple random sample from an area."""
    taken = rng.multivariate_hypergeometric(cells.ravel(), size)
    return np.repeat(np.arange(cells.size), taken)


def _responses(
    plan: Plan,
    wave: int,
    people: pd.DataFrame,
    cells: Ints,
    sex: Ints,
    model: _Model,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The answers of those who answered, as Categoricals."""
    columns: dict[str, object] = {
        "wave": people["wave"].to_numpy(),
        "case_id": people["case_id"].to_numpy(),
        "gender": np.array(GENDER_CODES, dtype=object)[draw_codes(GENDER_SHARES[sex], rng)],
        "mode": np.array(MODES, dtype=object)[draw_codes(np.repeat(MODE_SHARES, len(cells), axis=0), rng)],
    }
    answers: dict[str, Ints] = {}
    for item, name in enumerate(_names(plan)):
        shares = model.shares(item, wave)
        code = draw_codes(shares.reshape(-1, shares.shape[-1])[cells], rng)
        if name == "q05" and plan.binary > 4:
            code = np.where(answers["q04"] == 1, code, -1)
        answers[name] = np.where(rng.random(len(cells)) < SKIPPED, -1, code)
        names = ["0", "1"] if item < plan.binary else list(LEVELS)
        columns[name] = pack(answers[name] + 1, ["", *names])
    return pd.DataFrame(columns)


def _truth(plan: Plan, strata: pd.DataFrame, population: Ints, model: _Model) -> pd.DataFrame:
    """Expected shares and means by geography and age band."""
    owner = strata["municipality_code"].to_numpy()
    codes = np.unique(owner)
    unions = {"all": (["all"], np.ones((1, len(strata))))}
    unions["municipality"] = (list(codes), (owner[None, :] == codes[:, None]).astype(float))
    unions["area"] = (list(strata["stratum"]), np.eye(len(strata)))
    tables = []
    for number, wave in enumerate(plan.waves):
        asked = population.astype(float)
        for item, name in enumerate(_names(plan)):
            shares = model.shares(item, number)
            people = asked * model.shares(3, number)[..., 1] if name == "q05" and plan.binary > 4 else asked
            values = _statistics(plan, item, shares)
            for geography, (names, inside) in unions.items():
                tables += _means(wave, geography, names, inside, people, name, values)
    return pd.concat(tables, ignore_index=True)


def _statistics(plan: Plan, item: int, shares: Floats) -> dict[str, Floats]:
    if item < plan.binary:
        return {"proportion": shares[..., 1]}
    return {"mean": shares @ np.arange(1.0, len(LEVELS) + 1.0)}


def _means(
    wave: str,
    geography: str,
    names: list[str],
    inside: Floats,
    people: Floats,
    indicator: str,
    values: dict[str, Floats],
) -> list[pd.DataFrame]:
    """Population means of one item in every code of a geography, for everybody and by age band."""
    ages = np.vstack([np.ones(len(BANDS)), np.eye(len(BANDS))])
    tables = []
    for statistic, value in values.items():
        total = inside @ ((people * value).sum(axis=1) @ ages.T)
        size = inside @ (people.sum(axis=1) @ ages.T)
        tables.append(
            pd.DataFrame(
                {
                    "wave": wave,
                    "geography": geography,
                    "code": np.repeat(np.array(names, dtype=object), len(ages)),
                    "age_group": np.tile(np.array(["all", *BANDS], dtype=object), len(names)),
                    "indicator": indicator,
                    "statistic": statistic,
                    "value": (total / size).ravel(),
                }
            )
        )
    return tables


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """The tables of a bundle as the files that `read_bundle` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in fields(bundle):
        table = getattr(bundle, part.name)
        if table is not None:
            write_table(table, folder / f"{part.name}.csv")


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
