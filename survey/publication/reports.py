"""Reports of a wave as a batch that can be run again: files first, then their record in the database."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import pikepdf
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.release import Report
from survey.progress import Progress
from survey.publication.children import render_apart
from survey.publication.embargo import SERVICE, Reader
from survey.publication.files import municipality_file, release_folder, write_whole
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.publication.rendering import render
from survey.publication.results import find_release, read_released, released_municipalities
from survey.publication.tables import released_table


@dataclass(frozen=True)
class ReportFile:
    """A written report, as it is recorded."""

    municipality_code: str
    path: Path
    sha256: str
    pages: int


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


def write_reports(
    session: Session,
    wave_code: str,
    output: Path,
    municipalities: Sequence[str] | None = None,
    *,
    by: str,
    progress: Progress | None = None,
) -> Batch:
    """Write and record the PDF of each municipality in the caller's transaction."""
    batch = render_reports(session, wave_code, output, municipalities, progress)
    record_reports(session, batch, by=by)
    return batch


def render_reports(
    session: Session,
    wave_code: str,
    output: Path,
    municipalities: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Batch:
    """Write the PDFs and only read the database: no resident has to wait for a report.

    What is already recorded of the same release, file unchanged, is left alone. Any other file of the same
    municipality is taken away first: a report that fails leaves nothing behind that looks current.
    """
    release = find_release(session, wave_code, SERVICE)
    known = dict(released_municipalities(session, wave_code, SERVICE))
    wanted = list(known) if municipalities is None else list(municipalities)
    if unknown := [code for code in wanted if code not in known]:
        raise UserError(f"Mätningen {wave_code} har inget resultat för kommun {', '.join(unknown)}.")
    folder = release_folder(output, "reports", release)
    there = {code: _stored_file(session, release.id, code, folder) for code in wanted}
    missing = [code for code, path in there.items() if path is None]
    kept = tuple(path for path in there.values() if path is not None)
    _remove(folder, missing)
    work = ((code, _work(read_released(session, wave_code, code, SERVICE))) for code in missing)
    written: list[ReportFile] = []
    failed: dict[str, str] = {}
    for done, (code, pdf, fault) in enumerate(render_apart(work), start=len(kept) + 1):
        if fault:
            failed[code] = fault
        else:
            name = municipality_file(code, known[code], release.synthetic, "pdf")
            path = write_whole(folder / name, pdf)
            written.append(ReportFile(code, path, hashlib.sha256(pdf).hexdigest(), _pages(pdf)))
        if progress:
            progress("rapporter", done, len(wanted))
    return Batch(wave_code, release.id, release.version, tuple(written), kept, failed)


def record_reports(session: Session, batch: Batch, *, by: str) -> None:
    """Remember which files belong to a release, by their fingerprints."""
    for file in batch.written:
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
    counts = {"written": len(batch.written), "failed": sorted(batch.failed)}
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


def _work(released: Released) -> Callable[[], bytes]:
    return partial(render, build_payload(released), released_table(released))


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
