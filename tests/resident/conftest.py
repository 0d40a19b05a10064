import pytest
from flask import Flask
from open_wave import Letter, add_open_wave

from survey.database import Databases


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    """Two letters of an open, simulated wave."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session)


@pytest.fixture
def letter(letters: list[Letter]) -> Letter:
    return letters[0]
