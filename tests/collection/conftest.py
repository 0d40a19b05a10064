from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy.orm import Session
from tiny_wave import TODAY

from survey.collection import invitations
from survey.database import Databases


@pytest.fixture
def identity(databases: Databases) -> Iterator[Session]:
    """A transaction on the identity database that is never committed."""
    with Session(databases.identity.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def quick(sqlite_databases: Databases) -> Iterator[Session]:
    """A transaction on SQLite alone, for what has nothing to do with the database."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "register.csv"


@pytest.fixture
def cases(databases: Databases, register: Path) -> list[int]:
    """The cases of an open wave that is on disk."""
    with databases.transaction() as session, databases.identity_transaction() as identity:
        return tiny_wave.open_wave(session, identity, register)


@pytest.fixture
def number(databases: Databases, cases: list[int]) -> str:
    """The number of the form of the first case."""
    with databases.transaction() as session:
        (made,) = invitations.issue(session, cases[:1], TODAY, forms=True)
    assert made.form_id is not None
    return made.form_id
