"""A wave collected elsewhere, as files: three municipalities with two areas, items and codes of its own."""

import csv
import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from survey.collection.imports import ImportSettings

WAVE = "2021"
MUNICIPALITIES = ("0114", "0180", "0187")
SEXES, BANDS = ("woman", "man"), ("16-29", "30-44", "45-64", "65-84")
PERSONS, DRAWN, ANSWERED = 250, 20, 10  # in each area x sex x band, as in the wave that follows
# Their "drugs" runs the other way, their "worry" was worded otherwise, their "weather" is nothing of ours.
DRUGS = {"d": "1", "c": "2", "b": "3", "a": "4", "x": "8"}
ITEMS = ("drugs", "litter", "hit", "worry", "reported", "weather")
INDICATORS = (
    ("drugs", "drugs", "a b", "a b c d", "x"),
    ("litter", "litter", "3 4", "1 2 3 4", "8 9"),
    ("hit", "hit", "yes", "yes no", ""),
    ("worry", "worry", "4 5", "1 2 3 4 5", "8 9"),
    ("reported", "reported", "1", "1 2", "8 9"),
    ("weather", "weather", "1", "1 2", ""),
)
MAPPING = (
    *(("drugs", "problem_drugs", code, option, "1", "") for code, option in DRUGS.items()),
    ("litter", "problem_litter", "", "", "1", ""),
    ("hit", "victim_violence", "yes", "1", "1", ""),
    ("hit", "victim_violence", "no", "2", "1", ""),
    ("worry", "worry_burglary", "", "", "0", "annan svarsskala"),
    ("reported", "reported_violence", "", "", "1", ""),
)
SETTINGS: Mapping[str, Any] = {
    "title": "Kommunernas egen mätning 2021",
    "source": "Kommunerna, levererad 2022-03-01",
    "population_date": date(2021, 9, 30),
    "field_start": date(2021, 10, 1),
    "field_end": date(2021, 11, 30),
    "synthetic": True,
}


def import_settings(**changes: Any) -> ImportSettings:
    return ImportSettings(**{**SETTINGS, **changes})


def write_bundle(folder: Path, municipalities: Sequence[str] = MUNICIPALITIES) -> Path:
    """The files of the wave; the same every time."""
    folder.mkdir(exist_ok=True)
    chance = random.Random(2021)
    strata, population, sample, responses = [], [], [], []
    for owner, number in itertools.product(municipalities, (1, 2)):
        stratum, size = f"{owner}-{number:02}", len(SEXES) * len(BANDS)
        strata.append((WAVE, stratum, owner, f"a{number}", size * PERSONS * number, size * DRAWN))
        for sex, band in itertools.product(SEXES, BANDS):
            population.append((WAVE, owner, f"a{number}", sex, band, PERSONS * number))
            for person in range(DRAWN):
                case, responded = f"case{len(sample)}", int(person < ANSWERED)
                sample.append((WAVE, case, f"person{len(sample)}", stratum, sex, band, responded))
                if responded:
                    responses.append(
                        (WAVE, case, chance.choice(["woman", "man"]), "paper", *_answers(chance))
                    )
    recipes = [(item, item, "binary", yes, levels, unknown) for item, _, yes, levels, unknown in INDICATORS]
    write(folder / "strata.csv", "wave stratum municipality_code area population sampled", strata)
    write(
        folder / "population.csv", "wave municipality_code area legal_gender age_group population", population
    )
    write(folder / "sample.csv", "wave case_id person_id stratum legal_gender age_group responded", sample)
    write(folder / "responses.csv", "wave case_id gender mode " + " ".join(ITEMS), responses)
    write(folder / "indicators.csv", "indicator item type yes levels dont_know", recipes)
    write(folder / "mapping.csv", "item question code option comparable note", MAPPING)
    return folder


def write(path: Path, columns: str, rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns.split(), *rows])
    return path


def change(path: Path, old: str, new: str) -> None:
    """Replace a text of a file the first time it stands there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _answers(chance: random.Random) -> tuple[str, ...]:
    hit = "yes" if chance.random() < 0.15 else "no"
    return (
        chance.choices(["a", "b", "c", "d", "x", ""], [0.1, 0.1, 0.3, 0.4, 0.05, 0.05])[0],
        chance.choice("1234"),
        hit,
        chance.choice("12345"),
        chance.choice("12") if hit == "yes" or chance.random() < 0.02 else "",
        chance.choice("12"),
    )
