"""Released results of two municipalities in a database, with a report for one of them."""

import hashlib
import json
import sys
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import insert
from sqlalchemy.orm import Session

from analysis.settings import Settings
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import (
    Audience,
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    Release,
    Report,
    ResponseRate,
)
from survey.models.releasing import Embargo
from survey.models.wave import Stratum, Wave
from survey.publication.released import Released

sys.path.append(str(Path(__file__).parent / "publication"))

import golden

WAVE, EARLIER = "2019", "2018"
NACKA, VAXHOLM = "0182", "0187"
RELEASED_AT = datetime(2020, 2, 1, tzinfo=UTC)
NAMES = {NACKA: "Nacka", VAXHOLM: "Vaxholm"}
PDF = b"%PDF-1.7 a report"


@cache
def made_up(synthetic: bool = True) -> Released:
    """What is released of Nacka."""
    return golden.release(n=900, areas=2, synthetic=synthetic)


def add_release(session: Session, output: Path, *, released: bool = True, synthetic: bool = True) -> int:
    """Two waves and a release of the later one; a draft when it is not released."""
    tables = made_up(synthetic)
    _add_places(session)
    for code in (EARLIER, WAVE):
        _add_wave(session, tables, code)
    release = Release(
        wave_code=WAVE,
        version=1,
        synthetic=synthetic,
        created_at=datetime(2020, 1, 1, tzinfo=UTC),
        created_by="tests",
        manifest=json.dumps(
            {
                "disclosure": "primary and secondary",
                "fingerprints": {WAVE: {"answers": "abc"}},
                "settings": Settings.default().as_dict(),
            }
        ),
    )
    session.add(release)
    session.flush()
    for model, rows in _figures(synthetic, release.id):
        session.execute(insert(model.__table__), rows)
    _add_report(session, release.id, output)
    if released:
        release.released_at, release.released_by = RELEASED_AT, "tests"
        open_to_all(session, release.id, RELEASED_AT)
    session.flush()
    return release.id


@cache
def _figures(synthetic: bool, release_id: int) -> list[tuple[Any, list[dict[str, object]]]]:
    """Each released table of the two municipalities as rows; made once for all tests of a process."""
    tables = made_up(synthetic)
    diagnostics = tables.diagnostics.assign(sampled=1667, responded=900, collapsed="")
    return [
        (model, [row for code in NAMES for row in _rows(_moved(table, code), release_id)])
        for model, table in (
            (Estimate, tables.estimates),
            (Change, tables.changes),
            (Comparison, tables.comparisons),
            (ResponseRate, tables.response_rates),
            (Diagnostic, diagnostics),
        )
    ]


def open_to_all(session: Session, release_id: int, moment: datetime) -> None:
    """Let every audience read a release from the same moment."""
    session.add_all(
        Embargo(release_id=release_id, audience=audience.value, opens_at=moment) for audience in Audience
    )


def _add_places(session: Session) -> None:
    for code, name in NAMES.items():
        session.add(
            Municipality(
                code=code, name=name, county_code="01", county="Stockholms län", police_region="Stockholm"
            )
        )
    session.flush()
    for code in NAMES:
        for number in (1, 2):
            area = Area(code=f"{code}-{number:02d}", municipality_code=code, name=f"Område {number}")
            area.valid_from = date(2018, 1, 1)
            session.add(area)
    session.flush()


def _add_wave(session: Session, tables: Released, code: str) -> None:
    wave = golden.wave(code, tables.wave.synthetic)
    session.add(
        Wave(
            **{name: value for name, value in vars(wave).items() if name != "participants"},
            seed=1,
            status="closed",
        )
    )
    session.flush()
    for municipality in NAMES:
        for number in (1, 2):
            area = f"{municipality}-{number:02d}"
            session.add(
                Stratum(
                    wave_code=code,
                    area_code=area,
                    municipality_code=municipality,
                    population=900,
                    sampled=300,
                )
            )


def _moved(table: pd.DataFrame, code: str) -> pd.DataFrame:
    """The table as if it were about another municipality; the rows of the region go with the first only."""
    moved = table.copy()
    column = "code" if "code" in moved else "municipality_code"
    if column == "code" and code != NACKA:
        moved = moved[moved["geography"] != "all"].copy()
    for name in {column, "against_code"} & set(moved):
        moved[name] = moved[name].str.replace(NACKA, code)
    return moved


def _rows(table: pd.DataFrame, release_id: int) -> list[dict[str, object]]:
    rows = []
    for row in table.to_dict("records"):
        values = {str(name): None if value != value else value for name, value in row.items()}
        if "released" in values:
            values["released"] = bool(values["released"])
        rows.append({**values, "release_id": release_id})
    return rows


def _add_report(session: Session, release_id: int, output: Path) -> None:
    folder = output / "reports" / WAVE
    folder.mkdir(parents=True)
    name = f"{NACKA}-nacka-SIMULERADE-SVAR.pdf"
    (folder / name).write_bytes(PDF)
    session.add(
        Report(
            release_id=release_id,
            municipality_code=NACKA,
            file_name=name,
            sha256=hashlib.sha256(PDF).hexdigest(),
            pages=9,
            created_at=datetime(2020, 2, 1, tzinfo=UTC),
        )
    )
