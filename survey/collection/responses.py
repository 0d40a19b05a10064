"""A resident's answers on the web, from the first page to the receipt.

Each function is part of one short transaction of the caller's; a form on paper is handed in whole instead
(survey.collection.paper_answers). The path is replayed from the answers each time, and two writers never both
win: of two page saves of the same version one counts, and of two submits of a case the first.
"""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import orjson

from survey.collection import storage, written_texts
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
from survey.collection.response_state import PageAnswers, ResponseState, Saved, add_page, packed
from survey.collection.visits import Visit
from survey.credentials import hash_token
from survey.languages import find_language
from survey.models.case import CaseEventKind
from survey.models.response import Mode
from survey.preparation.waves import load_unchanged
from survey.prepared import Statements
from survey.questionnaire.free_text import texts_on_path, texts_sent
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
    "require_return",
    "resume",
    "save_page",
    "submit",
    "visited",
]


def begin(session: Statements, case_id: int, language: str, today: date) -> None:
    """Open an empty response for the case, or leave the one that is there as it is."""
    case = _found(storage.lock_case(session, case_id))
    stands = storage.beginning(session, case_id)
    last_day = stands.field_end + GRACE
    require_open(stands.status, stands.field_start, last_day, today, synthetic=stands.synthetic)
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


def current(session: Statements, case_id: int) -> ResponseState:
    """The response as it stands; empty when it has not been begun."""
    return _state(_found(storage.read_state(session, case_id)))


def visited(session: Statements, key: str, now: datetime) -> tuple[Visit, ResponseState] | None:
    """The visit with this key and the response as it stands, in one look; None when the visit has ended."""
    found = storage.read_visited(session, hash_token(key), now.astimezone(UTC))
    if found is None:
        return None
    return Visit.of(found.case_id, found.seen_pages), _state(found)


def require_return(session: Statements, case_id: int, today: date) -> None:
    """Stop where the code would not let the person in again: the wave is closed, or the case has ended.

    Of who has taken the answers back there is nothing any more; a refusal that was noted leaves a draft.
    """
    stands = storage.read_state(session, case_id)
    if stands is None:
        raise WaveClosed  # cases are destroyed after the close alone
    require_open(stands.status, stands.field_start, stands.field_end, today, synthetic=stands.synthetic)
    case = storage.beginning(session, case_id)
    if case.withdrawn:
        raise NotBegun
    if case.ended:
        raise UsedCode


def resume(session: Statements, state: ResponseState, seen_pages: Collection[str]) -> ResponseState:
    """Store as skipped what a visit must not be asked, because that would tell what another visit answered.

    The version stays: a form that is open elsewhere can still be sent, and its answers then count. Should
    somebody save at this very moment, nothing is stored; the next call finds what is left.
    """
    if not state.begun or state.submitted:
        return state
    skips = entries_when_resumed(state.questionnaire, state.answers, seen_pages)
    if not skips:
        return state
    resumed = replace(state, answers=state.answers | skips)
    _store(session, resumed, state.version)
    return resumed


def save_page(
    session: Statements,
    state: ResponseState,
    page_id: str,
    submitted: PageAnswers,
    version: int,
    language: str,
    today: date,
) -> Saved:
    """Store the answers of one page to the response as it was just read; or nothing, when something is wrong.

    `version` is that of the answers on which the form was opened.
    """
    _require_open_draft(state, today)
    if state.version != version:
        raise AnsweredElsewhere
    return _save(session, state, [(page_id, submitted)], language)


def answer_pages(
    session: Statements,
    case_id: int,
    pages: Iterable[tuple[str, PageAnswers]],
    language: str,
    today: date,
) -> dict[str, str]:
    """Store several pages at once by the same rules, in order, as if they had been sent one by one."""
    state = current(session, case_id)
    _require_open_draft(state, today)
    return _save(session, state, pages, language).faults


def submit(session: Statements, case_id: int, version: int, today: date) -> None:
    """Hand in: freeze the on-path answers with the coarse design variables; codes and visits end.

    A repeat changes nothing and succeeds. Wave and case are locked, in this order: the close of the wave and
    another submit come wholly before or wholly after.
    """
    _found(storage.share_wave(session, case_id))
    case = _found(storage.lock_case(session, case_id))
    state = current(session, case_id)
    if not state.begun:
        raise NotBegun
    if state.submitted:
        return
    _require_open(state, today)
    if state.version != version:
        raise AnsweredElsewhere
    if next_page(state.questionnaire, state.answers) is not None:
        raise NotFinished
    stored = storage.freeze(
        session,
        state.response_id,
        version,
        version=version + 1,
        answers=packed(on_path(state.questionnaire, state.answers)),
        submitted_on=today,
        area_code=case.area_code,
        legal_gender=case.legal_gender,
        age_group=case.age_group,
    )
    if not stored:
        raise AnsweredElsewhere
    if state.questionnaire.free_texts:
        asked = texts_on_path(state.questionnaire, state.answers)
        written_texts.hand_in(session, state.response_id, case.wave_code, case.area_code, asked)
    storage.add_event(session, case_id, CaseEventKind.SUBMITTED, today)
    storage.close_doors(session, case_id, today)


def _state(found: storage.Found) -> ResponseState:
    begun = found.version is not None
    return ResponseState(
        giver=found.case_id,
        response_id=found.response_id,
        wave_code=found.wave_code,
        wave_title=found.title,
        wave_status=found.status,
        synthetic=found.synthetic,
        field_start=found.field_start,
        field_end=found.field_end,
        links_until=found.links_until,
        questionnaire=load_unchanged(found.questionnaire, found.questionnaire_hash),
        answers=orjson.loads(found.answers) if begun else {},
        version=found.version if begun else 0,
        begun=begun,
        submitted=found.submitted_on is not None,
        language=found.language or "",
    )


def _require_open_draft(state: ResponseState, today: date) -> None:
    if not state.begun:
        raise NotBegun
    if state.submitted:
        raise AlreadySubmitted
    _require_open(state, today)


def _require_open(state: ResponseState, today: date) -> None:
    last_day = state.field_end + GRACE
    require_open(state.wave_status, state.field_start, last_day, today, synthetic=state.synthetic)


def _save(
    session: Statements, state: ResponseState, pages: Iterable[tuple[str, PageAnswers]], language: str
) -> Saved:
    answers, version = dict(state.answers), state.version
    texts: dict[str, str] = {}
    for page_id, sent in pages:
        faults = add_page(state.questionnaire, answers, page_id, sent)
        if faults:
            return Saved(state, faults)
        texts |= texts_sent(state.questionnaire.free_texts, sent)
        version += 1
    saved = replace(state, answers=answers, version=version, language=find_language(language).code)
    if not _store(session, saved, state.version):
        # Somebody was quicker between our reading and our writing.
        raise AlreadySubmitted if current(session, state.giver).submitted else AnsweredElsewhere
    written_texts.keep(session, state.response_id, state.wave_code, texts)
    return Saved(saved, {})


def _store(session: Statements, state: ResponseState, from_version: int) -> bool:
    return storage.save_draft(
        session,
        state.response_id,
        from_version,
        version=state.version,
        answers=packed(state.answers),
        language=state.language,
    )


def _found(row: storage.Found | None) -> storage.Found:
    if row is None:
        raise NotBegun
    return row
