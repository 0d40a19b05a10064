"""Golden reports, rendered once, and a database that holds released tables."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO

import golden
import pandas as pd
import pikepdf
import pypdfium2
import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import Change, Diagnostic, Estimate, Release, ResponseRate
from survey.models.wave import Stratum, Wave
from survey.publication.content import MunicipalityReport
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.publication.rendering import render

TABLES = {
    "estimates": Estimate,
    "changes": Change,
    "response_rates": ResponseRate,
    "diagnostics": Diagnostic,
}


class Golden:
    """A golden case: its report, its PDF, and the PDF's text by page."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.released = golden.CASES[name]()
        self.report: MunicipalityReport = build_payload(self.released)
        self.pdf = render(self.report)
        document = pypdfium2.PdfDocument(self.pdf)
        self.pages = [page.get_textpage().get_text_range() for page in document]
        document.close()

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    def open(self) -> pikepdf.Pdf:
        return pikepdf.open(BytesIO(self.pdf))


@cache
def golden_case(name: str) -> Golden:
    return Golden(name)


@pytest.fixture(params=list(golden.CASES))
def case(request: pytest.FixtureRequest) -> Golden:
    """Every golden case in turn."""
    return golden_case(request.param)


@pytest.fixture
def one_case() -> Callable[[str], Golden]:
    """A golden case by its name."""
    return golden_case


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
                "disclosure": "primary only",
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


def wave_row(wave: golden.Wave) -> Wave:
    return Wave(
        code=wave.code,
        title=wave.title,
        questionnaire="trygghet",
        questionnaire_hash="0" * 64,
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
    records = []
    for row in table.to_dict("records"):
        values = {str(name): None if value != value else value for name, value in row.items()}
        if "released" in values:
            values["released"] = bool(values["released"])
        records.append({**defaults, **values, "release_id": release_id})
    return records


@pytest.fixture
def store() -> Callable[..., int]:
    return store_release


RELEASED_AT = datetime(2023, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def released_session(session: Session) -> Session:
    """Nacka's made-up wave 2019, released, on each database."""
    store_release(session, golden.release(synthetic=True, areas=3), released_at=RELEASED_AT)
    return session
