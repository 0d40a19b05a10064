"""The register file sent for a wave: kept apart, one at a time, and only as long as it is needed."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.credentials import new_token
from survey.errors import UserError
from survey.models.register_upload import RegisterUpload
from survey.models.wave import Wave, WaveStatus
from survey.preparation import jobs
from survey.preparation.waves import lock_wave, require_status
from survey.receiving import FOLDER, private_folder

KEPT_DAYS = 7
_STRAY = timedelta(hours=6)  # longer than any file takes to arrive
CLEANER = "arbetaren"


@dataclass(frozen=True)
class UploadStatus:
    """The file that lies there, as a page shows it."""

    name: str
    size: int
    uploaded_by: str
    uploaded_at: datetime
    last_day: datetime


def receive(session: Session, output: Path, wave_code: str, arrived: Path, by: str, now: datetime) -> str:
    """Keep a file that has arrived in the private folder, in place of an earlier one; its name of ours."""
    wave = lock_wave(session, wave_code)
    require_status(wave, WaveStatus.PLANNED, WaveStatus.FRAMED)
    jobs.require_idle(session, wave_code)
    size = arrived.stat().st_size
    if not size:
        raise UserError("Filen är tom. Välj registerfilen och försök igen.")
    discard(session, output, wave_code, by)
    name = f"register-{new_token()}"
    os.link(arrived, private_folder(output) / name)
    session.add(
        RegisterUpload(
            wave_code=wave_code, name=name, size=size, uploaded_by=by, uploaded_at=now.astimezone(UTC)
        )
    )
    session.flush()
    audit.record(session, by, "upload register file", wave_code, bytes=size)
    return name


def find_upload(session: Session, wave_code: str) -> UploadStatus | None:
    """What lies there for a wave."""
    found = session.get(RegisterUpload, wave_code)
    if found is None:
        return None
    uploaded_at = found.uploaded_at.replace(tzinfo=UTC) if not found.uploaded_at.tzinfo else found.uploaded_at
    return UploadStatus(
        found.name, found.size, found.uploaded_by, uploaded_at, uploaded_at + timedelta(days=KEPT_DAYS)
    )


def path_of(session: Session, output: Path, wave_code: str) -> Path:
    """Where the wave's register file lies."""
    found = session.get(RegisterUpload, wave_code)
    path = output / FOLDER / found.name if found else None
    if path is None or not path.is_file():
        raise UserError(f"Det finns ingen registerfil för omgången {wave_code}. Ladda upp en.")
    return path


def take_back(session: Session, output: Path, wave_code: str, by: str) -> None:
    """Delete the wave's register file on somebody's wish, while no job reads it."""
    lock_wave(session, wave_code)
    jobs.require_idle(session, wave_code)
    if not discard(session, output, wave_code, by):
        raise UserError("Det finns ingen registerfil att ta bort.")


def discard(session: Session, output: Path, wave_code: str, by: str) -> bool:
    """Delete the wave's register file; whether there was one."""
    found = session.get(RegisterUpload, wave_code)
    if found is None:
        return False
    # The file first: should the transaction fail, the file is gone all the same, and that is told.
    (output / FOLDER / found.name).unlink(missing_ok=True)
    session.delete(found)
    session.flush()
    audit.record(session, by, "delete register file", wave_code, bytes=found.size)
    return True


def sweep(session: Session, output: Path, now: datetime) -> int:
    """Delete register files that have lain too long or are needed no more, and strays; how many."""
    oldest = now.astimezone(UTC) - timedelta(days=KEPT_DAYS)
    needed = select(Wave.code).where(Wave.status.in_([WaveStatus.PLANNED.value, WaveStatus.FRAMED.value]))
    aged = session.scalars(
        select(RegisterUpload.wave_code)
        .where((RegisterUpload.uploaded_at < oldest) | RegisterUpload.wave_code.not_in(needed))
        .with_for_update()
    ).all()
    for wave_code in aged:
        discard(session, output, wave_code, CLEANER)
    known = set(session.scalars(select(RegisterUpload.name)))
    strays = [path for path in (output / FOLDER).glob("*") if path.name not in known and _old(path, now)]
    for path in strays:
        path.unlink(missing_ok=True)
    if strays:
        audit.record(session, CLEANER, "delete register file", "", files=len(strays))
    return len(aged) + len(strays)


def _old(path: Path, now: datetime) -> bool:
    try:
        changed = path.stat().st_mtime
    except FileNotFoundError:
        return False  # somebody else was here
    return now.timestamp() - changed > _STRAY.total_seconds()
