"""Two writers at the same moment: one response, one receipt, and a close that nobody slips through."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import tiny_wave
from sqlalchemy import func, select
from tiny_wave import BY, CODE, TODAY, draw_sample, load_frame

from survey.collection import responses
from survey.collection.closing import close_wave
from survey.collection.letters import print_letters
from survey.collection.responses import AnsweredElsewhere, WaveClosed
from survey.collection.withdrawal import withdraw_by_reference
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.models.case import Case, CaseEvent
from survey.models.response import Response, ResponseLink
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

THREADS = 6
PAGES = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment; what each returned or raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@pytest.fixture
def case(databases: Databases, cases: list[int]) -> int:
    """A case that has answered every page and not handed in."""
    with databases.transaction() as session:
        responses.begin(session, cases[0], "sv", TODAY)
        assert responses.answer_pages(session, cases[0], PAGES, "sv", TODAY) == {}
    return cases[0]


def test_a_doubled_beginning_makes_one_response(databases: Databases, cases: list[int]) -> None:
    def begin() -> None:
        with databases.transaction() as session:
            responses.begin(session, cases[0], "sv", TODAY)

    assert at_once([begin] * THREADS) == [None] * THREADS
    with databases.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 1
        assert session.scalar(select(func.count()).select_from(ResponseLink)) == 1
        assert session.scalars(select(CaseEvent.kind)).all() == ["started"]


def test_a_doubled_submit_gives_one_response_and_one_receipt(databases: Databases, case: int) -> None:
    def submit() -> None:
        with databases.transaction() as session:
            responses.submit(session, case, len(PAGES), TODAY)

    assert at_once([submit] * THREADS) == [None] * THREADS
    with databases.reading() as session:
        assert session.scalars(select(Response.version)).all() == [len(PAGES) + 1]
        receipts = select(func.count()).select_from(CaseEvent).where(CaseEvent.kind == "submitted")
        assert session.scalar(receipts) == 1


def test_of_two_windows_saving_the_same_page_one_is_told(databases: Databases, case: int) -> None:
    def save(value: str) -> Callable[[], object]:
        def work() -> dict[str, str]:
            with databases.transaction() as session:
                sent = {"problem_litter": [value]}
                state = responses.current(session, case)
                return responses.save_page(session, state, "problems", sent, len(PAGES), "sv", TODAY).faults

        return work

    outcomes = at_once([save(value) for value in ("1", "2", "3", "4")])
    assert [outcome for outcome in outcomes if outcome == {}] == [{}]
    assert sum(isinstance(outcome, AnsweredElsewhere) for outcome in outcomes) == 3
    winner = str(outcomes.index({}) + 1)
    with databases.reading() as session:
        state = responses.current(session, case)
        assert (state.answers["problem_litter"], state.version) == (winner, len(PAGES) + 1)


def test_a_page_saved_while_it_is_handed_in_never_changes_the_receipt(
    databases: Databases, case: int
) -> None:
    def save() -> object:
        with databases.transaction() as session:
            sent = {"problem_litter": ["4"]}
            state = responses.current(session, case)
            return responses.save_page(session, state, "problems", sent, len(PAGES), "sv", TODAY).faults

    def submit() -> object:
        with databases.transaction() as session:
            return responses.submit(session, case, len(PAGES), TODAY)

    saved, submitted = at_once([save, submit])
    with databases.reading() as session:
        state = responses.current(session, case)
    assert (saved == {}) is not (submitted is None)
    assert state.submitted is (submitted is None)
    assert (state.answers["problem_litter"] == "4") is (saved == {})


@pytest.mark.parametrize("attempt", range(3))
def test_an_answer_is_in_before_the_close_or_refused(
    databases: Databases, cases: list[int], attempt: int
) -> None:
    with databases.transaction() as session:
        for case in cases[:THREADS]:
            responses.begin(session, case, "sv", TODAY)
            responses.answer_pages(session, case, PAGES, "sv", TODAY)

    def submit(case: int) -> Callable[[], object]:
        def work() -> None:
            with databases.transaction() as session:
                responses.submit(session, case, len(PAGES), TODAY)

        return work

    def close() -> int:
        with databases.transaction() as session:
            return close_wave(session, CODE, BY).submitted

    *submits, counted = at_once([*(submit(case) for case in cases[:THREADS]), close])
    accepted = sum(outcome is None for outcome in submits)
    assert all(outcome is None or isinstance(outcome, WaveClosed) for outcome in submits)
    with databases.reading() as session:
        stored = session.scalar(
            select(func.count()).select_from(Response).where(Response.submitted_on.is_not(None))
        )
    assert accepted == counted == stored


def test_a_withdrawal_and_a_submit_at_once_leave_no_answer_behind(databases: Databases, case: int) -> None:
    with databases.reading() as session:
        reference = session.scalars(select(Case.reference).where(Case.id == case)).one()

    def submit() -> None:
        with databases.transaction() as session:
            responses.submit(session, case, len(PAGES), TODAY)

    def withdraw() -> bool:
        with databases.transaction() as session:
            return withdraw_by_reference(session, reference, TODAY, BY)

    submitted, withdrawn = at_once([submit, withdraw])
    assert withdrawn is True
    assert submitted is None or isinstance(submitted, responses.NotBegun)
    with databases.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 0


def test_two_who_print_the_same_area_at_once_send_one_letter_each_person(
    databases: Databases, cases: list[int], tmp_path: Path
) -> None:
    settings = Settings(output=tmp_path, base_url="https://x.se")

    def print_area() -> int:
        with databases.transaction() as session, databases.identity_transaction() as identity:
            batches = print_letters(session, identity, CODE, "0187-01", settings, TODAY, BY)
            return sum(batch.letters for batch in batches)

    assert sorted(map(str, at_once([print_area, print_area]))) == ["0", "4"]


def test_a_sample_is_drawn_once_also_by_two_at_once(databases: Databases, register: Path) -> None:
    with databases.transaction() as session:
        tiny_wave.plan_wave(session)
        tiny_wave.write_register(register, tiny_wave.people())
        load_frame(session, CODE, register, BY)

    def draw() -> int:
        with databases.transaction() as session, databases.identity_transaction() as identity:
            return draw_sample(session, identity, CODE, register, BY).sampled

    outcomes = at_once([draw, draw])
    assert sorted(isinstance(outcome, UserError) for outcome in outcomes) == [False, True]
    with databases.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 12
