"""The sheets of the analysts' workbook: every municipality's totals and the region's, in full precision."""

import pandas as pd
from sqlalchemy.orm import Session

from survey.models.release import Change, Estimate
from survey.notice import NOTICE
from survey.publication.downloads import dictionary
from survey.publication.downloads.municipality_sheets import questions
from survey.publication.downloads.sheets import Cell, Column, Kind, Sheet
from survey.publication.downloads.tables import TABLES
from survey.publication.embargo import Reader
from survey.publication.released import ALL, records
from survey.publication.releases import find_release, released_municipalities
from survey.publication.results import read_table, total_rows

NAMES = {
    "estimates": "Skattningar",
    "changes": "Förändringar",
    "diagnostics": "Svar och vikter",
    "response_rates": "Svarsfrekvens",
}
INTROS = {
    "estimates": "Kommunernas och regionens totaler. Kön, åldrar och delområden finns i tabellen som csv.",
    "changes": "Kommunernas och regionens totaler. Läs utfallet (verdict), inte bara talet.",
    "diagnostics": "Hur många som svarade i varje kommun, och hur vikterna blev.",
    "response_rates": "Tillfrågade och svarande efter kön och ålder enligt folkbokföringen.",
}
PLACE = Column("place", width=26, note="Kommunens namn.")


def analyst_sheets(session: Session, wave_code: str, reader: Reader) -> tuple[Sheet, ...]:
    """What the workbook is, then a sheet for each released table, then the questions."""
    release = find_release(session, wave_code, reader)
    names = {**dict(released_municipalities(session, wave_code, reader)), ALL: "Hela regionen"}
    about: list[tuple[Cell, ...]] = [
        ("Mätning", wave_code),
        ("Utgåva", str(release.version)),
        ("Kommuner", str(len(names) - 1)),
        ("Tal som inte visas", "Cellen är tom av en orsak: den står i kolumnen reason."),
        ("Kolumner och koder", "Kodboken (csv eller json) förklarar varje kolumn och kod."),
        ("Källa", f"Källa: mätningen {wave_code}, utgåva {release.version}."),
    ]
    if release.synthetic:
        about.insert(0, ("Obs", NOTICE))
    first = Sheet(
        "Läs detta",
        f"Mätningen {wave_code}, alla kommuner",
        "Släppta tal i full precision, för den som räknar vidare.",
        (Column("Uppgift", width=26), Column("Svar", width=90)),
        tuple(about),
    )
    return (first, *(_table(session, release.id, table, names) for table in TABLES), questions())


def _table(session: Session, release_id: int, table: str, names: dict[str, str]) -> Sheet:
    model = TABLES[table]
    condition = total_rows(model) if model in (Estimate, Change) else None
    frame = read_table(session, model, release_id, condition)
    code = "code" if "code" in frame else "municipality_code"
    rows = tuple(
        (names.get(str(row[code]), str(row[code])), *map(_cell, row.values())) for row in records(frame)
    )
    columns = (PLACE, *(_column(table, str(name), frame[name]) for name in frame.columns))
    return Sheet(NAMES[table], f"{NAMES[table]}, alla kommuner", INTROS[table], columns, rows)


def _column(table: str, name: str, values: "pd.Series[float]") -> Column:
    meaning = dictionary.TABLE_MEANINGS[table].get(name) or dictionary.KEYS[name]
    is_number = pd.api.types.is_numeric_dtype(values)
    return Column(name, Kind.NUMBER if is_number else Kind.TEXT, 13, f"{meaning.text}. {meaning.unit}.")


def _cell(value: object) -> Cell:
    """Numbers as they were released; what is missing is empty."""
    if value is None or value != value:
        return None
    if isinstance(value, bool | int | float):
        return int(value) if isinstance(value, bool) else value
    return str(value)
