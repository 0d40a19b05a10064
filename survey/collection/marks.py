"""What somebody told of a case, or the post brought back: noted once, and undone when it was a mistake."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from survey.collection import storage
from survey.collection.outcomes import outcome_of
from survey.models.case import ENDING, CaseEvent, CaseEventKind
from survey.models.fieldwork import Outcome

TELLABLE = (
    CaseEventKind.REFUSED,
    CaseEventKind.RETURNED,
    CaseEventKind.MOVED,
    CaseEventKind.DECEASED,
)


class Noted(StrEnum):
    """What became of a mark."""

    NEW = "new"
    KNOWN = "known"
    ANSWERED = "answered"  # an answer that is in is taken back by its owner alone


def mark(session: Session, case_id: int, kind: CaseEventKind, today: date) -> Noted:
    """Note what happened to a case that is locked; what ends it takes its codes and unsent answers."""
    if session.scalar(_event(case_id, kind)) is not None:
        return Noted.KNOWN
    if kind in ENDING and outcome_of(session, case_id) == Outcome.SUBMITTED:
        return Noted.ANSWERED
    storage.add_event(session, case_id, kind, today)
    if kind in ENDING:
        storage.remove_response(session, case_id)  # nobody can hand it in any more
        storage.close_doors(session, case_id, today)
    return Noted.NEW


def unmark(session: Session, case_id: int, kind: CaseEventKind) -> bool:
    """Take a mark back; whether there was one. Codes that it ended stay ended: new ones are given."""
    found = session.scalar(_event(case_id, kind))
    if found is None:
        return False
    session.execute(delete(CaseEvent).where(CaseEvent.id == found))
    return True


def marks_of(session: Session, case_id: int) -> tuple[CaseEventKind, ...]:
    """What has been told of a case, in the order of the list."""
    kinds = set(session.scalars(select(CaseEvent.kind).where(CaseEvent.case_id == case_id)))
    return tuple(kind for kind in TELLABLE if kind.value in kinds)


def _event(case_id: int, kind: CaseEventKind) -> Select[int]:
    return select(CaseEvent.id).where(CaseEvent.case_id == case_id, CaseEvent.kind == kind.value)
