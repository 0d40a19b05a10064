"""Whoever keys forms sees the form's questions and nothing else; two of them make one answer."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, add_open_wave, hidden
from sqlalchemy import select
from staff import add_account, log_in, logged_in
from werkzeug.test import TestResponse

from survey.collection.invitations import issue
from survey.database import Databases
from survey.models.response import Response
from survey.questionnaire.definition import load

START = "/drift/inmatning"
PAGES = load("trygghet").pages
NOTHING = {question.id: "-" for page in PAGES for question in page.questions}


@pytest.fixture
def number(app: Flask) -> str:
    """The number of a form that has been sent."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter = add_open_wave(session, 1)[0]
        (made,) = issue(session, [letter.case_id], TODAY, forms=True)
    assert made.form_id is not None
    return made.form_id


@pytest.fixture
def anna(app: Flask, number: str) -> FlaskClient:
    return logged_in(app, role="data_entry")


@pytest.fixture
def bo(app: Flask, anna: FlaskClient) -> FlaskClient:
    client = app.test_client()
    log_in(client, add_account(app, None, "data_entry", "bo@example.se"))
    return client


def open_number(client: FlaskClient, number: str) -> TestResponse:
    return client.post(START, data={**hidden(client.get(START)), "number": number})


def post(client: FlaskClient, address: str, **typed: str) -> TestResponse:
    return client.post(address, data={**hidden(client.get(START)), **typed})


def key_in(client: FlaskClient, number: str, **typed: str) -> TestResponse:
    """From the number to the last button."""
    keying = open_number(client, number).location
    address = client.get(keying).location
    for page in PAGES:
        assert f'name="{page.questions[0].id}"' in client.get(address).text
        address = post(client, address, **{**NOTHING, **typed}).location
    assert address == keying
    assert "Klar med formuläret?" in client.get(keying).text
    return post(client, keying)


def test_two_persons_who_agree_hand_in_the_form(
    app: Flask, anna: FlaskClient, bo: FlaskClient, number: str
) -> None:
    end = key_in(anna, f"{number[:4]}-{number[4:].lower()}", problem_litter="4")
    assert "Nu ska en annan person" in anna.get(end.location).text
    end = key_in(bo, number, problem_litter="4")
    assert "Formuläret är inlämnat" in bo.get(end.location).text
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert session.scalars(select(Response.mode)).all() == ["paper"]
    page = open_number(bo, number)
    assert page.status_code == 422
    assert "redan inmatat" in page.text


def test_the_differences_are_shown_and_decided(anna: FlaskClient, bo: FlaskClient, number: str) -> None:
    key_in(anna, number, problem_litter="4")
    address = key_in(bo, number, problem_litter="1,4").location
    assert address.endswith("/skillnader")
    page = anna.get(address).text
    assert page.count('class="field marks') == 1
    assert "4 Ett mycket stort problem" in page
    assert "flera kryss" in page
    wrong = post(anna, address, problem_litter="")
    assert wrong.status_code == 422
    assert 'href="#problem_litter"' in wrong.text
    assert "inlämnat" in anna.get(post(anna, address, problem_litter="4").location).text
    assert anna.get(address).status_code == 404


def test_a_field_that_cannot_be_read_is_named_and_keeps_what_was_typed(
    anna: FlaskClient, number: str
) -> None:
    keying = open_number(anna, number).location
    address = anna.get(keying).location
    wrong = post(anna, address, **{**NOTHING, "problem_litter": "77"})
    assert wrong.status_code == 422
    assert re.search(r'<a href="#problem_litter">Fråga \d+: Skriv numret', wrong.text)
    assert 'value="77"' in wrong.text
    assert anna.get(keying).location == address  # nothing is stored


def test_nobody_opens_anothers_keying(anna: FlaskClient, bo: FlaskClient, number: str) -> None:
    keying = open_number(anna, number).location
    page = anna.get(keying).location
    assert bo.get(page).status_code == 404
    assert post(bo, page, **NOTHING).status_code == 404
    assert post(bo, keying).status_code == 404
    assert bo.get(f"{keying}/skillnader").status_code == 404
    assert keying.rsplit("/", 1)[1] not in bo.get(START).text


def test_what_nobody_would_type_breaks_nothing(anna: FlaskClient, number: str) -> None:
    for typed in ("", "x", "\0", "9" * 5000, "'; --", "\ud7ff"):
        assert open_number(anna, typed).status_code == 422
    keying = open_number(anna, number).location
    page = anna.get(keying).location
    for typed in ("\0", "9" * 5000, "1,2,x", "²"):
        assert post(anna, page, **{**NOTHING, "problem_litter": typed}).status_code == 422
    assert post(anna, f"{keying}/nowhere").status_code == 404
    assert post(anna, keying).status_code == 409  # nothing is keyed yet
    assert anna.get(f"{START}?klar=nonsense").status_code == 200
    assert anna.post(page, data=NOTHING).status_code == 400  # without its token


def test_who_keys_forms_opens_nothing_else(anna: FlaskClient) -> None:
    for address in ("/drift/", "/drift/stod", "/drift/2026-11/falt", "/drift/brev", "/analys/formular/"):
        assert anna.get(address).status_code == 403, address
