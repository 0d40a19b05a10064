"""From the code to the receipt: who gets in, what is stored, what a repeat does."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from tiny_wave import AREAS, BY, CODE, FIRST_DAY, LAST_DAY, TODAY

from survey.collection import invitations, responses, visits
from survey.collection.closing import Fieldwork, fieldwork
from survey.collection.invitations import Credentials
from survey.collection.responses import (
    AlreadySubmitted,
    AnsweredElsewhere,
    MalformedCode,
    NotBegun,
    NotFinished,
    PageNotOpen,
    UnknownCode,
    UsedCode,
    WaveClosed,
    WaveNotOpenYet,
)
from survey.collection.withdrawal import withdraw, withdraw_by_reference
from survey.database import Databases
from survey.errors import Conflict, UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent
from survey.models.invitation import Invitation
from survey.models.response import Response, ResponseLink
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.questionnaire.path import path

QUESTIONNAIRE = load("trygghet")


@pytest.fixture
def case(cases: list[int]) -> int:
    return cases[0]


@pytest.fixture
def credentials(session: Session, case: int) -> Credentials:
    return invitations.issue(session, [case], TODAY)[0]


def save(session: Session, case: int, page: str, version: int, **answers: str) -> dict[str, str]:
    sent = {question: [value] for question, value in answers.items()}
    state = responses.current(session, case)
    return responses.save_page(session, state, page, sent, version, "sv", TODAY).faults


def answer_everything(session: Session, case: int, **answers: str) -> int:
    """Begin and go through every page on the path; the version to hand in."""
    responses.begin(session, case, "sv", TODAY)
    version = responses.current(session, case).version
    for page in path(QUESTIONNAIRE, answers):
        own = {q.id: answers[q.id] for q in page.questions if q.id in answers}
        assert save(session, case, page.id, version, **own) == {}
        version += 1
    return version


def kinds(session: Session, case: int) -> list[str]:
    events = select(CaseEvent.kind).where(CaseEvent.case_id == case)
    return list(session.scalars(events.order_by(CaseEvent.id)))


def test_code_and_qr_lead_to_the_case(session: Session, case: int, credentials: Credentials) -> None:
    assert responses.enter_by_code(session, str(credentials.code).lower().replace("-", " "), TODAY) == case
    assert responses.enter_by_qr(session, credentials.qr_token, TODAY) == case


def test_a_mistyped_code_is_told_without_a_look_up(session: Session, credentials: Credentials) -> None:
    whole = str(credentials.code)
    with pytest.raises(MalformedCode):
        responses.enter_by_code(session, whole[:-1] + ("2" if whole[-1] != "2" else "3"), TODAY)


def test_a_code_of_nobody_and_a_guessed_secret_give_the_same_answer(
    session: Session, credentials: Credentials
) -> None:
    guessed = type(credentials.code)(credentials.code.selector, "0000000")
    unknown = type(credentials.code)("ZZZZ", "0000000")
    messages = set()
    for code in (guessed, unknown):
        with pytest.raises(UnknownCode) as caught:
            responses.enter_by_code(session, str(code), TODAY)
        messages.add(str(caught.value))
    with pytest.raises(UnknownCode):
        responses.enter_by_qr(session, "not a token", TODAY)
    assert len(messages) == 1


def test_the_door_opens_on_the_first_day_and_closes_after_the_last(
    session: Session, case: int, credentials: Credentials
) -> None:
    token = credentials.qr_token
    with pytest.raises(WaveNotOpenYet):
        responses.enter_by_qr(session, token, FIRST_DAY - timedelta(days=1))
    assert responses.enter_by_qr(session, token, FIRST_DAY) == case
    assert responses.enter_by_qr(session, token, LAST_DAY) == case
    with pytest.raises(WaveClosed):
        responses.enter_by_qr(session, token, LAST_DAY + timedelta(days=1))


@pytest.mark.parametrize(("status", "refusal"), [("sampled", WaveNotOpenYet), ("closed", WaveClosed)])
def test_a_wave_that_is_not_open_lets_nobody_in(
    session: Session, case: int, credentials: Credentials, status: str, refusal: type[UserError]
) -> None:
    session.execute(update(Wave).values(status=status))
    with pytest.raises(refusal):
        responses.enter_by_code(session, str(credentials.code), TODAY)
    with pytest.raises(refusal):
        responses.begin(session, case, "sv", TODAY)


def test_nothing_is_stored_before_the_resident_begins(session: Session, case: int) -> None:
    state = responses.current(session, case)
    assert (state.begun, state.submitted, state.answers, state.version) == (False, False, {}, 0)
    assert (state.wave_code, state.field_end, state.synthetic) == (CODE, LAST_DAY, True)
    assert session.scalar(select(Response.id)) is None


def test_beginning_twice_continues_what_is_there(session: Session, case: int) -> None:
    responses.begin(session, case, "ar", TODAY)
    assert save(session, case, "problems", 0, problem_litter="2") == {}
    responses.begin(session, case, "sv", TODAY)
    state = responses.current(session, case)
    assert (state.version, state.answers["problem_litter"]) == (1, "2")
    assert kinds(session, case) == ["started"]


def test_a_saved_page_stores_answers_and_skipped_questions(session: Session, case: int) -> None:
    responses.begin(session, case, "en", TODAY)
    assert save(session, case, "problems", 0, problem_litter="3", no_question="x") == {}
    answers = responses.current(session, case).answers
    assert answers["problem_litter"] == "3"
    assert answers["problem_drugs"] == ""
    assert "no_question" not in answers


def test_an_answer_off_the_list_is_told_and_nothing_of_the_page_is_stored(
    session: Session, case: int
) -> None:
    responses.begin(session, case, "sv", TODAY)
    faults = save(session, case, "problems", 0, problem_litter="77", problem_drugs="1")
    assert set(faults) == {"problem_litter"}
    state = responses.current(session, case)
    assert (state.answers, state.version) == ({}, 0)


def test_two_answers_to_one_question_are_refused(session: Session, case: int) -> None:
    responses.begin(session, case, "sv", TODAY)
    sent = {"problem_litter": ["1", "2"]}
    state = responses.current(session, case)
    assert responses.save_page(session, state, "problems", sent, 0, "sv", TODAY).faults
    assert responses.current(session, case).version == 0


def test_a_page_saved_from_an_old_version_never_overwrites(session: Session, case: int) -> None:
    responses.begin(session, case, "sv", TODAY)
    save(session, case, "problems", 0, problem_litter="1")
    with pytest.raises(AnsweredElsewhere) as caught:
        save(session, case, "problems", 0, problem_litter="4")
    assert isinstance(caught.value, Conflict)
    assert responses.current(session, case).answers["problem_litter"] == "1"


@pytest.mark.parametrize("page", ["worry", "victimisation_details", "no_such_page"])
def test_a_page_that_is_not_open_cannot_be_answered(session: Session, case: int, page: str) -> None:
    responses.begin(session, case, "sv", TODAY)
    with pytest.raises(PageNotOpen):
        save(session, case, page, 0)


def test_a_page_before_the_beginning_is_refused(session: Session, case: int) -> None:
    with pytest.raises(NotBegun):
        save(session, case, "problems", 0)
    with pytest.raises(NotBegun):
        responses.submit(session, case, 0, TODAY)
    with pytest.raises(NotBegun):
        responses.current(session, 999_999)


def test_submitting_freezes_answers_and_design_and_ends_codes_and_visits(
    session: Session, case: int, credentials: Credentials
) -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    key = visits.open_visit(session, case, now)
    version = answer_everything(session, case, problem_litter="4", gender="woman")
    responses.submit(session, case, version, TODAY)
    stored = session.scalars(select(Response)).one()
    drawn = session.get_one(Case, case)
    assert (stored.area_code, stored.legal_gender, stored.age_group) == (
        drawn.area_code,
        drawn.legal_gender,
        drawn.age_group,
    )
    assert (stored.submitted_on, stored.wave_code, stored.mode) == (TODAY, CODE, "web")
    assert stored.questionnaire_hash == QUESTIONNAIRE.hash
    assert json.loads(stored.answers)["problem_litter"] == "4"
    assert kinds(session, case) == ["invited", "opened", "started", "submitted"]
    assert session.scalars(select(Invitation.closed_on)).all() == [TODAY]
    assert visits.find_visit(session, key, now) is None
    for enter, what in (
        (responses.enter_by_code, str(credentials.code)),
        (responses.enter_by_qr, credentials.qr_token),
    ):
        with pytest.raises(UsedCode):
            enter(session, what, TODAY)


def test_a_repeated_submit_changes_nothing(session: Session, case: int) -> None:
    version = answer_everything(session, case)
    responses.submit(session, case, version, TODAY)
    for again in (version, 0, version + 1):
        responses.submit(session, case, again, TODAY + timedelta(days=1))
    assert session.scalars(select(Response.submitted_on)).all() == [TODAY]
    assert kinds(session, case) == ["started", "submitted"]


def test_a_page_after_the_receipt_is_refused(session: Session, case: int) -> None:
    version = answer_everything(session, case)
    responses.submit(session, case, version, TODAY)
    with pytest.raises(AlreadySubmitted):
        save(session, case, "problems", version, problem_litter="4")


def test_a_response_with_pages_left_cannot_be_handed_in(session: Session, case: int) -> None:
    responses.begin(session, case, "sv", TODAY)
    save(session, case, "problems", 0)
    with pytest.raises(NotFinished):
        responses.submit(session, case, 1, TODAY)
    assert responses.current(session, case).submitted is False


def test_a_submit_from_an_old_version_is_a_conflict(session: Session, case: int) -> None:
    version = answer_everything(session, case)
    with pytest.raises(AnsweredElsewhere):
        responses.submit(session, case, version - 1, TODAY)


def test_only_answers_on_the_path_are_handed_in(session: Session, case: int) -> None:
    version = answer_everything(session, case, victim_theft="1", times_theft="3", reported_theft="1")
    assert responses.current(session, case).answers["times_theft"] == "3"
    assert save(session, case, "victimisation", version, victim_theft="2") == {}
    responses.submit(session, case, version + 1, TODAY)
    answers = json.loads(session.scalars(select(Response.answers)).one())
    assert answers["victim_theft"] == "2"
    assert "times_theft" not in answers
    assert "reported_theft" not in answers


def test_who_began_on_the_last_day_may_finish_after_midnight_and_no_later(
    session: Session, case: int
) -> None:
    version = answer_everything(session, case)
    with pytest.raises(WaveClosed):
        responses.submit(session, case, version, LAST_DAY + timedelta(days=2))
    responses.submit(session, case, version, LAST_DAY + timedelta(days=1))
    assert responses.current(session, case).submitted


def test_pages_answered_at_once_are_stored_as_if_sent_one_by_one(session: Session, cases: list[int]) -> None:
    given = {"problem_litter": "2", "victim_threat": "1", "times_threat": "1", "gender": "man"}
    version = answer_everything(session, cases[0], **given)
    responses.begin(session, cases[1], "sv", TODAY)
    pages = [
        (page.id, {q.id: [given[q.id]] for q in page.questions if q.id in given})
        for page in path(QUESTIONNAIRE, given)
    ]
    assert responses.answer_pages(session, cases[1], pages, "sv", TODAY) == {}
    one, other = (responses.current(session, each) for each in cases[:2])
    assert (one.answers, one.version) == (other.answers, other.version)
    assert other.version == version


def test_a_fault_among_pages_answered_at_once_stores_none_of_them(session: Session, case: int) -> None:
    responses.begin(session, case, "sv", TODAY)
    pages = [("problems", {"problem_litter": ["1"]}), ("victimisation", {"victim_theft": ["77"]})]
    assert set(responses.answer_pages(session, case, pages, "sv", TODAY)) == {"victim_theft"}
    assert responses.current(session, case).answers == {}


def test_pages_answered_at_once_out_of_order_are_refused(session: Session, case: int) -> None:
    responses.begin(session, case, "sv", TODAY)
    with pytest.raises(PageNotOpen):
        responses.answer_pages(session, case, [("worry", {})], "sv", TODAY)


def test_withdrawing_removes_the_answer_and_ends_the_codes(
    session: Session, case: int, credentials: Credentials
) -> None:
    version = answer_everything(session, case, problem_litter="4")
    responses.submit(session, case, version, TODAY)
    reference = session.get_one(Case, case).reference
    assert withdraw_by_reference(session, f"{reference[:5]}-{reference[5:]}", TODAY, BY) is True
    assert session.scalar(select(Response.id)) is None
    assert session.scalar(select(ResponseLink.case_id)) is None
    assert kinds(session, case) == ["invited", "started", "submitted", "withdrawn"]
    with pytest.raises(UsedCode):
        responses.enter_by_code(session, str(credentials.code), TODAY)
    with pytest.raises(UsedCode):
        responses.begin(session, case, "sv", TODAY)
    assert withdraw_by_reference(session, reference, TODAY, BY) is False
    logged = [event for event in session.scalars(select(AuditEvent)) if event.action == "withdraw"]
    assert len(logged) == 1
    assert reference not in logged[0].subject + logged[0].detail


def test_who_has_not_answered_can_withdraw_too(session: Session, case: int) -> None:
    assert withdraw_by_reference(session, session.get_one(Case, case).reference, TODAY, BY) is False
    assert kinds(session, case) == ["withdrawn"]


@pytest.mark.parametrize("reference", ["", "123", "0000000000", "a' OR 1=1"])
def test_an_unknown_reference_number_is_told(session: Session, case: int, reference: str) -> None:
    with pytest.raises(UserError, match="finns inte"):
        withdraw_by_reference(session, reference, TODAY, BY)


@pytest.mark.parametrize("status", ["sampled", "open", "closed"])
def test_an_answer_can_be_taken_back_as_long_as_it_can_be_found(
    session: Session, case: int, credentials: Credentials, status: str
) -> None:
    responses.submit(session, case, answer_everything(session, case), TODAY)
    session.execute(update(Wave).values(status=status))
    for found in (
        responses.case_of_code(session, str(credentials.code)),
        responses.case_of_qr(session, credentials.qr_token),
    ):
        assert found == case
        withdraw(session, found, TODAY, BY)
    assert session.scalar(select(Response.id)) is None
    assert fieldwork(session, CODE) == Fieldwork(sampled=12, invited=1, started=0, submitted=0, withdrawn=1)


def test_when_the_case_is_destroyed_nothing_finds_the_answer(
    session: Session, case: int, credentials: Credentials
) -> None:
    responses.submit(session, case, answer_everything(session, case), TODAY)
    session.execute(delete(Case).where(Case.id == case))
    with pytest.raises(UnknownCode):
        responses.case_of_code(session, str(credentials.code))
    with pytest.raises(UnknownCode):
        responses.case_of_qr(session, credentials.qr_token)
    with pytest.raises(UnknownCode):
        withdraw(session, case, TODAY, BY)
    assert session.scalar(select(Response.submitted_on)) == TODAY


def test_a_response_id_tells_neither_case_nor_order(databases: Databases, cases: list[int]) -> None:
    with databases.transaction() as session:
        for case in cases:
            responses.begin(session, case, "sv", TODAY)
        links = list(session.execute(select(ResponseLink.case_id, ResponseLink.response_id)))
    ids = [response_id for _, response_id in sorted(links)]
    assert len(ids) == 4 * len(AREAS)
    assert ids != sorted(ids)
    assert min(ids) > 10**6


def test_a_date_is_all_that_is_kept_of_when(session: Session, case: int) -> None:
    version = answer_everything(session, case)
    responses.submit(session, case, version, TODAY)
    days = [session.scalar(select(Response.submitted_on)), *session.scalars(select(CaseEvent.happened_on))]
    assert all(type(day) is date for day in days)
