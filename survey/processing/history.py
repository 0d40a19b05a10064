"""Whom a wave is compared with: for each municipality, the last earlier wave in which it took part."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.response import Response
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.earlier_waves import earlier_waves


def municipalities_by_wave(session: Session, wave: Wave) -> dict[str, list[str]]:
    """The municipalities of the wave itself, and of each earlier wave those that are compared with it.

    A wave counts as earlier when its code sorts before, it is closed and not void, and it is simulated or
    real as this one is. Taking part means having an answer; a municipality without any stays in its own wave.
    """
    participants = _sampled(session, wave.code)
    if not participants:
        raise UserError(f"Omgången {wave.code} är tom: ingen är dragen till urvalet.")
    if not _answered(session, wave.code):
        raise UserError(f"Omgången {wave.code} har inga inlämnade svar; det finns inget att räkna på.")
    found = {wave.code: sorted(participants)}
    waiting = set(participants)
    for code in closed_before(session, wave):
        here = _answered(session, code) & waiting
        if here:
            found[code] = sorted(here)
            waiting -= here
    return found


def closed_before(session: Session, wave: Wave) -> list[str]:
    """Closed waves before this one, the latest first."""
    return [one.code for one in earlier_waves(session, wave) if one.status == WaveStatus.CLOSED]


def _sampled(session: Session, wave_code: str) -> set[str]:
    return set(
        session.scalars(
            select(Stratum.municipality_code)
            .where(Stratum.wave_code == wave_code, Stratum.sampled > 0)
            .distinct()
        )
    )


def _answered(session: Session, wave_code: str) -> set[str]:
    areas = (
        select(Response.area_code)
        .where(Response.wave_code == wave_code, Response.submitted_on.is_not(None))
        .distinct()
    )
    return set(
        session.scalars(
            select(Stratum.municipality_code)
            .where(Stratum.wave_code == wave_code, Stratum.area_code.in_(areas))
            .distinct()
        )
    )
