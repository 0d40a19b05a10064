"""Staff come in with address and password, and are told kindly when they do not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from survey.clock import utc
from survey.database import Databases
from survey.models.account import Role
from survey.models.browser_session import BrowserSession
from survey.models.municipality import Municipality
from survey.models.police_district import PoliceDistrict
from survey.preparation import accounts

PASSWORD = "en fras som ingen gissar"


@pytest.fixture
def token(app: Flask) -> str:
    """The activation token of an invited analyst."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return accounts.invite(session, "a@example.se", "analyst", None, "tests", datetime.now(UTC))


def activate(
    client: FlaskClient, token: str, password: str = PASSWORD, repeated: str | None = None
) -> TestResponse:
    page = client.get(f"/aktivera/{token}")
    fields = {"password": password, "repeated": password if repeated is None else repeated}
    return client.post(f"/aktivera/{token}", data={**hidden(page), **fields})


def log_in(client: FlaskClient, email: str, password: str, address: str = "/inloggning") -> TestResponse:
    page = client.get(address)
    return client.post(address, data={**hidden(page), "email": email, "password": password})


def test_an_invitation_becomes_an_account_that_logs_in(client: FlaskClient, token: str) -> None:
    assert activate(client, token).location == "/inloggning?klar=1"
    assert "Ditt lösenord är sparat" in client.get("/inloggning?klar=1").text
    assert log_in(client, " A@Example.SE ", PASSWORD).location == "/analys/"
    assert client.get("/inloggning").location == "/analys/"


@pytest.mark.parametrize("role", list(Role))
def test_who_is_invited_reads_what_the_account_is_for_while_the_link_is_valid(
    app: Flask, client: FlaskClient, role: Role
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.add(PoliceDistrict(code="L1", name="Lokalpolisområde Norr"))
        session.add(
            Municipality(code="0125", name="Ekerö", county_code="01", county="Län", police_region="X")
        )
        session.flush()
        municipality = "0125" if role == Role.MUNICIPALITY else None
        district = "L1" if role == Role.POLICE else None
        now = datetime.now(UTC)
        token = accounts.invite(session, "b@example.se", role, municipality, "tests", now, district)
    page = client.get(f"/aktivera/{token}").text
    assert accounts.ROLE_WORDS[role] in page
    assert accounts.DUTIES[role] in page
    assert accounts.DUTIES[role] in activate(client, token, "kort").text
    assert activate(client, token).status_code == 303
    assert accounts.DUTIES[role] not in client.get(f"/aktivera/{token}").text


def test_pages_keep_a_login_awake_and_silence_ends_it(app: Flask, client: FlaskClient, token: str) -> None:
    activate(client, token)
    log_in(client, "a@example.se", PASSWORD)
    found: Databases = app.extensions["databases"]

    def left_alone_until(minutes: int) -> None:
        with found.transaction() as session:
            until = datetime.now(UTC) + timedelta(minutes=minutes)
            session.execute(update(BrowserSession).values(idle_until=until))

    left_alone_until(1)
    assert client.get("/analys/").status_code == 200
    with found.reading() as session:
        idle_until = session.scalars(select(BrowserSession.idle_until)).one()
    assert idle_until is not None
    assert utc(idle_until) - datetime.now(UTC) > timedelta(minutes=29)
    left_alone_until(-1)
    assert client.get("/analys/").location == "/inloggning?next=/analys/"


@pytest.mark.parametrize(
    ("password", "repeated", "message"),
    [
        ("kort", "kort", "minst 12"),
        (PASSWORD, "något annat", "inte lika"),
        ("", "", "Välj ett lösenord"),
        ("x" * 300, "x" * 300, "högst 200"),
    ],
)
def test_a_password_that_will_not_do_is_told(
    client: FlaskClient, token: str, password: str, repeated: str, message: str
) -> None:
    page = activate(client, token, password, repeated)
    assert page.status_code == 422
    assert message in page.text
    assert "<title>Fel: " in page.text


def test_an_invitation_works_once_and_not_for_ever(app: Flask, client: FlaskClient, token: str) -> None:
    assert activate(client, token).status_code == 303
    assert "gäller inte längre" in activate(client, token).text
    found: Databases = app.extensions["databases"]
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with found.transaction() as session:
        old = accounts.invite(session, "b@example.se", "analyst", None, "tests", long_ago)
    assert activate(client, old).status_code == 422


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("a@example.se", "fel lösenord"),
        ("finns@inte.se", PASSWORD),
        ("a@example.se\0", PASSWORD),
        ("a@example.se", PASSWORD + "\0"),
        ("' OR 1=1 --", PASSWORD),
        ("a@example.se", PASSWORD + "x" * 150),
    ],
)
def test_wrong_address_and_wrong_password_look_the_same(
    client: FlaskClient, token: str, email: str, password: str
) -> None:
    activate(client, token)
    page, other = (log_in(client, *one) for one in ((email, password), ("nobody@example.se", "fel")))
    assert (page.status_code, other.status_code) == (422, 422)
    assert "hör inte ihop" in page.text
    assert unsaid(page) == unsaid(other)
    assert client.get("/analys/").status_code == 303


def unsaid(page: TestResponse) -> str:
    """The page without the address that was typed and the token of its form."""
    text = page.text.replace(hidden(page)["csrf_token"], "TOKEN")
    return re.sub(r'value="[^"]*" autocomplete="username"', "EMAIL", text)


def test_an_empty_form_says_what_is_missing(client: FlaskClient) -> None:
    page = log_in(client, "", "")
    assert page.status_code == 422
    assert "Skriv din e-postadress." in page.text
    assert 'href="#password"' in page.text


def test_the_page_asked_for_opens_after_logging_in(client: FlaskClient, token: str) -> None:
    activate(client, token)
    asked = client.get("/analys/")
    assert asked.location == "/inloggning?next=/analys/"
    assert log_in(client, "a@example.se", PASSWORD, asked.location).location == "/analys/"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"],
)
def test_logging_in_never_leads_to_another_site(client: FlaskClient, token: str, target: str) -> None:
    activate(client, token)
    page = client.get("/inloggning")
    sent = client.post(
        "/inloggning",
        query_string={"next": target},
        data={**hidden(page), "email": "a@example.se", "password": PASSWORD},
    )
    assert sent.location == "/analys/"


def test_a_form_that_was_open_too_long_is_shown_again(client: FlaskClient, token: str) -> None:
    for address in ("/inloggning", f"/aktivera/{token}"):
        page = client.post(address, data={"csrf_token": "late"})
        assert page.status_code == 400
        assert "öppen för länge" in page.text
        assert "<form" in page.text


def test_a_login_does_not_keep_the_session_from_before(client: FlaskClient, token: str) -> None:
    activate(client, token)
    client.get("/inloggning")
    before = client.get_cookie("trygg")
    log_in(client, "a@example.se", PASSWORD)
    after = client.get_cookie("trygg")
    assert before is not None
    assert after is not None
    assert before.value.split(".")[0] != after.value.split(".")[0]
