"""What a test's databases were first filled with, to be put as it was into those of the next test."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select

from survey.database import Base, Databases, IdentityBase

Rows = Mapping[Table, Sequence[Mapping[str, Any]]]


def rows_of(stores: Databases) -> Rows:
    """All rows of both databases, each table after those that it refers to."""
    found = {}
    for engine, tables in _both(stores):
        with engine.connect() as connection:
            for table in tables:
                rows = connection.execute(select(table)).mappings().all()
                if rows:
                    found[table] = [dict(row) for row in rows]
    return found


def put_rows(stores: Databases, rows: Rows) -> None:
    """Into empty databases, which go on counting from there."""
    for engine, tables in _both(stores):
        with engine.begin() as connection:
            for table in tables:
                if table not in rows:
                    continue
                connection.execute(insert(table), rows[table])
                counted = table.autoincrement_column
                if counted is not None and engine.dialect.name == "postgresql":
                    sequence = func.pg_get_serial_sequence(table.name, counted.name)
                    connection.execute(
                        select(func.setval(sequence, select(func.max(counted)).scalar_subquery()))
                    )


def _both(stores: Databases) -> list[tuple[Engine, list[Table]]]:
    return [
        (stores.survey, Base.metadata.sorted_tables),
        (stores.identity, IdentityBase.metadata.sorted_tables),
    ]
