"""A municipality adds own questions to a wave before it opens; the wave keeps them as they were then."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Municipality, Participation
from survey.models.wave import Wave
from survey.preparation import waves
from survey.preparation.local_questions import (
    add_local_questions,
    local_questionnaires,
    remove_local_questions,
)
from survey.questionnaire.definition import load

MERGED = load("trygghet+skargard")


@pytest.fixture
def wave(session: Session) -> Wave:
    from open_wave import add_open_wave

    add_open_wave(session, 1)
    found = session.get_one(Wave, "2026-11")
    found.status = "planned"
    session.add(Participation(wave_code=found.code, municipality_code="0187", accepted=True))
    session.add(
        Municipality(
            code="0186", name="Lidingö", county_code="01", county="Stockholms län", police_region="S"
        )
    )
    session.flush()
    return found


def test_the_whole_is_kept_by_name_and_hash(session: Session, wave: Wave) -> None:
    assert add_local_questions(session, wave.code, "0187", "skargard", "test").hash == MERGED.hash
    assert local_questionnaires(session, wave.code) == {"0187": MERGED}
    assert "local questions" in session.scalars(select(AuditEvent.action)).all()
    add_local_questions(session, wave.code, "0187", "skargard", "test")
    assert len(session.scalars(select(LocalQuestions)).all()) == 1


def test_they_can_be_taken_away_again(session: Session, wave: Wave) -> None:
    add_local_questions(session, wave.code, "0187", "skargard", "test")
    assert remove_local_questions(session, wave.code, "0187", "test")
    assert not remove_local_questions(session, wave.code, "0187", "test")
    assert local_questionnaires(session, wave.code) == {}


def test_who_has_not_said_yes_adds_nothing(session: Session, wave: Wave) -> None:
    with pytest.raises(UserError, match="0186 har inte tackat ja"):
        add_local_questions(session, wave.code, "0186", "skargard", "test")


def test_unknown_questions_are_refused_with_the_names_there_are(session: Session, wave: Wave) -> None:
    with pytest.raises(UserError, match=r"inga egna frågor som heter '\.\./trygghet'.*skargard"):
        add_local_questions(session, wave.code, "0187", "../trygghet", "test")


def test_nothing_is_added_to_an_open_wave(session: Session, wave: Wave) -> None:
    wave.status = "open"
    session.flush()
    with pytest.raises(UserError, match="steget kräver"):
        add_local_questions(session, wave.code, "0187", "skargard", "test")
    with pytest.raises(UserError, match="steget kräver"):
        remove_local_questions(session, wave.code, "0187", "test")


def test_a_wave_does_not_open_on_questions_that_have_changed_since(session: Session, wave: Wave) -> None:
    add_local_questions(session, wave.code, "0187", "skargard", "test")
    session.get_one(LocalQuestions, (wave.code, "0187")).questionnaire_hash = "0" * 64
    wave.status = "sampled"
    session.flush()
    with pytest.raises(UserError, match=r"trygghet\+skargard har ändrats"):
        waves.open_wave(session, wave.code, "test")
