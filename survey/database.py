"""Two databases, one transaction at a time: survey (cases, answers, releases) and identity (contacts)."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from flask import current_app
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from survey import sqlite
from survey.config import ROOT, Settings
from survey.errors import UserError
from survey.kept_connections import KeptConnections, has_ended
from survey.prepared import Direct

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Tables of the survey database."""

    metadata = MetaData(naming_convention=NAMES)


class IdentityBase(DeclarativeBase):
    """Tables of the identity database: names and addresses, nothing else."""

    metadata = MetaData(naming_convention=NAMES)


@dataclass(frozen=True)
class Databases:
    """The two engines of an installation."""

    survey: Engine
    identity: Engine

    @classmethod
    def connect(cls, settings: Settings) -> "Databases":
        return cls(_engine(settings.survey_database), _engine(settings.identity_database))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing transaction on the survey database: all of it or nothing."""
        with Session(self._survey_writer) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A reading session on the survey database; never commits."""
        with Session(self.survey) as session:
            yield session

    def look(self) -> AbstractContextManager[Direct]:
        """For prepared statements that read, each by itself: nothing is begun and ended around them."""
        return self._kept.one()

    @contextmanager
    def statements(self) -> Iterator[Direct]:
        """Like `transaction`, for prepared statements alone, on the driver's own connection."""
        with self._kept.one() as direct:
            driver: Any = direct.driver
            if direct.dialect.name == "sqlite":
                sqlite.begin_writing(driver, str(self.survey.url.database))
            else:
                direct.cursor.execute("BEGIN")
            yield direct
            driver.commit()

    @contextmanager
    def identity_transaction(self) -> Iterator[Session]:
        """A writing transaction on the identity database."""
        with Session(_writer(self.identity)) as session, session.begin():
            yield session

    @cached_property
    def _kept(self) -> KeptConnections:
        return KeptConnections(self.survey)

    @cached_property
    def _survey_writer(self) -> Engine:
        return _writer(self.survey)

    def write_anew(self) -> None:
        """Write both databases anew: of what has been deleted no trace and no order is left.

        May be repeated at any time.
        """
        try:
            for engine, tables in ((self.survey, Base.metadata), (self.identity, IdentityBase.metadata)):
                _write_anew(engine, tables)
        except (DBAPIError, sqlite3.Error) as error:
            raise UserError(
                "Det förstörda är borta, men spår finns kvar tills databaserna har skrivits om, och de är "
                "upptagna. Kör när det är lugnt: trygg database write-anew"
            ) from error

    def dispose(self) -> None:
        self._kept.close()
        self.survey.dispose()
        self.identity.dispose()


def databases() -> Databases:
    """The databases of the running application."""
    found = current_app.extensions["databases"]
    assert isinstance(found, Databases)  # noqa: S101 - set by create_app
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """A writing transaction for the request at hand."""
    with databases().transaction() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A reading session for the request at hand."""
    with databases().reading() as session:
        yield session


def statements() -> AbstractContextManager[Direct]:
    """A writing transaction for the request at hand, for prepared statements."""
    return databases().statements()


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring both databases to the newest form by migration."""
    for name in ("survey", "identity"):
        migrate(name, getattr(settings, f"{name}_database"), revision)


def migrate(name: str, url: str, revision: str = "head") -> None:
    """Move one database to a revision; `base` takes everything away."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("version_locations", str(ROOT / "migrations" / name))
    config.set_main_option("path_separator", "newline")
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            config.attributes["database"] = name
            if revision == "base":
                alembic.command.downgrade(config, revision)
            else:
                alembic.command.upgrade(config, revision)
    finally:
        engine.dispose()


def _write_anew(engine: Engine, tables: MetaData) -> None:
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as file:  # in no transaction of ours
            file.cursor().execute("VACUUM")
            (busy, *_) = file.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("somebody still reads the old pages")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables.sorted_tables:
            # By the key: for answers a random number, so that their order tells nothing.
            connection.exec_driver_sql(f'CLUSTER "{table.name}" USING "{table.primary_key.name}"')


def _writer(engine: Engine) -> Engine:
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def _engine(url: str) -> Engine:
    parsed = _address(url)
    # Parameters are answers, codes and addresses: they do not belong in an error message or a log.
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True)
        event.listen(engine, "checkout", _refuse_dead)
        return engine
    if parsed.database:
        sqlite.keep_private(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": sqlite.WAIT}, hide_parameters=True)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Throw away the kept connections when the server has gone, or come again, since they were used."""
    if has_ended(connection):
        raise InvalidatePoolError


def _address(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("sqlite", "postgresql"):
        # Not quoted: there may be a password in it.
        raise UserError("En databas adress måste börja med sqlite:/// eller postgresql://.")
    return parsed


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    sqlite.configure(connection)


def _begin_sqlite(connection: Connection) -> None:
    # By the driver itself: the driver's own transactions start too late.
    file: Any = connection.connection.driver_connection
    try:
        if connection.get_execution_options().get("sqlite_begin") == "IMMEDIATE":
            sqlite.begin_writing(file, str(connection.engine.url.database))
        else:
            sqlite.begin_reading(file)
    except sqlite3.OperationalError as error:
        # What an event raises is not translated, and who waits for a database catches the one name only.
        raise OperationalError("BEGIN", {}, error) from error
