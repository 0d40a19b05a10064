"""Reminders go to who has had a letter and not answered, with a new code, and to nobody else."""

from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection import help_desk, invitations, responses
from survey.collection.letters import print_letters
from survey.collection.recipients import GAP_DAYS, count_recipients
from survey.config import Settings
from survey.errors import UserError
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.mailing import MailingKind
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

LAST = MailingKind.LAST
LATER = TODAY + timedelta(days=GAP_DAYS)
PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]


@pytest.fixture
def lived(session: Session, cases: list[int]) -> dict[str, Case]:
    """Of one area: one answered, one broke off, one is silent, one has had no letter."""
    mine = session.scalars(select(Case).where(Case.area_code == "0187-01").order_by(Case.id)).all()
    assert len(mine) == 4
    everybody = session.scalars(select(Case).order_by(Case.id)).all()
    invitations.issue(session, [case.id for case in everybody if case.id != mine[3].id], TODAY)
    responses.begin(session, mine[0].id, "sv", TODAY)
    responses.answer_pages(session, mine[0].id, PAGES, "sv", TODAY)
    responses.submit(session, mine[0].id, len(PAGES), TODAY)
    responses.begin(session, mine[1].id, "sv", TODAY)
    return {"answered": mine[0], "broke off": mine[1], "silent": mine[2], "not invited": mine[3]}


def test_who_has_not_answered_is_counted_first(session: Session, lived: dict[str, Case]) -> None:
    assert count_recipients(session, CODE, LAST, LATER) == {"0140-01": 4, "0187-01": 2, "0187-02": 4}
    assert sum(count_recipients(session, CODE, LAST, LATER - timedelta(days=1)).values()) == 0


@pytest.mark.parametrize("kind", ["refused", "returned", "moved", "deceased"])
def test_who_cannot_or_will_not_answer_is_left_alone(
    session: Session, lived: dict[str, Case], kind: str
) -> None:
    help_desk.record(session, lived["silent"].reference, kind, TODAY, BY)
    assert count_recipients(session, CODE, LAST, LATER)["0187-01"] == 1


def test_a_reminder_brings_a_new_code_beside_the_old(
    session: Session, identity: Session, lived: dict[str, Case], settings: Settings
) -> None:
    batch = print_letters(session, identity, CODE, "0187-01", settings, LATER, BY, kind=LAST)[0]
    assert batch.letters == 2
    text = "".join(
        page.get_textpage().get_text_bounded()
        for page in pypdfium2.PdfDocument(Path(settings.output) / "letters" / CODE / batch.file)
    )
    assert text.count("Påminnelse") == 2
    numbers = {name: f"{case.reference[:5]}-{case.reference[5:]}" for name, case in lived.items()}
    assert numbers["silent"] in text
    assert numbers["broke off"] in text
    assert numbers["answered"] not in text
    assert numbers["not invited"] not in text
    issued = select(Invitation.issued_on).where(Invitation.case_id == lived["silent"].id)
    assert sorted(session.scalars(issued)) == [TODAY, LATER]
    assert print_letters(session, identity, CODE, "0187-01", settings, LATER, BY, kind=LAST) == []


def test_nobody_is_reminded_before_the_wave_is_open(
    session: Session, identity: Session, lived: dict[str, Case], settings: Settings
) -> None:
    session.get_one(Wave, CODE).status = "sampled"
    with pytest.raises(UserError, match="öppen för svar"):
        print_letters(session, identity, CODE, "0187-01", settings, LATER, BY, kind=LAST)
