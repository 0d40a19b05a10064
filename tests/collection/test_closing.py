"""Closing a wave."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session
from tiny_wave import BY, CODE, TODAY

from survey.collection import invitations, responses, visits
from survey.collection.closing import Fieldwork, close_wave, fieldwork
from survey.collection.responses import WaveClosed
from survey.errors import UserError
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]


def test_closing_counts_what_came_in_and_ends_every_visit(session: Session, cases: list[int]) -> None:
    invitations.issue(session, cases[:3], TODAY)
    for case in cases[:2]:
        responses.begin(session, case, "sv", TODAY)
    responses.answer_pages(session, cases[0], PAGES, "sv", TODAY)
    responses.submit(session, cases[0], len(PAGES), TODAY)
    now = datetime.now(UTC)
    key = visits.open_visit(session, cases[1], now)
    expected = Fieldwork(sampled=len(cases), invited=3, started=2, submitted=1, withdrawn=0)
    assert fieldwork(session, CODE) == expected
    assert close_wave(session, CODE, BY) == expected
    assert session.get_one(Wave, CODE).status == "closed"
    assert visits.find_visit(session, key, now) is None


def test_after_the_close_no_page_and_no_answer_gets_in(session: Session, cases: list[int]) -> None:
    responses.begin(session, cases[0], "sv", TODAY)
    responses.answer_pages(session, cases[0], PAGES, "sv", TODAY)
    close_wave(session, CODE, BY)
    state = responses.current(session, cases[0])
    with pytest.raises(WaveClosed):
        responses.save_page(session, state, "problems", {}, len(PAGES), "sv", TODAY)
    with pytest.raises(WaveClosed):
        responses.submit(session, cases[0], len(PAGES), TODAY)
    with pytest.raises(WaveClosed):
        responses.begin(session, cases[1], "sv", TODAY)


def test_a_late_repeat_of_a_submit_still_shows_the_receipt(session: Session, cases: list[int]) -> None:
    responses.begin(session, cases[0], "sv", TODAY)
    responses.answer_pages(session, cases[0], PAGES, "sv", TODAY)
    responses.submit(session, cases[0], len(PAGES), TODAY)
    close_wave(session, CODE, BY)
    responses.submit(session, cases[0], len(PAGES), TODAY)
    assert responses.current(session, cases[0]).submitted


def test_a_wave_without_answers_can_be_closed(session: Session, cases: list[int]) -> None:
    assert close_wave(session, CODE, BY).submitted == 0


def test_a_wave_is_closed_once_and_only_when_open(session: Session, cases: list[int]) -> None:
    close_wave(session, CODE, BY)
    with pytest.raises(UserError, match="har läget ”stängd”, men steget kräver"):
        close_wave(session, CODE, BY)
    with pytest.raises(UserError, match="finns inte"):
        close_wave(session, "1999", BY)
