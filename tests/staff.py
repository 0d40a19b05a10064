"""Accounts of staff, and browsers where they are logged in."""

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden

from survey.database import Databases
from survey.preparation import accounts

PASSWORD = "en fras som ingen gissar"
ANALYST = "analytiker@example.se"


def add_account(app: Flask, municipality_code: str | None) -> str:
    """The e-mail address of an activated account: of a municipality, or of an analyst."""
    found: Databases = app.extensions["databases"]
    now = datetime.now(UTC)
    email = f"{municipality_code}@example.se" if municipality_code else ANALYST
    role = "municipality" if municipality_code else "analyst"
    with found.transaction() as session:
        token = accounts.invite(session, email, role, municipality_code, "tests", now)
        accounts.activate(session, token, PASSWORD, now)
    return email


def logged_in(app: Flask, municipality_code: str | None = None) -> FlaskClient:
    """A browser where a user of the municipality, or an analyst, is logged in."""
    email = add_account(app, municipality_code)
    client = app.test_client()
    page = client.get("/inloggning")
    sent = client.post("/inloggning", data={**hidden(page), "email": email, "password": PASSWORD})
    assert sent.location == ("/kommun/" if municipality_code else "/analys/")
    return client
