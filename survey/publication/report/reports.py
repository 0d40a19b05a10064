"""Reports of a wave as a batch that can be run again: files first, then their record in the database."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Self

import pikepdf
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.database import Databases
from survey.errors import UserError
from survey.models.release import Report
from survey.progress import Progress
from survey.publication.downloads.files import municipality_file, release_folder, write_whole
from survey.publication.downloads.tables import released_table
from survey.publication.embargo import SERVICE, Reader
from survey.publication.notes import lock_notes, notes_fingerprint
from survey.publication.payload import build_payload
from survey.publication.receipt import ReceiptsOf
from survey.publication.released import Released
from survey.publication.releases import find_release, released_municipalities
from survey.publication.report.children import Work, render_apart
from survey.publication.report.rendering import render
from survey.publication.results import read_released

AT_A_TIME = 20  # so many are lost at most when the work is broken off


@dataclass(frozen=True)
class ReportFile:
    """A written report, as it is recorded."""

    municipality_code: str
    path: Path
    sha256: str
    pages: int
    notes: str  # the fingerprint of what an analyst had said before it was read


@dataclass(frozen=True)
class Batch:
    """What a run gave: new files, files that were there already, and why some municipalities have none."""

    wave_code: str
    release_id: int
    version: int
    written: tuple[ReportFile, ...]
    kept: tuple[Path, ...]
    failed: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.written) + len(self.kept)

    def __add__(self, further: Self) -> Self:
        return replace(
            self,
            written=self.written + further.written,
            kept=self.kept + further.kept,
            failed={**self.failed, **further.failed},
        )


def write_reports(
    stores: Databases,
    wave_code: str,
    output: Path,
    municipalities: Sequence[str] | None = None,
    *,
    by: str,
    progress: Progress | None = None,
    receipts: ReceiptsOf | None = None,
) -> Batch:
    """Write the PDF of each municipality, some at a time and recorded as it goes.

    Whoever takes the work up again goes on from what is recorded; a version that is released meanwhile
    gets a run of its own.
    """
    with stores.reading() as session:
        release = find_release(session, wave_code, SERVICE)
        id_, version = release.id, release.version
        wanted = _wanted(session, wave_code, version, municipalities)
    batch = Batch(wave_code, id_, version, (), (), {})
    for start in range(0, len(wanted), AT_A_TIME):
        codes = wanted[start : start + AT_A_TIME]
        with stores.reading() as session:
            part = render_reports(
                session, wave_code, version, output, codes, _counted(progress, start, len(wanted)), receipts
            )
        with stores.transaction() as session:
            record_reports(session, part, by=by)
        batch = batch + part
    return batch


def render_reports(
    session: Session,
    wave_code: str,
    version: int,
    output: Path,
    municipalities: Sequence[str],
    progress: Callable[[int], None],
    receipts: ReceiptsOf | None = None,
) -> Batch:
    """Write the PDFs and only read the database: no resident has to wait for a report.

    What is already recorded of the same release, file unchanged, is left alone. Any other file of the same
    municipality is taken away first: a report that fails leaves nothing behind that looks current.
    """
    release = find_release(session, wave_code, SERVICE, version)
    names = dict(released_municipalities(session, wave_code, SERVICE, version))
    folder = release_folder(output, "reports", release)
    there = {code: _stored_file(session, release.id, code, folder) for code in municipalities}
    missing = [code for code, path in there.items() if path is None]
    kept = tuple(path for path in there.values() if path is not None)
    _remove(folder, missing)
    notes: dict[str, str] = {}

    def work() -> Iterator[tuple[str, Work]]:
        for code in missing:
            notes[code] = notes_fingerprint(session, release.id, code)
            yield code, _work(session, read_released(session, wave_code, code, SERVICE, version), receipts)

    written: list[ReportFile] = []
    failed: dict[str, str] = {}
    for done, (code, pdf, fault) in enumerate(render_apart(work()), start=len(kept) + 1):
        if fault:
            failed[code] = fault
        else:
            name = municipality_file(code, names[code], release.synthetic, "pdf")
            path = write_whole(folder / name, pdf)
            written.append(ReportFile(code, path, hashlib.sha256(pdf).hexdigest(), _pages(pdf), notes[code]))
        progress(done)
    return Batch(wave_code, release.id, release.version, tuple(written), kept, failed)


def record_reports(session: Session, batch: Batch, *, by: str) -> None:
    """Remember which files belong to a release, by their fingerprints.

    A file is out of use at once where an analyst has noted something since it was read.
    """
    lock_notes(session, batch.release_id)
    current = [
        file
        for file in batch.written
        if file.notes == notes_fingerprint(session, batch.release_id, file.municipality_code)
    ]
    for file in current:
        session.execute(
            delete(Report).where(
                Report.release_id == batch.release_id, Report.municipality_code == file.municipality_code
            )
        )
        session.add(
            Report(
                release_id=batch.release_id,
                municipality_code=file.municipality_code,
                file_name=file.path.name,
                sha256=file.sha256,
                pages=file.pages,
                created_at=datetime.now(UTC),
            )
        )
    session.flush()
    counts = {"written": len(current), "failed": sorted(batch.failed)}
    audit.record(session, by, "write reports", batch.wave_code, version=batch.version, **counts)


def find_report(
    session: Session,
    wave_code: str,
    municipality_code: str,
    output: Path,
    reader: Reader,
    version: int | None = None,
) -> Path | None:
    """The report of the newest release that a reader may see, when its file is there and unchanged."""
    release = find_release(session, wave_code, reader, version)
    folder = release_folder(output, "reports", release)
    return _stored_file(session, release.id, municipality_code, folder)


def _wanted(
    session: Session, wave_code: str, version: int, municipalities: Sequence[str] | None
) -> list[str]:
    known = [code for code, _ in released_municipalities(session, wave_code, SERVICE, version)]
    wanted = known if municipalities is None else list(municipalities)
    if unknown := [code for code in wanted if code not in known]:
        raise UserError(f"Mätningen {wave_code} har inget resultat för kommun {', '.join(unknown)}.")
    return wanted


def _counted(progress: Progress | None, before: int, total: int) -> Callable[[int], None]:
    """How far a part has come, as how far the whole has."""

    def tell(done: int) -> None:
        if progress:
            progress("rapporter", before + done, total)

    return tell


def with_receipts(session: Session, released: Released, receipts: ReceiptsOf | None) -> Released:
    """The release with what was promised and how it went, where somebody tells."""
    if receipts is None:
        return released
    return replace(released, receipts=receipts(session, released.place.code, released.wave.field_start))


def _work(session: Session, released: Released, receipts: ReceiptsOf | None) -> Work:
    told = with_receipts(session, released, receipts)
    return partial(render, build_payload(told), released_table(told))


def _remove(folder: Path, municipalities: Sequence[str]) -> None:
    """Take away what earlier runs left of these municipalities, under whatever name."""
    for code in municipalities:
        for path in folder.glob(f"{code}-*.pdf"):
            path.unlink()


def _pages(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


def _stored_file(session: Session, release_id: int, code: str, folder: Path) -> Path | None:
    row = session.scalar(
        select(Report).where(Report.release_id == release_id, Report.municipality_code == code)
    )
    if row is None:
        return None
    path = folder / row.file_name
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
        return None
    return path
