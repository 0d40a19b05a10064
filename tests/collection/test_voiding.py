"""A wave that is given up: nothing more comes in or goes out, and its persons are forgotten like others."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tiny_wave
from sqlalchemy import func, select
from tiny_wave import BY, CODE, TODAY, load_frame

from survey.collection import invitations, orders, responses
from survey.collection.closing import close_wave, void_wave
from survey.collection.entry import enter_by_qr
from survey.collection.forgetting import carry_out, request
from survey.collection.letters import print_letters
from survey.collection.refusals import WaveClosed
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.response import Response
from survey.models.wave import Wave
from survey.preparation.waves import list_waves, open_wave
from survey.processing.history import closed_before
from survey.processing.releases import compute
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]
REASON = "Registret var från fel år"


def void(databases: Databases, reason: str = REASON) -> None:
    with databases.transaction() as session:
        void_wave(session, CODE, reason, BY)


def test_a_voided_wave_takes_no_answer_prints_no_letter_and_is_never_computed(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.transaction() as session:
        made, other = invitations.issue(session, cases[:2], TODAY)
        responses.begin(session, made.case_id, "sv", TODAY)
        responses.answer_pages(session, made.case_id, PAGES, "sv", TODAY)
        assert enter_by_qr(session, other.qr_token, TODAY) == other.case_id
    void(databases)
    with databases.transaction() as session, databases.identity_transaction() as identity:
        with pytest.raises(WaveClosed):
            enter_by_qr(session, other.qr_token, TODAY)
        with pytest.raises(WaveClosed):
            responses.submit(session, made.case_id, len(PAGES), TODAY)
        with pytest.raises(UserError, match="makulerad"):
            print_letters(session, identity, CODE, None, Settings(output=tmp_path), TODAY, BY)
        for step in ("check", "letter", "last"):
            with pytest.raises(UserError, match="makulerad"):
                orders.order(session, tmp_path, CODE, step, "", BY, datetime.now(UTC))
        with pytest.raises(UserError, match="makulerad"):
            compute(session, CODE)
        with pytest.raises(UserError, match="makulerad"):
            open_wave(session, CODE, BY)
        with pytest.raises(UserError, match="makulerad"):
            load_frame(session, CODE, tmp_path / "x", BY)
        (listed,) = list_waves(session)
        assert (listed.status, listed.void_reason) == ("makulerad", REASON)
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "void wave")).one()
        assert json.loads(event.detail)["reason"] == REASON


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\0b"])
def test_a_wave_is_voided_with_a_reason_or_not_at_all(
    sqlite_databases: Databases, register: Path, reason: str
) -> None:
    with sqlite_databases.transaction() as session:
        tiny_wave.plan_wave(session)
    with pytest.raises(UserError, match="Skriv varför"):
        void(sqlite_databases, reason)
    void(sqlite_databases)
    with pytest.raises(UserError, match="makulerad"):
        void(sqlite_databases)


def test_a_closed_wave_cannot_be_voided_nor_a_voided_one_closed(
    databases: Databases, cases: list[int]
) -> None:
    with databases.transaction() as session:
        close_wave(session, CODE, BY)
    with pytest.raises(UserError, match="stängd"):
        void(databases)
    with databases.reading() as session:
        assert session.get_one(Wave, CODE).void_reason is None


def test_persons_and_answers_of_a_voided_wave_are_destroyed_by_two(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    with databases.transaction() as session:
        invitations.issue(session, cases[:3], TODAY)
        for case in cases[:2]:
            responses.begin(session, case, "sv", TODAY)
            responses.answer_pages(session, case, PAGES, "sv", TODAY)
        responses.submit(session, cases[0], len(PAGES), TODAY)
    void(databases)
    certificates = {}
    for act in ("contacts", "links"):
        with databases.transaction() as session:
            request(session, CODE, act, "2026/17", BY)
        certificates[act] = carry_out(databases, CODE, act, tmp_path, "another")
    assert certificates["contacts"]["contacts"] == len(cases)
    kept = {name: certificates["links"][name] for name in ("cases", "drafts", "answers", "answers_kept")}
    assert kept == {"cases": len(cases), "drafts": 1, "answers": 1, "answers_kept": 0}
    with databases.reading() as session, databases.identity_transaction() as identity:
        for model in (Case, Response):
            assert session.scalar(select(func.count()).select_from(model)) == 0
        assert identity.scalar(select(func.count()).select_from(Contact)) == 0


def test_a_voided_wave_is_no_earlier_wave_to_compare_with(databases: Databases, cases: list[int]) -> None:
    void(databases)
    with databases.transaction() as session:
        given_up = session.get_one(Wave, CODE)
        values = {column.name: getattr(given_up, column.name) for column in Wave.__table__.columns}
        later = Wave(**values | {"code": "2027", "void_reason": None})
        session.add(later)
        session.flush()
        assert closed_before(session, later) == []
        given_up.void_reason = None
        session.flush()
        assert closed_before(session, later) == [CODE]
        session.rollback()
