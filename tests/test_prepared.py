"""Statements that the driver runs itself give what they give otherwise, and nothing by halves."""

import sqlite3
from datetime import date

import pytest
from sqlalchemy import bindparam, delete, func, insert, select, update
from test_database import a_wave

from survey import sqlite
from survey.database import Databases
from survey.models.municipality import Municipality
from survey.models.wave import Wave
from survey.prepared import Prepared

ADD = Prepared(insert(Municipality))
COUNT = Prepared(select(func.count().label("number")).select_from(Municipality))
FIND = Prepared(
    select(Wave.code, Wave.synthetic, Wave.field_start, Wave.links_until, Wave.seed)
    .where(Wave.field_start >= bindparam("day"), Wave.synthetic.is_(True))
    .order_by(Wave.code)
)
MOVE = Prepared(update(Wave).where(Wave.code == bindparam("wave")).values(links_until=bindparam("until")))
REMOVE = Prepared(delete(Wave).where(Wave.code == bindparam("wave")))
REMOVE_MUNICIPALITY = Prepared(delete(Municipality).where(Municipality.code == bindparam("of_code")))
VAXHOLM = {"code": "0187", "name": "Vaxholm", "county_code": "01", "county": "X", "police_region": "X"}


def test_the_driver_gives_what_the_session_gives(databases: Databases) -> None:
    with databases.transaction() as session:
        session.add_all([a_wave("2022"), a_wave("2023")])
    with databases.statements() as direct:
        assert MOVE.change(direct, wave="2023", until=date(2024, 1, 2)) == 1
        assert MOVE.change(direct, wave="1999", until=None) == 0
    with databases.look() as direct, databases.reading() as session:
        for on in (direct, session):
            found = FIND.all(on, day=date(2022, 1, 1))
            assert [tuple(row) for row in found] == [
                ("2022", True, date(2022, 8, 29), None, 1),
                ("2023", True, date(2022, 8, 29), date(2024, 1, 2), 1),
            ]
            assert found[1].links_until == date(2024, 1, 2)
            assert FIND.scalars(on, day=date(2022, 1, 1)) == ["2022", "2023"]
            assert FIND.first(on, day=date(2030, 1, 1)) is None
            assert FIND.scalar(on, day=date(2030, 1, 1)) is None
            with pytest.raises(LookupError):
                FIND.one(on, day=date(2030, 1, 1))
    with databases.transaction() as session:
        assert REMOVE.change(session, wave="2022") == 1


def test_what_fails_halfway_leaves_nothing_and_the_connection_is_good_again(databases: Databases) -> None:
    with pytest.raises(ZeroDivisionError), databases.look():
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), databases.statements() as direct:
        ADD.change(direct, skr_group=None, **VAXHOLM)
        raise ZeroDivisionError
    with pytest.raises(databases.survey.dialect.loaded_dbapi.Error), databases.statements() as direct:
        ADD.change(direct, skr_group=None, **VAXHOLM)
        ADD.change(direct, skr_group=None, **VAXHOLM)
    with databases.statements() as direct:
        assert COUNT.one(direct).number == 0
        ADD.change(direct, skr_group=None, **VAXHOLM)
    with databases.look() as direct:
        assert COUNT.one(direct).number == 1


def test_who_cannot_write_in_time_is_told_and_can_write_afterwards(
    sqlite_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(str(sqlite_databases.survey.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite, "WAIT", 0.02)
    with (
        pytest.raises(sqlite3.OperationalError, match="locked"),
        sqlite_databases.statements() as direct,
    ):
        ADD.change(direct, skr_group=None, **VAXHOLM)
    other.execute("ROLLBACK")
    other.close()
    with sqlite_databases.statements() as direct:
        ADD.change(direct, skr_group=None, **VAXHOLM)
    with sqlite_databases.look() as direct:
        assert COUNT.one(direct).number == 1


def test_who_looks_sees_what_others_have_committed_and_nothing_else(databases: Databases) -> None:
    with databases.statements() as writing:
        ADD.change(writing, skr_group=None, **VAXHOLM)
        with databases.look() as looking:
            assert COUNT.one(looking).number == 0
    with databases.look() as looking:
        assert COUNT.one(looking).number == 1
        with databases.statements() as writing:
            REMOVE_MUNICIPALITY.change(writing, of_code="0187")
        assert COUNT.one(looking).number == 0
