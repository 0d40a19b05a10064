"""After fieldwork names go, then links: by two persons, certified, and without a change in any figure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, LAST_DAY, TODAY

from survey.collection import forgetting, invitations, responses
from survey.collection.closing import close_wave, fieldwork
from survey.collection.forgetting import carry_out, list_acts, request
from survey.collection.withdrawal import withdraw_by_reference
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent
from survey.models.contact import Contact
from survey.models.deletion import Deletion
from survey.models.fieldwork import FieldOutcome
from survey.models.invitation import Invitation
from survey.models.participation import ContactPerson
from survey.models.response import Response, ResponseLink
from survey.models.wave import Wave
from survey.preparation.accounts import invite
from survey.preparation.waves import open_wave
from survey.processing.sources import read_source
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]
OTHER = "another"


@pytest.fixture
def closed(databases: Databases, cases: list[int]) -> list[int]:
    """A closed wave: some answered, one broke off, one took its answer back, one got no letter."""
    with databases.transaction() as session:
        invitations.issue(session, cases[:-1], TODAY)
        for case in cases[:4]:
            responses.begin(session, case, "sv", TODAY)
        for case in (*cases[:2], cases[3]):
            responses.answer_pages(session, case, PAGES, "sv", TODAY)
            responses.submit(session, case, len(PAGES), TODAY)
        withdraw_by_reference(session, session.get_one(Case, cases[3]).reference, TODAY, BY)
        close_wave(session, CODE, BY)
    return cases


def ask_and_do(databases: Databases, act: str, output: Path) -> dict[str, int]:
    with databases.transaction() as session:
        request(session, CODE, act, "2026/17-4", BY)
    return carry_out(databases, CODE, act, output, OTHER)


def count(session: Session, *models: type) -> list[int]:
    return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


def test_contacts_and_letters_go_first(databases: Databases, closed: list[int], tmp_path: Path) -> None:
    letter = tmp_path / "letters" / CODE / "0187-01.pdf"
    letter.parent.mkdir(parents=True)
    letter.write_bytes(b"a letter with a name")
    assert ask_and_do(databases, "contacts", tmp_path) == {"contacts": len(closed), "letter_files": 1}
    assert not letter.exists()
    with Session(databases.identity) as identity:
        assert count(identity, Contact) == [0]
    with databases.reading() as session:
        assert count(session, Case) == [len(closed)]


def test_cases_and_links_become_counts(databases: Databases, closed: list[int], tmp_path: Path) -> None:
    with databases.reading() as session:
        before = fieldwork(session, CODE)
        wave = session.get_one(Wave, CODE)
        source = read_source(session, wave, ["0140", "0187"], ["gender"])
    with databases.transaction() as session:
        session.add(
            ContactPerson(wave_code=CODE, municipality_code="0187", name="Karin", email="k", phone="0")
        )
    ask_and_do(databases, "contacts", tmp_path)
    certificate = ask_and_do(databases, "links", tmp_path)
    assert (certificate["cases"], certificate["links"], certificate["drafts"]) == (len(closed), 3, 1)
    assert certificate["contact_persons"] == 1
    assert certificate["answers_kept"] == 2
    assert certificate["answers_alone_by_all_that_is_kept"] >= certificate["answers_alone_in_their_cell"]
    with databases.reading() as session:
        assert count(session, Case, CaseEvent, Invitation, ResponseLink, ContactPerson) == [0] * 5
        assert count(session, Response) == [2]
        outcomes = select(FieldOutcome.outcome, func.sum(FieldOutcome.cases)).group_by(FieldOutcome.outcome)
        assert {name: number for name, number in session.execute(outcomes)} == {
            "submitted": 2,
            "break_off": 1,
            "withdrawn": 1,
            "no_answer": len(closed) - 5,
            "not_invited": 1,
        }
        assert fieldwork(session, CODE) == before
        wave = session.get_one(Wave, CODE)
        again = read_source(session, wave, ["0140", "0187"], ["gender"])
    assert again.drawn == source.drawn
    assert again.fingerprints() == source.fingerprints()
    assert again.submitted.codes.equals(source.submitted.codes)


def test_traces_left_while_somebody_reads_are_told_and_removed_later(
    settings: Settings, register: Path, tmp_path: Path
) -> None:
    stores = Databases.connect(settings)
    event.listen(stores.survey, "checkout", lambda file, *_: file.execute("PRAGMA busy_timeout=1"))
    with stores.transaction() as session, stores.identity_transaction() as identity:
        tiny_wave.open_wave(session, identity, register)
        close_wave(session, CODE, BY)
    ask_and_do(stores, "contacts", tmp_path)
    traces = Path(f"{stores.survey.url.database}-wal")
    with stores.reading() as reader:
        count(reader, Case)
        with pytest.raises(UserError, match="trygg database write-anew"):
            ask_and_do(stores, "links", tmp_path)
        assert traces.stat().st_size > 0
    with stores.reading() as session:
        assert list_acts(session, CODE)[1].certificate is not None
    stores.write_anew()
    assert traces.stat().st_size == 0
    stores.dispose()


def test_it_takes_two(databases: Databases, closed: list[int], tmp_path: Path) -> None:
    with databases.transaction() as session, pytest.raises(UserError, match="Ingen har begärt"):
        forgetting.destroy_links(session, CODE, OTHER)
    with databases.transaction() as session:
        request(session, CODE, "contacts", "2026/17-4", BY)
    with pytest.raises(UserError, match="kan inte godkänna"):
        carry_out(databases, CODE, "contacts", tmp_path, BY)
    with databases.transaction() as session:
        invite(session, "second@example.se", "owner", None, BY, datetime.now(UTC))
    with pytest.raises(UserError, match="bjudit in"):
        carry_out(databases, CODE, "contacts", tmp_path, "second@example.se")
    with Session(databases.identity) as identity:
        assert count(identity, Contact) == [len(closed)]


def test_links_wait_for_the_contacts_and_nothing_is_done_twice(
    databases: Databases, closed: list[int], tmp_path: Path
) -> None:
    with databases.transaction() as session, pytest.raises(UserError, match="först"):
        request(session, CODE, "links", "2026/17-4", BY)
    ask_and_do(databases, "contacts", tmp_path)
    with databases.transaction() as session, pytest.raises(UserError, match="redan"):
        request(session, CODE, "contacts", "2026/17-4", BY)
    with pytest.raises(UserError, match="redan"):
        carry_out(databases, CODE, "contacts", tmp_path, OTHER)


@pytest.mark.parametrize(
    ("act", "decision", "told"),
    [("contacts", "  ", "beslut"), ("contacts", "x" * 61, "högst 60"), ("all", "1", "'all' är ingen åtgärd")],
)
def test_a_request_that_cannot_be_is_told(
    databases: Databases, closed: list[int], act: str, decision: str, told: str
) -> None:
    with databases.transaction() as session, pytest.raises(UserError, match=told):
        request(session, CODE, act, decision, BY)


def test_nothing_is_destroyed_while_the_wave_is_open(session: Session, cases: list[int]) -> None:
    with pytest.raises(UserError, match="öppen för svar"):
        request(session, CODE, "contacts", "2026/17-4", BY)


def test_the_certificate_and_the_outcome_are_fixed(
    databases: Databases, closed: list[int], tmp_path: Path
) -> None:
    ask_and_do(databases, "contacts", tmp_path)
    ask_and_do(databases, "links", tmp_path)
    for statement in (
        update(Deletion).values(approved_by="nobody"),
        update(FieldOutcome).values(cases=9),
        text("DELETE FROM deletion"),
        text("DELETE FROM field_outcome"),
    ):
        with pytest.raises(DBAPIError, match="fixed"), databases.transaction() as session:
            session.execute(statement)
    with databases.reading() as session:
        contacts, links = list_acts(session, CODE)
        assert (contacts.requested_by, contacts.approved_by, contacts.decision) == (BY, OTHER, "2026/17-4")
        assert links.certificate is not None
        logged = select(AuditEvent.action).where(AuditEvent.action.contains("deletion"))
        assert sorted(session.scalars(logged)) == [
            "carry out deletion of contacts",
            "carry out deletion of links",
            "request deletion of contacts",
            "request deletion of links",
        ]


def test_the_days_of_destruction_are_decided_before_the_wave_opens(
    session: Session, identity: Session, register: Path
) -> None:
    tiny_wave.sampled_wave(session, identity, register)
    wave = session.get_one(Wave, CODE)
    assert LAST_DAY < (wave.contacts_until or LAST_DAY) <= (wave.links_until or LAST_DAY)
    act = list_acts(session, CODE)[0]
    assert act.last_day is not None
    assert not act.overdue(act.last_day)
    assert act.overdue(act.last_day + timedelta(days=1))
    wave.links_until = None
    with pytest.raises(UserError, match="saknar datum"):
        open_wave(session, CODE, BY)


@pytest.mark.parametrize(("contacts", "links"), [(0, 5), (5, 4)])
def test_names_outlive_the_fieldwork_and_links_the_names(session: Session, contacts: int, links: int) -> None:
    days = {
        "contacts_until": LAST_DAY + timedelta(days=contacts),
        "links_until": LAST_DAY + timedelta(days=links),
    }
    with pytest.raises(UserError, match="förstöras"):
        tiny_wave.plan_wave(session, **days)
