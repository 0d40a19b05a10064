"""Takes a person out of the survey who asks for it, as long as the answers can be found again.

The reference number and both credentials of a letter say which person it is, also when they have been used.
When the cases are destroyed after fieldwork they say nothing any more, and nothing can be taken back.
"""

from datetime import date

from sqlalchemy.orm import Session

from survey import audit
from survey.collection import storage
from survey.collection.refusals import UnknownCode
from survey.errors import UserError
from survey.models.case import CaseEventKind

BY_RESIDENT = "resident"


def withdraw(session: Session, case_id: int, today: date, by: str) -> bool:
    """Delete the answer and end the codes; whether there was one. A repeat changes nothing.

    Wave and case are locked, in this order, so that a submit comes wholly before or wholly after.
    """
    wave = storage.share_wave(session, case_id)
    case = storage.lock_case(session, case_id)
    if wave is None or case is None:
        raise UnknownCode  # destroyed at this very moment
    removed = storage.remove_response(session, case_id)
    storage.close_doors(session, case_id, today)
    if not storage.beginning(session, case_id).withdrawn:
        storage.add_event(session, case_id, CaseEventKind.WITHDRAWN, today)
        # Not which person: the log outlives the case.
        audit.record(session, by, "withdraw", case.wave_code, answer_removed=removed)
    return removed


def withdraw_by_reference(session: Session, reference: str, today: date, by: str) -> bool:
    """Take out the person with this reference number; whether there was an answer, which is then gone."""
    case_id = storage.find_case(session, reference)
    if case_id is None:
        raise UserError(f"Referensnumret {reference!r} finns inte. Kontrollera att det är rätt avskrivet.")
    return withdraw(session, case_id, today, by)
