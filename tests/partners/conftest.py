from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pictured import DISTRICT, ONLY_VAXHOLM, add_pictured_wave
from released_wave import NACKA, VAXHOLM
from staff import PASSWORD, add_account, log_in

from survey.config import Settings
from survey.database import Databases
from survey.preparation import accounts


@pytest.fixture
def pictured(app: Flask, settings: Settings) -> dict[str, str]:
    """The wave of 2019 is released, its places have their levels; the addresses of five who share them."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_pictured_wave(session, settings.output)
    emails = {
        "analyst": add_account(app, None),
        "nacka": add_account(app, NACKA),
        "vaxholm": add_account(app, VAXHOLM),
    }
    now = datetime.now(UTC)
    with found.transaction() as session:
        for name, district in (("police", DISTRICT), ("police_of_vaxholm", ONLY_VAXHOLM)):
            emails[name] = f"{name}@example.se"
            token = accounts.invite(session, emails[name], "police", None, "tests", now, district)
            accounts.activate(session, token, PASSWORD, now)
    return emails


@pytest.fixture
def partners(app: Flask, pictured: dict[str, str]) -> dict[str, FlaskClient]:
    """A browser for each of them, logged in."""
    clients = {name: app.test_client() for name in pictured}
    for name, client in clients.items():
        assert log_in(client, pictured[name]).status_code == 303
    return clients
