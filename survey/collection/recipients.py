"""Whom a mailing goes to: never to who has said no, has left the population or could not be reached."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from survey.collection.outcomes import OUTCOME, has
from survey.errors import UserError
from survey.models.area import Area
from survey.models.case import Case, CaseEventKind
from survey.models.fieldwork import Outcome
from survey.models.invitation import Invitation
from survey.models.mailing import MailedCase, MailingKind
from survey.models.paper_form import PaperForm
from survey.models.wave import Stratum
from survey.preparation.waves import find_wave

GAP_DAYS = 5  # what was sent must have had time to arrive and be answered


def area_codes(session: Session, wave_code: str, area_code: str | None = None) -> list[str]:
    """The areas of a wave that have a sample, in order; or the one asked for, if it is one of them."""
    find_wave(session, wave_code)
    wanted = select(Area.code).join(Stratum, Stratum.area_code == Area.code)
    wanted = wanted.where(Stratum.wave_code == wave_code)
    if area_code is not None:
        wanted = wanted.where(Area.code == area_code)
    found = list(session.scalars(wanted.order_by(Area.code)))
    if not found:
        raise UserError(f"Delområdet {area_code!r} är inte med i omgången {wave_code}.")
    return found


def recipients(
    session: Session, wave_code: str, area_code: str, kind: MailingKind, day: date
) -> dict[str, int]:
    """Reference number and case of those in an area whom a mailing of this day goes to."""
    found = select(Case.reference, Case.id).where(Case.area_code == area_code, *_wanted(wave_code, kind, day))
    return {reference: case_id for reference, case_id in session.execute(found.order_by(Case.id))}


def count_recipients(session: Session, wave_code: str, kind: MailingKind, day: date) -> dict[str, int]:
    """How many of each area a mailing of this day goes to; areas without any are left out."""
    # In two steps: PostgreSQL groups by what a subquery gives, not by a question asked anew in each row.
    wanted = select(Case.area_code).where(*_wanted(wave_code, kind, day)).subquery()
    rows = session.execute(select(wanted.c.area_code, func.count()).group_by(wanted.c.area_code))
    return dict(sorted((area, number) for area, number in rows))


def _wanted(wave_code: str, kind: MailingKind, day: date) -> list[ColumnElement[bool]]:
    of_wave = Case.wave_code == wave_code
    if kind is MailingKind.SMS:
        raise UserError("Sms skickas av någon annan: det finns inga telefonnummer här.")
    if kind is MailingKind.LETTER:
        return [of_wave, OUTCOME.in_([Outcome.NOT_INVITED.value])]
    since = day - timedelta(days=GAP_DAYS)
    mailed = (MailedCase.kind == kind.value) | (MailedCase.mailed_on > since)
    given = Invitation.issued_on > since
    if kind is MailingKind.FORM:
        given |= Invitation.form_id.is_not(None)  # whoever asked for a form has one
    return [
        of_wave,
        OUTCOME.in_([Outcome.NO_ANSWER.value, Outcome.BREAK_OFF.value]),
        ~has(CaseEventKind.RETURNED),
        ~exists().where(Invitation.case_id == Case.id, given),
        ~exists().where(MailedCase.case_id == Case.id, mailed),
        ~exists().where(PaperForm.case_id == Case.id),  # their form waits to be keyed in
    ]
