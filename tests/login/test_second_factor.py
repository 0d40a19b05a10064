"""A password alone lets nobody in: the app's code does, once, and a kept code when the telephone is lost."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy import select
from staff import ANALYST, add_account, log_in
from werkzeug.test import TestResponse

from survey import create_app
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.account import Account
from survey.preparation import accounts, second_factor

HOME = "/analys/"


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application as it is run for real: staff are asked twice."""
    built = create_app(replace(settings, second_factor=True))
    built.testing = True
    add_account(built, None)
    yield built
    built.extensions["databases"].dispose()


def post(client: FlaskClient, address: str, page: TestResponse, code: str) -> TestResponse:
    return client.post(address, data={**hidden(page), "code": code})


def set_up(app: Flask) -> tuple[str, list[str]]:
    """Log in for the first time: the secret and the recovery codes."""
    client = app.test_client()
    assert log_in(client, ANALYST).location == "/inloggning/kod"
    page = client.get("/inloggning/kod")
    secret = page.text.split('class="link" dir="ltr">')[1].split("<")[0]
    done = post(client, "/inloggning/ny-kod", page, pyotp.TOTP(secret).now())
    assert client.get(HOME).status_code == 200
    return secret, [part.split("</code>")[0] for part in done.text.split("<li><code>")[1:]]


def next_code(app: Flask, secret: str) -> str:
    """A code that has not been used: the account's last step is moved back, as if a minute had passed."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.scalars(select(Account)).one().second_factor_step = 0
    return pyotp.TOTP(secret).now()


def test_a_password_alone_opens_nothing(app: Flask) -> None:
    client = app.test_client()
    log_in(client, ANALYST)
    assert client.get(HOME).location == "/inloggning/kod"
    assert client.get("/inloggning").location == "/inloggning/kod"
    assert 'href="/analys/"' not in client.get("/inloggning/kod").text
    assert app.test_client().get("/inloggning/kod").location == "/inloggning"


def test_the_first_login_sets_up_the_app_and_later_ones_ask_for_its_code(app: Flask) -> None:
    secret, codes = set_up(app)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    client = app.test_client()
    log_in(client, ANALYST)
    page = client.get("/inloggning/kod")
    assert secret not in page.text
    assert post(client, "/inloggning/kod", page, next_code(app, secret)).location == HOME
    assert client.get(HOME).status_code == 200


def test_a_code_is_good_for_one_login(app: Flask) -> None:
    secret, _ = set_up(app)
    code = next_code(app, secret)
    for expected in (303, 422):
        client = app.test_client()
        log_in(client, ANALYST)
        assert post(client, "/inloggning/kod", client.get("/inloggning/kod"), code).status_code == expected


def test_a_kept_code_works_once(app: Flask) -> None:
    _, codes = set_up(app)
    for expected in (303, 422):
        client = app.test_client()
        log_in(client, ANALYST)
        page = client.get("/inloggning/kod")
        assert post(client, "/inloggning/kod", page, codes[0]).status_code == expected


@pytest.mark.parametrize("code", ["", "000000", "x", "１２３４５６", "1" * 1000, "\0", "123 456"])
def test_a_wrong_code_is_told(app: Flask, code: str) -> None:
    set_up(app)
    client = app.test_client()
    log_in(client, ANALYST)
    page = post(client, "/inloggning/kod", client.get("/inloggning/kod"), code)
    assert page.status_code == 422
    assert "Koden stämmer inte" in page.text
    assert client.get(HOME).status_code == 303


def test_a_slip_while_setting_up_keeps_the_same_key(app: Flask) -> None:
    client = app.test_client()
    log_in(client, ANALYST)
    page = client.get("/inloggning/kod")
    again = post(client, "/inloggning/ny-kod", page, "000000")
    assert again.status_code == 422
    assert hidden(again)["sealed"] == hidden(page)["sealed"]


def changed(sealed: str) -> str:
    """The seal with one byte in its middle changed."""
    half = len(sealed) // 2
    return sealed[:half] + ("A" if sealed[half] != "A" else "B") + sealed[half + 1 :]


@pytest.mark.parametrize(
    "tamper", [changed, *(lambda _, new=new: new for new in ("", "x", "å", "gAAAAA" + "x" * 300))]
)
def test_a_tampered_offer_is_refused(app: Flask, tamper: Callable[[str], str]) -> None:
    client = app.test_client()
    log_in(client, ANALYST)
    page = client.get("/inloggning/kod")
    fields = hidden(page)
    secret = page.text.split('class="link" dir="ltr">')[1].split("<")[0]
    fields |= {"sealed": tamper(fields["sealed"]), "code": pyotp.TOTP(secret).now()}
    refused = client.post("/inloggning/ny-kod", data=fields)
    assert refused.status_code == 422
    assert "Sidan hade varit öppen för länge" in refused.text
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert session.scalars(select(Account.second_factor)).one() is None


def test_an_offer_is_for_its_account_and_for_half_an_hour(app: Flask) -> None:
    found: Databases = app.extensions["databases"]
    key, now = app.extensions["settings"].secret_key, int(time.time())
    with found.reading() as session:
        account = session.scalars(select(Account)).one()

        def sealed(seconds: int) -> str:
            """An offer made so long ago."""
            offered = f"{account.id}:{pyotp.random_base32()}".encode()
            return second_factor._box(key).encrypt_at_time(offered, now - seconds).decode()

        # A little less than half an hour, so that a slow machine does not refuse it.
        assert second_factor.address_of(account, sealed(1770), key).startswith("otpauth://")
        with pytest.raises(UserError, match="öppen för länge"):
            second_factor.address_of(account, sealed(1801), key)
        with pytest.raises(UserError, match="öppen för länge"):
            second_factor.address_of(account, sealed(0), key[::-1])
        with pytest.raises(UserError, match="annat konto"):
            second_factor.address_of(Account(id=account.id + 1, email="x@example.se"), sealed(0), key)


def test_whoever_has_the_password_cannot_replace_the_app(app: Flask) -> None:
    secret, _ = set_up(app)
    client = app.test_client()
    log_in(client, ANALYST)
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        sealed, address = second_factor.offer(
            session.scalars(select(Account)).one(), app.extensions["settings"].secret_key
        )
    mine = address.split("secret=")[1].split("&")[0]
    fields = {**hidden(client.get("/inloggning/kod")), "sealed": sealed, "code": pyotp.TOTP(mine).now()}
    assert client.post("/inloggning/ny-kod", data=fields).location == "/inloggning"
    assert client.get(HOME).status_code == 303
    assert secret != mine


def test_a_new_invitation_begins_anew(app: Flask) -> None:
    set_up(app)
    found: Databases = app.extensions["databases"]
    now = datetime.now(UTC) - timedelta(minutes=1)
    with found.transaction() as session:
        accounts.invite(session, ANALYST, "analyst", None, "tests", now)
        account = session.scalars(select(Account)).one()
        assert (account.second_factor, account.recovery_hashes) == (None, "[]")


def test_a_new_key_of_the_installation_leaves_the_kept_codes(app: Flask) -> None:
    secret, codes = set_up(app)
    found: Databases = app.extensions["databases"]
    other, now = app.extensions["settings"].secret_key[::-1], datetime.now(UTC)
    with found.transaction() as session:
        account = session.scalars(select(Account)).one()
        assert not second_factor.check(session, account, pyotp.TOTP(secret).now(), other, now)
        assert second_factor.check(session, account, codes[0], other, now)


def test_the_secret_is_not_stored_in_clear(app: Flask) -> None:
    secret, codes = set_up(app)
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        row = repr(session.execute(select(Account.second_factor, Account.recovery_hashes)).one())
    assert secret not in row
    assert not [code for code in codes if code in row]
