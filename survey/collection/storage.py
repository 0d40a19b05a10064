"""The statements behind a response, prepared once: an answer costs a handful of short round trips."""

from datetime import date
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Executable,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from survey.models.browser_session import BrowserSession
from survey.models.case import ENDING, Case, CaseEvent, CaseEventKind
from survey.models.invitation import Invitation
from survey.models.local_questions import LocalQuestions
from survey.models.paper_form import Keying
from survey.models.response import Response, ResponseLink
from survey.models.wave import Stratum, Wave

Found = Row[*tuple[Any, ...]]

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


def _asked(column: str) -> ColumnElement[str]:
    """Name or hash of what the case is asked: the wave's questionnaire, with its municipality's questions."""
    person = case.alias()
    own = (
        select(local.c[column])
        .select_from(
            person.join(
                stratum,
                (stratum.c.wave_code == person.c.wave_code) & (stratum.c.area_code == person.c.area_code),
            ).join(
                local,
                (local.c.wave_code == stratum.c.wave_code)
                & (local.c.municipality_code == stratum.c.municipality_code),
            )
        )
        .where(person.c.id == _case_id)
    )
    return func.coalesce(own.scalar_subquery(), wave.c[column]).label(column)


_LOCK_CASE = (
    select(case.c.wave_code, case.c.area_code, case.c.legal_gender, case.c.age_group)
    .where(case.c.id == _case_id)
    .with_for_update()
)
_SHARE_WAVE = (
    select(
        wave.c.status,
        wave.c.field_start,
        wave.c.field_end,
        _asked("questionnaire"),
    )
    .where(wave.c.code == select(case.c.wave_code).where(case.c.id == _case_id).scalar_subquery())
    .with_for_update(read=True)
)
_BEGINNING = select(
    wave.c.status,
    wave.c.field_start,
    wave.c.field_end,
    _asked("questionnaire_hash"),
    select(link.c.response_id).where(link.c.case_id == _case_id).scalar_subquery().label("response_id"),
    exists()
    .where(event.c.case_id == _case_id, event.c.kind == CaseEventKind.WITHDRAWN.value)
    .label("withdrawn"),
    exists().where(event.c.case_id == _case_id, event.c.kind.in_(ENDING)).label("ended"),
    exists().where(event.c.case_id == _case_id, event.c.kind == CaseEventKind.STARTED.value).label("started"),
).where(wave.c.code == bindparam("of_wave"))
_STATE = (
    select(
        case.c.wave_code,
        wave.c.title,
        wave.c.synthetic,
        wave.c.field_end,
        wave.c.links_until,
        _asked("questionnaire"),
        _asked("questionnaire_hash"),
        response.c.answers,
        response.c.version,
        response.c.submitted_on,
        response.c.language,
    )
    .select_from(
        case.join(wave, wave.c.code == case.c.wave_code)
        .outerjoin(link, link.c.case_id == case.c.id)
        .outerjoin(response, response.c.id == link.c.response_id)
    )
    .where(case.c.id == _case_id)
)
_DRAFT = (
    select(
        response.c.id.label("response_id"),
        response.c.version,
        response.c.answers,
        response.c.submitted_on,
        response.c.questionnaire_hash,
        response.c.language,
        _asked("questionnaire"),
        wave.c.status,
        wave.c.field_start,
        wave.c.field_end,
    )
    .select_from(
        link.join(response, response.c.id == link.c.response_id).join(
            wave, wave.c.code == response.c.wave_code
        )
    )
    .where(link.c.case_id == _case_id)
)
_OF_THIS_VERSION = (
    (response.c.id == _response_id)
    & (response.c.version == bindparam("from_version"))
    & response.c.submitted_on.is_(None)
)
_SAVE = (
    update(response)
    .where(_OF_THIS_VERSION)
    .values({name: bindparam(f"new_{name}") for name in ("version", "answers", "language")})
)
_FREEZE = (
    update(response)
    .where(_OF_THIS_VERSION)
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("version", "answers", "submitted_on", "area_code", "legal_gender", "age_group")
        }
    )
)
_ADD_RESPONSE = insert(response)
_ADD_LINK = insert(link)
_ADD_EVENT = insert(event)
_FIND_CASE = select(case.c.id).where(case.c.reference == bindparam("reference"))
_RESPONSE_OF_CASE = select(link.c.response_id).where(link.c.case_id == _case_id)
_REMOVE_LINK = delete(link).where(link.c.case_id == _case_id)
_REMOVE_RESPONSE = delete(response).where(response.c.id == _response_id)
_CLOSE_INVITATIONS = (
    update(invitation).where(invitation.c.case_id == _case_id, invitation.c.closed_on.is_(None))
).values(closed_on=bindparam("day"))
_END_KEYINGS = delete(keying).where(keying.c.case_id == _case_id)
_END_VISITS = delete(visit).where(visit.c.case_id == _case_id)


def lock_case(session: Session, case_id: int) -> Found | None:
    """The case, kept from other writers until the transaction ends."""
    return session.execute(_LOCK_CASE, {"of_case": case_id}).first()


def share_wave(session: Session, case_id: int) -> Found | None:
    """The case's wave, kept from being closed until the transaction ends."""
    return session.execute(_SHARE_WAVE, {"of_case": case_id}).first()


def beginning(session: Session, case_id: int, wave_code: str) -> Found:
    """The wave, whether the case has a response, was withdrawn or ended otherwise."""
    return session.execute(_BEGINNING, {"of_case": case_id, "of_wave": wave_code}).one()


def read_state(session: Session, case_id: int) -> Found | None:
    """The case's wave and response, the latter empty when there is none."""
    return session.execute(_STATE, {"of_case": case_id}).first()


def read_draft(session: Session, case_id: int) -> Found | None:
    """The case's response with its wave."""
    return session.execute(_DRAFT, {"of_case": case_id}).first()


def find_case(session: Session, reference: str) -> int | None:
    """The case of a reference number as people write it, with whatever stands between the digits."""
    digits = "".join(sign for sign in reference if sign in "0123456789")
    return session.execute(_FIND_CASE, {"reference": digits}).scalar()


def add_response(session: Session, case_id: int, **values: object) -> None:
    """A response and its link; the database refuses a second one for the case."""
    session.execute(_ADD_RESPONSE, values)
    session.execute(_ADD_LINK, {"case_id": case_id, "response_id": values["id"]})


def add_event(session: Session, case_id: int, kind: CaseEventKind, day: date) -> None:
    session.execute(_ADD_EVENT, {"case_id": case_id, "kind": kind.value, "happened_on": day})


def save_draft(session: Session, response_id: int, from_version: int, **values: object) -> bool:
    """Change a draft, unless somebody else has meanwhile."""
    return _changed(session, _SAVE, response_id, from_version, values)


def freeze(session: Session, response_id: int, from_version: int, **values: object) -> bool:
    """Make a draft a response, unless somebody else has changed it meanwhile."""
    return _changed(session, _FREEZE, response_id, from_version, values)


def remove_response(session: Session, case_id: int) -> bool:
    """Delete the case's response, handed in or not; whether there was one."""
    response_id = session.execute(_RESPONSE_OF_CASE, {"of_case": case_id}).scalar()
    if response_id is None:
        return False
    session.execute(_REMOVE_LINK, {"of_case": case_id})
    session.execute(_REMOVE_RESPONSE, {"of_response": response_id})
    return True


def close_doors(session: Session, case_id: int, day: date) -> None:
    """End the codes and the visits of a case, and destroy what has been keyed of its form on paper."""
    session.execute(_CLOSE_INVITATIONS, {"of_case": case_id, "day": day})
    session.execute(_END_VISITS, {"of_case": case_id})
    session.execute(_END_KEYINGS, {"of_case": case_id})


def _changed(
    session: Session, statement: Executable, response_id: int, from_version: int, values: dict[str, object]
) -> bool:
    given = {f"new_{name}": value for name, value in values.items()}
    done = cast(
        "CursorResult[Any]",
        session.execute(statement, {"of_response": response_id, "from_version": from_version, **given}),
    )
    return done.rowcount == 1
