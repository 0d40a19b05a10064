"""Somebody calls: found by the reference number, helped with a code, and no answer is ever seen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, Letter, add_open_wave, answer, answer_all, enter, hidden, send
from sqlalchemy import select
from staff import logged_in
from werkzeug.test import TestResponse

from survey.collection.invitations import issue
from survey.collection.paper_reception import open_form
from survey.collection.responses import UsedCode, begin
from survey.database import Databases
from survey.models.audit_event import AuditEvent
from survey.models.contact import Contact, DoNotContact
from survey.models.response import Response
from survey.models.wave import Wave
from survey.publication import numbers
from survey.questionnaire import definition


@pytest.fixture
def letter(app: Flask) -> Letter:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session, letters=1)[0]


@pytest.fixture
def desk(app: Flask, letter: Letter) -> FlaskClient:
    return logged_in(app, role="help_desk")


def post(client: FlaskClient, what: str, **fields: str) -> TestResponse:
    return client.post(f"/drift/stod{what}", data={**hidden(client.get("/drift/stod")), **fields})


def test_a_case_is_found_by_the_number_as_people_read_it(desk: FlaskClient, letter: Letter) -> None:
    spaced = " - ".join(letter.reference)
    page = post(desk, "", reference=spaced)
    assert page.status_code == 200
    assert "Har inte fått något brev" in page.text
    for wrong in ("", "123", "x", "\0", "9" * 100, letter.code):
        page = post(desk, "", reference=wrong)
        assert page.status_code == 422
        assert "Referensnumret finns inte" in page.text


def test_a_new_code_read_out_lets_the_person_in(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    page = post(desk, "/kod", reference=letter.reference)
    code = page.text.split('<p class="read-out" dir="ltr">')[1].split("<")[0]
    assert code != letter.code
    assert code not in post(desk, "", reference=letter.reference).text
    resident = app.test_client()
    assert send(resident, "/", {"code": code}).location == "/fortsatt"


def test_the_desk_says_when_a_form_on_paper_has_come_in(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    found: Databases = app.extensions["databases"]
    assert "Pappersformulär</dt>" not in post(desk, "", reference=letter.reference).text
    with found.transaction() as session:
        (made,) = issue(session, [letter.case_id], TODAY, forms=True)
        open_form(session, made.form_id or "", TODAY, "anna@example.se")
    waiting = f"har kommit in {numbers.day(TODAY)}, väntar på inmatning".replace(numbers.NBSP, " ")
    page = post(desk, "", reference=letter.reference).text.replace(numbers.NBSP, " ")
    assert waiting in page
    post(desk, "/handelse", reference=letter.reference, kind="refused")
    assert ", matas inte in" in post(desk, "", reference=letter.reference).text


def test_whoever_refuses_gets_no_code_and_no_way_in(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    page = post(desk, "/handelse", reference=letter.reference, kind="refused")
    assert "Det är antecknat" in page.text
    assert "Vill inte delta" in page.text
    assert "Ge en ny kod" not in page.text
    assert post(desk, "/kod", reference=letter.reference).status_code == 422
    assert post(desk, "/handelse", reference=letter.reference, kind="refused").status_code == 200
    assert send(app.test_client(), "/", {"code": letter.code}).status_code == 422


def test_a_refusal_noted_by_mistake_is_undone_and_a_new_code_lets_the_person_in(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    add_contact(app, letter)
    post(desk, "/handelse", reference=letter.reference, kind="refused")
    assert "Ta bort anteckningen" in post(desk, "", reference=letter.reference).text
    page = post(desk, "/angra", reference=letter.reference, kind="refused")
    assert "Anteckningen är borttagen" in page.text
    assert "Ta bort anteckningen" not in page.text
    assert post(desk, "/angra", reference=letter.reference, kind="refused").status_code == 422
    code = (
        post(desk, "/kod", reference=letter.reference)
        .text.split('<p class="read-out" dir="ltr">')[1]
        .split("<")[0]
    )
    assert send(app.test_client(), "/", {"code": code}).location == "/fortsatt"
    assert "undo refused" in actions(app)


def test_whoever_asks_never_to_be_contacted_is_put_on_the_list(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    stores: Databases = app.extensions["databases"]
    add_contact(app, letter)
    page = post(desk, "/aldrig", reference=letter.reference)
    assert page.status_code == 422
    assert "TRYGG_DO_NOT_CONTACT_KEY" in page.text
    app.extensions["settings"] = replace(app.extensions["settings"], do_not_contact_key="k" * 32)
    assert "Det är antecknat" in post(desk, "/aldrig", reference=letter.reference).text
    with stores.identity_transaction() as identity:
        assert identity.scalars(select(DoNotContact.person_hash)).all() == ["h" * 64]
    page = post(desk, "", reference=letter.reference).text
    assert "Vill inte delta" in page
    assert "Står på listan" in page
    refused = post(desk, "/angra", reference=letter.reference, kind="refused")
    assert (refused.status_code, "Ta bort från listan” först" in refused.text) == (422, True)
    with stores.identity_transaction() as identity:
        assert len(identity.scalars(select(DoNotContact)).all()) == 1
    page = post(desk, "/kontakta-igen", reference=letter.reference).text
    assert "Personen står inte längre på listan" in page
    assert "Ta bort från listan" not in page
    page = post(desk, "/angra", reference=letter.reference, kind="refused").text
    assert "Anteckningen är borttagen" in page


def test_an_answer_that_is_in_stays_when_its_owner_asks_never_to_be_contacted(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    add_contact(app, letter)
    app.extensions["settings"] = replace(app.extensions["settings"], do_not_contact_key="k" * 32)
    resident = app.test_client()
    enter(resident, letter)
    answer_all(resident)
    send(resident, "/granska")
    assert post(desk, "/aldrig", reference=letter.reference).status_code == 200
    assert "Har lämnat in" in post(desk, "", reference=letter.reference).text
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        session.get_one(Wave, "2026-11").status = "closed"
    # A change of mind is possible whatever stands in the wave, and however far it has come.
    assert post(desk, "/kontakta-igen", reference=letter.reference).status_code == 200
    with stores.identity_transaction() as identity:
        assert identity.scalars(select(DoNotContact)).all() == []
    assert "undo do not contact" in actions(app)
    again = post(desk, "/kontakta-igen", reference=letter.reference)
    assert (again.status_code, "står inte på listan" in again.text) == (422, True)


def test_a_new_address_is_written_and_never_shown(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    stores: Databases = app.extensions["databases"]
    add_contact(app, letter)
    post(desk, "/handelse", reference=letter.reference, kind="returned")
    fields = {"street": " Nygatan  1", "postal_code": "123 45", "city": "Nystad"}
    wrong = post(desk, "/adress", reference=letter.reference, **{**fields, "postal_code": "1234"})
    assert wrong.status_code == 422
    assert "fem siffror" in wrong.text
    page = post(desk, "/adress", reference=letter.reference, **fields)
    assert page.status_code == 200
    assert "Gamla gatan" not in wrong.text + page.text
    assert "Nygatan" not in page.text
    assert "Brevet kom i retur" not in page.text.split("<dl")[1].split("</dl>")[0]
    with stores.identity_transaction() as identity:
        contact = identity.get_one(Contact, letter.reference)
        assert (contact.name, contact.street, contact.postal_code) == ("Bo Ek", "Nygatan 1", "12345")
    assert "change address" in actions(app)


def add_contact(app: Flask, letter: Letter) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.identity_transaction() as identity:
        address = {"street": "Gamla gatan 1", "postal_code": "12345", "city": "Ed"}
        identity.add(
            Contact(
                reference=letter.reference, wave_code="2026-11", name="Bo Ek", person_hash="h" * 64, **address
            )
        )


def actions(app: Flask) -> set[str]:
    stores: Databases = app.extensions["databases"]
    with stores.reading() as session:
        return set(session.scalars(select(AuditEvent.action)))


def test_whoever_refuses_halfway_leaves_no_answers_behind(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    resident = app.test_client()
    enter(resident, letter)
    answer(resident, "problems", {"problem_drugs": "4"})
    post(desk, "/handelse", reference=letter.reference, kind="refused")
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        assert session.scalars(select(Response)).all() == []
        with pytest.raises(UsedCode):  # also for who was let in at that very moment
            begin(session, letter.case_id, "sv", TODAY)


def test_what_is_told_of_somebody_who_took_the_answers_back_is_recorded(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    resident = app.test_client()
    enter(resident, letter)
    answer_all(resident)
    assert send(resident, "/granska").status_code == 303
    page = post(desk, "/handelse", reference=letter.reference, kind="deceased")
    assert "redan inlämnat" in page.text
    assert "Ta först tillbaka det" in page.text
    assert answered(app) == 1
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:  # also after the fieldwork, as long as the case is there
        session.get_one(Wave, "2026-11").status = "closed"
    unconfirmed = post(desk, "/ta-tillbaka", reference=letter.reference)
    assert (unconfirmed.status_code, answered(app)) == (422, 1)
    page = post(desk, "/ta-tillbaka", reference=letter.reference, confirmed="yes")
    assert (page.status_code, answered(app)) == (200, 0)
    assert "Har tagit tillbaka sitt svar" in page.text
    assert "Ta bort svaret" not in page.text
    assert "withdraw" in actions(app)
    with found.transaction() as session:
        session.get_one(Wave, "2026-11").status = "open"
    assert post(desk, "/handelse", reference=letter.reference, kind="deceased").status_code == 200


def answered(app: Flask) -> int:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return len(session.scalars(select(Response.id)).all())


def test_no_code_is_given_that_would_let_nobody_in(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.get_one(Wave, "2026-11").field_end = TODAY - timedelta(days=1)
    assert "Ge en ny kod" not in post(desk, "", reference=letter.reference).text
    assert "Sista svarsdag har varit" in post(desk, "/kod", reference=letter.reference).text
    assert post(desk, "/handelse", reference=letter.reference, kind="returned").status_code == 200


def test_a_letter_that_came_back_ends_nothing(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    assert "Brevet kom i retur" in post(desk, "/handelse", reference=letter.reference, kind="returned").text
    assert send(app.test_client(), "/", {"code": letter.code}).location == "/fortsatt"


def test_the_help_desk_never_sees_an_answer(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    resident = app.test_client()
    enter(resident, letter)
    answer(resident, "problems", {"problem_drugs": "4"})
    (asked,) = [one for one in definition.load("trygghet").questions if one.id == "problem_drugs"]
    words = {asked.text, *(option.text for option in asked.options)}
    assert words <= set(re.split(r"\s*<[^>]*>\s*", resident.get("/fraga/problems").text))
    page = post(desk, "", reference=letter.reference)
    assert "Har börjat men inte lämnat in" in page.text
    assert not [word for word in {"problem_drugs", *words} if word in page.text]


@pytest.mark.parametrize("kind", ["", "submitted", "withdrawn", "x\0"])
def test_only_what_a_caller_can_tell_is_recorded(desk: FlaskClient, letter: Letter, kind: str) -> None:
    assert post(desk, "/handelse", reference=letter.reference, kind=kind).status_code == 422


def test_a_closed_wave_is_told(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.get_one(Wave, "2026-11").status = "closed"
    assert post(desk, "/kod", reference=letter.reference).status_code == 422
    assert "tar inte emot svar nu" in post(desk, "", reference=letter.reference).text


def test_the_log_says_what_was_done_but_not_for_whom(app: Flask, desk: FlaskClient, letter: Letter) -> None:
    post(desk, "/kod", reference=letter.reference)
    post(desk, "/handelse", reference=letter.reference, kind="moved")
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.actor == "help_desk@example.se")).all()
        assert {event.action for event in events} >= {"look up case", "read out a code", "record moved"}
        assert not [event for event in events if letter.reference in event.subject + event.detail]


def test_a_form_on_paper_is_ordered_for_whoever_has_an_address(
    app: Flask, desk: FlaskClient, letter: Letter
) -> None:
    page = post(desk, "/formular", reference=letter.reference, language="ar")
    assert page.status_code == 422
    assert "ingen adress" in page.text
    found: Databases = app.extensions["databases"]
    with found.identity_transaction() as identity:
        identity.add(
            Contact(
                reference=letter.reference,
                wave_code="2026-11",
                name="Planterad Person",
                street="Gatan 1",
                postal_code="12345",
                city="Stad",
            )
        )
    page = post(desk, "/formular", reference=letter.reference, language="ar")
    assert (page.status_code, "Det är antecknat" in page.text) == (200, True)
    assert "Planterad" not in page.text
    assert re.search(r"Formulär på papper har skrivits ut</dt><dd>.*\(العربية\)", page.text)
    listed = logged_in(app, role="print").get("/drift/2026-11/brev").text
    assert "0187-01-request-1" in listed
