import csv
from collections import Counter
from datetime import date

import numpy as np
import pytest

from survey.demo.borders import write_borders
from survey.demo.geography import (
    FULL_AREAS,
    MUNICIPALITIES_FILE,
    POPULATION_FILE,
    SMALL_MUNICIPALITIES,
    counts,
    plan,
    restrict,
    stream,
)
from survey.preparation.border_checks import find_faults
from survey.preparation.border_files import read_features
from survey.preparation.population import AGE_GROUPS, GENDERS

DATES = (date(2018, 9, 30), date(2019, 12, 31), date(2022, 9, 30))


def _official(reference_date: date) -> Counter[tuple[str, str, str]]:
    cells: Counter[tuple[str, str, str]] = Counter()
    with POPULATION_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["reference_date"] == reference_date.isoformat():
                key = row["municipality_code"], row["legal_gender"], row["age_group"]
                cells[key] = int(row["population"])
    return cells


@pytest.mark.parametrize("reference_date", DATES)
def test_areas_add_up_to_the_real_population_cell_by_cell(reference_date: date) -> None:
    areas = plan("full", seed=7)
    cells = counts(areas, reference_date)
    summed: Counter[tuple[str, str, str]] = Counter()
    for area, table in zip(areas.areas, cells, strict=True):
        for g, gender in enumerate(GENDERS):
            for b, band in enumerate(AGE_GROUPS):
                summed[area.municipality_code, gender, band] += int(table[g, b])
    assert summed == _official(reference_date)


def test_the_full_plan_has_as_many_areas_as_region_stockholm_invited_three_hundreds() -> None:
    areas = plan("full", seed=1)
    assert len(areas.areas) == FULL_AREAS
    assert FULL_AREAS * 300 == 81_300
    assert len(areas.municipalities) == 27


def test_areas_have_neutral_names_and_codes_of_their_municipality() -> None:
    areas = plan("full", seed=1)
    for municipality in areas.municipalities:
        own = [areas.areas[i] for i in areas.rows_of(municipality.code)]
        assert [area.name for area in own] == [f"Område {i}" for i in range(1, len(own) + 1)]
        assert [area.code for area in own] == [f"{municipality.code}-{i:02d}" for i in range(1, len(own) + 1)]


def test_every_area_holds_more_than_three_hundred_people_in_every_wave() -> None:
    areas = plan("full", seed=20261101)
    for reference_date in DATES:
        assert counts(areas, reference_date).sum(axis=(1, 2)).min() > 400


def test_areas_are_unequal_by_a_factor_of_up_to_about_ten() -> None:
    areas = plan("full", seed=3)
    cells = counts(areas, DATES[1]).sum(axis=(1, 2))
    own = [cells[areas.rows_of(municipality.code)] for municipality in areas.municipalities]
    ratios = [sizes.max() / sizes.min() for sizes in own]
    assert 4 < np.median(ratios) < 12
    assert max(ratios) < 14


def test_the_plan_is_the_same_from_the_same_seed_and_another_from_another() -> None:
    assert np.array_equal(plan("full", 5).shares, plan("full", 5).shares)
    assert not np.array_equal(plan("full", 5).shares, plan("full", 6).shares)


def test_a_part_of_the_plan_keeps_its_areas_and_people() -> None:
    whole = plan("full", 5)
    part = restrict(whole, ["0187"])
    assert {area.municipality_code for area in part.areas} == {"0187"}
    assert np.array_equal(counts(part, DATES[2]), counts(whole, DATES[2])[whole.rows_of("0187")])


def test_the_small_plan_has_few_small_municipalities_with_gotland_and_vaxholm() -> None:
    areas = plan("small", 5)
    assert {m.code for m in areas.municipalities} == set(SMALL_MUNICIPALITIES) >= {"0187", "0980"}
    assert all(2 < len(areas.rows_of(code)) <= 4 for code in SMALL_MUNICIPALITIES)


def test_random_streams_of_different_purposes_are_different() -> None:
    assert stream(1, "a").random() != stream(1, "b").random()
    assert stream(1, "a").random() == stream(1, "a").random()


def test_the_municipality_table_has_the_twenty_seven_of_the_police_region() -> None:
    with MUNICIPALITIES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 27
    assert {row["police_region"] for row in rows} == {"Stockholm"}


def test_invented_borders_are_taken_as_they_are_by_what_reads_borders() -> None:
    areas = plan("full", 1)
    drawn = write_borders(areas, 1)
    features = read_features(drawn.areas.encode())
    assert [feature.code for feature in features] == [area.code for area in areas.areas]
    islands = {one.code: one.shape for one in read_features(drawn.municipalities.encode())}
    assert find_faults(islands, None, "") == []
    for municipality in areas.municipalities:
        own = {one.code: one.shape for one in features if one.code.startswith(municipality.code)}
        assert find_faults(own, islands[municipality.code], "kommunen") == []
    assert write_borders(areas, 1) == write_borders(areas, 1) != write_borders(areas, 2)
