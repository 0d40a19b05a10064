"""A paper form is keyed by two persons and counts once; when the web is quicker, the web counts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from keyed_forms import (
    ANNA,
    BO,
    CIA,
    LITTER,
    NOTHING,
    PAGES,
    TRYGGHET,
    answer_on_the_web,
    key,
    key_in,
    the_answer,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from tiny_wave import AREAS, BY, CODE, LAST_DAY, TODAY

from survey.collection import closing, help_desk, invitations, keying, paper_forms, responses, withdrawal
from survey.collection.fieldwork import follow, modes_in_words
from survey.collection.form_numbers import UnknownForm
from survey.collection.keying import Step, UnknownKeying
from survey.collection.marks import mark, unmark
from survey.collection.paper_forms import Fate
from survey.collection.paper_reception import Opened, open_form
from survey.collection.recipients import count_recipients
from survey.collection.refusals import WaveClosed, WaveNotOpenYet
from survey.database import Databases
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.invitation import Invitation
from survey.models.mailing import MailingKind
from survey.models.paper_form import Keying, PaperForm
from survey.models.response import Response
from survey.models.wave import Wave
from survey.processing.answers import read_answers
from survey.questionnaire.path import path


@pytest.fixture
def databases(sqlite_databases: Databases) -> Databases:
    """What needs two databases stands with the races."""
    return sqlite_databases


@pytest.fixture
def session(databases: Databases, number: str) -> Iterator[Session]:
    """One transaction, never committed, after the form is sent."""
    with Session(databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as opened:
        yield opened
        opened.rollback()


def test_two_keyings_that_agree_are_one_answer_with_its_receipt(
    session: Session, cases: list[int], number: str
) -> None:
    assert key_in(session, number, ANNA, LITTER) is Step.KEY_AGAIN
    assert session.scalar(select(func.count()).select_from(Response)) == 0
    assert key_in(session, number, BO, LITTER) is Step.HANDED_IN
    mode, answers = the_answer(session)
    asked = {question.id for page in path(TRYGGHET, {}) for question in page.questions}
    assert (mode, answers["problem_litter"]) == ("paper", "4")
    assert set(answers) <= asked
    found = session.execute(
        select(Response.language, Response.area_code, Response.legal_gender, Response.age_group)
    ).one()
    case = session.get_one(Case, cases[0])
    assert tuple(found) == ("sv", case.area_code, case.legal_gender, case.age_group)
    kinds = select(CaseEvent.kind).where(CaseEvent.case_id == cases[0])
    assert sorted(session.scalars(kinds)) == ["invited", "started", "submitted"]
    assert session.scalar(select(func.count()).where(Invitation.closed_on.is_(None))) == 0
    assert session.scalar(select(func.count()).select_from(Keying)) == 0
    assert paper_forms.count_fates(session, CODE) == {Fate.COUNTS: 1}
    with pytest.raises(UserError, match="redan inmatat"):
        open_form(session, number, TODAY, CIA)


def test_nobody_keys_a_form_twice_or_sees_what_another_has_keyed(session: Session, number: str) -> None:
    first = key(session, number, ANNA, LITTER)
    assert open_form(session, number, TODAY, ANNA) == first  # goes on with it
    assert keying.finish(session, first.keying_id, TODAY, ANNA) is Step.KEY_AGAIN
    assert open_form(session, number, TODAY, ANNA).step is Step.KEY_AGAIN
    second = open_form(session, number, TODAY, BO)
    assert keying.current(session, second.keying_id, BO).marks == {}
    for reading in (
        lambda: keying.current(session, first.keying_id, BO),
        lambda: keying.save_page(session, first.keying_id, "problems", LITTER, BO),
        lambda: keying.finish(session, first.keying_id, TODAY, BO),
        lambda: keying.differences(session, first.keying_id),
        lambda: keying.decide(session, first.keying_id, LITTER, TODAY, BO),
    ):
        with pytest.raises(UnknownKeying):
            reading()
    with pytest.raises(UserError, match="kan inte ändras"):
        keying.save_page(session, first.keying_id, "problems", NOTHING, ANNA)


def test_what_two_persons_read_otherwise_is_decided_question_by_question(
    session: Session, number: str
) -> None:
    key_in(session, number, ANNA, LITTER)
    second = key(session, number, BO, {**LITTER, "problem_litter": "1,4", "problem_vandalism": "2"})
    assert keying.finish(session, second.keying_id, TODAY, BO) is Step.DECIDE
    assert open_form(session, number, TODAY, CIA) == Opened(Step.DECIDE, second.keying_id)
    _, differing = keying.differences(session, second.keying_id)
    assert [(one.question.id, one.first, one.second) for one in differing] == [
        ("problem_litter", "4", "*"),
        ("problem_vandalism", "", "2"),
    ]
    faults = keying.decide(session, second.keying_id, {"problem_litter": "9"}, TODAY, CIA)
    assert set(faults) == {"problem_litter", "problem_vandalism"}
    decided = {"problem_litter": "3", "problem_vandalism": "-", "problem_noise": "1"}
    assert keying.decide(session, second.keying_id, decided, TODAY, CIA) == {}
    _, answers = the_answer(session)
    assert (answers["problem_litter"], answers["problem_vandalism"]) == ("3", "")
    assert [code for code in answers.values() if code] == ["3"]
    assert session.scalar(select(func.count()).select_from(Keying)) == 0


def test_a_page_with_a_fault_stores_nothing(session: Session, number: str) -> None:
    opened = open_form(session, number, TODAY, ANNA)
    typed = {**LITTER, "problem_vandalism": "x"}
    assert set(keying.save_page(session, opened.keying_id, "problems", typed, ANNA)) == {"problem_vandalism"}
    assert keying.current(session, opened.keying_id, ANNA).marks == {}
    with pytest.raises(UserError, match="sidor kvar"):
        keying.finish(session, opened.keying_id, TODAY, ANNA)
    with pytest.raises(UnknownKeying):
        keying.save_page(session, opened.keying_id, "nowhere", typed, ANNA)


def test_several_marks_and_closed_answers_are_counted_never_released(session: Session, number: str) -> None:
    closed = next(question for question in TRYGGHET.questions if question.conditions)
    typed = {**NOTHING, "problem_litter": "1,2", closed.id: "1"}
    key_in(session, number, ANNA, typed)
    key_in(session, number, BO, typed)
    _, answers = the_answer(session)
    assert (answers["problem_litter"], closed.id in answers) == ("", False)
    assert paper_forms.count_unread(session, CODE) == (1, 1)


def test_a_form_that_comes_after_the_web_answer_is_noted_and_not_keyed(
    session: Session, cases: list[int], number: str
) -> None:
    answer_on_the_web(session, cases[0], hand_in=True)
    assert open_form(session, number, TODAY, ANNA) == Opened(Step.AFTER_WEB)
    assert the_answer(session)[0] == "web"
    assert paper_forms.count_fates(session, CODE) == {Fate.AFTER_WEB: 1}


def test_a_web_answer_handed_in_before_the_form_is_whole_destroys_what_is_keyed(
    session: Session, cases: list[int], number: str
) -> None:
    key_in(session, number, ANNA, LITTER)
    second = key(session, number, BO, LITTER)
    answer_on_the_web(session, cases[0], hand_in=True)
    with pytest.raises(UnknownKeying):
        keying.finish(session, second.keying_id, TODAY, BO)
    assert session.scalar(select(func.count()).select_from(Keying)) == 0
    assert open_form(session, number, TODAY, BO) == Opened(Step.AFTER_WEB)
    assert the_answer(session)[0] == "web"


def test_a_whole_form_takes_the_place_of_an_answer_not_handed_in(
    session: Session, cases: list[int], number: str
) -> None:
    answer_on_the_web(session, cases[0], hand_in=False)
    key_in(session, number, ANNA, LITTER)
    assert key_in(session, number, BO, LITTER) is Step.HANDED_IN
    assert the_answer(session)[0] == "paper"
    with pytest.raises(responses.AlreadySubmitted):
        state = responses.current(session, cases[0])
        responses.save_page(session, state, "problems", {}, len(PAGES), "sv", TODAY)
    responses.submit(session, cases[0], len(PAGES), TODAY)  # the receipt, and nothing changes
    assert the_answer(session)[0] == "paper"
    receipts = select(func.count()).select_from(CaseEvent).where(CaseEvent.kind == "submitted")
    assert session.scalar(receipts) == 1


@pytest.mark.parametrize("kind", ["refused", "moved", "deceased", "withdrawn"])
def test_whoever_has_left_is_not_keyed_in_and_what_was_keyed_is_gone(
    session: Session, cases: list[int], number: str, kind: str
) -> None:
    key_in(session, number, ANNA, LITTER)
    reference = session.get_one(Case, cases[0]).reference
    if kind == "withdrawn":
        withdrawal.withdraw_by_reference(session, reference, TODAY, BY)
    else:
        help_desk.record(session, reference, kind, TODAY, BY)
    assert session.scalar(select(func.count()).select_from(Keying)) == 0
    assert open_form(session, number, TODAY, BO) == Opened(Step.NOT_WANTED)
    assert paper_forms.count_fates(session, CODE) == {Fate.NOT_WANTED: 1}


def test_a_paper_answer_is_taken_back_like_any_other(session: Session, cases: list[int], number: str) -> None:
    key_in(session, number, ANNA, LITTER)
    key_in(session, number, BO, LITTER)
    assert withdrawal.withdraw(session, cases[0], TODAY, BY)
    assert session.scalar(select(func.count()).select_from(Response)) == 0
    assert open_form(session, number, TODAY, CIA) == Opened(Step.NOT_WANTED)


def test_forms_are_keyed_until_the_wave_closes_also_after_the_last_day(session: Session, number: str) -> None:
    late = LAST_DAY + timedelta(days=9)
    first = key(session, number, ANNA, LITTER, late)
    second = key(session, number, BO, LITTER, late)
    assert keying.finish(session, first.keying_id, late, ANNA) is Step.KEY_AGAIN
    closing.close_wave(session, CODE, BY)
    for doing in (
        lambda: open_form(session, number, late, ANNA),
        lambda: keying.finish(session, second.keying_id, late, BO),
    ):
        with pytest.raises(WaveClosed):
            doing()
    session.execute(update(Wave).values(status="sampled"))
    with pytest.raises(WaveNotOpenYet):
        open_form(session, number, TODAY, ANNA)


def test_an_unknown_number_opens_nothing(session: Session, number: str) -> None:
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    for typed in ("", wrong, number[:-1], "\0", "Å" * 300):
        with pytest.raises(UnknownForm):
            open_form(session, typed, TODAY, ANNA)
    assert session.scalar(select(func.count()).select_from(PaperForm)) == 0


def test_of_two_forms_from_the_same_person_the_first_that_came_counts(
    session: Session, cases: list[int], number: str
) -> None:
    (again,) = invitations.issue(session, cases[:1], TODAY, forms=True)
    key_in(session, number, ANNA, LITTER)
    assert again.form_id is not None
    with pytest.raises(UserError, match="två formulär"):
        open_form(session, again.form_id, TODAY, BO)


def test_a_keying_left_on_another_day_does_not_stop_the_form(session: Session, number: str) -> None:
    left = open_form(session, number, TODAY, ANNA)
    key_in(session, number, BO, LITTER)
    with pytest.raises(UserError, match="Två personer"):
        open_form(session, number, TODAY, CIA)
    tomorrow = TODAY + timedelta(days=1)
    third = key(session, number, CIA, LITTER, tomorrow)
    assert keying.finish(session, third.keying_id, tomorrow, CIA) is Step.HANDED_IN
    with pytest.raises(UnknownKeying):
        keying.current(session, left.keying_id, ANNA)


def test_the_log_tells_who_and_never_whose(session: Session, cases: list[int], number: str) -> None:
    key_in(session, number, ANNA, LITTER)
    key_in(session, number, BO, LITTER)
    events = session.scalars(select(AuditEvent).where(AuditEvent.actor.in_([ANNA, BO]))).all()
    assert [(event.actor, event.action, event.subject) for event in events] == [
        (ANNA, "receive a paper form", CODE),
        (BO, "hand in a paper form", CODE),
    ]
    assert number not in "".join(str(event.detail) for event in events)


def test_paper_answers_are_counted_by_mode_all_the_way(
    session: Session, cases: list[int], number: str
) -> None:
    key_in(session, number, ANNA, {**LITTER, "problem_vandalism": "1,2"})
    waiting = follow(session, CODE, TODAY)
    assert (dict(waiting.forms), waiting.modes) == ({Fate.WAITS: 1}, ())
    key_in(session, number, BO, {**LITTER, "problem_vandalism": "1,2"})
    answer_on_the_web(session, cases[1], hand_in=True)
    standing = follow(session, CODE, TODAY)
    assert set(standing.modes) == {("paper", "sv", 1), ("web", "sv", 1)}
    assert (dict(standing.forms), standing.unread) == ({Fate.COUNTS: 1}, (1, 0))
    assert modes_in_words(session, CODE) == {"Papper": 1, "Webb": 1}
    found = read_answers(session, CODE, frozenset(AREAS), ["problem_litter"])
    assert sorted(mode for *_, mode in found.places) == ["paper", "web"]


def test_an_answer_keyed_after_the_last_day_stands_in_the_days(session: Session, number: str) -> None:
    late = LAST_DAY + timedelta(days=9)
    for by in (ANNA, BO):
        keying.finish(session, key(session, number, by, LITTER, late).keying_id, late, by)
    days = follow(session, CODE, late + timedelta(days=5)).days
    assert (days[-1].day, days[-1].submitted, days[-2].submitted) == (late, 1, 0)


def test_whose_form_has_come_in_gets_no_reminder(session: Session, cases: list[int], number: str) -> None:
    later = TODAY + timedelta(days=10)
    before = sum(count_recipients(session, CODE, MailingKind.CARD, later).values())
    open_form(session, number, TODAY, ANNA)
    assert before == 1  # only the first case has been sent anything
    assert count_recipients(session, CODE, MailingKind.CARD, later) == {}


def test_a_refusal_taken_back_lets_the_person_begin_anew(
    session: Session, cases: list[int], number: str
) -> None:
    responses.begin(session, cases[0], "sv", TODAY)
    mark(session, cases[0], CaseEventKind.REFUSED, TODAY)
    unmark(session, cases[0], CaseEventKind.REFUSED)
    responses.begin(session, cases[0], "sv", TODAY)
    assert responses.current(session, cases[0]).begun
