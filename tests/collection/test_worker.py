"""The worker from the uploaded register to the printed reminders, killed on the way and taken up again."""

import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import tiny_wave
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, PER_AREA, people, write_register

from survey import sqlite, worker
from survey.collection import letters, orders, samples, uploads
from survey.collection.letter_files import list_batches
from survey.collection.manifest import LetterBatch, manifest_of
from survey.config import ROOT, Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent
from survey.models.contact import Contact
from survey.models.invitation import Invitation
from survey.models.job import Job, JobState
from survey.models.mailing import MailedCase
from survey.models.register_upload import RegisterUpload
from survey.preparation import jobs, waves
from survey.preparation.jobs import LAPSE, JobStatus
from survey.progress import Progress
from survey.receiving import private_folder

NOW = datetime.now(UTC)
# Both databases where locks matter; elsewhere one of them is enough.
ON_SQLITE = pytest.mark.parametrize("any_settings", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("any_settings", ["postgresql"], indirect=True)


def upload(databases: Databases, output: Path, rows: list[tiny_wave.Person] | None = None) -> str:
    arrived = write_register(private_folder(output) / "arriving-x", people() if rows is None else rows)
    arrived.chmod(0o600)
    with databases.transaction() as session:
        name = uploads.receive(session, output, CODE, arrived, BY, NOW)
    arrived.unlink()
    return name


def ask(databases: Databases, settings: Settings, step: str, area: str = "") -> None:
    with databases.transaction() as session:
        orders.order(session, settings.output, CODE, step, area, BY, NOW, forced=True)


def newest(databases: Databases) -> JobStatus:
    with databases.reading() as session:
        return jobs.recent(session, CODE, NOW)[0]


def do(databases: Databases, settings: Settings, step: str, area: str = "") -> JobStatus:
    ask(databases, settings, step, area)
    worker.work(databases, settings, once=True)
    return newest(databases)


@pytest.fixture
def planned(databases: Databases, any_settings: Settings) -> Settings:
    with databases.transaction() as session:
        tiny_wave.plan_wave(session, last_day=tiny_wave.LATE, synthetic=False)
    return any_settings


@ON_POSTGRESQL
def test_from_the_uploaded_file_to_letters_and_reminders(databases: Databases, planned: Settings) -> None:
    name = upload(databases, planned.output)
    checked = do(databases, planned, "check")
    assert (checked.state, checked.message) == (JobState.DONE, "Filen kan läsas in.")
    assert checked.report is not None
    assert (checked.report["rows"], checked.report["faults"]) == (3 * PER_AREA, [])
    assert do(databases, planned, "load").message == f"{3 * PER_AREA} personer i urvalsramen."
    assert (planned.output / "register-uploads" / name).is_file()
    assert do(databases, planned, "draw").message == "12 dragna i 3 delområden."
    assert list((planned.output / "register-uploads").iterdir()) == []
    assert do(databases, planned, "letter", "0140-01").message == "4 utskick i 1 filer."
    assert do(databases, planned, "letter").message == "8 utskick i 2 filer."
    with databases.transaction() as session:
        waves.open_wave(session, CODE, BY)
        session.execute(update(Invitation).values(issued_on=tiny_wave.FIRST_DAY))
        session.execute(update(MailedCase).values(mailed_on=tiny_wave.FIRST_DAY))
        session.execute(update(CaseEvent).values(happened_on=tiny_wave.FIRST_DAY))
    assert do(databases, planned, "last").message == "12 utskick i 3 filer."
    with databases.reading() as session:
        found = list_batches(session, planned.output, CODE)
        assert sum(batch.letters for batch in found) == 24
        assert session.scalars(select(RegisterUpload)).all() == []


@ON_SQLITE
def test_a_file_with_faults_is_reported_whole_and_loads_nothing(
    databases: Databases, planned: Settings
) -> None:
    rows = people()
    rows[3].update(kon="X", fornamn="Hemlig")
    rows[5].update(alder="12")
    upload(databases, planned.output, rows)
    checked = do(databases, planned, "check")
    assert (
        checked.message == "Filen kan inte läsas in: 3 fel."
    )  # and with them too few persons in the municipality
    loaded = do(databases, planned, "load")
    assert loaded.state is JobState.FAILED
    assert loaded.message.startswith("Registerfilen kan inte användas. Inget har sparats.\n– kon är varken")
    with databases.reading() as session:
        assert waves.find_wave(session, CODE).status == "planned"
        everything = [*session.scalars(select(AuditEvent.detail)), *session.scalars(select(Job.report))]
    assert not any("Hemlig" in (text or "") for text in everything)


@ON_SQLITE
def test_an_unexpected_failure_gives_a_number_and_a_log_without_persons(
    databases: Databases,
    planned: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("row of Hemlig Person, 19900101-1234")

    monkeypatch.setattr(worker, "check_frame", fail)
    upload(databases, planned.output)
    with caplog.at_level(logging.INFO):
        failed = do(databases, planned, "check")
    assert failed.state is JobState.FAILED
    reference = failed.message.split("Uppge ")[1].split(" ")[0]
    assert reference in caplog.text
    assert "in _check_frame" in caplog.text
    assert "Hemlig" not in caplog.text + failed.message


def test_a_database_that_is_away_is_told_once_with_its_own_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    words = ["attempt to write a readonly database", "attempt to write a readonly database", "disk I/O error"]
    errors = [
        OperationalError("INSERT", ["Hemlig"], sqlite3.OperationalError(f"{text}\nDETAIL: Hemlig"))
        for text in words
    ]
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    stores = Mock()
    stores.transaction.side_effect = [*errors, KeyboardInterrupt]
    with pytest.raises(KeyboardInterrupt):
        worker.work(stores, settings, once=False)
    assert [record.getMessage() for record in caplog.records] == [
        f"the database is away: OperationalError: {text}" for text in words[1:]
    ]


@ON_SQLITE
def test_a_step_out_of_its_time_is_refused_when_it_is_asked_for(
    databases: Databases, planned: Settings
) -> None:
    for step, told in (
        ("check", "ingen registerfil"),
        ("draw", "steget kräver"),
        ("letter", "steget kräver"),
        ("nonsense", "finns inte"),
    ):
        with pytest.raises(UserError, match=told):
            ask(databases, planned, step)


@ON_SQLITE
def test_one_file_at_a_time_private_and_never_under_the_senders_name(
    databases: Databases, planned: Settings
) -> None:
    names = [upload(databases, planned.output) for _ in range(2)]
    folder = planned.output / "register-uploads"
    assert [path.name for path in folder.iterdir()] == names[1:]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / names[1]).stat().st_mode) == 0o600
    with databases.reading() as session:
        details = list(
            session.scalars(select(AuditEvent.detail).where(AuditEvent.action.contains("register")))
        )
    assert len(details) == 3
    assert all(set(detail) <= set('{"bytes": 0123456789}') for detail in details)


@ON_SQLITE
def test_a_file_is_kept_while_a_job_may_read_it(databases: Databases, planned: Settings) -> None:
    upload(databases, planned.output)
    ask(databases, planned, "check")
    with pytest.raises(UserError, match="pågår"):
        upload(databases, planned.output)
    (private_folder(planned.output) / "arriving-x").unlink()
    with pytest.raises(UserError, match="pågår"), databases.transaction() as session:
        uploads.take_back(session, planned.output, CODE, BY)
    worker.work(databases, planned, once=True)
    with databases.transaction() as session:
        uploads.take_back(session, planned.output, CODE, BY)
    assert list((planned.output / "register-uploads").iterdir()) == []


def test_what_has_lain_too_long_or_belongs_to_no_wave_is_swept_away(
    sqlite_databases: Databases, settings: Settings
) -> None:
    with sqlite_databases.transaction() as session:
        tiny_wave.plan_wave(session)
    upload(sqlite_databases, settings.output)
    folder = private_folder(settings.output)
    stray, arriving = folder / "arriving-old", folder / "arriving-now"
    for path in (stray, arriving):
        path.write_text("rows")
    old = (NOW - timedelta(days=1)).timestamp()
    os.utime(stray, (old, old))
    with sqlite_databases.transaction() as session:
        assert uploads.sweep(session, settings.output, NOW + timedelta(days=6)) == 2
    arriving.write_text("rows")
    with sqlite_databases.transaction() as session:
        assert uploads.sweep(session, settings.output, NOW + timedelta(days=7, seconds=1)) == 2
        assert uploads.find_upload(session, CODE) is None
    assert list(folder.iterdir()) == []


def test_a_killed_worker_is_taken_up_where_it_stopped(databases: Databases, planned: Settings) -> None:
    """Killed when the first area is printed: the next worker prints the rest, each person once."""
    upload(databases, planned.output)
    for step in ("load", "draw"):
        do(databases, planned, step)
    ask(databases, planned, "letter")
    environment = {
        "TRYGG_SURVEY_DATABASE": planned.survey_database,
        "TRYGG_IDENTITY_DATABASE": planned.identity_database,
        "TRYGG_OUTPUT": str(planned.output),
    }
    command = [sys.executable, "-c", "from survey.cli import main; main()", "worker"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        while invited(databases) == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < invited(databases) < 12
    assert newest(databases).state is JobState.RUNNING
    worker.work(databases, planned, once=True)
    assert newest(databases).state is JobState.RUNNING  # the dead one may still be alive
    with databases.transaction() as session:
        session.execute(update(Job).values(heartbeat_at=datetime.now(UTC) - 2 * LAPSE))
    worker.work(databases, planned, once=True)
    assert newest(databases).state is JobState.DONE
    assert "togs upp igen" in newest(databases).message
    with databases.reading() as session:
        assert session.scalar(select(func.count()).select_from(Invitation)) == 12
        assert [batch.letters for batch in list_batches(session, planned.output, CODE)] == [4, 4, 4]


@ON_SQLITE
def test_a_printing_tells_how_much_there_is_before_the_first_file(
    databases: Databases, planned: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(databases, planned.output)
    for step in ("load", "draw"):
        do(databases, planned, step)
    told: list[tuple[int, int]] = []

    @contextmanager
    def heartbeat(*_: object) -> Iterator[Progress]:
        yield lambda _label, done, total: told.append((done, total))

    monkeypatch.setattr(worker, "_heartbeat", heartbeat)
    do(databases, planned, "letter")
    assert told == [(0, 12), (4, 12), (8, 12), (12, 12)]


def test_a_worker_whose_job_was_taken_over_prints_nothing_more(
    sqlite_databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_databases.transaction() as session:
        tiny_wave.plan_wave(session, last_day=tiny_wave.LATE)
    upload(sqlite_databases, settings.output)
    for step in ("load", "draw"):
        do(sqlite_databases, settings, step)
    ask(sqlite_databases, settings, "letter")
    real = letters.print_file

    def overtaken(session: Session, *given: Any, **named: Any) -> LetterBatch | None:
        session.execute(update(Job).values(attempts=Job.attempts + 1))
        return real(session, *given, **named)

    monkeypatch.setattr(letters, "print_file", overtaken)
    assert worker.run_next(sqlite_databases, settings)
    assert invited(sqlite_databases) == 0
    assert newest(sqlite_databases).state is JobState.RUNNING  # as the other one left it


def invited(databases: Databases) -> int:
    with databases.reading() as session:
        return session.scalar(select(func.count()).select_from(Invitation)) or 0


def test_a_draw_that_was_broken_off_is_drawn_once_by_the_next_worker(
    databases: Databases, planned: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(databases, planned.output)
    do(databases, planned, "load")
    ask(databases, planned, "draw")

    class Killed(BaseException):
        """As if the process ended between the two databases."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(jobs, "finish", die)
        worker.run_next(databases, planned)
    with databases.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        session.execute(update(Job).values(heartbeat_at=NOW - 2 * LAPSE))
    written = []

    def meanwhile(*given: Any) -> Any:
        with databases.transaction() as session:  # as a resident of another wave
            written.append(session.execute(update(RegisterUpload).values(size=RegisterUpload.size)))
        return drawn(*given)

    drawn = samples.draw
    monkeypatch.setattr(sqlite, "WAIT", 0.5)
    monkeypatch.setattr(samples, "draw", meanwhile)
    worker.work(databases, planned, once=True)
    assert len(written) == 1
    assert newest(databases).message == "12 dragna i 3 delområden."
    with databases.reading() as session, databases.identity_transaction() as identity:
        assert session.scalar(select(func.count()).select_from(Case)) == 12
        assert identity.scalar(select(func.count()).select_from(Contact)) == 12


@ON_SQLITE
def test_a_printing_that_was_not_kept_is_not_offered(databases: Databases, planned: Settings) -> None:
    upload(databases, planned.output)
    for step in ("load", "draw"):
        do(databases, planned, step)
    with databases.reading() as session, databases.identity_transaction() as identity:
        # As when the process ends before its commit: the file and its line are there, the codes are not.
        letters.print_letters(session, identity, CODE, "0140-01", planned, tiny_wave.TODAY, BY)
        session.rollback()
    with databases.reading() as session:
        assert [batch.file for batch in manifest_of(planned.output, waves.find_wave(session, CODE))] == [
            "0140-01.pdf"
        ]
        assert list_batches(session, planned.output, CODE) == []
