"""A wave is closed and forgotten in the browser, by two persons."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, add_open_wave, hidden
from sqlalchemy import select, update
from staff import add_account, log_in, logged_in
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.models.account import Account
from survey.models.free_text import FreeText, TextState
from survey.models.municipality import Municipality
from survey.models.wave import Wave

WAVE = "/drift/2026-11"
SECOND = "second@example.se"


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, letters=3)
    return logged_in(app, role="owner")


@pytest.fixture
def second(app: Flask, owner: FlaskClient) -> FlaskClient:
    add_account(app, None, "owner", SECOND)
    client = app.test_client()
    assert log_in(client, SECOND).location == "/drift/"
    return client


def post(client: FlaskClient, what: str, **fields: str) -> TestResponse:
    return client.post(f"{WAVE}/{what}", data={**hidden(client.get("/drift/konton")), **fields})


def test_the_page_tells_how_far_the_wave_has_come(owner: FlaskClient) -> None:
    page = owner.get(f"{WAVE}/").text
    assert '<li aria-current="step">Öppen för svar</li>' in page
    assert "Har lämnat in" in page
    assert owner.get("/drift/1999/").status_code == 404


def test_a_wave_is_not_closed_by_mistake(owner: FlaskClient) -> None:
    page = post(owner, "stang", confirmation="2026")
    assert page.status_code == 422
    assert "Skriv 2026-11" in page.text
    early = post(owner, "stang", confirmation="2026-11")
    assert (early.status_code, "Sista svarsdagen har inte kommit" in early.text) == (422, True)
    assert "om 10 dagar" in owner.get(f"{WAVE}/").text
    assert post(owner, "stang", confirmation=" 2026-11 ", early="ja").status_code == 303
    assert post(owner, "stang", confirmation="2026-11", early="ja").status_code == 422


def close(app: Flask, ended: int = 1) -> None:
    """The wave is closed, so many days after its planned last day."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        wave = session.get_one(Wave, "2026-11")
        wave.status, wave.field_end = "closed", TODAY - timedelta(days=ended)


def test_nothing_is_destroyed_before_the_planned_last_day_has_passed(app: Flask, owner: FlaskClient) -> None:
    close(app, ended=0)
    page = owner.get(f"{WAVE}/").text
    assert ("Begär gallring" in page, "Tidigast" in page) == (False, True)
    for act in ("contacts", "links"):
        early = post(owner, "gallring/begar", act=act, decision="2026/17")
        assert (early.status_code, "dagen efter sista svarsdag" in early.text) == (422, True)


def test_two_owners_destroy_contacts_and_then_links(
    app: Flask, owner: FlaskClient, second: FlaskClient
) -> None:
    assert post(owner, "gallring/begar", act="contacts", decision="2026/17").status_code == 422
    close(app)
    for act in ("contacts", "links"):
        assert post(owner, "gallring/begar", act=act, decision="2026/17").status_code == 303
        page = post(owner, "gallring/utfor", act=act, decision="2026/17")
        assert page.status_code == 422
        assert "kan inte godkänna" in page.text
        assert "Någon annan som är ansvarig" in page.text
        assert post(second, "gallring/utfor", act=act, decision="2026/17").status_code == 303
    page = owner.get(f"{WAVE}/").text
    assert page.count("Intyg") == 2
    assert SECOND in page
    assert "Kopplingar mellan person och svar, förstörda" in page


def test_who_cannot_be_the_second_person_is_told_before_and_sees_no_button(
    app: Flask, owner: FlaskClient, second: FlaskClient
) -> None:
    close(app)
    post(owner, "gallring/begar", act="contacts", decision="2026/17")
    assert "Förstör kontaktuppgifterna" in second.get(f"{WAVE}/").text
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        first = session.scalars(select(Account.email).where(Account.email != SECOND)).one()
        session.execute(update(Account).where(Account.email == SECOND).values(invited_by=first))
    page = second.get(f"{WAVE}/").text
    assert "Den ena av er har bjudit in den andra" in page and "Förstör kontaktuppgifterna" not in page
    accounts_page = owner.get("/drift/konton").text
    assert "aldrig vara de två personer" in accounts_page and "efter 7 dagar" in accounts_page


def test_texts_that_nobody_has_read_are_told_of_before_they_are_destroyed(
    app: Flask, owner: FlaskClient
) -> None:
    close(app)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        town = session.scalars(select(Municipality.code)).first()
        for number, state in enumerate((TextState.WAITING, TextState.MARKED, TextState.PASSED)):
            text = FreeText(id=number, wave_code="2026-11", question_id="fritext", text="Fler lampor.")
            text.municipality_code, text.state = town, state
            session.add(text)
    page = owner.get(f"{WAVE}/").text
    assert "Svar som ingen har granskat än: 2." in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert {"decision-contacts", "decision-texts"} <= set(ids) and len(ids) == len(set(ids))


def test_nobody_carries_out_a_request_that_was_changed_unseen(
    app: Flask, owner: FlaskClient, second: FlaskClient
) -> None:
    close(app)
    for decision in ("2026/17", "2026/71"):
        post(owner, "gallring/begar", act="contacts", decision=decision)
    late = post(second, "gallring/utfor", act="contacts", decision="2026/17")
    assert late.status_code == 422
    assert "har ändrats" in late.text
    assert 'name="decision" value="2026/71"' in late.text
    assert post(second, "gallring/utfor", act="contacts", decision="2026/71").status_code == 303


@pytest.mark.parametrize(
    "fields", [{}, {"act": "x"}, {"act": "contacts"}, {"act": "contacts", "decision": "x\0"}]
)
def test_a_tampered_form_is_told(owner: FlaskClient, fields: dict[str, str]) -> None:
    post(owner, "stang", confirmation="2026-11", early="ja")
    assert post(owner, "gallring/begar", **fields).status_code == 422
    assert post(owner, "gallring/utfor", **fields).status_code == 422


def test_who_may_not_plan_sees_no_buttons(app: Flask, owner: FlaskClient) -> None:
    officer = logged_in(app, role="data_protection")
    page = officer.get(f"{WAVE}/").text
    assert "Stäng för gott" not in page
    assert "Har lämnat in" not in page
    assert "Gallring" in page


def test_a_wave_is_voided_with_its_code_and_a_reason(owner: FlaskClient) -> None:
    for fields in ({}, {"void_confirmation": "2026"}, {"void_confirmation": "2026-11", "reason": " "}):
        assert post(owner, "makulera", **fields).status_code == 422
    done = post(owner, "makulera", void_confirmation="2026-11", reason="Registret var från fel år")
    assert done.status_code == 303
    page = owner.get(f"{WAVE}/").text
    assert "Omgången är makulerad: Registret var från fel år" in page
    assert "Makulera för gott" not in page
    assert "Begär gallring" in page
    overview = owner.get("/drift/").text
    assert "makulerad" in overview
    assert "Registret var från fel år" in overview
