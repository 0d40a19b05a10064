"""Paper forms keyed in twice, by two persons who do not see each other's work; what differs is decided.

Each keying stands apart from the answers until both agree. Then the form is handed in and what was keyed is
destroyed in the same transaction; an answer from the web, a refusal and a withdrawal destroy it too. Of what
somebody wrote in their own words both must have seen that it is there; the first keying's words are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import paper_answers, storage
from survey.collection.form_numbers import shown
from survey.errors import UserError
from survey.languages import SOURCE
from survey.models.case import Case
from survey.models.invitation import Invitation
from survey.models.paper_form import Keying, PaperForm
from survey.preparation.waves import load_unchanged
from survey.questionnaire.definition import Page, Question, Questionnaire
from survey.questionnaire.paper_marks import (
    FAULT,
    UnreadableMarks,
    answers_of,
    as_typed,
    disagree,
    read_marks,
)

Marks = dict[str, str]


class Step(StrEnum):
    """What comes next for a form."""

    KEY = "key"
    KEY_AGAIN = "key_again"  # by somebody else
    DECIDE = "decide"
    HANDED_IN = "handed_in"
    AFTER_WEB = "after_web"
    NOT_WANTED = "not_wanted"


class UnknownKeying(UserError):
    """A keying that has been handed in or destroyed, or is another person's."""

    def __init__(self) -> None:
        super().__init__("Inmatningen finns inte längre. Skriv formulärets nummer igen.")


@dataclass(frozen=True)
class KeyingState:
    """A keying as it stands, for the person who does it."""

    id: str
    number: str
    wave_title: str
    synthetic: bool
    questionnaire: Questionnaire
    marks: Marks
    finished: bool

    def typed(self, page: Page) -> dict[str, str]:
        """What has been keyed of a page, as it was typed."""
        return {q.id: as_typed(q, self.marks[q.id]) for q in page.questions if q.id in self.marks}

    @property
    def next_page(self) -> Page | None:
        """The first page that is not keyed: every page of the form, whatever its filters say."""
        pages = self.questionnaire.pages
        return next((page for page in pages if any(q.id not in self.marks for q in page.questions)), None)


@dataclass(frozen=True)
class Difference:
    """A question that two persons have read otherwise."""

    question: Question
    first: str
    second: str


@dataclass(frozen=True)
class Unfinished:
    """A keying that its person has begun and not finished."""

    id: str
    number: str
    begun_on: date


def unfinished(session: Session, by: str) -> list[Unfinished]:
    """What a person has begun and not finished."""
    rows = session.execute(
        select(Keying.id, PaperForm.form_id, Keying.begun_on)
        .join(PaperForm, PaperForm.case_id == Keying.case_id)
        .where(Keying.keyed_by == by, Keying.finished.is_(False))
        .order_by(PaperForm.form_id)
    )
    return [Unfinished(keying_id, shown(number), begun_on) for keying_id, number, begun_on in rows]


def current(session: Session, keying_id: str, by: str) -> KeyingState:
    """A person's own keying: nobody sees another's before both are finished."""
    found = _own(session, keying_id, by)
    number, wave = _described(session, found.case_id)
    return KeyingState(
        id=found.id,
        number=shown(number),
        wave_title=wave.title,
        synthetic=wave.synthetic,
        questionnaire=load_unchanged(wave.questionnaire, wave.questionnaire_hash),
        marks=orjson.loads(found.marks),
        finished=found.finished,
    )


def save_page(
    session: Session, keying_id: str, page_id: str, typed: Mapping[str, str], by: str
) -> dict[str, str]:
    """Store the marks of a page; what is wrong by question, and then nothing is stored."""
    found = _own(session, keying_id, by, lock=True)
    page = current(session, keying_id, by).questionnaire.page(page_id)
    if page is None:
        raise UnknownKeying
    if found.finished:
        raise UserError("Inmatningen är klar och kan inte ändras.")
    marks, faults = _read(page.questions, typed)
    if not faults:
        found.marks = orjson.dumps(orjson.loads(found.marks) | marks).decode()
        session.flush()
    return faults


def finish(session: Session, keying_id: str, today: date, by: str) -> Step:
    """End a keying; when it is the second and agrees with the first, the form is handed in."""
    case_id = _own(session, keying_id, by).case_id
    paper_answers.lock(session, case_id, today)
    found = _own(session, keying_id, by, lock=True)  # an answer on the web may have taken it meanwhile
    state = current(session, keying_id, by)
    if state.next_page is not None:
        raise UserError("Det finns sidor kvar att mata in.")
    found.finished = True
    session.flush()
    pair = pair_of(session, case_id)
    if len(pair) < 2 or not all(one.finished for one in pair):
        return Step.KEY_AGAIN
    first, second = (orjson.loads(one.marks) for one in pair)
    if any(disagree(one, first[one.id], second[one.id]) for one in state.questionnaire.questions):
        return Step.DECIDE
    _hand_in(session, case_id, state.questionnaire, first, today, by)
    return Step.HANDED_IN


def differences(session: Session, keying_id: str) -> tuple[KeyingState, list[Difference]]:
    """The first keying, and question by question what the second has read otherwise; once both are done."""
    found = session.get(Keying, keying_id)
    pair = pair_of(session, found.case_id) if found else []
    if found is None or len(pair) < 2 or not all(one.finished for one in pair):
        raise UnknownKeying
    state = current(session, pair[0].id, pair[0].keyed_by)  # whose words are kept
    first, second = (orjson.loads(one.marks) for one in pair)
    return state, [
        Difference(question, first[question.id], second[question.id])
        for question in state.questionnaire.questions
        if disagree(question, first[question.id], second[question.id])
    ]


def decide(
    session: Session, keying_id: str, typed: Mapping[str, str], today: date, by: str
) -> dict[str, str]:
    """Hand in the form with what was decided where two persons differed; or what is wrong by question."""
    found = session.get(Keying, keying_id)
    if found is None:
        raise UnknownKeying
    paper_answers.lock(session, found.case_id, today)
    session.expire_all()
    state, differing = differences(session, keying_id)
    decided, faults = _read([one.question for one in differing], typed, every=True)
    if not faults:
        _hand_in(session, found.case_id, state.questionnaire, state.marks | decided, today, by)
    return faults


def _hand_in(
    session: Session, case_id: int, questionnaire: Questionnaire, marks: Marks, today: date, by: str
) -> None:
    given = answers_of(questionnaire, marks)
    form = session.get_one(PaperForm, case_id)
    language = session.scalars(
        select(Invitation.form_language).where(Invitation.form_id == form.form_id)
    ).one()
    paper_answers.hand_in(session, case_id, questionnaire, given, language or SOURCE.code, today)
    session.expire_all()
    form.several, form.off_path = given.several, given.off_path
    session.flush()
    audit.record(session, by, "hand in a paper form", session.get_one(Case, case_id).wave_code)


def _own(session: Session, keying_id: str, by: str, *, lock: bool = False) -> Keying:
    wanted = select(Keying).where(Keying.id == keying_id, Keying.keyed_by == by)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).first()
    if found is None:
        raise UnknownKeying
    return found


def pair_of(session: Session, case_id: int) -> list[Keying]:
    """What has been keyed of the form of a case, the first keying first."""
    return list(session.scalars(select(Keying).where(Keying.case_id == case_id).order_by(Keying.turn)))


def _described(session: Session, case_id: int) -> tuple[str, storage.Found]:
    """The number of the form that came in, and what its case is asked."""
    state = storage.read_state(session, case_id)
    if state is None:
        raise UnknownKeying
    return session.get_one(PaperForm, case_id).form_id, state


def _read(
    questions: tuple[Question, ...] | list[Question], typed: Mapping[str, str], *, every: bool = False
) -> tuple[Marks, dict[str, str]]:
    """The marks typed, and the faults by question; `every` question may have to be given in so many words."""
    marks, faults = Marks(), dict[str, str]()
    for question in questions:
        try:
            text = typed.get(question.id, "")
            if every and not text.strip():
                raise UnreadableMarks(FAULT)
            marks[question.id] = read_marks(question, text)
        except UnreadableMarks as error:
            faults[question.id] = str(error)
    return marks, faults
