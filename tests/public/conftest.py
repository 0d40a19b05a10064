import pytest
from flask import Flask
from released_wave import add_release

from survey.config import Settings
from survey.database import Databases


@pytest.fixture
def released(app: Flask, settings: Settings) -> int:
    """The wave of 2019 is open to everybody for Nacka and Vaxholm."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_release(session, settings.output)
