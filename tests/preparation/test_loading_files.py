"""Geography and population: what a file gives, and every way it can be wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.population import PopulationCount
from survey.preparation import geography, population
from survey.preparation.population import AGE_GROUPS, GENDERS, age_groups_between

MUNICIPALITIES = """municipality_code,municipality,county_code,county,police_region
0125,Ekerö,01,Stockholms län,Stockholm
0980,Gotland,09,Gotlands län,Stockholm
"""
AREAS = """area_code,municipality_code,name,valid_from,valid_to
0125-01,0125,Område 1,2018-01-01,
0125-02,0125,Område 2,2018-01-01,2020-12-31
0980-01,0980,Område 1,2018-01-01,
"""
DAY = date(2019, 12, 31)
BY = "test"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str) -> Path:
        path = tmp_path / "file.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def loaded(session: Session, write: Write) -> Session:
    geography.load_municipalities(session, write(MUNICIPALITIES), BY)
    return session


@pytest.fixture
def quickly_loaded(quick: Session, write: Write) -> Session:
    geography.load_municipalities(quick, write(MUNICIPALITIES), BY)
    return quick


def population_text(days: tuple[date, ...] = (DAY,), number: int = 10) -> str:
    rows = [
        f"{day},{code},{name},{gender},{age_group},{number}"
        for day in days
        for code, name in (("0125", "Ekerö"), ("0980", "Gotland"))
        for gender in GENDERS
        for age_group in AGE_GROUPS
    ]
    return "\n".join([",".join(population.COLUMNS), *rows]) + "\n"


def test_municipalities_and_areas_are_loaded_and_can_be_loaded_again(loaded: Session, write: Write) -> None:
    assert geography.load_areas(loaded, write(AREAS), BY) == 3
    assert geography.load_areas(loaded, write(AREAS.replace("Område 1", "Centrum")), BY) == 3
    assert geography.load_municipalities(loaded, write("\ufeff" + MUNICIPALITIES), BY) == 2
    assert loaded.get_one(Area, "0125-01").name == "Centrum"
    assert geography.municipality_names(loaded) == {"0125": "Ekerö", "0980": "Gotland"}


def test_a_file_may_say_of_what_kind_each_municipality_is(quick: Session, write: Write) -> None:
    lines = zip(MUNICIPALITIES.splitlines(), ("skr_group", "Pendlingskommun", ""), strict=True)
    geography.load_municipalities(quick, write("\n".join(",".join(line) for line in lines)), BY)
    kinds = {row.code: row.skr_group for row in quick.scalars(select(Municipality))}
    assert kinds == {"0125": "Pendlingskommun", "0980": None}


def test_only_areas_valid_on_the_day_are_given(loaded: Session, write: Write) -> None:
    geography.load_areas(loaded, write(AREAS), BY)
    assert list(geography.areas_on(loaded, date(2020, 12, 31))) == ["0125-01", "0125-02", "0980-01"]
    assert list(geography.areas_on(loaded, date(2021, 1, 1))) == ["0125-01", "0980-01"]
    assert geography.areas_on(loaded, date(2017, 12, 31)) == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "saknar kolumnerna municipality_code"),
        ("municipality_code;municipality\n", "kommaseparerad"),
        (MUNICIPALITIES.splitlines()[0] + "\n", "inga rader"),
        (MUNICIPALITIES.replace("0980", "980"), "rad 3: kolumnen municipality_code är '980'"),
        (MUNICIPALITIES.replace("0980", "0125"), "inte redan står i filen"),
        (MUNICIPALITIES.replace("Gotland,", ",", 1), "rad 3: kolumnen municipality är ''"),
        (
            MUNICIPALITIES.replace("Gotland", "Got\0land", 1),
            "rad 3: kolumnen municipality .* utan styrtecken",
        ),
        (MUNICIPALITIES.replace("Gotland", "Got\u202eland", 1), "utan styrtecken"),
        (MUNICIPALITIES + "0126,Huddinge\n", "rad 4: 2 fält men rubriken har 5"),
    ],
)
def test_a_faulty_file_of_municipalities_is_told_and_nothing_stored(
    quick: Session, write: Write, content: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        geography.load_municipalities(quick, write(content), BY)
    assert quick.scalar(select(func.count()).select_from(Municipality)) == 0


@pytest.mark.parametrize(
    ("found", "replaced", "told"),
    [
        ("0980-01,0980", "0981-01,0981", "en kommun som är inläst"),
        ("0980-01,0980", "0125-09,0980", "till exempel 0980-07"),
        ("0980-01", "0980", "till exempel 0980-07"),
        ("0125-02", "0125-01", "inte redan står i filen"),
        ("2020-12-31", "2017-12-31", "inte före valid_from"),
        ("2020-12-31", "i fjol", "ett datum som 2026-11-30"),
        ("Område 2", "", "ett värde med 1–80 tecken"),
    ],
)
def test_a_faulty_file_of_areas_is_told_and_nothing_stored(
    quickly_loaded: Session, write: Write, found: str, replaced: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        geography.load_areas(quickly_loaded, write(AREAS.replace(found, replaced)), BY)
    assert quickly_loaded.scalar(select(func.count()).select_from(Area)) == 0


def test_a_missing_file_and_a_file_of_another_encoding_are_told(quick: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="kan inte öppnas"):
        geography.load_municipalities(quick, tmp_path / "none.csv", BY)
    latin = tmp_path / "latin.csv"
    latin.write_bytes(MUNICIPALITIES.encode("latin-1"))
    with pytest.raises(UserError, match="UTF-8"):
        geography.load_municipalities(quick, latin, BY)


def test_population_is_stored_by_cell_and_replaced_by_a_new_file(loaded: Session, write: Write) -> None:
    other_day = date(2022, 9, 30)
    text = population_text((DAY, other_day))
    assert population.load_population(loaded, write(text), BY).totals == {DAY: 360, other_day: 360}
    population.load_population(loaded, write(population_text(number=7)), BY)
    assert set(population.population_on(loaded, DAY).values()) == {7}
    assert set(population.population_on(loaded, other_day).values()) == {10}
    assert len(population.population_on(loaded, DAY)) == 2 * len(GENDERS) * len(AGE_GROUPS)


@pytest.mark.parametrize(
    ("found", "replaced", "told"),
    [
        ("0980", "0981", "en kommun som är inläst"),
        (",woman,16-19,10", ",kvinna,16-19,10", "något av woman, man"),
        (",woman,16-19,10", ",woman,16-17,10", "något av 16-19"),
        (",woman,16-19,10", ",woman,16-19,-1", "ett heltal, 0 eller större"),
        (",woman,16-19,10", ",woman,16-19,10.5", "ett heltal, 0 eller större"),
        (",woman,16-19,10", ",woman,16-19,", "ett heltal, 0 eller större"),
        (",woman,16-19,10", ",woman,20-24,10", "står två gånger"),
        ("2019-12-31,0125,Ekerö,woman,16-19,10\n", "", "kommun 0125 saknar woman 16-19 den 2019-12-31"),
        ("2019-12-31,0125,Ekerö,woman,16-19", "2019-12-32,0125,Ekerö,woman,16-19", "ett datum"),
    ],
)
def test_a_faulty_population_is_told_and_nothing_stored(
    quickly_loaded: Session, write: Write, found: str, replaced: str, told: str
) -> None:
    text = population_text().replace(found, replaced, 1)
    with pytest.raises(UserError, match=told):
        population.load_population(quickly_loaded, write(text), BY)
    assert quickly_loaded.scalar(select(func.count()).select_from(PopulationCount)) == 0


def test_an_age_window_is_made_of_whole_age_groups() -> None:
    assert age_groups_between(16, 84) == AGE_GROUPS
    assert age_groups_between(20, 64) == AGE_GROUPS[1:7]
    for low, high in ((18, 84), (16, 80), (84, 16), (90, 99), (0, 84)):
        with pytest.raises(UserError, match="måste börja och sluta där"):
            age_groups_between(low, high)
