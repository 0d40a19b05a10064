"""Golden cases as rows of a database that holds released tables."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime

import golden
import pandas as pd
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import Change, Comparison, Diagnostic, Estimate, Release, ResponseRate
from survey.models.wave import Stratum, Wave
from survey.publication.released import Released, records

RELEASED_AT = datetime(2023, 2, 1, 12, tzinfo=UTC)
TABLES = {
    "estimates": Estimate,
    "changes": Change,
    "comparisons": Comparison,
    "response_rates": ResponseRate,
    "diagnostics": Diagnostic,
}


def store_release(
    session: Session, released: Released, version: int = 1, released_at: datetime | None = None
) -> int:
    """Put made-up tables into the database as the processing stage would."""
    waves = [released.wave, *released.earlier.values()]
    place = released.place
    if session.get(Municipality, place.code) is None:
        session.add(
            Municipality(
                code=place.code, name=place.name, county_code="01", county="Län", police_region="Region"
            )
        )
        session.flush()
        session.add_all(
            Area(code=code, municipality_code=place.code, name=name, valid_from=date(2000, 1, 1))
            for code, name in place.areas.items()
        )
    for wave in waves:
        if session.get(Wave, wave.code) is None:
            session.add(wave_row(wave))
            session.flush()
            session.add_all(
                Stratum(
                    wave_code=wave.code, area_code=code, municipality_code=place.code, population=9, sampled=3
                )
                for code in place.areas
            )
    session.flush()
    release = Release(
        wave_code=released.wave.code,
        version=version,
        synthetic=released.release.synthetic,
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
        created_by="test",
        manifest=json.dumps(
            {
                "disclosure": "primary and secondary",
                "fingerprints": {released.wave.code: {"answers": "abc123"}},
                "settings": released.release.settings,
            }
        ),
    )
    session.add(release)
    session.flush()
    for name, model in TABLES.items():
        rows = _records(getattr(released, name), model, release.id)
        if rows:
            session.execute(insert(model), rows)
    if released_at is not None:
        release.released_at, release.released_by = released_at, "test"
    session.flush()
    return release.id


def store_country(session: Session, released: Released, codes: Sequence[str]) -> int:
    """The same figures for more municipalities, each with its areas, in one release."""
    release_id = store_release(session, released)
    place = released.place
    for code in codes:
        session.add(
            Municipality(
                code=code, name=f"Kommun {code}", county_code="01", county="Län", police_region="Region"
            )
        )
        session.flush()
        for area in place.areas:
            session.add(
                Area(
                    code=area.replace(place.code, code),
                    municipality_code=code,
                    name=place.areas[area],
                    valid_from=date(2000, 1, 1),
                )
            )
        session.flush()
        session.add_all(
            Stratum(
                wave_code=released.wave.code,
                area_code=area.replace(place.code, code),
                municipality_code=code,
                population=9,
                sampled=3,
            )
            for area in place.areas
        )
        for model in TABLES.values():
            _copy(session, model, release_id, [place.code, *place.areas], code)
    release = session.get_one(Release, release_id)
    release.released_at, release.released_by = RELEASED_AT, "test"
    session.flush()
    return release_id


def _copy(session: Session, model: type, release_id: int, codes: Sequence[str], new: str) -> None:
    table = model.__table__
    of_place = "code" if "code" in table.c else "municipality_code"
    names = [column.name for column in table.c if column.name != "id"]
    figures = [
        func.replace(table.c[name], codes[0], new) if name == of_place else table.c[name] for name in names
    ]
    rows = select(*figures).where(table.c.release_id == release_id, table.c[of_place].in_(codes))
    session.execute(insert(model).from_select(names, rows))


def wave_row(wave: golden.Wave) -> Wave:
    return Wave(
        code=wave.code,
        title=wave.title,
        questionnaire=wave.questionnaire,
        questionnaire_hash=wave.questionnaire_hash,
        population_date=wave.population_date,
        field_start=wave.field_start,
        field_end=wave.field_end,
        age_min=wave.age_min,
        age_max=wave.age_max,
        sample_per_area=wave.sample_per_area,
        seed=1,
        synthetic=wave.synthetic,
        status="closed",
    )


def _records(table: pd.DataFrame, model: type, release_id: int) -> list[dict[str, object]]:
    defaults = {"sampled": 10, "responded": 5, "collapsed": ""} if model is Diagnostic else {}
    found = []
    for row in records(table):
        values = {str(name): None if value != value else value for name, value in row.items()}
        if "released" in values:
            values["released"] = bool(values["released"])
        found.append({**defaults, **values, "release_id": release_id})
    return found
