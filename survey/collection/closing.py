"""Ends the fieldwork of a wave: after this no answer gets in."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.models.browser_session import BrowserSession
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.fieldwork import FieldOutcome, Outcome
from survey.models.response import Response
from survey.models.wave import SampleCount, WaveStatus
from survey.preparation.waves import lock_wave, require_status


@dataclass(frozen=True)
class Fieldwork:
    """How many have come how far."""

    sampled: int
    invited: int
    started: int
    submitted: int
    withdrawn: int


def close_wave(session: Session, wave_code: str, by: str) -> Fieldwork:
    """Close an open wave for good; waits for answers that are being handed in this very moment."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.OPEN)
    wave.status = WaveStatus.CLOSED.value
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.case_id.in_(select(Case.id).where(Case.wave_code == wave_code))
        )
    )
    session.flush()
    counted = fieldwork(session, wave_code)
    audit.record(session, by, "close wave", wave_code, **counted.__dict__)
    return counted


def fieldwork(session: Session, wave_code: str) -> Fieldwork:
    """The counts of a wave, whatever its status."""
    drawn = select(func.count()).select_from(Case).where(Case.wave_code == wave_code)
    if not session.scalar(drawn):
        return _kept_counts(session, wave_code)
    kinds = (
        select(CaseEvent.kind, func.count())
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.wave_code == wave_code)
        .group_by(CaseEvent.kind)
    )
    events = {kind: number for kind, number in session.execute(kinds)}
    return Fieldwork(
        sampled=session.scalar(drawn) or 0,
        invited=events.get(CaseEventKind.INVITED.value, 0),
        started=events.get(CaseEventKind.STARTED.value, 0),
        submitted=_submitted(session, wave_code),
        withdrawn=events.get(CaseEventKind.WITHDRAWN.value, 0),
    )


def _kept_counts(session: Session, wave_code: str) -> Fieldwork:
    """The same of a wave whose cases are counts: destroyed, or collected elsewhere."""
    drawn = select(func.sum(SampleCount.sampled)).where(SampleCount.wave_code == wave_code)
    ended = select(FieldOutcome.outcome, func.sum(FieldOutcome.cases)).where(
        FieldOutcome.wave_code == wave_code
    )
    outcomes = {name: int(cases) for name, cases in session.execute(ended.group_by(FieldOutcome.outcome))}
    submitted, withdrawn = _submitted(session, wave_code), outcomes.get(Outcome.WITHDRAWN.value, 0)
    invited = sum(outcomes.values()) - outcomes.get(Outcome.NOT_INVITED.value, 0)
    started = submitted + outcomes.get(Outcome.BREAK_OFF.value, 0) if outcomes else 0
    return Fieldwork(session.scalar(drawn) or 0, invited, started, submitted, withdrawn)


def _submitted(session: Session, wave_code: str) -> int:
    """Counted where they are: an answer that was taken back has been handed in, too."""
    handed_in = select(func.count()).where(
        Response.wave_code == wave_code, Response.submitted_on.is_not(None)
    )
    return session.scalar(handed_in) or 0
