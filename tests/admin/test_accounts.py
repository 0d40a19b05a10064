"""The owner lets people in and out; the data protection officer reads what was done."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from staff import PASSWORD, log_in, logged_in
from werkzeug.test import TestResponse

from survey.models.police_district import PoliceDistrict

OWNER, NEW = "owner@example.se", "ny@example.se"


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    return logged_in(app, role="owner")


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={**hidden(client.get("/drift/konton")), **fields})


def invite(client: FlaskClient, email: str = NEW, role: str = "print") -> str:
    """The path of the link that the page shows."""
    page = post(client, "/drift/konton", email=email, role=role, municipality_code="")
    assert page.status_code == 200
    return "/aktivera/" + page.text.split("/aktivera/")[1].split("<")[0]


def activate(app: Flask, link: str) -> FlaskClient:
    client = app.test_client()
    fields = {"password": PASSWORD, "repeated": PASSWORD}
    assert client.post(link, data={**hidden(client.get(link)), **fields}).status_code == 303
    return client


def test_the_owner_makes_a_link_that_becomes_an_account(app: Flask, owner: FlaskClient) -> None:
    link = invite(owner)
    assert link not in owner.get("/drift/konton").text
    client = activate(app, link)
    assert log_in(client, NEW).location == "/drift/brev"
    assert client.get("/drift/konton").status_code == 403
    page = owner.get("/drift/konton").text
    assert NEW in page
    assert "Brevutskrift" in page


def test_a_closed_account_lets_nobody_in(app: Flask, owner: FlaskClient) -> None:
    client = activate(app, invite(owner))
    log_in(client, NEW)
    assert post(owner, "/drift/konton/stang", email=NEW).status_code == 303
    assert client.get("/drift/").status_code == 303
    assert log_in(client, NEW).status_code == 422
    assert "Stängt" in owner.get("/drift/konton").text


def test_an_owner_cannot_shut_the_door_behind_everybody(owner: FlaskClient) -> None:
    page = post(owner, "/drift/konton/stang", email=OWNER)
    assert page.status_code == 422
    assert "ditt eget konto" in page.text
    assert owner.get("/drift/konton").status_code == 200


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"email": "", "role": "print"}, "Skriv en e-postadress."),
        ({"email": "ingen adress", "role": "print"}, "ingen e-postadress"),
        ({"email": NEW, "role": "boss"}, "Roll"),
        ({"email": NEW}, "Roll"),
        ({"email": NEW, "role": "municipality"}, "måste höra till en kommun"),
        ({"email": NEW, "role": "municipality", "municipality_code": "9999"}, "9999"),
        ({"email": NEW, "role": "print", "municipality_code": "0180"}, "Bara en kommunanvändare"),
        ({"email": NEW + "\0", "role": "print"}, "ingen e-postadress"),
    ],
)
def test_an_invitation_that_cannot_be_is_told(owner: FlaskClient, fields: dict[str, str], told: str) -> None:
    page = post(owner, "/drift/konton", **fields)
    assert page.status_code == 422
    assert told in page.text
    assert NEW not in owner.get("/drift/konton").text


def test_closing_an_account_that_is_not_there_is_told(owner: FlaskClient) -> None:
    assert post(owner, "/drift/konton/stang", email="ingen@example.se\0").status_code == 422


def test_a_second_login_ends_the_first(app: Flask, owner: FlaskClient) -> None:
    other = app.test_client()
    assert log_in(other, OWNER).status_code == 303
    assert owner.get("/drift/").status_code == 303
    assert other.get("/drift/").status_code == 200


def test_the_officer_reads_who_did_what_and_nothing_secret(app: Flask, owner: FlaskClient) -> None:
    link = invite(owner)
    officer = logged_in(app, role="data_protection")
    page = officer.get("/drift/logg").text
    assert "Bjöd in ett konto" in page
    assert OWNER in page
    assert link.split("/")[-1] not in page
    assert PASSWORD not in page


def test_the_log_is_read_a_page_at_a_time(app: Flask) -> None:
    officer = logged_in(app, role="data_protection")
    assert "Visa äldre" not in officer.get("/drift/logg").text
    for before in ("1", "x", "-5", "9" * 30, "-" + "9" * 30, "9" * 5000):
        assert officer.get(f"/drift/logg?fore={before}").status_code == 200
    assert "Ingenting har hänt än." in officer.get("/drift/logg?fore=1").text


def test_municipality_and_district_are_chosen_by_name_and_shown_by_name(
    app: Flask, owner: FlaskClient
) -> None:
    with app.extensions["databases"].transaction() as session:
        session.add(PoliceDistrict(code="L1", name="Lokalpolisområde Norr"))
    assert '<option value="L1">Lokalpolisområde Norr (L1)</option>' in owner.get("/drift/konton").text
    page = post(owner, "/drift/konton", email=NEW, role="police", municipality_code="", district_code="L1")
    assert page.status_code == 200
    assert "<td>Lokalpolisområde Norr</td>" in page.text
