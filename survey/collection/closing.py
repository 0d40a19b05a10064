"""Ends the fieldwork of a wave: after this no answer gets in."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.models.browser_session import BrowserSession
from survey.models.case import Case, CaseEvent, CaseEventKind
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
    counted = select(func.sum(SampleCount.sampled)).where(SampleCount.wave_code == wave_code)
    kinds = (
        select(CaseEvent.kind, func.count())
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.wave_code == wave_code)
        .group_by(CaseEvent.kind)
    )
    events = {kind: number for kind, number in session.execute(kinds)}
    # Counted where they are: an answer that was taken back has been handed in, too.
    submitted = select(func.count()).where(
        Response.wave_code == wave_code, Response.submitted_on.is_not(None)
    )
    return Fieldwork(
        sampled=session.scalar(drawn) or session.scalar(counted) or 0,
        invited=events.get(CaseEventKind.INVITED.value, 0),
        started=events.get(CaseEventKind.STARTED.value, 0),
        submitted=session.scalar(submitted) or 0,
        withdrawn=events.get(CaseEventKind.WITHDRAWN.value, 0),
    )
