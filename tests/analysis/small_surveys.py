"""Small surveys made for one fact each, and the reference figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.weights import weigh

REFERENCE = Path(__file__).parent.parent / "reference"
KEYS = ["wave", "geography", "code", "gender", "age_group", "indicator", "statistic"]


def expected(name: str) -> pd.DataFrame:
    """One of R's tables, keys as text."""
    table = pd.read_csv(REFERENCE / "expected" / f"{name}.csv.gz", dtype={"code": "str"})
    text = [column for column in ("wave", "case_id", "municipality_code") if column in table]
    codes = (
        pd.read_csv(REFERENCE / "expected" / f"{name}.csv.gz", dtype="str", usecols=text) if text else None
    )
    return table if codes is None else table.assign(**{column: codes[column] for column in text})


def deviation(ours: pd.Series, theirs: pd.Series) -> float:
    """Largest |x - ref| / (|ref| + 0.001); missing on one side only is infinitely far off."""
    x, reference = ours.to_numpy(dtype=float), theirs.to_numpy(dtype=float)
    if (np.isnan(x) & ~np.isnan(reference)).any():
        return float("inf")
    return float(np.nanmax(np.abs(x - reference) / (np.abs(reference) + 0.001)))


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Packed keys as plain text, for joins."""
    packed = [name for name in table if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.assign(**{name: table[name].astype("str") for name in packed})


def row(estimates: pd.DataFrame, **keys: str) -> pd.Series:
    """The one row with these keys; totals unless said otherwise."""
    wanted = {"geography": "municipality", "gender": "all", "age_group": "all", **keys}
    mask = np.logical_and.reduce([(estimates[name] == value).to_numpy() for name, value in wanted.items()])
    found = estimates[mask]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} rows for {wanted}")
    return found.iloc[0]


def survey(
    people: pd.DataFrame, population: pd.DataFrame, indicators: pd.DataFrame, **optional: pd.DataFrame
) -> Bundle:
    """A bundle from one table of everyone drawn.

    Args:
        people: wave, stratum, legal_gender, age_group, responded, gender and one column per item.
        population: wave, municipality_code, area, legal_gender, age_group, population; the stratum of an
            area is "<municipality_code>-<area>".
    """
    people = people.reset_index(drop=True).assign(case_id=[f"c{number}" for number in range(len(people))])
    place = ["wave", "municipality_code", "area"]
    strata = population.groupby(place, sort=False)["population"].sum().reset_index()
    strata["stratum"] = strata["municipality_code"] + "-" + strata["area"]
    drawn = people.groupby(["wave", "stratum"]).size()
    strata["sampled"] = [
        int(drawn.get((w, s), 0)) for w, s in zip(strata["wave"], strata["stratum"], strict=True)
    ]
    sample_columns = ["wave", "case_id", "stratum", "legal_gender", "age_group", "responded"]
    return validate_bundle(
        Bundle(
            strata=strata,
            population=population,
            sample=people[sample_columns],
            responses=people[people["responded"] == 1].drop(columns=sample_columns[2:]),
            indicators=indicators,
            **optional,
        )
    )


def binary(*items: str) -> pd.DataFrame:
    """Indicators with 1 = yes and 0 = no."""
    return pd.DataFrame(
        {"indicator": items, "item": items, "type": "binary", "yes": "1", "levels": "0 1", "dont_know": "8"}
    )


def even_population(
    sizes: dict[tuple[str, str], int], bands: Sequence[str] = ("16-39", "40-84")
) -> pd.DataFrame:
    """Each (municipality, area) split evenly over sex and age; sizes divisible by twice the bands."""
    return pd.DataFrame(
        [
            ("2026", code, area, sex, band, size / (2 * len(bands)))
            for (code, area), size in sizes.items()
            for sex in ("woman", "man")
            for band in bands
        ],
        columns=["wave", "municipality_code", "area", "legal_gender", "age_group", "population"],
    )


def even_people(
    stratum: str, count: int, responded: int, yes: int, bands: Sequence[str] = ("16-39", "40-84")
) -> pd.DataFrame:
    """`count` drawn in turn over sex and age; the first `responded` answer, `yes` of them say yes."""
    number = np.arange(count)
    order = np.argsort(number[:responded] % (2 * len(bands)), kind="stable")
    answers = np.zeros(count, dtype=int)
    answers[order[np.floor((np.arange(yes) + 0.5) * responded / yes).astype(int)] if yes else []] = 1
    sex = np.where(number % 2 == 0, "woman", "man")
    return pd.DataFrame(
        {
            "wave": "2026",
            "stratum": stratum,
            "legal_gender": sex,
            "age_group": np.array(bands)[(number // 2) % len(bands)],
            "responded": (number < responded).astype(int),
            "gender": sex,
            "q": answers.astype(str),
        }
    )


def random_survey(seed: int, areas: int = 4, drawn: int = 80, municipalities: int = 2) -> Bundle:
    """Unequal areas, unequal response, two items (q and r, r with missing and don't know)."""
    generator = np.random.default_rng(seed)
    bands = ("16-29", "30-44", "45-64", "65-84")
    sizes = {
        (f"{180 + m:04d}", str(a)): 8 * int(generator.integers(60, 1500))
        for m in range(municipalities)
        for a in range(areas)
    }
    population = even_population(sizes, bands)
    tables = []
    for (code, area), _ in sizes.items():
        sex = generator.choice(["woman", "man"], drawn)
        band = generator.choice(bands, drawn)
        rate = np.where(band == "16-29", 0.3, 0.6)
        gender = np.where(
            generator.random(drawn) < 0.95, sex, generator.choice(["other", "undisclosed", ""], drawn)
        )
        level = generator.uniform(0.1, 0.6)
        tables.append(
            pd.DataFrame(
                {
                    "wave": "2026",
                    "stratum": f"{code}-{area}",
                    "legal_gender": sex,
                    "age_group": band,
                    "responded": (generator.random(drawn) < rate).astype(int),
                    "gender": gender,
                    "q": (generator.random(drawn) < level).astype(int).astype(str),
                    "r": generator.choice(["1", "0", "", "8"], drawn, p=[0.3, 0.6, 0.07, 0.03]),
                }
            )
        )
    return survey(pd.concat(tables), population, binary("q", "r"))


def people_and_weights(bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """The answers with the weights they get."""
    table = as_text(weigh(bundle, settings).table)
    return table.merge(bundle.responses, on=["wave", "case_id"])
