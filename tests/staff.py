"""Accounts of staff, and browsers where they are logged in."""

from datetime import UTC, date, datetime

from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.preparation import accounts

PASSWORD = "en fras som ingen gissar"
ANALYST = "analytiker@example.se"
HOMES = {
    "municipality": "/kommun/",
    "police": "/kommun/lokalpolisomrade",
    "analyst": "/analys/",
    "help_desk": "/drift/stod",
    "print": "/drift/brev",
    "data_entry": "/drift/inmatning",
    "screener": "/drift/fritext",
}


def add_account(
    app: Flask, municipality_code: str | None, role: str = "analyst", email: str | None = None
) -> str:
    """The e-mail address of an activated account: of a municipality, or of another role."""
    found: Databases = app.extensions["databases"]
    now = datetime.now(UTC)
    role = "municipality" if municipality_code else role
    address = email or (ANALYST if role == "analyst" else f"{municipality_code or role}@example.se")
    with found.transaction() as session:
        token = accounts.invite(session, address, role, municipality_code, "tests", now)
        accounts.activate(session, token, PASSWORD, now)
    return address


def add_police(app: Flask, code: str, *municipalities: str, until: date | None = None) -> FlaskClient:
    """A browser where the police of a district that covers the municipalities is logged in."""
    found: Databases = app.extensions["databases"]
    address, now = f"{code}@example.se", datetime.now(UTC)
    with found.transaction() as session:
        session.add(PoliceDistrict(code=code, name=f"Lokalpolisområde {code}"))
        session.flush()
        for one in municipalities:
            session.add(
                DistrictMunicipality(
                    district_code=code, municipality_code=one, valid_from=date(2018, 1, 1), valid_to=until
                )
            )
        token = accounts.invite(session, address, "police", None, "tests", now, code)
        accounts.activate(session, token, PASSWORD, now)
    client = app.test_client()
    assert log_in(client, address).location == HOMES["police"]
    return client


def log_in(client: FlaskClient, email: str) -> TestResponse:
    fields = {"email": email, "password": PASSWORD}
    return client.post("/inloggning", data={**hidden(client.get("/inloggning")), **fields})


def logged_in(app: Flask, municipality_code: str | None = None, role: str = "analyst") -> FlaskClient:
    """A browser where a user of the municipality, or of another role, is logged in."""
    email = add_account(app, municipality_code, role)
    client = app.test_client()
    home = HOMES.get("municipality" if municipality_code else role, "/drift/")
    assert log_in(client, email).location == home
    return client
