"""The printed files of a wave: what there is to send to the printer, and nothing that was not kept."""

import json
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.manifest import REQUESTED, LetterBatch, letters_folder, manifest_of
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.mailing import MailingKind
from survey.models.wave import Wave
from survey.preparation.waves import find_wave


@dataclass(frozen=True)
class LetterWave:
    """A wave with what has been printed for it."""

    code: str
    title: str
    synthetic: bool
    files: int
    letters: int


def list_letter_waves(session: Session, output: Path) -> list[LetterWave]:
    """Every wave that has printed files, the latest first."""
    found = []
    for wave in session.scalars(select(Wave).order_by(Wave.code.desc())):
        batches = list_batches(session, output, wave.code)
        if batches:
            letters = sum(batch.letters for batch in batches)
            found.append(LetterWave(wave.code, wave.title, wave.synthetic, len(batches), letters))
    return found


def list_batches(session: Session, output: Path, wave_code: str) -> list[LetterBatch]:
    """What stands in the manifest and was kept, by area.

    A printing that was broken off may have left a file, and its line, whose codes open nothing.
    """
    wave = find_wave(session, wave_code)
    if wave.void_reason is not None:
        return []
    kept = _kept(session, wave_code)
    return [batch for batch in manifest_of(output, wave) if batch.sha256 in kept]


def fetch(session: Session, output: Path, wave_code: str, name: str, by: str) -> Path:
    """A printed file on its way to the printer; noted, and refused when it is not as it was printed."""
    batches = list_batches(session, output, wave_code)
    batch = next((one for one in batches if one.file == f"{name}.pdf"), None)
    if batch is None:
        raise UserError("Den brevfilen finns inte, eller hör till en utskrift som avbröts.")
    path = letters_folder(output, wave_code) / batch.file
    try:
        with path.open("rb") as file:
            unchanged = file_digest(file, "sha256").hexdigest() == batch.sha256
    except OSError:
        unchanged = False
    if not unchanged:
        raise UserError(
            f"Filen {batch.file} är inte längre som när den skrevs ut. Skicka den inte; beställ nya brev."
        )
    audit.record(session, by, "fetch letters", f"{wave_code} {batch.area_code}", letters=batch.letters)
    return path


def _kept(session: Session, wave_code: str) -> set[str]:
    # The audit event of a printing is written in the transaction that keeps its codes.
    printed = select(AuditEvent.detail).where(
        AuditEvent.action.in_([f"print {kind}" for kind in (*MailingKind, REQUESTED)]),
        AuditEvent.subject.startswith(f"{wave_code} ", autoescape=True),
    )
    return {json.loads(detail)["sha256"] for detail in session.scalars(printed)}
