"""Work for the worker: asked for on a page, taken by one worker at a time, taken up again when it dies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from survey import audit
from survey.clock import utc
from survey.errors import Conflict
from survey.models.job import Job, JobKind, JobState
from survey.preparation.waves import lock_wave, require_not_void

# A worker tells several times a minute that it lives. One that is silent this long is dead: at worst it has
# waited for the one writer of SQLite, which gives up after half a minute.
LAPSE = timedelta(minutes=2)
MOST_ATTEMPTS = 3  # what has taken its worker along so many times is not tried again
SHOWN = 10
UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
KIND_WORDS = {
    JobKind.CHECK_FRAME: "Kontroll av registerfilen",
    JobKind.LOAD_FRAME: "Inläsning av urvalsramen",
    JobKind.DRAW_SAMPLE: "Dragning av urvalet",
    JobKind.PRINT_MAILING: "Utskrift",
    JobKind.PROCESS: "Beräkning av resultatet",
    JobKind.WRITE_REPORTS: "Skrivning av rapporter och tabeller",
    JobKind.MAKE_TABLES: "Räkning av beställda tabeller",
}
STATE_WORDS = {
    JobState.QUEUED: "väntar",
    JobState.RUNNING: "pågår",
    JobState.DONE: "klart",
    JobState.FAILED: "gick inte",
}


@dataclass(frozen=True)
class Claim:
    """A job that a worker has taken; worth something as long as nobody else has taken it since."""

    job_id: int
    attempt: int
    kind: JobKind
    wave_code: str
    parameters: Mapping[str, Any]
    by: str


@dataclass(frozen=True)
class JobStatus:
    """A job as a page shows it."""

    id: int
    kind: JobKind
    words: str
    state: JobState
    state_words: str
    label: str
    done: int
    total: int
    message: str
    report: Mapping[str, Any] | None
    parameters: Mapping[str, Any]
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    waits_for_worker: bool  # nobody has taken it, or whoever took it has fallen silent

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED


def enqueue(
    session: Session, wave_code: str, kind: JobKind, by: str, now: datetime, **parameters: object
) -> int:
    """Ask for a piece of work on a wave; one at a time, so that a doubled click is harmless."""
    require_not_void(lock_wave(session, wave_code))
    require_idle(session, wave_code)
    job = Job(
        kind=kind.value,
        wave_code=wave_code,
        parameters=json.dumps(parameters, sort_keys=True),
        requested_by=by,
        created_at=now.astimezone(UTC),
    )
    session.add(job)
    session.flush()
    audit.record(session, by, f"ask to {kind}", wave_code, job=job.id)
    return job.id


def is_unfinished(session: Session, wave_code: str, kind: JobKind) -> bool:
    """Whether a job of a kind waits for the worker or is being done."""
    unfinished = (Job.wave_code == wave_code) & (Job.kind == kind.value) & Job.state.in_(UNFINISHED)
    return session.scalar(select(Job.id).where(unfinished).limit(1)) is not None


def require_idle(session: Session, wave_code: str) -> None:
    """Stop while some job of the wave waits or runs; whoever asks holds the wave locked."""
    waiting = select(Job.kind).where(Job.wave_code == wave_code, Job.state.in_(UNFINISHED))
    if (other := session.scalar(waiting.limit(1))) is not None:
        raise Conflict(
            f"{KIND_WORDS[JobKind(other)]} pågår för omgången {wave_code}. Vänta tills det är klart."
        )


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the oldest job that waits or whose worker has died; None when there is nothing to do."""
    moment = now.astimezone(UTC)
    lapsed = (Job.state == JobState.RUNNING.value) & (Job.heartbeat_at < moment - LAPSE)
    waiting = select(Job).where(or_(Job.state == JobState.QUEUED.value, lapsed)).order_by(Job.id)
    while (job := session.scalar(waiting.limit(1).with_for_update(skip_locked=True))) is not None:
        if job.attempts < MOST_ATTEMPTS:
            job.state, job.attempts = JobState.RUNNING.value, job.attempts + 1
            job.started_at = job.heartbeat_at = moment
            job.label, job.done, job.total = "", 0, 0
            session.flush()
            return Claim(
                job.id,
                job.attempts,
                JobKind(job.kind),
                job.wave_code,
                json.loads(job.parameters),
                job.requested_by,
            )
        job.state, job.ended_at = JobState.FAILED.value, moment
        job.message = f"Arbetaren har avbrutits {MOST_ATTEMPTS} gånger. Se dess logg och beställ igen."
        session.flush()
    return None


def beat(session: Session, claimed: Claim, label: str, done: int, total: int, now: datetime) -> bool:
    """Say that the worker lives and how far it has come; whether the job is still its own."""
    whole = max(total, 0)
    return _change(
        session,
        claimed,
        heartbeat_at=now.astimezone(UTC),
        label=label[:60],
        done=min(max(done, 0), whole),
        total=whole,
    )


def hold(session: Session, claimed: Claim, now: datetime) -> bool:
    """Whether the job is still the worker's own, kept so until the transaction ends."""
    return _change(session, claimed, heartbeat_at=now.astimezone(UTC))


def finish(
    session: Session, claimed: Claim, message: str, now: datetime, report: Mapping[str, object] | None = None
) -> None:
    """Mark a job done, in the transaction of its last step: both hold or neither."""
    _end(session, claimed, JobState.DONE, message, now, report)


def fail(session: Session, claimed: Claim, message: str, now: datetime) -> None:
    """Mark a job as given up, with words for whoever asked for it."""
    _end(session, claimed, JobState.FAILED, message, now, None)


def settle(session: Session, wave_code: str, kind: JobKind, message: str, now: datetime) -> None:
    """What waited has been done by somebody at the command line."""
    waiting = (Job.wave_code == wave_code) & (Job.kind == kind.value) & (Job.state == JobState.QUEUED.value)
    done = {"state": JobState.DONE.value, "message": message, "ended_at": now.astimezone(UTC)}
    session.execute(update(Job).where(waiting).values(done))


def recent(session: Session, wave_code: str, now: datetime) -> list[JobStatus]:
    """The latest jobs of a wave, the newest first."""
    newest = select(Job).where(Job.wave_code == wave_code).order_by(Job.id.desc()).limit(SHOWN)
    return [_status(job, now) for job in session.scalars(newest)]


def _end(
    session: Session,
    claimed: Claim,
    state: JobState,
    message: str,
    now: datetime,
    report: Mapping[str, object] | None,
) -> None:
    written = None if report is None else json.dumps(report, ensure_ascii=False, default=str)
    if not _change(
        session, claimed, state=state.value, message=message, ended_at=now.astimezone(UTC), report=written
    ):
        raise Conflict(f"Jobb {claimed.job_id} har tagits över av en annan arbetare.")


def _change(session: Session, claimed: Claim, **values: object) -> bool:
    mine = (
        (Job.id == claimed.job_id) & (Job.attempts == claimed.attempt) & (Job.state == JobState.RUNNING.value)
    )
    done = cast("CursorResult[Any]", session.execute(update(Job).where(mine).values(values)))
    return done.rowcount == 1


def _status(job: Job, now: datetime) -> JobStatus:
    state = JobState(job.state)
    last_sign = job.heartbeat_at if state is JobState.RUNNING else job.created_at
    silent = last_sign is not None and utc(now) - utc(last_sign) > LAPSE
    return JobStatus(
        id=job.id,
        kind=JobKind(job.kind),
        words=KIND_WORDS[JobKind(job.kind)],
        state=state,
        state_words=STATE_WORDS[state],
        label=job.label,
        done=job.done,
        total=job.total,
        message=job.message,
        report=json.loads(job.report) if job.report else None,
        parameters=json.loads(job.parameters),
        requested_by=job.requested_by,
        created_at=job.created_at,
        ended_at=job.ended_at,
        waits_for_worker=silent and state in UNFINISHED,
    )
