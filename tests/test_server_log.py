"""Nothing that a log keeps lets anybody into a letter: no address, no code, no parameter."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from survey.config import Settings
from survey.database import Databases

ROOT = Path(__file__).parents[1]
SECRET = "Secret-of-a-letter-1234567890"


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """`trygg serve` on databases that lose a table, so that every page fails; its port and what it writes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "TRYGG_SURVEY_DATABASE": settings.survey_database,
        "TRYGG_IDENTITY_DATABASE": settings.identity_database,
        "TRYGG_SECRET_KEY": "for tests only: not a secret at all",
        "TRYGG_BASE_URL": f"http://127.0.0.1:{port}",
        "GUNICORN_CMD_ARGS": "--access-logfile - --log-level debug",
    }
    command = [sys.executable, "-c", "from survey.cli import main; main()", "serve", "--workers", "1"]
    log = tmp_path / "log"
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT, env=environment, stdout=written, stderr=written
        ) as server,
    ):
        yield port, log
        server.terminate()


def opened(port: int) -> socket.socket:
    """A connection, once the server is there."""
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=30)
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("no server")


def test_the_server_started_by_hand_writes_no_address_of_a_letter(served: tuple[int, Path]) -> None:
    port, log = served
    with opened(port) as connection:
        with closing(sqlite3.connect(log.with_name("survey.db"))) as database:
            database.execute("ALTER TABLE wave RENAME TO lost")
        connection.sendall(f"GET /s/{SECRET} broken request line\r\n\r\n".encode())
        assert b"400" in connection.recv(100)
    with pytest.raises(HTTPError) as failure:
        build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/s/{SECRET}", timeout=30)
    assert failure.value.code == 500
    failure.value.close()
    written = log.read_text()
    assert "failure at GET /s/<code:token>" in written
    assert "no such table" in written
    assert "Invalid request" in written
    assert SECRET not in written


def test_a_failure_is_logged_by_the_rule_of_the_address(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("survey.resident.entrance.kept_page", fail)
    assert client.get(f"/s/{SECRET}").status_code == 500
    monkeypatch.setitem(app.after_request_funcs, None, [fail])
    app.testing = False  # as in earnest: the failure of a failure is logged, not raised
    assert client.get(f"/aktivera/{SECRET}").status_code == 500
    assert "failure at GET /s/<code:token>" in caplog.text
    assert "failure at GET /aktivera/<code:token>" in caplog.text
    assert "out of order" in caplog.text
    assert SECRET not in caplog.text


def test_a_database_error_holds_no_parameters(any_settings: Settings) -> None:
    connected = Databases.connect(any_settings)
    with connected.reading() as session, pytest.raises(DBAPIError) as failure:
        session.execute(text("SELECT * FROM nowhere WHERE code = :code"), {"code": SECRET})
    assert SECRET not in str(failure.value)
    connected.dispose()
