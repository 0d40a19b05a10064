"""The calendar and the returned letters in the browser of whoever runs the fieldwork."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, Letter, add_open_wave, hidden
from sqlalchemy import select
from staff import logged_in
from werkzeug.test import TestResponse

from survey.collection.mailings import calendar
from survey.collection.returns import LONGEST
from survey.collection.samples import check_digit
from survey.database import Databases
from survey.models.case import Case, CaseEvent
from survey.models.mailing import Mailing

WAVE = "2026-11"
PAGE, RETURNS = f"/drift/{WAVE}/utskick", f"/drift/{WAVE}/returer"


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session, letters=3, days_left=40)


@pytest.fixture
def office(app: Flask, letters: list[Letter]) -> FlaskClient:
    return logged_in(app, role="fieldwork")


def references(app: Flask, letters: list[Letter]) -> list[str]:
    """The tiny wave's reference numbers, made whole with their check digits."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        for number, letter in enumerate(letters):
            digits = f"{number:09d}"
            session.get_one(Case, letter.case_id).reference = digits + check_digit(digits)
        session.flush()
        return list(session.scalars(select(Case.reference).order_by(Case.id)))


def send(client: FlaskClient, address: str, **fields: object) -> TestResponse:
    return client.post(address, data={**hidden(client.get(address)), **fields})


def test_the_calendar_tells_what_is_late_and_to_how_many(office: FlaskClient) -> None:
    page = office.get(PAGE).text
    assert "Brev skulle ha skickats" in page
    assert "Försenat" in page
    assert '<td class="number-column">3</td>' in page


def test_what_is_changed_in_the_form_is_kept_and_nothing_else(app: Flask, office: FlaskClient) -> None:
    day = TODAY  # between the card and the last reminder
    assert send(office, PAGE, **{"day-form": str(day), "text-card": "Läs vårt brev."}).status_code == 303
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        kept = {row.kind: (row.planned_on, row.text) for row in session.scalars(select(Mailing))}
        assert kept == {"form": (day, None), "card": (None, "Läs vårt brev.")}
        sms = next(one for one in calendar(session, WAVE, TODAY) if one.kind == "sms")
    assert send(office, PAGE, **{"day-sms": ""}).status_code == 303
    with found.reading() as session:
        left = next(one for one in calendar(session, WAVE, TODAY) if one.kind == "sms")
    assert (sms.state, left.state) == ("outside", "left out")


def test_a_plan_that_cannot_work_keeps_what_was_written(app: Flask, office: FlaskClient) -> None:
    page = send(office, PAGE, **{"day-last": "2020-01-01", "text-last": "Sista gången."})
    assert page.status_code == 422
    assert "har redan varit" in page.text
    assert 'value="2020-01-01"' in page.text
    assert "Sista gången." in page.text
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert session.scalars(select(Mailing)).all() == []


def test_a_list_is_pasted_or_a_file_but_not_both(
    app: Flask, office: FlaskClient, letters: list[Letter]
) -> None:
    first, second, _ = references(app, letters)
    file = (BytesIO(f"referens;händelse\r\n{second};flyttat\r\n".encode("utf-8-sig")), "../../retur.csv")
    page = send(office, RETURNS, list=f"{first}\nx", kind="avliden")
    assert "rad 2: inget riktigt referensnummer" in page.text
    assert "Listan är antecknad" in send(office, RETURNS, list=f"{first}\n", kind="avliden").text
    both = send(office, RETURNS, list=f"{first}\n", file=(BytesIO(b"1"), "r.csv"), kind="avliden")
    assert (both.status_code, "inte båda på en gång" in both.text) == (422, True)
    assert "Listan är antecknad" in send(office, RETURNS, list=" ", file=file, kind="avliden").text
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert set(session.scalars(select(CaseEvent.kind))) == {"moved", "deceased"}


def test_an_unknown_number_is_shown_and_with_everything_or_nothing_keeps_all_back(
    app: Flask, office: FlaskClient, letters: list[Letter]
) -> None:
    first, *_ = references(app, letters)
    unknown = "99999999" + "9" + check_digit("999999999")
    page = send(office, RETURNS, list=f"{first}\n{unknown}", kind="retur", whole="1")
    assert "Ingenting är sparat" in page.text
    assert ("Skulle ha antecknats" in page.text, "Antecknade" in page.text) == (True, False)
    assert f"{unknown[:5]}-{unknown[5:]}" in page.text
    assert first in page.text  # to send again
    page = send(office, RETURNS, list=f"{first}\n{unknown}", kind="retur")
    assert "Listan är antecknad" in page.text


def test_a_list_as_long_as_may_be_is_read(app: Flask, office: FlaskClient, letters: list[Letter]) -> None:
    first, *_ = references(app, letters)
    content = "\r\n".join([f"{first};vill inte"] * LONGEST).encode()
    assert len(content) > 100_000
    pages = [
        send(office, RETURNS, file=(BytesIO(content), "retur.csv"), kind="retur"),
        send(office, RETURNS, list=content.decode(), kind="retur"),
    ]
    assert ["Listan är antecknad" in page.text for page in pages] == [True, True]


def test_a_file_that_is_no_text_is_told(office: FlaskClient, letters: list[Letter]) -> None:
    for content in (b"PK\x03\x04\xff\xfe\n", b"a\0"):
        page = send(office, RETURNS, file=(BytesIO(content), "x.xlsx"), kind="retur")
        assert page.status_code == 422
        assert "Spara den som csv" in page.text


def test_the_help_desk_notes_returns_but_plans_nothing(app: Flask, letters: list[Letter]) -> None:
    desk = logged_in(app, role="help_desk")
    assert desk.get(RETURNS).status_code == 200
    assert desk.get(PAGE).status_code == 403
    page = desk.get(f"/drift/{WAVE}/").text
    assert RETURNS in page
    assert PAGE not in page


@pytest.mark.parametrize("page", ["utskick", "returer"])
def test_a_wave_that_is_not_there_is_told(office: FlaskClient, page: str) -> None:
    assert office.get(f"/drift/1999/{page}").status_code == 404
