"""Residents of a municipality with own questions are asked these too, and nobody else is."""

import json

from open_wave import TODAY, Letter, add_open_wave
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.collection import responses
from survey.models.area import Area
from survey.models.case import Case
from survey.models.local_questions import LocalQuestions
from survey.models.municipality import Municipality
from survey.models.response import Response
from survey.models.wave import Stratum
from survey.questionnaire.definition import load
from survey.questionnaire.path import next_page, visible_questions

TRYGGHET = load("trygghet")
MERGED = load("trygghet+skargard")


def with_own_questions(session: Session) -> tuple[Letter, Letter]:
    """A letter in Vaxholm, which has own questions, and one in Lidingö, which has none."""
    own, other = add_open_wave(session, 2)
    session.add(
        Municipality(
            code="0186", name="Lidingö", county_code="01", county="Stockholms län", police_region="S"
        )
    )
    session.flush()
    vaxholm = session.get_one(Area, "0187-01")
    session.add(
        Area(code="0186-01", municipality_code="0186", name="Område 1", valid_from=vaxholm.valid_from)
    )
    session.flush()
    session.add(
        Stratum(wave_code="2026-11", area_code="0186-01", municipality_code="0186", population=900, sampled=1)
    )
    session.get_one(Case, other.case_id).area_code = "0186-01"
    session.add(
        LocalQuestions(
            wave_code="2026-11",
            municipality_code="0187",
            questionnaire=MERGED.name,
            questionnaire_hash=MERGED.hash,
        )
    )
    session.flush()
    return own, other


def answer_everything(session: Session, case_id: int) -> None:
    responses.begin(session, case_id, "sv", TODAY)
    state = responses.current(session, case_id)
    while (page := next_page(state.questionnaire, state.answers)) is not None:
        sent = {
            question.id: [question.options[0].code] for question in visible_questions(page, state.answers)
        }
        saved = responses.save_page(session, state, page.id, sent, state.version, "sv", TODAY)
        assert not saved.faults
        state = responses.current(session, case_id)
        assert saved.state == state
    responses.submit(session, case_id, state.version, TODAY)


def test_each_is_asked_the_questionnaire_of_the_own_municipality(session: Session) -> None:
    own, other = with_own_questions(session)
    assert responses.current(session, own.case_id).questionnaire == MERGED
    assert responses.current(session, other.case_id).questionnaire == TRYGGHET


def test_a_response_names_the_whole_that_was_asked_and_keeps_its_answers(session: Session) -> None:
    for letter in with_own_questions(session):
        answer_everything(session, letter.case_id)
    stored = {
        response.questionnaire_hash: json.loads(response.answers)
        for response in session.scalars(select(Response))
    }
    assert set(stored) == {MERGED.hash, TRYGGHET.hash}
    assert stored[MERGED.hash]["skargard_ferry"] == "1"
    assert stored[MERGED.hash]["skargard_times"] == "1"
    assert not any(name.startswith("skargard_") for name in stored[TRYGGHET.hash])
    core = {name for name in stored[MERGED.hash] if not name.startswith("skargard_")}
    assert core == set(stored[TRYGGHET.hash])
