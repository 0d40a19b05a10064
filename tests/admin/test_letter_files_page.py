"""Printed letters reach the one who prints, whole and noted, and nobody else."""

import csv
import io
from hashlib import sha256
from pathlib import Path

import pytest
import tiny_wave
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from staff import logged_in
from tiny_wave import BY, CODE, TODAY

from survey.collection.closing import void_wave
from survey.collection.letters import print_letters
from survey.database import Databases
from survey.models.audit_event import AuditEvent

PAGE = f"/drift/{CODE}/brev"


@pytest.fixture
def letters(app: Flask, tmp_path: Path) -> Path:
    """A sampled wave with the letters of one area printed; the folder they lie in."""
    stores: Databases = app.extensions["databases"]
    settings = app.extensions["settings"]
    with stores.transaction() as session, stores.identity_transaction() as identity:
        tiny_wave.sampled_wave(session, identity, tmp_path / "register.csv")
        print_letters(session, identity, CODE, "0187-01", settings, TODAY, BY)
    folder: Path = settings.output / "letters" / CODE
    return folder


@pytest.fixture
def printer(app: Flask) -> FlaskClient:
    return logged_in(app, role="print")


def test_before_anything_is_printed_the_pages_say_so(app: Flask, printer: FlaskClient) -> None:
    assert "Här kommer filerna att finnas" in printer.get("/drift/brev").text
    assert printer.get("/drift/1999/brev").status_code == 404


def test_the_printer_fetches_file_and_manifest_and_it_is_noted(
    app: Flask, letters: Path, printer: FlaskClient
) -> None:
    assert f'href="{PAGE}"' in printer.get("/drift/brev").text
    page = printer.get(PAGE).text
    name = "0187-01-SIMULERADE-SVAR.pdf"
    assert f'href="{PAGE}/{name}"' in page
    with printer.get(f"{PAGE}/{name}") as sent:
        assert sha256(sent.data).hexdigest() == sha256((letters / name).read_bytes()).hexdigest()
        assert sent.headers["Cache-Control"] == "no-store"
        assert sent.headers["Content-Disposition"] == f"attachment; filename={name}"
    manifest = printer.get(f"{PAGE}/manifest.csv")
    (row,) = csv.DictReader(io.StringIO(manifest.text))
    assert (row["file"], row["letters"]) == (name, "4")
    assert row["sha256"] == sha256((letters / name).read_bytes()).hexdigest()
    stores: Databases = app.extensions["databases"]
    with stores.reading() as session:
        noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "fetch letters")).one()
    assert (noted.actor, noted.subject, noted.detail) == (
        "print@example.se",
        f"{CODE} 0187-01",
        '{"letters": 4}',
    )


def test_the_printer_sees_letters_only(letters: Path, printer: FlaskClient) -> None:
    for page in ("/drift/", f"/drift/{CODE}/", f"/drift/{CODE}/falt", f"/drift/{CODE}/arbete", "/drift/stod"):
        assert printer.get(page).status_code == 403
    menu = printer.get("/drift/brev").text.split("<nav")[1].split("</nav>")[0]
    assert ">Brev</a>" in menu
    assert not any(words in menu for words in ("Omgångar", "Formulär", "Resultat", "Konton"))


def test_who_does_not_print_gets_no_letter(app: Flask, letters: Path) -> None:
    for role in ("fieldwork", "help_desk", "analyst", "data_protection"):
        assert logged_in(app, role=role).get(f"{PAGE}/0187-01-SIMULERADE-SVAR.pdf").status_code == 403


def test_a_file_changed_on_disk_is_not_sent(letters: Path, printer: FlaskClient) -> None:
    file = letters / "0187-01-SIMULERADE-SVAR.pdf"
    file.write_bytes(file.read_bytes() + b"x")
    for _ in range(2):
        answer = printer.get(f"{PAGE}/0187-01-SIMULERADE-SVAR.pdf")
        assert (answer.status_code, "inte längre som när den skrevs ut" in answer.text) == (404, True)
        file.unlink(missing_ok=True)


def test_only_what_was_printed_can_be_fetched(letters: Path, printer: FlaskClient) -> None:
    for name in ("manifest-SIMULERADE-SVAR", "0140-01", "..%2f..%2fsurvey", "x" * 100):
        assert printer.get(f"{PAGE}/{name}.pdf").status_code == 404


def test_letters_of_a_voided_wave_are_not_offered(app: Flask, letters: Path, printer: FlaskClient) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        void_wave(session, CODE, "fel register", BY)
    assert "Här kommer filerna att finnas" in printer.get(PAGE).text
    assert printer.get(f"{PAGE}/0187-01-SIMULERADE-SVAR.pdf").status_code == 404
