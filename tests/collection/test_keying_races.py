"""Paper and web at the same moment, on both databases: one answer and one receipt."""

from collections.abc import Callable

import pytest
from keyed_forms import ANNA, BO, CIA, NOTHING, PAGES, answer_on_the_web, key, key_in, the_answer
from sqlalchemy import func, select
from test_two_writers import at_once
from tiny_wave import BY, CODE, TODAY

from survey.collection import closing, keying, responses
from survey.collection.keying import Step, UnknownKeying
from survey.collection.paper_reception import Opened, open_form
from survey.collection.refusals import WaveClosed
from survey.database import Databases
from survey.errors import UserError
from survey.models.case import CaseEvent
from survey.models.paper_form import Keying
from survey.models.response import Response, ResponseLink

ON_PAPER, ON_THE_WEB = "2", "4"
FORM = {**NOTHING, "problem_litter": ON_PAPER}


@pytest.fixture
def ready(databases: Databases, number: str, cases: list[int]) -> Callable[[], Step]:
    """A form keyed twice with a web answer begun: the last button is left on both sides."""
    with databases.transaction() as session:
        key_in(session, number, ANNA, FORM)
        second = key(session, number, BO, FORM)
        answer_on_the_web(session, cases[0], hand_in=False)

    def finish() -> Step:
        with databases.transaction() as session:
            return keying.finish(session, second.keying_id, TODAY, BO)

    return finish


def count_answers(databases: Databases) -> tuple[int, int, int]:
    with databases.reading() as session:
        given = session.scalar(select(func.count()).where(Response.submitted_on.is_not(None)))
        links = session.scalar(select(func.count()).select_from(ResponseLink))
        receipts = select(func.count()).select_from(CaseEvent).where(CaseEvent.kind == "submitted")
        return given or 0, links or 0, session.scalar(receipts) or 0


@pytest.mark.parametrize("attempt", range(3))
def test_web_and_paper_handed_in_at_once_are_one_answer_and_one_receipt(
    databases: Databases, cases: list[int], ready: Callable[[], Step], attempt: int
) -> None:
    def submit() -> None:
        with databases.transaction() as session:
            responses.submit(session, cases[0], len(PAGES), TODAY)

    *sent, keyed = at_once([submit, submit, ready])
    assert sent == [None, None]
    assert keyed is Step.HANDED_IN or isinstance(keyed, UnknownKeying)
    assert count_answers(databases) == (1, 1, 1)
    with databases.reading() as session:
        mode, answers = the_answer(session)
        assert session.scalar(select(func.count()).select_from(Keying)) == 0
    whole = ("paper", ON_PAPER) if keyed is Step.HANDED_IN else ("web", ON_THE_WEB)
    assert (mode, answers["problem_litter"]) == whole


@pytest.mark.parametrize("attempt", range(2))
def test_a_page_saved_while_the_form_is_handed_in_leaves_the_form_whole(
    databases: Databases, cases: list[int], ready: Callable[[], Step], attempt: int
) -> None:
    def save() -> object:
        with databases.transaction() as session:
            sent = {"problem_litter": ["1"]}
            state = responses.current(session, cases[0])
            return responses.save_page(session, state, "problems", sent, len(PAGES), "sv", TODAY).faults

    saved, keyed = at_once([save, ready])
    assert keyed is Step.HANDED_IN
    assert saved == {} or isinstance(saved, responses.AlreadySubmitted)
    assert count_answers(databases) == (1, 1, 1)
    with databases.reading() as session:
        assert the_answer(session)[1]["problem_litter"] == ON_PAPER


@pytest.mark.parametrize("attempt", range(2))
def test_a_form_is_in_before_the_close_or_refused(
    databases: Databases, ready: Callable[[], Step], attempt: int
) -> None:
    def close() -> int:
        with databases.transaction() as session:
            return closing.close_wave(session, CODE, BY).submitted

    keyed, counted = at_once([ready, close])
    assert keyed is Step.HANDED_IN or isinstance(keyed, WaveClosed)
    assert counted == count_answers(databases)[0] == (keyed is Step.HANDED_IN)


def test_a_form_opened_by_several_at_once_has_one_first_and_one_second_keying(
    databases: Databases, number: str
) -> None:
    def opening(by: str) -> Callable[[], object]:
        def work() -> Opened:
            with databases.transaction() as session:
                return open_form(session, number, TODAY, by)

        return work

    outcomes = at_once([opening(by) for by in (ANNA, BO, CIA)])
    assert sum(isinstance(one, Opened) for one in outcomes) == 2
    assert sum(isinstance(one, UserError) for one in outcomes) == 1
    with databases.reading() as session:
        assert sorted(session.scalars(select(Keying.turn))) == [1, 2]
