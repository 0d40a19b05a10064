"""Accounts of staff, and browsers where they are logged in."""

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden

from survey.database import Databases
from survey.preparation import accounts

PASSWORD = "en fras som ingen gissar"
ANALYST = "analytiker@example.se"
HOMES = {"municipality": "/kommun/", "analyst": "/analys/"}


def add_account(app: Flask, municipality_code: str | None, role: str = "analyst") -> str:
    """The e-mail address of an activated account: of a municipality, or of another role."""
    found: Databases = app.extensions["databases"]
    now = datetime.now(UTC)
    email = f"{municipality_code or role}@example.se" if municipality_code or role != "analyst" else ANALYST
    with found.transaction() as session:
        role = "municipality" if municipality_code else role
        token = accounts.invite(session, email, role, municipality_code, "tests", now)
        accounts.activate(session, token, PASSWORD, now)
    return email


def logged_in(app: Flask, municipality_code: str | None = None, role: str = "analyst") -> FlaskClient:
    """A browser where a user of the municipality, or of another role, is logged in."""
    email = add_account(app, municipality_code, role)
    client = app.test_client()
    page = client.get("/inloggning")
    sent = client.post("/inloggning", data={**hidden(page), "email": email, "password": PASSWORD})
    assert sent.location == HOMES.get("municipality" if municipality_code else role, "/drift/")
    return client
