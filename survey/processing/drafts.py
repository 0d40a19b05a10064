"""Tables of a run as rows of the database, written in bulk."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from survey.database import Base
from survey.models.release import (
    Change,
    Comparison,
    Diagnostic,
    Estimate,
    ItemNonresponse,
    QualityFigure,
    ResponseRate,
)

TABLES: Mapping[str, type[Base]] = {
    "estimates": Estimate,
    "changes": Change,
    "comparisons": Comparison,
    "diagnostics": Diagnostic,
    "response_rates": ResponseRate,
    "quality": QualityFigure,
    "item_nonresponse": ItemNonresponse,
}
Row = tuple[Any, ...]


def store_table(session: Session, release_id: int, name: str, frame: pd.DataFrame) -> int:
    """Write one table of a draft; the number of rows."""
    table = Base.metadata.tables[TABLES[name].__tablename__]
    columns = [column.name for column in table.columns if column.name not in ("id", "release_id")]
    rows = zip(
        [release_id] * len(frame), *(_values(table, name, frame[name]) for name in columns), strict=True
    )
    connection = session.connection()
    write = _copy if connection.dialect.name == "postgresql" else _insert
    write(connection, table.name, ["release_id", *columns], rows)
    return len(frame)


def _copy(connection: Connection, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    """PostgreSQL's own bulk load: several times faster than statements."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - an open connection has its driver's
    names = ", ".join(f'"{column}"' for column in columns)
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    # Names of our own tables and columns, no values: nothing to inject.
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608
    if rows := list(rows):
        connection.exec_driver_sql(statement, rows)


def _values(table: Table, column: str, series: "pd.Series[Any]") -> Iterator[Any]:
    """The values of a column as the database takes them: missing as None, counts as whole numbers."""
    kind = table.columns[column].type.python_type
    if kind is str:
        return iter(series.astype(object).where(series.notna(), "").astype(str).tolist())
    values = series.astype(float).tolist()
    return (None if value != value else kind(value) for value in values)
