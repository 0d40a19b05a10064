"""Answers by an open link, from the first page to the receipt; those of the sample are another module's.

Nobody knows who gives them and there is no code to come back with, so a visit that ends before handing in
takes its answers along. Functions of the same name as in `responses` keep the same promises.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from survey.collection.entry import GRACE, require_open
from survey.collection.refusals import AlreadySubmitted, AnsweredElsewhere, NotBegun, NotFinished
from survey.collection.response_state import PageAnswers, ResponseState, Saved, add_page, packed
from survey.collection.visits import IDLE
from survey.credentials import hash_token, new_token
from survey.languages import find_language
from survey.models.open_answer import OpenResponse
from survey.models.wave import Wave
from survey.preparation.waves import find_wave, load_unchanged
from survey.prepared import Prepared, Statements
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.path import next_page, on_path


@dataclass(frozen=True)
class OpenVisit:
    """Whose answers the browser gives; all the pages answered are its own."""

    response_id: int
    seen_pages: tuple[str, ...]


def open_visit(session: Session, wave_code: str, municipality_code: str, language: str, now: datetime) -> str:
    """Begin empty answers: the key for the browser's cookie. What others have left is removed."""
    past = OpenResponse.visit_ends <= now.astimezone(UTC)
    session.execute(delete(OpenResponse).where(past))
    key = new_token()
    session.execute(
        insert(OpenResponse).values(
            id=secrets.randbits(63),
            wave_code=wave_code,
            municipality_code=municipality_code,
            questionnaire_hash=find_wave(session, wave_code).questionnaire_hash,
            language=find_language(language).code,
            version=0,
            answers="{}",
            visit_hash=hash_token(key),
            visit_ends=now.astimezone(UTC) + IDLE,
        )
    )
    return key


def find_visit(session: Statements, key: str, now: datetime) -> OpenVisit | None:
    """The visit with this key, unless it has ended or handed in."""
    found = _VISIT.first(session, of_key=hash_token(key), now=now.astimezone(UTC))
    if found is None:
        return None
    answered = json.loads(found.answers)
    pages = _asked(found).pages
    seen = [page.id for page in pages if any(question.id in answered for question in page.questions)]
    return OpenVisit(found.id, tuple(seen))


def visited(session: Statements, key: str, now: datetime) -> tuple[OpenVisit, ResponseState] | None:
    """The visit with this key and its answers; None when it has ended or handed in."""
    visit = find_visit(session, key, now)
    return (visit, current(session, visit.response_id)) if visit else None


def end_visit(session: Session, key: str) -> None:
    """Leave before handing in: the answers are gone with the visit."""
    session.execute(delete(OpenResponse).where(OpenResponse.visit_hash == hash_token(key)))


def forget_unsent(session: Session, wave_code: str) -> int:
    """Remove what was never handed in; how many."""
    unsent = (OpenResponse.wave_code == wave_code) & OpenResponse.submitted_on.is_(None)
    return len(session.scalars(delete(OpenResponse).where(unsent).returning(OpenResponse.id)).all())


def forget_all(session: Session, wave_code: str) -> int:
    """Remove every answer that came by a wave's open links; how many."""
    of_wave = OpenResponse.wave_code == wave_code
    return len(session.scalars(delete(OpenResponse).where(of_wave).returning(OpenResponse.id)).all())


def begin(session: Statements, response_id: int, language: str, today: date) -> None:
    """Nothing: the visit has begun them."""


def resume(session: Statements, state: ResponseState, seen_pages: Collection[str]) -> ResponseState:
    """Nothing to skip: nobody comes back to them."""
    return state


def current(session: Statements, response_id: int) -> ResponseState:
    """The answers as they stand."""
    found = _draft(session, response_id)
    return ResponseState(
        giver=response_id,
        response_id=response_id,
        wave_code=found.code,
        wave_title=found.title,
        wave_status=found.status,
        synthetic=found.synthetic,
        field_start=found.field_start,
        field_end=found.field_end,
        links_until=None,
        questionnaire=_asked(found),
        answers=json.loads(found.answers),
        version=found.version,
        begun=True,
        submitted=found.submitted_on is not None,
        language=found.language,
    )


def save_page(
    session: Statements,
    state: ResponseState,
    page_id: str,
    submitted: PageAnswers,
    version: int,
    language: str,
    today: date,
) -> Saved:
    """Store the answers of one page to those just read; or nothing, when something is wrong."""
    if state.submitted:
        raise AlreadySubmitted
    last_day = state.field_end + GRACE
    require_open(state.wave_status, state.field_start, last_day, today, synthetic=state.synthetic)
    if state.version != version:
        raise AnsweredElsewhere
    answers = dict(state.answers)
    faults = add_page(state.questionnaire, answers, page_id, submitted)
    if faults:
        return Saved(state, faults)
    values = {"answers": packed(answers), "language": find_language(language).code}
    _change(session, _SAVE, state.response_id, version, **values, visit_ends=datetime.now(UTC) + IDLE)
    return Saved(replace(state, answers=answers, version=version + 1, language=values["language"]), {})


def submit(session: Statements, response_id: int, version: int, today: date) -> None:
    """Hand in: keep the on-path answers and forget the visit. A repeat changes nothing and succeeds."""
    _SHARE_WAVE.first(session, of_response=response_id)
    draft = _draft(session, response_id, alone=True)
    if draft.submitted_on is not None:
        return
    last_day = draft.field_end + GRACE
    require_open(draft.status, draft.field_start, last_day, today, synthetic=draft.synthetic)
    if draft.version != version:
        raise AnsweredElsewhere
    questionnaire = _asked(draft)
    answers = json.loads(draft.answers)
    if next_page(questionnaire, answers) is not None:
        raise NotFinished
    kept = packed(on_path(questionnaire, answers))
    handed_in = {"answers": kept, "submitted_on": today, "visit_hash": None, "visit_ends": None}
    _change(session, _HAND_IN, response_id, version, **handed_in)


def _asked(row: Any) -> Questionnaire:
    """What is asked by an open link: not what is answered in one's own words, where anybody could write."""
    return load_unchanged(row.questionnaire, row.questionnaire_hash).without_free_texts


def _draft(session: Statements, response_id: int, *, alone: bool = False) -> Any:
    """The answers with their wave; `alone` keeps other writers away until the transaction ends."""
    found = (_DRAFT_ALONE if alone else _DRAFT).first(session, of_response=response_id)
    if found is None:
        raise NotBegun
    return found


def _change(
    session: Statements, statement: Prepared, response_id: int, version: int, **values: object
) -> None:
    """Write the next version, unless somebody else has."""
    given = {f"new_{name}": value for name, value in values.items()} | {"new_version": version + 1}
    if statement.change(session, of_response=response_id, from_version=version, **given) != 1:
        raise AnsweredElsewhere


def _next_version(*names: str) -> Prepared:
    this = (_given.c.id == _response_id) & (_given.c.version == bindparam("from_version"))
    values: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in ("version", *names)}
    return Prepared(update(_given).where(this, _given.c.submitted_on.is_(None)).values(values))


_given, _wave = cast(Table, OpenResponse.__table__), cast(Table, Wave.__table__)
_response_id: BindParameter[int] = bindparam("of_response")
_in_wave = _given.join(_wave, _wave.c.code == _given.c.wave_code)
_VISIT = Prepared(
    select(_given.c.id, _given.c.answers, _given.c.questionnaire_hash, _wave.c.questionnaire)
    .select_from(_in_wave)
    .where(_given.c.visit_hash == bindparam("of_key"), _given.c.visit_ends > bindparam("now"))
)
_OF_RESPONSE = (
    select(
        *(_given.c.answers, _given.c.version, _given.c.submitted_on, _given.c.questionnaire_hash),
        *(_given.c.language, _wave.c.code, _wave.c.title, _wave.c.synthetic, _wave.c.questionnaire),
        *(_wave.c.status, _wave.c.field_start, _wave.c.field_end),
    )
    .select_from(_in_wave)
    .where(_given.c.id == _response_id)
)
_DRAFT, _DRAFT_ALONE = Prepared(_OF_RESPONSE), Prepared(_OF_RESPONSE.with_for_update(of=_given))
_SHARE_WAVE = Prepared(
    select(_wave.c.code)
    .where(_wave.c.code == select(_given.c.wave_code).where(_given.c.id == _response_id).scalar_subquery())
    .with_for_update(read=True)
)
_SAVE = _next_version("answers", "language", "visit_ends")
_HAND_IN = _next_version("answers", "submitted_on", "visit_hash", "visit_ends")
