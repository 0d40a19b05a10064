"""A resident's answers on the web, from the first page to the receipt.

Each function is part of one short transaction of the caller's; a form on paper is handed in whole instead
(survey.collection.paper_answers). The path is replayed from the answers each time, and two writers never both
win: of two page saves of the same version one counts, and of two submits of a case the first.
"""

import secrets
from collections.abc import Collection, Iterable
from datetime import date

import orjson
from sqlalchemy.orm import Session

from survey.collection import storage
from survey.collection.codes import MalformedCode
from survey.collection.entry import (
    GRACE,
    case_of_code,
    case_of_qr,
    enter_by_code,
    enter_by_qr,
    require_open,
)
from survey.collection.refusals import (
    AlreadySubmitted,
    AnsweredElsewhere,
    NotBegun,
    NotFinished,
    PageNotOpen,
    TooManyTries,
    UnknownCode,
    UsedCode,
    WaveClosed,
    WaveNotOpenYet,
)
from survey.collection.response_state import PageAnswers, ResponseState, add_page, packed
from survey.languages import find_language
from survey.models.case import CaseEventKind
from survey.models.response import Mode
from survey.preparation.waves import load_unchanged
from survey.questionnaire.path import entries_when_resumed, next_page, on_path

__all__ = [
    "AlreadySubmitted",
    "AnsweredElsewhere",
    "MalformedCode",
    "NotBegun",
    "NotFinished",
    "PageNotOpen",
    "ResponseState",
    "TooManyTries",
    "UnknownCode",
    "UsedCode",
    "WaveClosed",
    "WaveNotOpenYet",
    "answer_pages",
    "begin",
    "case_of_code",
    "case_of_qr",
    "current",
    "enter_by_code",
    "enter_by_qr",
    "resume",
    "save_page",
    "submit",
]


def begin(session: Session, case_id: int, language: str, today: date) -> None:
    """Open an empty response for the case, or leave the one that is there as it is."""
    case = _found(storage.lock_case(session, case_id))
    stands = storage.beginning(session, case_id, case.wave_code)
    require_open(stands.status, stands.field_start, stands.field_end + GRACE, today)
    if stands.ended:
        raise UsedCode
    if stands.response_id is None:
        # A random id, so that neither order nor number ties an answer to a case.
        response_id = secrets.randbits(63)
        storage.add_response(
            session,
            case_id,
            id=response_id,
            wave_code=case.wave_code,
            questionnaire_hash=stands.questionnaire_hash,
            language=find_language(language).code,
            mode=Mode.WEB.value,
            version=0,
            answers="{}",
        )
        if not stands.started:  # before, too, when a refusal noted by mistake was taken back
            storage.add_event(session, case_id, CaseEventKind.STARTED, today)


def current(session: Session, case_id: int) -> ResponseState:
    """The response as it stands; empty when it has not been begun."""
    found = _found(storage.read_state(session, case_id))
    begun = found.version is not None
    return ResponseState(
        wave_code=found.wave_code,
        wave_title=found.title,
        synthetic=found.synthetic,
        field_end=found.field_end,
        links_until=found.links_until,
        questionnaire=load_unchanged(found.questionnaire, found.questionnaire_hash),
        answers=orjson.loads(found.answers) if begun else {},
        version=found.version if begun else 0,
        begun=begun,
        submitted=found.submitted_on is not None,
        language=found.language or "",
    )


def resume(session: Session, case_id: int, seen_pages: Collection[str]) -> None:
    """Store as skipped what a visit must not be asked, because that would tell what another visit answered.

    The version stays: a form that is open elsewhere can still be sent, and its answers then count. Should
    somebody save at this very moment, nothing is stored; the next call finds what is left.
    """
    draft = storage.read_draft(session, case_id)
    if draft is None or draft.submitted_on is not None:
        return
    answers: dict[str, str] = orjson.loads(draft.answers)
    questionnaire = load_unchanged(draft.questionnaire, draft.questionnaire_hash)
    skips = entries_when_resumed(questionnaire, answers, seen_pages)
    if skips:
        storage.save_draft(
            session,
            draft.response_id,
            draft.version,
            version=draft.version,
            answers=packed(answers | skips),
            language=draft.language,
        )


def save_page(
    session: Session,
    case_id: int,
    page_id: str,
    submitted: PageAnswers,
    version: int,
    language: str,
    today: date,
) -> dict[str, str]:
    """Store the answers of one page; what is wrong by question, and then nothing is stored."""
    draft = _open_draft(session, case_id, today)
    if draft.version != version:
        raise AnsweredElsewhere
    return _save(session, case_id, draft, [(page_id, submitted)], language)


def answer_pages(
    session: Session,
    case_id: int,
    pages: Iterable[tuple[str, PageAnswers]],
    language: str,
    today: date,
) -> dict[str, str]:
    """Store several pages at once by the same rules, in order, as if they had been sent one by one."""
    draft = _open_draft(session, case_id, today)
    return _save(session, case_id, draft, pages, language)


def submit(session: Session, case_id: int, version: int, today: date) -> None:
    """Hand in: freeze the on-path answers with the coarse design variables; codes and visits end.

    A repeat changes nothing and succeeds. Wave and case are locked, in this order: the close of the wave and
    another submit come wholly before or wholly after.
    """
    wave = _found(storage.share_wave(session, case_id))
    case = _found(storage.lock_case(session, case_id))
    draft = storage.read_draft(session, case_id)
    if draft is None:
        raise NotBegun
    if draft.submitted_on is not None:
        return
    require_open(wave.status, wave.field_start, wave.field_end + GRACE, today)
    if draft.version != version:
        raise AnsweredElsewhere
    questionnaire = load_unchanged(wave.questionnaire, draft.questionnaire_hash)
    answers = orjson.loads(draft.answers)
    if next_page(questionnaire, answers) is not None:
        raise NotFinished
    stored = storage.freeze(
        session,
        draft.response_id,
        version,
        version=version + 1,
        answers=packed(on_path(questionnaire, answers)),
        submitted_on=today,
        area_code=case.area_code,
        legal_gender=case.legal_gender,
        age_group=case.age_group,
    )
    if not stored:
        raise AnsweredElsewhere
    storage.add_event(session, case_id, CaseEventKind.SUBMITTED, today)
    storage.close_doors(session, case_id, today)


def _open_draft(session: Session, case_id: int, today: date) -> storage.Found:
    draft = storage.read_draft(session, case_id)
    if draft is None:
        raise NotBegun
    if draft.submitted_on is not None:
        raise AlreadySubmitted
    require_open(draft.status, draft.field_start, draft.field_end + GRACE, today)
    return draft


def _save(
    session: Session,
    case_id: int,
    draft: storage.Found,
    pages: Iterable[tuple[str, PageAnswers]],
    language: str,
) -> dict[str, str]:
    questionnaire = load_unchanged(draft.questionnaire, draft.questionnaire_hash)
    answers: dict[str, str] = orjson.loads(draft.answers)
    version = draft.version
    for page_id, sent in pages:
        faults = add_page(questionnaire, answers, page_id, sent)
        if faults:
            return faults
        version += 1
    stored = storage.save_draft(
        session,
        draft.response_id,
        draft.version,
        version=version,
        answers=packed(answers),
        language=find_language(language).code,
    )
    if not stored:
        # Somebody was quicker between our reading and our writing.
        found = storage.read_draft(session, case_id)
        raise AlreadySubmitted if found is not None and found.submitted_on else AnsweredElsewhere
    return {}


def _found(row: storage.Found | None) -> storage.Found:
    if row is None:
        raise NotBegun
    return row
