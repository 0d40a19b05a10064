"""Somebody with every file of the databases tries to join answers to persons again: no better than chance.

The attack is run on a wave of 300 persons of whom half answered, in an order, on days and in languages that
follow the numbers of the cases: the worst there can be. That joining works is shown on the databases as they
were before the links were destroyed, and that the order on disk can be read on a table that keeps it.
"""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import tiny_wave
from sqlalchemy import Engine, func, insert, inspect, select, text
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, FIRST_DAY

from survey.collection import forgetting, storage
from survey.config import Settings
from survey.database import Databases
from survey.models.case import Case, CaseEventKind
from survey.models.contact import Contact
from survey.models.invitation import Invitation
from survey.models.paper_form import Keying, PaperForm
from survey.models.response import Response
from survey.models.wave import Wave

PERSONS, ANSWERED = 300, 150
NEVER_BY_CHANCE = 5.0  # standard errors of a rank correlation


@dataclass(frozen=True)
class Truth:
    """Which person gave which answer, in the order they answered."""

    references: list[str]
    responses: list[int]
    secrets: list[bytes]  # what tells a person: reference, name, number of the form


@pytest.fixture
def truth(databases: Databases) -> Truth:
    return plant(databases)


def plant(databases: Databases) -> Truth:
    """A closed wave with its contacts, codes, events, answers and links."""
    with databases.transaction() as session, databases.identity_transaction() as identity:
        tiny_wave.plan_wave(session)
        numbers = random.Random(5)
        people = [(f"77{number:07d}", f"Planterad-Efternamn{number}") for number in range(PERSONS)]
        for reference, name in people:
            session.add(
                Case(
                    wave_code=CODE,
                    reference=reference,
                    area_code="0187-01",
                    legal_gender=numbers.choice(["woman", "man"]),
                    age_group=numbers.choice(["16-24", "30-34", "65-74"]),
                )
            )
            identity.add(
                Contact(
                    reference=reference,
                    wave_code=CODE,
                    name=name,
                    street="Gatan 1",
                    postal_code="1",
                    city="X",
                )
            )
        session.flush()
        cases = session.execute(select(Case.id, Case.reference).order_by(Case.id)).all()
        session.execute(
            insert(Invitation), [_invitation(case_id, number) for number, (case_id, _) in enumerate(cases)]
        )
        given = [_answer(session, case_id, number) for number, (case_id, _) in enumerate(cases[:ANSWERED])]
        session.get_one(Wave, CODE).status = "closed"
        _key_forms(session, [case_id for case_id, _ in cases])
    marks = [mark.encode() for person in people for mark in person]
    marks += [_form_number(number).encode() for number in range(PERSONS)]
    return Truth([reference for _, reference in cases[:ANSWERED]], given, marks)


def _invitation(case_id: int, number: int) -> dict[str, object]:
    return {
        "case_id": case_id,
        "selector": f"{number:04d}",
        "secret_hash": f"hash-{number}",
        "qr_hash": f"qr-{number}",
        "issued_on": FIRST_DAY,
    }


def _form_number(number: int) -> str:
    return f"FORM{number:04d}"


def _key_forms(session: Session, cases: list[int]) -> None:
    """A form on paper from everybody; of those who have not answered, keyed once."""
    for number, case_id in enumerate(cases):
        session.add(PaperForm(case_id=case_id, form_id=_form_number(number), received_on=FIRST_DAY))
    session.flush()
    for number, case_id in enumerate(cases[ANSWERED:]):
        begun = Keying(id=f"{number:016x}", case_id=case_id, turn=1, keyed_by=BY, begun_on=FIRST_DAY)
        session.add(begun)


def _answer(session: Session, case_id: int, number: int) -> int:
    case = session.get_one(Case, case_id)
    response_id = random.Random(number * 7919).getrandbits(62)
    day = FIRST_DAY + timedelta(days=number // 10)
    storage.add_response(
        session,
        case_id,
        id=response_id,
        wave_code=CODE,
        questionnaire_hash="x",
        language="fi" if number < 2 else ("sv", "en", "ar")[number * 3 // ANSWERED],
        mode=("web", "paper")[number % 2],
        version=1,
        answers="{}",
    )
    session.flush()
    found = session.get_one(Response, response_id)
    found.submitted_on, found.area_code = day, case.area_code
    found.legal_gender, found.age_group = case.legal_gender, case.age_group
    storage.add_event(session, case_id, CaseEventKind.SUBMITTED, day)
    session.flush()
    return response_id


def destroy(databases: Databases, output: Path) -> None:
    for act in ("contacts", "links"):
        with databases.transaction() as session:
            forgetting.request(session, CODE, act, "2026/17-4", BY)
        forgetting.carry_out(databases, CODE, act, output, "another")


def joined(databases: Databases) -> int:
    """How many answers the tables themselves tie to a person's reference number, by whatever they share."""
    by_link = (
        "SELECT count(*) FROM response r JOIN response_link l ON l.response_id = r.id "
        'JOIN "case" c ON c.id = l.case_id'
    )
    with databases.survey.connect() as connection:
        return int(connection.execute(text(by_link)).scalar_one())


def stored_in_turn(engine: Engine, truth: Truth) -> int:
    """A table as a careless one would be, where each answer is laid behind the one before: its rows."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE in_turn (id bigint, answers text)"))
        for response in truth.responses:
            copied = "INSERT INTO in_turn SELECT id, answers FROM response WHERE id = :response"
            connection.execute(text(copied), {"response": response})
        return int(connection.execute(text("SELECT count(*) FROM in_turn")).scalar_one())


def stored_order(engine: Engine, table: str = "response") -> list[int]:
    """The answers in the order they lie on the disk."""
    # Two columns, so that no index by day can give the answer in its own order.
    by_place = " ORDER BY ctid" if engine.dialect.name == "postgresql" else ""
    plain = f"SELECT id, answers FROM {table}{by_place}"
    with engine.connect() as connection:
        return list(connection.execute(text(plain)).scalars())


def follows(truth: Truth, order: list[int]) -> float:
    """How closely an order of answers follows the order of the persons, in standard errors."""
    place = {response: number for number, response in enumerate(order)}
    ranks = np.array([place[response] for response in truth.responses if response in place])
    correlation = np.corrcoef(np.arange(len(ranks)), ranks)[0, 1]
    return float(abs(correlation) * np.sqrt(len(ranks) - 1))


def database_files(settings: Settings, copy: Path) -> Iterator[bytes]:
    """Every byte the two databases have on disk, the files beside them included."""
    for url in (settings.survey_database, settings.identity_database):
        file = Path(url.removeprefix("sqlite:///"))
        for path in file.parent.glob(file.name + "*"):
            yield shutil.copy(path, copy / path.name).read_bytes()


def test_before_the_links_are_destroyed_the_attack_works(databases: Databases, truth: Truth) -> None:
    assert joined(databases) == ANSWERED
    assert stored_in_turn(databases.survey, truth) == ANSWERED
    assert follows(truth, stored_order(databases.survey, "in_turn")) > NEVER_BY_CHANCE


def test_afterwards_the_tables_tie_no_answer_to_a_person(
    databases: Databases, truth: Truth, tmp_path: Path
) -> None:
    destroy(databases, tmp_path)
    assert joined(databases) == 0
    assert len(stored_order(databases.survey)) == ANSWERED
    assert follows(truth, stored_order(databases.survey)) < NEVER_BY_CHANCE


def test_afterwards_days_and_languages_have_nothing_to_meet(
    databases: Databases, truth: Truth, tmp_path: Path
) -> None:
    """All answers have one day, a language is that of several, and no other table holds a number of one."""
    languages = select(Response.language, func.count()).group_by(Response.language)
    with databases.reading() as session:
        assert len(set(session.scalars(select(Response.submitted_on)))) == ANSWERED // 10
        assert {name: number for name, number in session.execute(languages)} == {
            "fi": 2,
            "sv": 48,
            "en": 50,
            "ar": 50,
        }
    destroy(databases, tmp_path)
    with databases.reading() as session:
        assert set(session.scalars(select(Response.submitted_on))) == {session.get_one(Wave, CODE).field_end}
        assert {name: number for name, number in session.execute(languages)} == {"": 50, "en": 50, "ar": 50}
    keep = {"response", "audit_event", "deletion", "alembic_version"}
    with databases.survey.connect() as connection:
        names = [table for table in _tables(databases.survey) if table not in keep]
        for name in names:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                cells = {str(value) for value in row}
                assert not cells & set(truth.references), name
                assert not cells & {str(response) for response in truth.responses}, name


def test_the_certificate_tells_what_is_gone_of_paper_forms(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    plant(sqlite_databases)
    destroy(sqlite_databases, tmp_path)
    with sqlite_databases.reading() as session:
        certificate = forgetting.list_acts(session, CODE)[1].certificate or {}
        assert (certificate["paper_forms"], certificate["keyings"]) == (PERSONS, PERSONS - ANSWERED)
        for table in (PaperForm, Keying):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_afterwards_no_byte_on_disk_tells_a_person(
    sqlite_databases: Databases, settings: Settings, tmp_path: Path
) -> None:
    truth = plant(sqlite_databases)
    assert _marks(settings, tmp_path, truth) > PERSONS
    destroy(sqlite_databases, tmp_path)
    sqlite_databases.dispose()
    assert _marks(settings, tmp_path, truth) == 0


def _marks(settings: Settings, tmp_path: Path, truth: Truth) -> int:
    copy = tmp_path / "copy"
    copy.mkdir(exist_ok=True)
    files = list(database_files(settings, copy))
    return sum(mark in content for mark in truth.secrets for content in files)


def _tables(engine: Engine) -> list[str]:
    return inspect(engine).get_table_names()
