"""Tables of official statistics: the same figures in every form, and what is told of a wrong file."""

import io
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import official_files as official
import openpyxl
import pytest
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.municipality import Municipality
from survey.preparation import population
from survey.preparation.population import AGE_GROUPS, bounds
from survey.preparation.population_tables import population_of
from survey.preparation.statistical_files.reading import read_table
from survey.preparation.statistical_files.table import REGION, TIME, reduced

MAKERS: dict[str, Callable[[], bytes]] = {
    "t.csv": official.csv_file,
    "t.xlsx": official.workbook_file,
    "t.px": official.px_file,
    "t.json": official.json_stat_file,
    "old.json": official.px_web_file,
}
LAST_OF_APRIL = date(2026, 4, 30)


@pytest.fixture
def place(quick: Session) -> Session:
    for code in ("0125", "0980"):
        where = {"county_code": code[:2], "county": "Ett län", "police_region": "Stockholm"}
        quick.add(Municipality(code=code, name=official.REGIONS[code], **where))
    quick.flush()
    return quick


def expected() -> dict[tuple[str, str, str], int]:
    return {
        (code, {"1": "man", "2": "woman"}[sex], group): sum(
            official.persons(code, str(age), sex) for age in range(bounds(group)[0], bounds(group)[1] + 1)
        )
        for code in ("0125", "0980")
        for sex in official.SEXES
        for group in AGE_GROUPS
    }


def test_official_population_is_the_same_from_every_form(place: Session, tmp_path: Path) -> None:
    for name, make in MAKERS.items():
        path = tmp_path / name
        path.write_bytes(make())
        loaded = population.load_population(place, path, "tests")
        assert population.population_on(place, LAST_OF_APRIL) == expected(), name
        assert list(loaded.totals) == [LAST_OF_APRIL]
        assert any("har utelämnats: 1 (1980)" in remark for remark in loaded.remarks)
        noisy = any("slumpmässig osäkerhet" in remark for remark in loaded.remarks)
        assert noisy == (name in ("t.xlsx", "t.px", "t.json"))
        # Totals that are not the sum of their parts are told, and never put right.
        apart = any("personer. Inget är justerat" in remark for remark in loaded.remarks)
        assert apart == (name in ("t.csv", "t.json")), (name, loaded.remarks)


@pytest.mark.parametrize(
    ("name", "found", "replaced", "told"),
    [
        ("t.csv", '"16 år";"män";', '"16 år";"män";x', "rad 36, kolumnen Folkmängd 2026M04"),
        ("t.csv", '"16 år";"män"', '"15 år";"män"', "rad 36.*står redan på rad 34"),
        ("t.csv", '"16 år";"män";', '"16 år";', "rad 36: 3 fält men rubriken har 4"),
        ("t.px", " ..;", ";", "ska ha 2424 celler"),
        ("t.px", '"16"', '"16-17"', "åldersgruppen 16-19 går inte att lägga ihop"),
        ("t.px", "CODES(", "KEYS(", "bara en del av cellerna"),
        ("t.json", '"size": [3', '"size": [4', "ingen JSON-stat-tabell"),
        ("t.json", '"Kon"', '"Civil"', "ingen JSON-stat-tabell"),
        (
            "old.json",
            '["0125", "16", "1", "2026M04"], "values": ["',
            '["0125", "16", "1", "2026M04"], "values": ["..',
            "rad 33 i data: .* är inget tal",
        ),
        ("old.json", "2026M04", "2026M13", "varken ett år eller en månad"),
    ],
)
def test_a_wrong_file_is_told_by_its_place_and_nothing_is_stored(
    place: Session, tmp_path: Path, name: str, found: str, replaced: str, told: str
) -> None:
    encoding = "utf-8" if name.endswith("json") else "latin-1"
    text = MAKERS[name]().decode(encoding)
    assert found in text
    path = tmp_path / name
    path.write_bytes(text.replace(found, replaced, 1).encode(encoding))
    with pytest.raises(UserError, match=told):
        population.load_population(place, path, "tests")
    assert population.population_on(place, LAST_OF_APRIL) == {}


def test_what_stands_for_no_figure_is_read_with_its_reason() -> None:
    text = '"region";"2024M01";"2024M02";"2024M03"\n"0125 Ekerö";..;-;1 234,5\n'
    table = read_table("t.csv", text.encode("utf-16"))
    region, time = table.need(REGION, "region"), table.need(TIME, "tid")
    found = reduced(table, (region, time), {})
    assert [(cell.value, cell.note) for cell in found.values()] == [
        (None, "finns inte, är för osäker eller lämnas inte ut"),
        (0.0, ""),
        (1234.5, ""),
    ]
    assert found["0125", "2024M03"].where == "rad 2, kolumnen 2024M03"


def test_a_variable_that_is_not_asked_for_is_its_total_its_only_value_or_the_chosen_one() -> None:
    table = read_table("t.json", official.json_stat_file())
    region, time = table.need(REGION, "region"), table.need(TIME, "tid")
    both = reduced(table, (region, time), {})["0125", official.MONTH].value
    men = reduced(table, (region, time), {"kön": "män"})["0125", official.MONTH].value
    assert (both, men) == (
        official.total("0125", "1") + official.total("0125", "2"),
        official.total("0125", "1"),
    )
    without = read_table("t.px", official.px_file())
    with pytest.raises(UserError, match=r"variabeln civilstånd har flera värden.*ogifta, gifta"):
        reduced(without, (without.need(REGION, "region"),), {"kön": "män", "ålder": "16 år"})


def test_places_by_name_and_years_as_numbers_are_read_as_they_stand() -> None:
    named = read_table("t.csv", "kommun;2019;2020\nEkerö;1,5;2\n".encode())
    assert named.need(REGION, "kommun").categories == {"Ekerö": "Ekerö"}
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["Brott per år"], [], [None, 2019, 2020], ["0125 Ekerö", 1, 2], ["0980 Gotland", 3, ".."]):
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    table = read_table("t.xlsx", kept.getvalue())
    found = reduced(table, (table.need(REGION, "kommun"), table.need(TIME, "tid")), {})
    assert {key: cell.value for key, cell in found.items()} == {
        ("0125", "2019"): 1.0,
        ("0125", "2020"): 2.0,
        ("0980", "2019"): 3.0,
        ("0980", "2020"): None,
    }


def test_a_damaged_file_is_read_or_refused_and_never_breaks() -> None:
    drawn = random.Random(7)
    insertions = [b'"', b";", b"\n", b"(", b"=", b"\x00", b"[", b"{", b"TLIST(", b"9" * 400, b"1e999"]
    refused = 0
    for number in range(60):
        damaged = bytearray(MAKERS[sorted(MAKERS)[number % len(MAKERS)]]())
        for _ in range(3):
            place = drawn.randrange(min(len(damaged), 1500))
            damaged[place : place + drawn.randint(0, 20)] = drawn.choice(insertions)
        try:
            table = read_table("damaged", bytes(damaged))
            spans = {group: bounds(group) for group in AGE_GROUPS}
            population_of(table, {"0125", "0980"}, spans)
        except UserError:
            refused += 1
    assert refused > 40
