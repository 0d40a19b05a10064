"""Statements worked out once and given to the driver as text, for the pages that many ask for at once."""

from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Insert, Select
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Direct:
    """The driver's own connection: what runs on it costs no more than the database itself."""

    driver: DBAPIConnection
    dialect: Dialect
    cursor: DBAPICursor
    """One for all: each statement is read to its end before the next."""


# What runs prepared statements.
Statements = Session | Connection | Direct


class Prepared:
    """A statement with named parameters; the driver gets its text, others the statement itself."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._by_database: dict[str, _Text] = {}

    def first(self, on: Statements, **given: object) -> Any:
        """The first row, by the names of its columns, or None."""
        if not isinstance(on, Direct):
            return on.execute(self._statement, given).first()
        return next(iter(self._text(on, given).rows(on, given)), None)

    def all(self, on: Statements, **given: object) -> list[Any]:
        """Every row, by the names of its columns."""
        if not isinstance(on, Direct):
            return list(on.execute(self._statement, given))
        return self._text(on, given).rows(on, given)

    def one(self, on: Statements, **given: object) -> Any:
        """The only row."""
        found = self.first(on, **given)
        if found is None:
            raise LookupError("a row that must be there is not")
        return found

    def scalars(self, on: Statements, **given: object) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.all(on, **given)]

    def scalar(self, on: Statements, **given: object) -> Any:
        """The first column of the first row, or None."""
        found = self.first(on, **given)
        return None if found is None else found[0]

    def change(self, on: Statements, **given: object) -> int:
        """Run what changes the store; how many rows it changed."""
        if not isinstance(on, Direct):
            changed: Any = on.execute(self._statement, given)
            return int(changed.rowcount)
        return self._text(on, given).change(on, given)

    def _text(self, on: Direct, given: Iterable[str]) -> "_Text":
        name = on.dialect.name
        if name not in self._by_database:
            self._by_database[name] = _Text.of(self._statement, on.dialect, given)
        return self._by_database[name]


@dataclass(frozen=True)
class _Text:
    """What the driver is given, and how values go in and come out."""

    sql: str
    fixed: dict[str, Any]
    """Values that stand in the statement itself, as the driver takes them."""
    going_in: dict[str, Convert]
    coming_out: tuple[tuple[int, Convert], ...]
    row: Convert

    @classmethod
    def of(cls, statement: Executable, dialect: Dialect, given: Iterable[str]) -> "_Text":
        if dialect.name == "sqlite":
            dialect = SQLiteDialect_pysqlite(paramstyle="named")
        working_out: Any = statement
        compiled = working_out.compile(
            dialect=dialect,
            column_keys=list(given) if isinstance(statement, Insert) else None,
        )
        going_in: dict[str, Convert] = {
            name: convert
            for name, bind in compiled.binds.items()
            if (convert := _on_dialect(bind.type, dialect).bind_processor(dialect))
        }
        asked_for = {name for name, bind in compiled.binds.items() if bind.required}
        known = {name: value for name, value in compiled.params.items() if name not in asked_for}
        fixed = {name: going_in[name](value) if name in going_in else value for name, value in known.items()}
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        coming_out = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := _on_dialect(column.type, dialect).result_processor(dialect, None))
        ]
        row: Any = namedtuple("Found", [column.key for column in columns])  # type: ignore[misc]
        return cls(compiled.string, fixed, going_in, tuple(coming_out), row._make)

    def rows(self, on: Direct, given: dict[str, object]) -> list[Any]:
        on.cursor.execute(self.sql, self._values(given))
        return [self._row(values) for values in on.cursor.fetchall()]

    def change(self, on: Direct, given: dict[str, object]) -> int:
        on.cursor.execute(self.sql, self._values(given))
        return int(on.cursor.rowcount)

    def _values(self, given: dict[str, object]) -> dict[str, Any]:
        values = {**self.fixed, **given}
        for name, convert in self.going_in.items():
            if name in given:
                values[name] = convert(given[name])
        return values

    def _row(self, values: Iterable[Any]) -> Any:
        if not self.coming_out:
            return self.row(values)
        row = list(values)
        for place, convert in self.coming_out:
            row[place] = convert(row[place])
        return self.row(row)


def _on_dialect(kind: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    return kind.dialect_impl(dialect)
