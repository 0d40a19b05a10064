"""Ends the fieldwork of a wave: after this no answer gets in."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey import audit, clock
from survey.collection import open_answers, snapshots
from survey.collection.outcomes import count_outcomes
from survey.errors import UserError
from survey.models.browser_session import BrowserSession
from survey.models.case import Case
from survey.models.fieldwork import Outcome
from survey.models.response import Response
from survey.models.wave import SampleCount, Wave, WaveStatus
from survey.preparation import jobs
from survey.preparation.one_line import one_line
from survey.preparation.waves import find_wave, lock_wave, require_status

LONGEST_REASON = 200


@dataclass(frozen=True)
class Fieldwork:
    """How many have come how far."""

    sampled: int
    invited: int
    started: int  # and have not taken it back or refused
    submitted: int
    withdrawn: int


def days_too_early(session: Session, wave_code: str) -> int:
    """Of an open wave, how many days are left until the last day that the letters promise; else 0."""
    wave = find_wave(session, wave_code)
    return max(0, (wave.field_end - clock.today()).days) if wave.status == WaveStatus.OPEN else 0


def close_wave(session: Session, wave_code: str, by: str) -> Fieldwork:
    """Close an open wave for good; waits for answers that are being handed in this very moment."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.OPEN)
    _shut(session, wave)
    snapshots.take(session, wave_code, clock.today(), by)
    counted = fieldwork(session, wave_code)
    audit.record(session, by, "close wave", wave_code, **counted.__dict__)
    return counted


def void_wave(session: Session, wave_code: str, reason: str, by: str) -> Fieldwork:
    """Give up a wave that is not closed, for good: no letter, no answer, no figure.

    It stays in every list, and its contacts and cases are destroyed by the same acts as those of others.
    """
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED, WaveStatus.SAMPLED, WaveStatus.OPEN)
    words = one_line(reason, LONGEST_REASON)
    if not words:
        raise UserError(f"Skriv varför omgången makuleras, högst {LONGEST_REASON} tecken.")
    jobs.require_idle(session, wave_code)
    wave.void_reason = words
    _shut(session, wave)
    counted = fieldwork(session, wave_code)
    audit.record(session, by, "void wave", wave_code, reason=words, **counted.__dict__)
    return counted


def _shut(session: Session, wave: Wave) -> None:
    wave.status, wave.closed_on = WaveStatus.CLOSED.value, clock.today()
    session.execute(
        delete(BrowserSession).where(
            BrowserSession.case_id.in_(select(Case.id).where(Case.wave_code == wave.code))
        )
    )
    open_answers.forget_unsent(session, wave.code)  # without a code nobody comes back to them
    session.flush()


def fieldwork(session: Session, wave_code: str) -> Fieldwork:
    """The counts of a wave, whatever its status: the same before and after its cases become counts."""
    ended = count_outcomes(session, wave_code)
    collected_elsewhere = select(func.sum(SampleCount.sampled)).where(SampleCount.wave_code == wave_code)
    submitted = _submitted(session, wave_code)
    return Fieldwork(
        sampled=ended.total() or session.scalar(collected_elsewhere) or 0,
        invited=ended.total() - ended[Outcome.NOT_INVITED],
        started=submitted + ended[Outcome.BREAK_OFF] if ended else 0,
        submitted=submitted,
        withdrawn=ended[Outcome.WITHDRAWN],
    )


def _submitted(session: Session, wave_code: str) -> int:
    """Counted where they are: an answer that was taken back has been handed in, too."""
    handed_in = select(func.count()).where(
        Response.wave_code == wave_code, Response.submitted_on.is_not(None)
    )
    return session.scalar(handed_in) or 0
