from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from survey.database import Databases


@pytest.fixture
def quick(sqlite_databases: Databases) -> Iterator[Session]:
    """A transaction on SQLite alone, for what has nothing to do with the database."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()
