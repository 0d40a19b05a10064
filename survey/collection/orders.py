"""What may be asked of the worker for a wave, and what a page needs to know to ask it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from survey import clock
from survey.collection import uploads
from survey.collection.mailings import off_plan, require_on_plan
from survey.collection.recipients import area_codes, count_recipients
from survey.collection.uploads import UploadStatus
from survey.collection.usual_mailings import ORDER, USUAL
from survey.errors import UserError
from survey.models.job import JobKind, JobState
from survey.models.mailing import MailingKind
from survey.models.wave import WaveStatus
from survey.preparation import jobs
from survey.preparation.jobs import JobStatus
from survey.preparation.waves import find_wave, require_status

# The steps as forms name them, and when each has its time.
STEPS = {
    "check": (JobKind.CHECK_FRAME, (WaveStatus.PLANNED, WaveStatus.FRAMED)),
    "load": (JobKind.LOAD_FRAME, (WaveStatus.PLANNED, WaveStatus.FRAMED)),
    "draw": (JobKind.DRAW_SAMPLE, (WaveStatus.FRAMED,)),
    MailingKind.LETTER: (JobKind.PRINT_MAILING, (WaveStatus.SAMPLED, WaveStatus.OPEN)),
    MailingKind.CARD: (JobKind.PRINT_MAILING, (WaveStatus.OPEN,)),
    MailingKind.FORM: (JobKind.PRINT_MAILING, (WaveStatus.OPEN,)),
    MailingKind.LAST: (JobKind.PRINT_MAILING, (WaveStatus.OPEN,)),
}


@dataclass(frozen=True)
class Printable:
    """A mailing that can be ordered."""

    kind: str
    words: str
    persons: int
    off_plan: str  # why it is not to go out today by the calendar


def order(
    session: Session,
    output: Path,
    wave_code: str,
    step: str,
    area: str,
    by: str,
    now: datetime,
    *,
    forced: bool = False,
) -> int:
    """Ask the worker for a step; what cannot be done now is refused now, a reminder also off its day."""
    if step not in STEPS:
        raise UserError("Det steget finns inte. Gå tillbaka och försök igen.")
    kind, when = STEPS[step]
    require_status(find_wave(session, wave_code), *when)
    if kind is not JobKind.PRINT_MAILING:
        name = uploads.path_of(session, output, wave_code).name
        return jobs.enqueue(session, wave_code, kind, by, now, upload=name)
    if area and area not in area_codes(session, wave_code):
        raise UserError(f"Omgången {wave_code} har inget sådant delområde. Lämna fältet tomt för alla.")
    today = clock.local(now).date()
    require_on_plan(
        session,
        wave_code,
        MailingKind(step),
        today,
        by,
        forced=forced,
        how="kryssa i att det ska skickas nu.",
    )
    return jobs.enqueue(session, wave_code, kind, by, now, mailing=step, area=area or None)


def printable(session: Session, wave_code: str, status: WaveStatus, day: date) -> list[Printable]:
    """The mailings that can be ordered now, in the order they are sent, and how many each goes to today."""
    return [
        Printable(
            kind.value,
            USUAL[kind].words,
            sum(count_recipients(session, wave_code, kind, day).values()),
            off_plan(session, wave_code, kind, day),
        )
        for kind in ORDER
        if status in STEPS[kind][1]
    ]


def check_of(upload: UploadStatus | None, found: Sequence[JobStatus]) -> JobStatus | None:
    """The finished check of the file that lies there now, if there is one."""
    mine = (
        job
        for job in found
        if upload is not None
        and (job.kind, job.state) == (JobKind.CHECK_FRAME, JobState.DONE)
        and job.parameters.get("upload") == upload.name
    )
    return next(mine, None)
