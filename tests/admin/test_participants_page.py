"""An owner invites municipalities, sees who is missing, and decides on areas and on what may be missing."""

import re

import invited_wave
import pytest
from flask import Flask
from flask.testing import FlaskClient
from invited_wave import BY, OTHER, OWN, WAVE
from open_wave import hidden
from staff import logged_in
from werkzeug.test import TestResponse

from survey.clock import today
from survey.database import Databases
from survey.models.wave import Wave
from survey.preparation import participation, recuts, senders, standings
from survey.preparation.participation import Answer

PAGE = f"/drift/{WAVE}/kommuner"
UNTIL = str(today())


def store(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


@pytest.fixture
def planned(app: Flask) -> Flask:
    with store(app).transaction() as session:
        invited_wave.plan_wave(session)
    return app


@pytest.fixture
def owner(planned: Flask) -> FlaskClient:
    return logged_in(planned, role="owner")


def send(client: FlaskClient, step: str, **fields: object) -> TestResponse:
    return client.post(f"{PAGE}/{step}", data={**hidden(client.get("/drift/konton")), **fields})


def answers(app: Flask) -> dict[str, Answer]:
    with store(app).reading() as session:
        return {one.municipality_code: one.answer for one in participation.participants(session, WAVE)}


def test_all_or_some_are_invited(planned: Flask, owner: FlaskClient) -> None:
    text = {"answer_until": UNTIL, "text": "Välkommen."}
    assert send(owner, "bjud-in", whom="chosen", municipality=OWN, **text).location == PAGE
    assert answers(planned) == {OWN: Answer.INVITED, OTHER: Answer.NOT_INVITED}
    assert send(owner, "bjud-in", whom="all", **text).location == PAGE
    assert set(answers(planned).values()) == {Answer.INVITED}
    page = owner.get(PAGE).text
    assert "Lidingö" in page and UNTIL in page


def test_the_page_of_a_new_wave_begins_with_the_municipalities(planned: Flask, owner: FlaskClient) -> None:
    words = "Inställningar", "Bjud in kommunerna", "Register, urval", "Urvalet och vad det kan visa"
    page = owner.get(f"/drift/{WAVE}/").text
    places = [page.find(f">{word}") for word in words]
    assert -1 not in places and places == sorted(places)
    assert "Hämta utskrivna brev" not in page
    with store(planned).transaction() as session:
        invited_wave.accept(session)
    assert "Kommunernas svar och uppgifter" in owner.get(f"/drift/{WAVE}/").text


UNUSABLE: tuple[dict[str, str], ...] = (
    {},
    {"whom": "chosen", "answer_until": UNTIL, "text": "Hej"},
    {"whom": "all", "answer_until": "snart", "text": "Hej"},
    {"whom": "all", "answer_until": "2020-01-01", "text": "Hej"},
    {"whom": "all", "answer_until": UNTIL, "text": ""},
    {"whom": "chosen", "municipality": "\x00", "answer_until": UNTIL, "text": "Hej"},
)


def test_an_invitation_that_makes_no_sense_invites_nobody(planned: Flask, owner: FlaskClient) -> None:
    for fields in UNUSABLE:
        page = send(owner, "bjud-in", **fields)
        assert page.status_code == 422 and "Det gick inte" in page.text, fields
    assert set(answers(planned).values()) == {Answer.NOT_INVITED}


def test_the_page_shows_contact_person_and_what_is_missing(planned: Flask, owner: FlaskClient) -> None:
    with store(planned).transaction() as session:
        invited_wave.accept(session)
        senders.set_contact(session, WAVE, OWN, invited_wave.CONTACT, BY)
    page = owner.get(PAGE).text
    assert "Saknar besked om delområdena, överenskommelsen om personuppgifter" in page
    assert "karin.ek@vaxholm.example.se" in page
    assert send(owner, f"{OWN}/ga-vidare", reason="").status_code == 422
    assert send(owner, f"{OWN}/ga-vidare", reason="Avtal på papper.").location == PAGE
    assert "Går vidare ändå: Avtal på papper." in owner.get(PAGE).text
    with store(planned).transaction() as session:
        invited_wave.complete(session)
    assert "Komplett" in owner.get(PAGE).text


def test_a_proposed_listing_is_read_and_then_applied_or_refused(planned: Flask, owner: FlaskClient) -> None:
    with store(planned).transaction() as session:
        invited_wave.accept(session)
        recuts.propose(session, WAVE, OWN, "Vaxön;0187A0010", BY)
    step = f"{OWN}/delomraden"
    assert f"{PAGE}/{step}" in owner.get(PAGE).text
    page = owner.get(f"{PAGE}/{step}").text
    assert "Vaxön" in page and "Område 2" in page and "ingen historia" in page
    assert send(owner, step, decision="refuse", because="").status_code == 422
    (read,) = re.findall(r'name="read" value="(\w{64})"', page)
    with store(planned).transaction() as session:
        recuts.propose(session, WAVE, OWN, "Resarö;0187B0010", BY)
    unread = send(owner, step, decision="apply", read=read)
    assert unread.status_code == 422 and "har ändrat sitt förslag" in unread.text
    with store(planned).transaction() as session:
        recuts.propose(session, WAVE, OWN, "Vaxön;0187A0010", BY)
    assert send(owner, step, decision="apply", read=read).location == PAGE
    with store(planned).reading() as session:
        assert [area.name for area in recuts.current_areas(session, WAVE, OWN)] == ["Vaxön"]
        found = standings.find_standing(session, WAVE, OWN)
    assert found.proposal is not None and found.proposal.choice.value == "applied"
    assert send(owner, step, decision="apply").status_code == 422


def test_an_open_link_is_opened_and_shut_on_the_page(planned: Flask, owner: FlaskClient) -> None:
    address, step = f"/oppen/{WAVE}/{OWN}", f"{OWN}/oppen-lank"
    assert "Öppen länk" not in owner.get(PAGE).text  # nobody takes part yet
    assert send(owner, step, state="open").status_code == 422
    with store(planned).transaction() as session:
        invited_wave.accept(session)
    page = owner.get(PAGE).text
    assert "Öppna länken" in page and address not in page
    assert send(owner, step, state="open").location == PAGE
    page = owner.get(PAGE).text
    assert address in page and "Stäng länken" in page and "aldrig och ingår inte i resultatet" in page
    assert send(owner, step, state="shut").location == PAGE
    assert address not in owner.get(PAGE).text
    with store(planned).transaction() as session:
        session.get_one(Wave, WAVE).status = "closed"
    assert "Öppna länken" not in owner.get(PAGE).text
    assert send(owner, step, state="open").status_code == 422
    assert logged_in(planned, OWN).post(f"{PAGE}/{step}", data={"state": "open"}).status_code == 403


def test_what_is_not_there_is_told(owner: FlaskClient) -> None:
    assert owner.get("/drift/1999/kommuner").status_code == 404
    assert owner.get(f"{PAGE}/{OTHER}/delomraden").status_code == 404
    assert send(owner, f"{OTHER}/delomraden", decision="apply").status_code == 404
    assert send(owner, "9999/ga-vidare", reason="x").status_code == 422
    assert send(owner, f"{OTHER}/ga-vidare", reason="x").status_code == 422
