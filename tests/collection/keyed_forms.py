"""Forms keyed in, and answers given on the web, for tests of what happens when they meet."""

from datetime import date

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session
from tiny_wave import TODAY

from survey.collection import keying, responses
from survey.collection.keying import Step
from survey.collection.paper_reception import Opened, open_form
from survey.models.response import Response
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

ANNA, BO, CIA = "anna@example.se", "bo@example.se", "cia@example.se"
TRYGGHET = load("trygghet")
PAGES = [(page.id, dict[str, list[str]]()) for page in path(TRYGGHET, {})]
PAGES[0][1]["problem_litter"] = ["4"]
NOTHING = {question.id: "-" for question in TRYGGHET.questions}
LITTER = {**NOTHING, "problem_litter": "4"}


def key(session: Session, number: str, by: str, typed: dict[str, str], today: date = TODAY) -> Opened:
    """Everything but the last button."""
    opened = open_form(session, number, today, by)
    assert opened.step is Step.KEY
    for page in TRYGGHET.pages:
        assert keying.save_page(session, opened.keying_id, page.id, typed, by) == {}
    return opened


def key_in(session: Session, number: str, by: str, typed: dict[str, str]) -> Step:
    return keying.finish(session, key(session, number, by, typed).keying_id, TODAY, by)


def answer_on_the_web(session: Session, case_id: int, *, hand_in: bool) -> None:
    responses.begin(session, case_id, "sv", TODAY)
    responses.answer_pages(session, case_id, PAGES, "sv", TODAY)
    if hand_in:
        responses.submit(session, case_id, len(PAGES), TODAY)


def the_answer(session: Session) -> tuple[str, dict[str, str]]:
    mode, answers = session.execute(select(Response.mode, Response.answers)).one()
    return mode, orjson.loads(answers)
