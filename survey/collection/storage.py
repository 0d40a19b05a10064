"""The statements behind a response, prepared once: an answer costs a handful of short round trips."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Date,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from survey.models.browser_session import BrowserSession
from survey.models.case import ENDING, Case, CaseEvent, CaseEventKind
from survey.models.invitation import Invitation
from survey.models.local_questions import LocalQuestions
from survey.models.paper_form import Keying
from survey.models.response import Response, ResponseLink
from survey.models.wave import Stratum, Wave
from survey.prepared import Prepared, Statements

Found = Any

# Tables instead of mapped classes: no objects to build and to keep track of for each row.
case, event, invitation, response, link, visit, wave, stratum, local, keying = (
    cast(Table, model.__table__)
    for model in (
        Case,
        CaseEvent,
        Invitation,
        Response,
        ResponseLink,
        BrowserSession,
        Wave,
        Stratum,
        LocalQuestions,
        Keying,
    )
)
_case_id: BindParameter[int] = bindparam("of_case")
_response_id: BindParameter[int] = bindparam("of_response")


# The wave of a case, and its municipality's own questions when it has any.
_IN_WAVE = (
    case.join(wave, wave.c.code == case.c.wave_code)
    .outerjoin(stratum, (stratum.c.wave_code == case.c.wave_code) & (stratum.c.area_code == case.c.area_code))
    .outerjoin(
        local,
        (local.c.wave_code == stratum.c.wave_code)
        & (local.c.municipality_code == stratum.c.municipality_code),
    )
)
_ASKED = func.coalesce(local.c.questionnaire, wave.c.questionnaire).label("questionnaire")
_ASKED_HASH = func.coalesce(
    response.c.questionnaire_hash, local.c.questionnaire_hash, wave.c.questionnaire_hash
).label("questionnaire_hash")
_LOCK_CASE = Prepared(
    select(case.c.wave_code, case.c.area_code, case.c.legal_gender, case.c.age_group)
    .where(case.c.id == _case_id)
    .with_for_update()
)
_SHARE_WAVE = Prepared(
    select(wave.c.code)
    .where(wave.c.code == select(case.c.wave_code).where(case.c.id == _case_id).scalar_subquery())
    .with_for_update(read=True)
)
_BEGINNING = Prepared(
    select(
        wave.c.status,
        wave.c.field_start,
        wave.c.field_end,
        wave.c.synthetic,
        func.coalesce(local.c.questionnaire_hash, wave.c.questionnaire_hash).label("questionnaire_hash"),
        select(link.c.response_id).where(link.c.case_id == _case_id).scalar_subquery().label("response_id"),
        exists()
        .where(event.c.case_id == _case_id, event.c.kind == CaseEventKind.WITHDRAWN.value)
        .label("withdrawn"),
        exists()
        .where(event.c.case_id == _case_id, or_(*(event.c.kind == kind for kind in ENDING)))
        .label("ended"),
        exists()
        .where(event.c.case_id == _case_id, event.c.kind == CaseEventKind.STARTED.value)
        .label("started"),
    )
    .select_from(_IN_WAVE)
    .where(case.c.id == _case_id)
)
_ANSWERED = _IN_WAVE.outerjoin(link, link.c.case_id == case.c.id).outerjoin(
    response, response.c.id == link.c.response_id
)
_STATE_COLUMNS = (
    case.c.id.label("case_id"),
    case.c.wave_code,
    wave.c.title,
    wave.c.status,
    wave.c.synthetic,
    wave.c.field_start,
    wave.c.field_end,
    wave.c.links_until,
    _ASKED,
    _ASKED_HASH,
    link.c.response_id,
    response.c.answers,
    response.c.version,
    response.c.submitted_on,
    response.c.language,
)
_STATE = Prepared(select(*_STATE_COLUMNS).select_from(_ANSWERED).where(case.c.id == _case_id))
_VISITED = Prepared(
    select(visit.c.seen_pages, *_STATE_COLUMNS)
    .select_from(_ANSWERED.join(visit, visit.c.case_id == case.c.id))
    .where(visit.c.key_hash == bindparam("of_key"), visit.c.expires_at > bindparam("now"))
)
_OF_THIS_VERSION = (
    (response.c.id == _response_id)
    & (response.c.version == bindparam("from_version"))
    & response.c.submitted_on.is_(None)
)
_SAVE = Prepared(
    update(response)
    .where(_OF_THIS_VERSION)
    .values({name: bindparam(f"new_{name}") for name in ("version", "answers", "language")})
)
_FREEZE = Prepared(
    update(response)
    .where(_OF_THIS_VERSION)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("version", "answers", "submitted_on", "area_code", "legal_gender", "age_group")
        }
    )
)
_ADD_RESPONSE, _ADD_LINK, _ADD_EVENT = (Prepared(insert(table)) for table in (response, link, event))
# Both databases know these words; two visits at once are both the first, and one of them is kept.
_ADD_OPENED = Prepared(
    text(
        "INSERT INTO case_event (case_id, kind, happened_on) VALUES (:of_case, 'opened', :day) "
        "ON CONFLICT (case_id, kind) DO NOTHING"
    ).bindparams(bindparam("day", type_=Date()))
)
_FIND_CASE = Prepared(select(case.c.id).where(case.c.reference == bindparam("reference")))
_RESPONSE_OF_CASE = Prepared(select(link.c.response_id).where(link.c.case_id == _case_id))
_REMOVE_LINK = Prepared(delete(link).where(link.c.case_id == _case_id))
_REMOVE_RESPONSE = Prepared(delete(response).where(response.c.id == _response_id))
_CLOSE_INVITATIONS = Prepared(
    (update(invitation).where(invitation.c.case_id == _case_id, invitation.c.closed_on.is_(None))).values(
        closed_on=bindparam("day")
    )
)
_END_KEYINGS = Prepared(delete(keying).where(keying.c.case_id == _case_id))
_END_VISITS = Prepared(delete(visit).where(visit.c.case_id == _case_id))


def lock_case(session: Statements, case_id: int) -> Found | None:
    """The case, kept from other writers until the transaction ends."""
    return _LOCK_CASE.first(session, of_case=case_id)


def share_wave(session: Statements, case_id: int) -> Found | None:
    """The case's wave, kept from being closed until the transaction ends."""
    return _SHARE_WAVE.first(session, of_case=case_id)


def beginning(session: Statements, case_id: int) -> Found:
    """The wave, whether the case has a response, was withdrawn or ended otherwise."""
    return _BEGINNING.one(session, of_case=case_id)


def read_state(session: Statements, case_id: int) -> Found | None:
    """The case's wave and response, the latter empty when there is none."""
    return _STATE.first(session, of_case=case_id)


def read_visited(session: Statements, key_hash: str, now: datetime) -> Found | None:
    """The same of the case whose visit has this key, and what the visit has seen; unless it has ended."""
    return _VISITED.first(session, of_key=key_hash, now=now)


def find_case(session: Statements, reference: str) -> int | None:
    """The case of a reference number as people write it, with whatever stands between the digits."""
    digits = "".join(sign for sign in reference if sign in "0123456789")
    found: int | None = _FIND_CASE.scalar(session, reference=digits)
    return found


def add_response(session: Statements, case_id: int, **values: object) -> None:
    """A response and its link; the database refuses a second one for the case."""
    _ADD_RESPONSE.change(session, **values)
    _ADD_LINK.change(session, case_id=case_id, response_id=values["id"])


def add_event(session: Statements, case_id: int, kind: CaseEventKind, day: date) -> None:
    _ADD_EVENT.change(session, case_id=case_id, kind=kind.value, happened_on=day)


def note_opened(session: Statements, case_id: int, day: date) -> None:
    """The day of the first visit with a code of the case; later ones change nothing."""
    _ADD_OPENED.change(session, of_case=case_id, day=day)


def save_draft(session: Statements, response_id: int, from_version: int, **values: object) -> bool:
    """Change a draft, unless somebody else has meanwhile."""
    return _changed(session, _SAVE, response_id, from_version, values)


def freeze(session: Statements, response_id: int, from_version: int, **values: object) -> bool:
    """Make a draft a response, unless somebody else has changed it meanwhile."""
    return _changed(session, _FREEZE, response_id, from_version, values)


def remove_response(session: Statements, case_id: int) -> bool:
    """Delete the case's response, handed in or not; whether there was one."""
    response_id = _RESPONSE_OF_CASE.scalar(session, of_case=case_id)
    if response_id is None:
        return False
    _REMOVE_LINK.change(session, of_case=case_id)
    _REMOVE_RESPONSE.change(session, of_response=response_id)
    return True


def close_doors(session: Statements, case_id: int, day: date) -> None:
    """End the codes and the visits of a case, and destroy what has been keyed of its form on paper."""
    _CLOSE_INVITATIONS.change(session, of_case=case_id, day=day)
    _END_VISITS.change(session, of_case=case_id)
    _END_KEYINGS.change(session, of_case=case_id)


def _changed(
    session: Statements, statement: Prepared, response_id: int, from_version: int, values: dict[str, object]
) -> bool:
    given = {f"new_{name}": value for name, value in values.items()}
    return statement.change(session, of_response=response_id, from_version=from_version, **given) == 1
