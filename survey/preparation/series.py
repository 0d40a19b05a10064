"""Series known only as published figures: loaded as given, given out as the file that the statistics read."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from analysis.errors import InputError
from analysis.schema import read_published
from survey import audit
from survey.errors import UserError
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.series import PublishedFigure
from survey.models.wave import Wave
from survey.preparation.wave_settings import CODE
from survey.questionnaire import indicators

KEY = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic")
FIGURES = ("estimate", "n", "se", "lower", "upper")
PLACES = {"municipality": Municipality.code, "area": Area.code}
LONGEST = {"source": 200, "code": 40, "age_group": 12}


@dataclass(frozen=True)
class SeriesReport:
    """What a file of published figures held."""

    figures: int
    waves: tuple[str, ...]
    testable: int  # figures whose uncertainty is known


def import_series(session: Session, path: Path, synthetic: bool, by: str, today: date) -> SeriesReport:
    """Store the figures of a published.csv, all of them or none; one that is there already is refused."""
    known = pd.DataFrame({"wave": session.scalars(select(Wave.code)).all()}, dtype="str")
    try:
        table = read_published(path, pd.DataFrame(indicators.rows()), known)
    except InputError as error:
        raise UserError(f"Filen {path.name} kan inte läsas in: {error} Inget har sparats.") from error
    _check(session, path.name, table)
    more = {"synthetic": synthetic, "imported_on": today}
    session.execute(insert(PublishedFigure), [{**row, **more} for row in _rows(table)])
    report = SeriesReport(
        figures=len(table),
        waves=tuple(sorted(set(table["wave"]))),
        testable=int((table["se"].notna() | table["lower"].notna()).sum()),
    )
    audit.record(session, by, "import series", path.name, synthetic=synthetic, **report.__dict__)
    return report


def export_series(session: Session, synthetic: bool) -> str:
    """The stored figures as the text of a published.csv, in order of their keys."""
    columns = [getattr(PublishedFigure, name) for name in (*KEY, *FIGURES, "source")]
    rows = session.execute(select(*columns).where(PublishedFigure.synthetic == synthetic)).all()
    table = pd.DataFrame(
        sorted(rows, key=lambda row: tuple(row[: len(KEY)])), columns=[*KEY, *FIGURES, "source"]
    )
    return table.astype({"n": "Int64"}).to_csv(index=False, lineterminator="\n")


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of the table for the database: missing as None, n as a whole number."""
    names = [*KEY, *FIGURES, "source"]
    columns = table[names].astype({"n": "Int64"}).astype(object)
    values = columns.where(columns.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in values]


def _check(session: Session, file: str, table: pd.DataFrame) -> None:
    """Waves, places and texts that we have a place for, and no figure twice."""
    wrong = ~table["wave"].map(lambda code: bool(CODE.fullmatch(code))).astype(bool)
    _refuse(file, table, "wave", wrong, "ett årtal, eller ett årtal med tillägg, som 2019 eller 2019-11")
    for name, longest in LONGEST.items():
        wrong = (
            table[name]
            .map(lambda text, most=longest: len(text) > most or not text.isprintable())
            .astype(bool)
        )
        _refuse(file, table, name, wrong, f"högst {longest} tecken, inga styrtecken")
    _refuse(
        file, table, "geography", ~table["geography"].isin([*PLACES, "all"]), "all, municipality eller area"
    )
    for geography, column in PLACES.items():
        unknown = table["geography"].eq(geography) & ~table["code"].isin(
            session.scalars(select(column)).all()
        )
        _refuse(file, table, "code", unknown, "en kommun eller ett delområde som är inläst")
    there = set(map(tuple, session.execute(select(*(getattr(PublishedFigure, name) for name in KEY)))))
    again = pd.Series(
        [row in there for row in table[list(KEY)].itertuples(index=False, name=None)], dtype=bool
    )
    _refuse(file, table, "wave", again, "en uppgift som inte redan är inläst")


def _refuse(file: str, table: pd.DataFrame, column: str, wrong: "pd.Series[bool]", expected: str) -> None:
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise UserError(
            f"{file}, rad {row + 2}: kolumnen {column} är {str(table[column].iloc[row])[:40]!r} men ska vara "
            f"{expected}. Inget har sparats."
        )
