"""Register, sample, letters and reminders by the browser alone, and what is sent to harm."""

import errno
import io
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import tiny_wave
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from staff import logged_in
from tiny_wave import CODE, people
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from survey import create_app, worker
from survey.collection.register_layout import COLUMNS
from survey.config import Settings
from survey.database import Databases
from survey.models.job import Job
from survey.models.mailing import Mailing
from survey.preparation.jobs import LAPSE
from survey.receiving import FOLDER

PAGE = f"/drift/{CODE}/arbete"
LIMIT = 200_000


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application with a planned wave that takes small registers."""
    built = create_app(replace(settings, largest_register=LIMIT))
    built.testing = True
    with built.extensions["databases"].transaction() as session:
        tiny_wave.plan_wave(session, last_day=tiny_wave.LATE)
    yield built
    built.extensions["databases"].dispose()


@pytest.fixture
def field(app: Flask) -> FlaskClient:
    return logged_in(app, role="fieldwork")


def register(tmp_path: Path, spoil: bool = False) -> bytes:
    rows = people()
    if spoil:
        rows[2].update(kon="X", fornamn="Hemlig")
        rows[3].update(delomrade="0140-99")
    return tiny_wave.write_register(tmp_path / "rows", rows).read_bytes()


def token(client: FlaskClient) -> dict[str, str]:
    """The token of the session, from the form that every page has in its menu."""
    return {"csrf_token": client.get(PAGE).text.split('name="csrf_token" value="')[1].split('"')[0]}


def send(client: FlaskClient, content: bytes, name: str = "spar.csv", page: str = PAGE) -> TestResponse:
    fields = {**token(client), "register": (io.BytesIO(content), name)}
    return client.post(f"{page}/register", data=fields, content_type="multipart/form-data")


def order(client: FlaskClient, step: str, **fields: str) -> TestResponse:
    return client.post(PAGE, data={**token(client), "step": step, **fields})


def work(app: Flask) -> None:
    worker.work(app.extensions["databases"], app.extensions["settings"], once=True)


def folder(app: Flask) -> Path:
    output: Path = app.extensions["settings"].output
    return output / FOLDER


def test_from_register_to_reminder_without_the_command_line(
    app: Flask, field: FlaskClient, tmp_path: Path
) -> None:
    page = field.get(PAGE).text
    assert "Inget har beställts" in page
    assert all(f'<th scope="row">{column}</th>' in page for column in COLUMNS)
    assert send(field, register(tmp_path)).status_code == 303
    page = field.get(PAGE).text
    assert "Kontroll av registerfilen väntar" in page
    assert "Läs in</button>" not in page
    work(app)
    assert "Inga fel. Inget är inläst än." in field.get(PAGE).text
    for step, told in (
        ("load", "Urvalsramen är inläst"),
        ("draw", "Går till 12 personer"),
        ("letter", "12 utskick i 3 filer."),
    ):
        assert order(field, step).status_code == 303
        work(app)
        assert told in field.get(PAGE).text
    owner = logged_in(app, role="owner")
    assert owner.post(f"/drift/{CODE}/oppna", data=token(owner)).status_code == 303
    assert "Ingen väntar på det i dag." in field.get(PAGE).text
    with app.extensions["databases"].transaction() as session:
        session.add(Mailing(wave_code=CODE, kind="last", left_out=True))
    assert "Det ska skickas nu, fast" not in field.get(PAGE).text  # nobody waits for it
    early = order(field, "last")
    assert early.status_code == 422
    assert early.text.count("enligt kalendern. Ändra dagen där, eller kryssa i") == 1
    assert order(field, "last", forced="yes").status_code == 303
    work(app)
    assert "0 utskick i 0 filer." in field.get(PAGE).text
    assert "Utskrift: sista påminnelsen" in field.get(PAGE).text
    assert list(folder(app).iterdir()) == []


def test_faults_are_shown_together_and_nothing_can_be_loaded(
    app: Flask, field: FlaskClient, tmp_path: Path
) -> None:
    send(field, register(tmp_path, spoil=True))
    work(app)
    page = field.get(PAGE).text
    assert "Filen kan inte läsas in." in page
    assert "kon är varken K eller M: &#39;X&#39; på rad 4; 1 rader" in page
    assert "Okänt delområde: 0140-99" in page
    assert "Läs in</button>" not in page
    assert "Hemlig" not in page
    order(field, "load")
    work(app)
    assert "Inläsning av urvalsramen gick inte" in field.get(PAGE).text


def test_a_second_click_is_told_and_harmless(field: FlaskClient, tmp_path: Path) -> None:
    send(field, register(tmp_path))
    again = order(field, "check")
    assert (again.status_code, "pågår för omgången" in again.text) == (422, True)
    assert send(field, register(tmp_path)).status_code == 422


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "x" * 300, "a\0b.csv", "Anna Hemlig.csv"]
)
def test_the_senders_name_of_the_file_is_never_used(
    app: Flask, field: FlaskClient, tmp_path: Path, name: str
) -> None:
    assert send(field, register(tmp_path), name).status_code == 303
    (kept,) = folder(app).iterdir()
    assert kept.name.startswith("register-")
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(folder(app).stat().st_mode)) == (0o600, 0o700)
    assert "Hemlig" not in field.get(PAGE).text


def test_a_file_too_large_is_refused_with_the_limit_and_leaves_nothing(
    app: Flask, field: FlaskClient, tmp_path: Path
) -> None:
    sent = send(field, b"x" * (LIMIT + 70_000))
    assert sent.status_code == 413
    assert "Filen är större än 0 MB" in sent.text
    assert not folder(app).exists() or list(folder(app).iterdir()) == []


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        sqlite3.OperationalError("database or disk is full"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
        OperationalError("INSERT", {}, psycopg.errors.DiskFull("could not extend file")),
    ],
)
def test_a_full_disk_is_told_by_its_name(
    app: Flask, field: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(**_: object) -> None:
        raise failure

    monkeypatch.setattr("survey.receiving.NamedTemporaryFile", fail)
    sent = send(field, register(tmp_path))
    assert (sent.status_code, "Disken är full" in sent.text) == (507, True)
    assert "är inte sparat" in sent.text


def test_a_body_without_a_stated_length_stops_at_the_limit(app: Flask, field: FlaskClient) -> None:
    sent_token = token(field)["csrf_token"]
    head = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{sent_token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="register"; filename="r"\r\n\r\n'
    ).encode()
    cookie = field.get_cookie("trygg")
    assert cookie is not None
    environ = EnvironBuilder(
        f"{PAGE}/register",
        method="POST",
        input_stream=io.BytesIO(head + b"x" * 3 * LIMIT + b"\r\n--x--\r\n"),
        content_type="multipart/form-data; boundary=x",
        headers={"Cookie": f"trygg={cookie.value}"},
    ).get_environ()
    del environ["CONTENT_LENGTH"]
    _, status, _ = run_wsgi_app(app, environ | {"wsgi.input_terminated": True})
    assert status.startswith("413")
    assert list(folder(app).iterdir()) == []


def test_other_forms_keep_their_limit(field: FlaskClient) -> None:
    sent = field.post(PAGE, data={**token(field), "step": "x" * 100_000})
    assert sent.status_code == 413


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 1000, b"PK\x03\x04" + b"\0" * 100, b"\xff\xfe", os.urandom(5000)]
)
def test_what_is_no_register_is_told_with_words(app: Flask, field: FlaskClient, content: bytes) -> None:
    status = send(field, content).status_code
    work(app)
    page = field.get(PAGE).text
    assert (status, page.count("gick inte</h2>")) == ((303, 1) if content else (422, 0))
    assert "Något gick fel hos oss" not in page


def test_a_form_without_file_token_or_right_leaves_nothing(
    app: Flask, field: FlaskClient, tmp_path: Path
) -> None:
    assert (
        field.post(f"{PAGE}/register", data=token(field), content_type="multipart/form-data").status_code
        == 422
    )
    sent = {"register": (io.BytesIO(register(tmp_path)), "r.csv")}
    assert field.post(f"{PAGE}/register", data=sent, content_type="multipart/form-data").status_code == 400
    assert send(field, register(tmp_path), page="/drift/1999/arbete").status_code == 404
    town = logged_in(app, "0187")
    sent = {**hidden(town.get("/kommun/")), "register": (io.BytesIO(register(tmp_path)), "r.csv")}
    assert town.post(f"{PAGE}/register", data=sent, content_type="multipart/form-data").status_code == 403
    assert not folder(app).exists() or list(folder(app).iterdir()) == []


def test_a_worker_that_is_not_there_is_told_of(app: Flask, field: FlaskClient, tmp_path: Path) -> None:
    send(field, register(tmp_path))
    assert "Det börjar strax" in field.get(PAGE).text
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.execute(update(Job).values(created_at=datetime.now(UTC) - 2 * LAPSE))
    assert "Ingen arbetare har hört av sig" in field.get(PAGE).text
