from collections.abc import Iterator

import invited_wave
import pytest
from sqlalchemy.orm import Session

from survey.database import Databases


@pytest.fixture
def quick(sqlite_databases: Databases) -> Iterator[Session]:
    """A transaction on SQLite alone, for what has nothing to do with the database."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def planned(quick: Session) -> Session:
    """A planned wave, to which nobody is invited yet."""
    invited_wave.plan_wave(quick)
    return quick


@pytest.fixture
def accepted(planned: Session) -> Session:
    """The same wave, when one municipality has been invited and has said yes."""
    invited_wave.accept(planned)
    return planned
