from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_wave
from kept_rows import Rows, put_rows, rows_of
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import TODAY

from survey.collection import invitations
from survey.database import Databases
from survey.models.case import Case


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


@pytest.fixture(scope="session")
def made_once() -> dict[str, Rows]:
    """The rows of the open wave, once a test has made them."""
    return {}


@pytest.fixture
def cases(databases: Databases, register: Path, made_once: dict[str, Rows]) -> list[int]:
    """The cases of an open wave that is on disk; how a wave is opened is tested where one is opened."""
    kind = databases.survey.dialect.name
    if kind in made_once:
        tiny_wave.write_register(register, tiny_wave.people())
        put_rows(databases, made_once[kind])
    else:
        with databases.transaction() as session, databases.identity_transaction() as identity:
            tiny_wave.open_wave(session, identity, register)
        made_once[kind] = rows_of(databases)
    with databases.reading() as session:
        return list(session.scalars(select(Case.id).order_by(Case.id)))


@pytest.fixture
def number(databases: Databases, cases: list[int]) -> str:
    """The number of the form of the first case."""
    with databases.transaction() as session:
        (made,) = invitations.issue(session, cases[:1], TODAY, forms=True)
    assert made.form_id is not None
    return made.form_id
