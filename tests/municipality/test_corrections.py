"""A correction is told with its reason and its figures; the version before stays, marked as replaced."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from released_wave import NACKA, VAXHOLM, open_to_all
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from survey.database import Databases
from survey.models.release import Audience, Change, Diagnostic, Estimate, Release, ResponseRate
from survey.models.releasing import Embargo

RESULT = f"/kommun/{NACKA}/2019/"
CORRECTED_AT = datetime(2020, 5, 1, tzinfo=UTC)
REASON = "Fel population i Nacka"
OF_TOTAL = (
    Estimate.code == NACKA,
    Estimate.gender == "all",
    Estimate.age_group == "all",
    Estimate.indicator == "unsafe_evening",
    Estimate.statistic == "proportion",
    Estimate.wave == "2019",
)


def copy(session: Session, model: type, old: int, new: int) -> None:
    names = [column.name for column in model.__table__.columns if column.name not in ("id", "release_id")]
    rows = session.execute(select(*(getattr(model, name) for name in names)).where(model.release_id == old))
    session.execute(insert(model), [{**dict(row._mapping), "release_id": new} for row in rows])


@pytest.fixture
def corrected(app: Flask, released: int) -> int:
    """Version 2, in which one figure of Nacka is another."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        first = session.get_one(Release, released)
        second = Release(
            wave_code="2019",
            version=2,
            synthetic=True,
            created_at=CORRECTED_AT,
            created_by="tests",
            manifest=first.manifest,
        )
        session.add(second)
        session.flush()
        for model in (Estimate, Change, Diagnostic, ResponseRate):
            copy(session, model, released, second.id)
        rows = session.scalars(select(Estimate).where(Estimate.release_id == second.id, *OF_TOTAL)).all()
        assert len(rows) == 1
        kept = {column.name: getattr(rows[0], column.name) for column in Estimate.__table__.columns}
        session.delete(rows[0])
        session.flush()
        session.execute(insert(Estimate), [{**kept, "estimate": 0.77}])
        second.released_at, second.released_by, second.reason = CORRECTED_AT, "tests", REASON
        open_to_all(session, second.id, CORRECTED_AT)
        session.flush()
        return second.id


def before(app: Flask, release_id: int) -> float:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        kept = select(Estimate.estimate).where(Estimate.release_id == release_id, *OF_TOTAL)
        return float(session.scalars(kept).one() or 0)


def shares(client: FlaskClient, address: str) -> list[str]:
    rows = csv.DictReader(StringIO(client.get(address).text.lstrip("\ufeff")))
    wanted = {"code": NACKA, "gender": "all", "age_group": "all", "indicator": "unsafe_evening"}
    return [row["percent"] for row in rows if all(row[name] == value for name, value in wanted.items())]


def test_the_page_says_that_it_is_corrected_and_why(nacka: FlaskClient, corrected: int) -> None:
    text = nacka.get(RESULT).text
    assert REASON in text
    assert f'href="{RESULT}versioner"' in text


def test_every_corrected_figure_is_told_and_no_other(
    app: Flask, nacka: FlaskClient, released: int, corrected: int
) -> None:
    was = f"{round(100 * before(app, released))}\xa0%"
    text = nacka.get(f"{RESULT}versioner").text
    told = text.split("<tbody>")[1].split("</tbody>")[0]
    assert told.count("<tr>") == 1
    assert f"<td>Nacka</td><td>Alla</td><td>{was}</td><td>77\xa0%</td>" in told


def test_the_version_before_is_kept_and_marked_as_replaced(
    nacka: FlaskClient, released: int, corrected: int
) -> None:
    text = nacka.get(f"{RESULT}versioner").text
    assert "Version 1 – ersatt av version 2" in text
    assert f"De ersattes 1 maj 2020: {REASON}" in text.replace("\xa0", " ")
    assert shares(nacka, f"{RESULT}resultat.csv") == ["77"]
    old = shares(nacka, f"{RESULT}resultat.csv?version=1")
    assert len(old) == 1
    assert old != ["77"]
    assert nacka.get(f"{RESULT}rapport.pdf").status_code == 404


def test_everything_of_the_version_before_says_that_it_is_replaced(
    nacka: FlaskClient, corrected: int
) -> None:
    for file in ("rapport.pdf", "resultat.csv", "rapport.html"):
        with nacka.get(f"{RESULT}{file}?version=1") as old:
            name = old.headers["Content-Disposition"].partition("filename=")[2]
            assert name.strip('"').startswith("ersatt-av-version-2-"), file
    for file in ("resultat.csv", "rapport.html", "resultat.csv?version=2", "rapport.html?version=2"):
        assert "ersatt" not in nacka.get(f"{RESULT}{file}").headers["Content-Disposition"]
    old_page, new_page = nacka.get(f"{RESULT}rapport?version=1").text, nacka.get(f"{RESULT}rapport").text
    assert "Ersatt av version 2." in old_page
    assert REASON in old_page
    assert "Ersatt av version" not in new_page
    assert "Ersatt av version 2." in nacka.get(f"{RESULT}rapport.html?version=1").text


def test_a_municipality_where_nothing_changed_is_told_so(vaxholm: FlaskClient, corrected: int) -> None:
    assert "Ingen siffra eller bedömning" in vaxholm.get(f"/kommun/{VAXHOLM}/2019/versioner").text


def test_a_correction_under_embargo_is_as_if_it_were_not_there(
    app: Flask, nacka: FlaskClient, corrected: int
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        later = update(Embargo).where(
            Embargo.release_id == corrected, Embargo.audience == Audience.MUNICIPALITY.value
        )
        session.execute(later.values(opens_at=datetime(2090, 1, 1, tzinfo=UTC)))
    for page in ("", "versioner"):
        text = nacka.get(f"{RESULT}{page}").text
        assert REASON not in text
        assert "77\xa0%" not in text
    assert nacka.get(f"{RESULT}resultat.csv?version=2").status_code == 404
    assert shares(nacka, f"{RESULT}resultat.csv") != ["77"]


@pytest.mark.parametrize("version", ["0", "3", "-1", "9" * 30, "x"])
def test_a_version_that_is_not_there_is_no_fault(nacka: FlaskClient, corrected: int, version: str) -> None:
    answer = nacka.get(f"{RESULT}resultat.csv?version={version}")
    assert answer.status_code == (200 if version == "x" else 404)
