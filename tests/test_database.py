import os
import stat
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from survey import audit, sqlite, worker
from survey.config import Settings
from survey.database import Base, Databases, IdentityBase, migrate
from survey.errors import UserError
from survey.models.account import Account
from survey.models.audit_event import AuditEvent
from survey.models.contact import Contact, DoNotContact
from survey.models.release import Diagnostic, Estimate, Release
from survey.models.wave import Wave
from survey.prepared import Prepared


def a_wave(code: str = "2022", *, synthetic: bool = True) -> Wave:
    return Wave(
        code=code,
        title="Trygghetsmätning 2022",
        questionnaire="trygghet",
        questionnaire_hash="0" * 64,
        population_date=date(2022, 9, 30),
        field_start=date(2022, 8, 29),
        field_end=date(2022, 10, 14),
        age_min=16,
        age_max=84,
        sample_per_area=300,
        seed=1,
        synthetic=synthetic,
    )


def a_release(session: Session) -> Release:
    session.add(a_wave())
    session.flush()
    release = Release(
        wave_code="2022",
        version=1,
        synthetic=True,
        created_at=datetime(2022, 11, 1, tzinfo=UTC),
        created_by="test",
        manifest="{}",
    )
    session.add(release)
    session.flush()
    return release


def a_diagnostic(release: Release) -> Diagnostic:
    return Diagnostic(
        release_id=release.id, wave="2022", municipality_code="0180", sampled=300, responded=160
    )


def test_migrations_make_exactly_the_tables_of_the_models(databases: Databases) -> None:
    for engine, base in ((databases.survey, Base), (databases.identity, IdentityBase)):
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), base.metadata) == []


def test_migrations_go_down_and_up_again(databases: Databases, any_settings: Settings) -> None:
    for name, url in (
        ("survey", any_settings.survey_database),
        ("identity", any_settings.identity_database),
    ):
        migrate(name, url, "base")
        engine = getattr(databases, name)
        assert inspect(engine).get_table_names() == ["alembic_version"]
        if name == "survey":
            migrate(name, url, "survey_0027")
            with engine.begin() as connection:
                connection.execute(
                    text(
                        "INSERT INTO account (email, role, recovery_hashes) VALUES ('bo@x.se', 'owner', '[]')"
                    )
                )
                invited = insert(AuditEvent).values(action="invite account", subject="bo@x.se", detail="{}")
                for by in ("Old@x.se", "Anna@x.se"):
                    connection.execute(invited.values(actor=by, happened_at=datetime.now(UTC)))
        migrate(name, url)
        assert len(inspect(engine).get_table_names()) > 1
    with databases.reading() as session:  # the log knows who let them in
        assert session.scalars(select(Account.invited_by)).all() == ["anna@x.se"]


def test_contacts_have_a_database_of_their_own() -> None:
    assert set(IdentityBase.metadata.tables) == {Contact.__tablename__, DoNotContact.__tablename__}
    assert not set(IdentityBase.metadata.tables) & set(Base.metadata.tables)


def test_new_database_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        databases = Databases.connect(
            Settings(
                survey_database=f"sqlite:///{tmp_path}/new/survey.db",
                identity_database=f"sqlite:///{tmp_path}/new/identity.db",
            )
        )
        with databases.survey.begin() as survey, databases.identity.begin() as identity:
            for connection in (survey, identity):
                connection.exec_driver_sql("CREATE TABLE one (number INTEGER)")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
        databases.dispose()
    finally:
        os.umask(before)
    assert {"survey.db", "survey.db-wal", "identity.db", "identity.db-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("address", ["nonsense", "mysql://somebody:secret@host/base", ""])
def test_an_unusable_address_is_told_without_its_password(address: str) -> None:
    with pytest.raises(UserError, match="måste börja med") as told:
        Databases.connect(Settings(survey_database=address))
    assert "secret" not in str(told.value)


def test_answers_are_not_stored_in_the_order_they_were_begun(sqlite_databases: Databases) -> None:
    with sqlite_databases.reading() as session, pytest.raises(DBAPIError, match="no such column"):
        session.execute(text("SELECT rowid FROM response"))


def test_the_synthetic_flag_of_a_wave_cannot_be_taken_off(session: Session) -> None:
    session.add(a_wave())
    session.flush()
    with pytest.raises(DBAPIError, match="synthetic flag"):
        session.execute(update(Wave).values(synthetic=False))


def test_the_audit_log_can_only_grow(databases: Databases) -> None:
    with databases.transaction() as session:
        audit.record(session, "someone", "did", "something " + "long" * 100, count=3)
    for statement in (update(AuditEvent).values(actor="nobody"), delete(AuditEvent)):
        with pytest.raises(DBAPIError, match="append-only"), databases.transaction() as session:
            session.execute(statement)
    with databases.reading() as session:
        assert session.scalars(select(AuditEvent.actor)).all() == ["someone"]


def test_a_draft_can_be_replaced_and_a_release_cannot_be_touched(databases: Databases) -> None:
    with databases.transaction() as session:
        release = a_release(session)
        session.add(a_diagnostic(release))
        session.flush()
        session.execute(delete(Diagnostic))
        session.add(a_diagnostic(release))
        release.released_at = datetime(2022, 11, 2, tzinfo=UTC)
    forbidden = (
        update(Release).values(manifest="{1}"),
        update(Release).values(released_at=None),
        delete(Release),
        update(Diagnostic).values(responded=299),
        delete(Diagnostic),
    )
    for statement in forbidden:
        with pytest.raises(DBAPIError, match="immutable"), databases.transaction() as session:
            session.execute(statement)
    with pytest.raises(DBAPIError, match="immutable"), databases.transaction() as session:
        session.add(a_diagnostic(session.scalars(select(Release)).one()))
    with databases.reading() as session:
        assert session.scalars(select(Diagnostic.responded)).all() == [160]
        assert session.scalars(select(Estimate)).all() == []


def test_a_connection_that_the_server_has_ended_is_not_used_again(postgresql_settings: Settings) -> None:
    databases = Databases.connect(postgresql_settings)
    with databases.look() as connection:
        backend = Prepared(select(func.pg_backend_pid().label("pid"))).scalar(connection)
    with psycopg.connect(postgresql_settings.survey_database) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend]).fetchone() == (True,)
    with databases.transaction() as session:
        assert session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != backend
    databases.dispose()


def test_kept_connections_that_the_server_has_ended_are_not_used_again(postgresql_settings: Settings) -> None:
    databases = Databases.connect(postgresql_settings)
    pid = Prepared(select(func.pg_backend_pid().label("pid")))
    with databases.look() as one, databases.look() as another:
        ended = {pid.scalar(one), pid.scalar(another)}
    assert len(ended) == 2
    with databases.look() as again:
        assert pid.scalar(again) in ended
    with psycopg.connect(postgresql_settings.survey_database) as other:
        for backend in ended:
            assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend]).fetchone() == (True,)
    with databases.look() as one, databases.statements() as another:
        assert not {pid.scalar(one), pid.scalar(another)} & ended
    databases.dispose()


def test_a_worker_outlives_somebody_who_writes_for_long(
    sqlite_databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Waited(Exception):
        """The worker waits instead of ending."""

    def wait(seconds: float) -> None:
        if seconds == worker.POLL_SECONDS:
            raise Waited

    monkeypatch.setattr(sqlite, "WAIT", 0.05)
    other = Databases.connect(settings)
    with other.transaction() as writing:
        writing.connection()
        with pytest.raises(OperationalError), sqlite_databases.transaction() as session:
            session.connection()
        monkeypatch.setattr(time, "sleep", wait)
        with pytest.raises(Waited):
            worker.work(sqlite_databases, settings, once=False)
    other.dispose()
    with sqlite_databases.transaction() as session:
        session.add(a_wave())


def test_a_failed_transaction_leaves_nothing(databases: Databases) -> None:
    with pytest.raises(ZeroDivisionError), databases.transaction() as session:
        session.add(a_wave())
        session.flush()
        raise ZeroDivisionError
    with databases.reading() as session:
        assert session.scalars(select(Wave)).all() == []
