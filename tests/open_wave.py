"""An open wave with letters, small enough to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import lxml.html
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.clock import today
from survey.collection.codes import new_code
from survey.credentials import hash_secret, hash_token, new_token
from survey.database import Databases
from survey.models.area import Area
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.municipality import Municipality
from survey.models.wave import Stratum, Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

TODAY = today()


@dataclass(frozen=True)
class Letter:
    """What a resident holds in the hand."""

    case_id: int
    code: str
    token: str
    reference: str


def add_open_wave(
    session: Session,
    letters: int = 2,
    *,
    code: str = "2026-11",
    synthetic: bool = True,
    days_left: int = 10,
    asked: str = "trygghet",
) -> list[Letter]:
    """A wave in Vaxholm that takes answers until `days_left` days from now."""
    questionnaire = load(asked)
    session.merge(
        Municipality(
            code="0187", name="Vaxholm", county_code="01", county="Stockholms län", police_region="Stockholm"
        )
    )
    session.merge(
        Area(code="0187-01", municipality_code="0187", name="Område 1", valid_from=date(2018, 1, 1))
    )
    session.flush()
    session.add(
        Wave(
            code=code,
            title="Trygghetsmätning 2026",
            questionnaire=questionnaire.name,
            questionnaire_hash=questionnaire.hash,
            population_date=date(2022, 9, 30),
            field_start=TODAY - timedelta(days=30),
            field_end=TODAY + timedelta(days=days_left),
            age_min=16,
            age_max=84,
            sample_per_area=300,
            seed=1,
            synthetic=synthetic,
            status="open",
        )
    )
    session.flush()
    session.add(
        Stratum(
            wave_code=code, area_code="0187-01", municipality_code="0187", population=1000, sampled=letters
        )
    )
    return [_add_letter(session, code, number) for number in range(letters)]


def _add_letter(session: Session, wave_code: str, number: int) -> Letter:
    case = Case(
        wave_code=wave_code,
        reference=f"{wave_code[:4]}{number:04d}",
        area_code="0187-01",
        legal_gender="woman",
        age_group="30-34",
    )
    session.add(case)
    session.flush()
    code, token = new_code(), new_token()
    session.add(
        Invitation(
            case_id=case.id,
            selector=code.selector,
            secret_hash=hash_secret(code.secret),
            qr_hash=hash_token(token),
            issued_on=TODAY,
        )
    )
    session.flush()
    return Letter(case.id, str(code), token, case.reference)


def hidden(response: TestResponse) -> dict[str, str]:
    """The hidden fields of the page's main form."""
    main = response.text.split("<main", 1)[1]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main))


def rendered(response: TestResponse, **changes: str) -> dict[str, str]:
    """What a browser sends of the page's main form when only the changes are made, which it must have."""
    form = next(
        found for found in lxml.html.document_fromstring(response.text).forms if found.xpath("ancestor::main")
    )
    missing = changes.keys() - form.fields.keys()
    assert not missing, f"the page has no field {missing}"
    return {**dict(form.form_values()), **changes}


def send(client: FlaskClient, address: str, fields: Mapping[str, object] | None = None) -> TestResponse:
    """Open a page and send its form, as a browser would."""
    opened = client.get(address)
    assert opened.status_code == 200, opened.status_code
    return client.post(address, data={**hidden(opened), **(fields or {})})


def enter(client: FlaskClient, letter: Letter) -> None:
    """From the code to the first question."""
    assert send(client, "/", {"code": letter.code}).location == "/fortsatt"
    assert send(client, "/om").location == "/fraga/problems"


def answer(client: FlaskClient, page_id: str, chosen: Mapping[str, str] | None = None) -> TestResponse:
    return send(client, f"/fraga/{page_id}", chosen)


def answer_all(client: FlaskClient, victim: bool = False) -> None:
    """Every page: the first option of the first question, the rest skipped."""
    questionnaire = load("trygghet")
    answers: dict[str, str] = {"victim_violence": "1"} if victim else {}
    for page in path(questionnaire, answers):
        first = page.questions[0]
        chosen = {first.id: first.options[0].code} if victim or page.id != "victimisation" else {}
        assert answer(client, page.id, chosen).status_code == 303


def change_wave(app: Flask, **values: object) -> None:
    """Set something of every wave there is."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.execute(update(Wave).values(**values))
