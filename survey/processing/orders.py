"""What may be asked of the worker once a wave is closed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.models.imported_wave import ImportedWave
from survey.models.job import JobKind
from survey.models.release import Release
from survey.models.wave import WaveStatus
from survey.preparation import jobs
from survey.preparation.waves import find_wave, require_status


def order_processing(session: Session, wave_code: str, by: str, now: datetime) -> int:
    """Ask the worker to compute a closed wave."""
    require_status(find_wave(session, wave_code), WaveStatus.CLOSED)
    if session.get(ImportedWave, wave_code) is not None:
        raise UserError(f"Omgången {wave_code} är importerad och räknas inte för sig.")
    return jobs.enqueue(session, wave_code, JobKind.PROCESS, by, now)


def order_reports(session: Session, wave_code: str, by: str, now: datetime) -> int:
    """Ask the worker for the reports and tables of the newest release."""
    released = select(Release.id).where(Release.wave_code == wave_code, Release.released_at.is_not(None))
    if session.scalar(released.limit(1)) is None:
        raise UserError(f"Omgången {wave_code} är inte släppt, så det finns inget att skriva rapporter om.")
    return jobs.enqueue(session, wave_code, JobKind.WRITE_REPORTS, by, now)


def reports_written(session: Session, wave_code: str, now: datetime) -> None:
    """The reports that waited for the worker have been written at the command line."""
    jobs.settle(session, wave_code, JobKind.WRITE_REPORTS, "Skrivna från kommandoraden.", now)
