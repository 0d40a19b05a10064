"""Loads the official population by municipality, sex and age group: the totals that weights aim at."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.population import PopulationCount
from survey.preparation.csv_files import read_file, read_rows
from survey.preparation.geography import municipality_names
from survey.preparation.population_tables import PopulationTable, population_of
from survey.preparation.statistical_files.reading import read_table

COLUMNS = ("reference_date", "municipality_code", "municipality", "legal_gender", "age_group", "population")
GENDERS = ("woman", "man")
AGE_GROUPS = ("16-19", "20-24", "25-29", "30-34", "35-44", "45-54", "55-64", "65-74", "75-84")

Cell = tuple[str, str, str]  # municipality, register sex, age group


def bounds(age_group: str) -> tuple[int, int]:
    """The youngest and the oldest age of an age group."""
    youngest, oldest = age_group.split("-")
    return int(youngest), int(oldest)


def age_groups_between(age_min: int, age_max: int) -> tuple[str, ...]:
    """The age groups that make up an age window, which must begin and end where groups do."""
    inside = tuple(
        group for group in AGE_GROUPS if age_min <= bounds(group)[0] and bounds(group)[1] <= age_max
    )
    if not inside or bounds(inside[0])[0] != age_min or bounds(inside[-1])[1] != age_max:
        raise UserError(
            f"Åldrarna {age_min}–{age_max} går inte att räkna upp: de måste börja och sluta där "
            f"befolkningens åldersgrupper gör det ({', '.join(AGE_GROUPS)})."
        )
    return inside


@dataclass(frozen=True)
class LoadedPopulation:
    """The number of inhabitants by date, and what a reader should know of the file."""

    totals: Mapping[date, int]
    remarks: tuple[str, ...]


def load_population(session: Session, path: Path, by: str) -> LoadedPopulation:
    """Store the population of a file in place of what was there for its dates and municipalities.

    The file has our columns, or it is a table of official statistics as its producer gives it out.
    """
    names = municipality_names(session)
    content = read_file(path)
    if COLUMNS[0].encode() in content[:200]:
        found = PopulationTable(_own_cells(path, names), ())
    else:
        spans = {group: bounds(group) for group in AGE_GROUPS}
        found = population_of(read_table(path.name, content), names, spans)
    _require_every_cell(path.name, found.cells)
    _store(session, found.cells)
    totals: dict[date, int] = defaultdict(int)
    for (day, _), number in found.cells.items():
        totals[day] += number
    audit.record(session, by, "load population", path.name, totals={str(day): n for day, n in totals.items()})
    return LoadedPopulation(dict(totals), found.remarks)


def _own_cells(path: Path, names: Mapping[str, str]) -> dict[tuple[date, Cell], int]:
    cells: dict[tuple[date, Cell], int] = {}
    for row in read_rows(path, COLUMNS):
        code = row.text("municipality_code")
        if code not in names:
            raise row.error("municipality_code", "en kommun som är inläst")
        gender = row.choice("legal_gender", GENDERS)
        age_group = row.choice("age_group", AGE_GROUPS)
        key = (row.day("reference_date"), (code, gender, age_group))
        if key in cells:
            raise UserError(
                f"{row.file}, rad {row.line}: samma datum, kommun, kön och åldersgrupp står två gånger. "
                "Inget har sparats."
            )
        cells[key] = row.number("population")
    return cells


def loaded_days(session: Session) -> list[date]:
    """The days whose population is loaded, in order of time."""
    return sorted(session.scalars(select(PopulationCount.reference_date).distinct()))


def population_on(session: Session, day: date) -> dict[Cell, int]:
    """Inhabitants on a date by municipality, register sex and age group."""
    rows = session.execute(
        select(
            PopulationCount.municipality_code,
            PopulationCount.legal_gender,
            PopulationCount.age_group,
            PopulationCount.population,
        ).where(PopulationCount.reference_date == day)
    )
    return {(code, gender, age_group): number for code, gender, age_group, number in rows}


def _require_every_cell(file: str, cells: Mapping[tuple[date, Cell], int]) -> None:
    for day, code in sorted({(day, cell[0]) for day, cell in cells}):
        for gender in GENDERS:
            for age_group in AGE_GROUPS:
                if (day, (code, gender, age_group)) not in cells:
                    raise UserError(
                        f"{file}: kommun {code} saknar {gender} {age_group} den {day}. "
                        "Varje kommun ska ha en rad för varje kön och åldersgrupp. Inget har sparats."
                    )


def _store(session: Session, cells: Mapping[tuple[date, Cell], int]) -> None:
    for day in {day for day, _ in cells}:
        codes = sorted({cell[0] for cell_day, cell in cells if cell_day == day})
        session.execute(
            delete(PopulationCount).where(
                PopulationCount.reference_date == day, PopulationCount.municipality_code.in_(codes)
            )
        )
    session.execute(
        insert(PopulationCount),
        [
            {
                "reference_date": day,
                "municipality_code": code,
                "legal_gender": gender,
                "age_group": age_group,
                "population": number,
            }
            for (day, (code, gender, age_group)), number in cells.items()
        ],
    )
