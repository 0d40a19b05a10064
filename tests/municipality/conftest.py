import pytest
from flask import Flask
from flask.testing import FlaskClient
from released_wave import NACKA, VAXHOLM, add_release
from staff import logged_in

from survey.config import Settings
from survey.database import Databases


@pytest.fixture
def released(app: Flask, settings: Settings) -> int:
    """The wave of 2019 is released for Nacka and Vaxholm."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_release(session, settings.output)


@pytest.fixture
def nacka(app: Flask, released: int) -> FlaskClient:
    """A browser where a user of Nacka is logged in."""
    return logged_in(app, NACKA)


@pytest.fixture
def vaxholm(app: Flask, released: int) -> FlaskClient:
    """A browser where a user of Vaxholm is logged in."""
    return logged_in(app, VAXHOLM)
