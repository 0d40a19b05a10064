from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.demo.geography import Plan, counts, plan
from survey.demo.residents import POPULATION_DATES, Residents, Texts
from survey.demo.truth import REPORTING_AGES, truth, truth_table, write_truth
from survey.preparation.population import AGE_GROUPS
from survey.questionnaire import indicators

PERSONS = 400_000
DOMAINS = [
    ("all", "all"), ("woman", "all"), ("man", "all"), ("other", "all"), ("all", "16-29"), ("all", "65-84"),
    ("woman", "16-29"), ("man", "45-64"),
]  # fmt: skip


@pytest.fixture(scope="module")
def areas() -> Plan:
    return plan("small", 4)


@pytest.fixture(scope="module")
def model(areas: Plan) -> Residents:
    return Residents(areas, 4)


@pytest.fixture(scope="module")
def table(areas: Plan, model: Residents) -> pd.DataFrame:
    cells = counts(areas, POPULATION_DATES["2022"])
    codes = [municipality.code for municipality in areas.municipalities]
    return truth_table(model.wave("2022"), cells, indicators.rows(), codes)


@pytest.fixture(scope="module")
def simulated(areas: Plan, model: Residents) -> tuple[np.ndarray, dict[str, Texts]]:
    cells = counts(areas, POPULATION_DATES["2022"]).ravel()
    rng = np.random.default_rng(9)
    people = rng.choice(len(cells), size=PERSONS, p=cells / cells.sum())
    return people, model.wave("2022").answer(people, rng)


def _recipe_by_hand(recipe: dict[str, str], answers: dict[str, Texts]) -> tuple[np.ndarray, np.ndarray]:
    items = (recipe["items"] or recipe["item"]).split()
    yes, levels = recipe["yes"].split(), recipe["levels"].split()
    counts_ = np.any([np.isin(answers[item], yes) for item in items], axis=0)
    base = np.any([np.isin(answers[item], levels) for item in items], axis=0)
    if recipe["base"]:
        conditions = [condition.split("=") for condition in recipe["base"].split("|")]
        base &= np.any([answers[item] == code for item, code in conditions], axis=0)
    return counts_, base


@pytest.mark.parametrize("recipe", indicators.rows(), ids=lambda row: row["indicator"])
def test_truth_is_what_a_very_large_sample_of_the_simulator_finds(
    recipe: dict[str, str], table: pd.DataFrame, simulated: tuple[np.ndarray, dict[str, Texts]]
) -> None:
    people, answers = simulated
    yes, base = _recipe_by_hand(recipe, answers)
    band = np.array(AGE_GROUPS)[people % len(AGE_GROUPS)]
    for gender, age in DOMAINS:
        who = base & ((answers["gender"] == gender) | (gender == "all"))
        who &= np.isin(band, REPORTING_AGES.get(age, AGE_GROUPS))
        found = yes[who].mean()
        expected = truth(table, "2022", recipe["indicator"], gender=gender, age_group=age)
        # 34 indicators x 8 groups: 4.5 standard errors are passed by chance once in 500 runs of all of them.
        assert abs(found - expected) < 4.5 * np.sqrt(expected * (1 - expected) / who.sum())


def test_truth_of_a_municipality_and_an_area_are_those_of_their_residents(
    areas: Plan, table: pd.DataFrame, simulated: tuple[np.ndarray, dict[str, Texts]]
) -> None:
    people, answers = simulated
    place = people // (2 * len(AGE_GROUPS))
    yes = np.isin(answers["unsafe_evening"], ["3", "4", "5"])
    base = np.isin(answers["unsafe_evening"], ["1", "2", "3", "4", "5"])
    sites = [("municipality", "0980", areas.rows_of("0980")), ("area", areas.areas[3].code, np.array([3]))]
    for geography, code, rows in sites:
        who = base & np.isin(place, rows)
        expected = truth(table, "2022", "unsafe_evening", geography, code)
        assert abs(yes[who].mean() - expected) < 4.5 * np.sqrt(expected * (1 - expected) / who.sum())


def test_a_municipality_that_declined_is_no_part_of_the_total(
    areas: Plan, model: Residents, table: pd.DataFrame
) -> None:
    cells = counts(areas, POPULATION_DATES["2022"])
    without = [m.code for m in areas.municipalities if m.code != "0980"]
    smaller = truth_table(model.wave("2022"), cells, indicators.rows(), without)
    assert "0980" not in set(smaller["code"])
    assert not smaller["code"].str.startswith("0980-").any()
    assert truth(smaller, "2022", "unsafe_evening") != truth(table, "2022", "unsafe_evening")


def test_truth_survives_the_file(table: pd.DataFrame, tmp_path: Path) -> None:
    write_truth(table, tmp_path / "truth" / "2022.csv")
    again = pd.read_csv(tmp_path / "truth" / "2022.csv", dtype={"wave": str, "code": str})
    assert np.allclose(again["truth"], table["truth"])
    assert list(again.columns) == ["wave", "geography", "code", "gender", "age_group", "indicator", "truth"]
