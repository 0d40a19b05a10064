"""What the help desk does for somebody who calls: found by the reference number in the letter alone.

A new code may be read out over the telephone: whoever knows the reference number holds the letter, and with
it the code that is there. No answer, name or address is reached from here.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import invitations, storage
from survey.collection.outcomes import OUTCOME, OUTCOME_WORDS
from survey.errors import UserError
from survey.models.case import ENDING, Case, CaseEvent, CaseEventKind
from survey.models.fieldwork import Outcome
from survey.models.invitation import Invitation
from survey.models.wave import WaveStatus
from survey.preparation.waves import find_wave, lock_wave

RECORDED = {
    CaseEventKind.REFUSED: "Vill inte delta och ska inte få fler brev",
    CaseEventKind.RETURNED: "Brevet kom i retur",
    CaseEventKind.MOVED: "Har flyttat från kommunen eller utomlands",
    CaseEventKind.DECEASED: "Har avlidit",
}
_NO_MORE_CODES = (Outcome.SUBMITTED, Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.INELIGIBLE)


@dataclass(frozen=True)
class CaseView:
    """What the help desk may know of a case."""

    reference: str
    wave_title: str
    field_end: date
    open: bool
    state: str
    letters: tuple[date, ...]
    may_get_code: bool


def look_up(session: Session, reference: str, today: date, by: str) -> CaseView:
    """The case with this reference number."""
    case = _find(session, reference)
    wave = find_wave(session, case.wave_code)
    outcome = _outcome(session, case)
    letters = session.scalars(
        select(Invitation.issued_on).where(Invitation.case_id == case.id).order_by(Invitation.issued_on)
    )
    is_open = wave.status == WaveStatus.OPEN
    # Not which case: the log outlives it.
    audit.record(session, by, "look up case", case.wave_code)
    return CaseView(
        reference=f"{case.reference[:5]}-{case.reference[5:]}",
        wave_title=wave.title,
        field_end=wave.field_end,
        open=is_open,
        state=OUTCOME_WORDS[outcome],
        letters=tuple(letters),
        may_get_code=is_open and today <= wave.field_end and outcome not in _NO_MORE_CODES,
    )


def new_code(session: Session, reference: str, today: date, by: str) -> str:
    """A new code to read out; the codes of earlier letters stay valid until the receipt."""
    case = _lock_open(session, reference)
    if today > find_wave(session, case.wave_code).field_end:
        raise UserError("Sista svarsdag har varit: en ny kod skulle inte släppa in någon.")
    if _outcome(session, case) in _NO_MORE_CODES:
        raise UserError("Personen har svarat, tackat nej eller tillhör inte urvalet. Det finns ingen ny kod.")
    code = str(invitations.issue(session, [case.id], today)[0].code)
    audit.record(session, by, "read out a code", case.wave_code)
    return code


def record(session: Session, reference: str, kind: str, today: date, by: str) -> None:
    """Note what somebody told; what ends a case takes codes and unsent answers. A repeat does nothing."""
    if kind not in set(RECORDED):
        raise UserError("Välj vad som har hänt.")
    told = CaseEventKind(kind)
    case = _lock_open(session, reference)
    known = select(CaseEvent.id).where(CaseEvent.case_id == case.id, CaseEvent.kind == told.value)
    if session.scalar(known) is not None:
        return
    if told in ENDING and _outcome(session, case) == Outcome.SUBMITTED:
        raise UserError("Svaret är redan inlämnat. Personen kan ta tillbaka det med koden i brevet.")
    storage.add_event(session, case.id, told, today)
    if told in ENDING:
        storage.remove_response(session, case.id)  # nobody can hand it in any more
        storage.close_doors(session, case.id, today)
    audit.record(session, by, f"record {told.value}", case.wave_code)


def _lock_open(session: Session, reference: str) -> Case:
    case = _find(session, reference)
    wave = lock_wave(session, case.wave_code)
    if wave.status != WaveStatus.OPEN:
        raise UserError(f"Omgången {wave.code} tar inte emot svar nu.")
    storage.lock_case(session, case.id)
    return case


def _outcome(session: Session, case: Case) -> Outcome:
    return Outcome(session.execute(select(OUTCOME).select_from(Case).where(Case.id == case.id)).scalar_one())


def _find(session: Session, reference: str) -> Case:
    case_id = storage.find_case(session, reference)
    if case_id is None:
        raise UserError("Referensnumret finns inte. Läs det från brevet en gång till, siffra för siffra.")
    return session.get_one(Case, case_id)
