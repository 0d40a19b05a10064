"""Reports in other languages: files beside a list of their fingerprints, no records in the database.

An edition is out of use as soon as an analyst has left out or said something else since it was written.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from survey import audit
from survey.database import Databases
from survey.errors import UserError
from survey.languages import SOURCE
from survey.models.release import Release
from survey.progress import Progress
from survey.publication.downloads.files import municipality_file, release_folder, write_whole
from survey.publication.downloads.tables import released_table
from survey.publication.embargo import SERVICE, Reader
from survey.publication.notes import notes_fingerprint
from survey.publication.payload import build_payload
from survey.publication.receipt import ReceiptsOf
from survey.publication.releases import find_release, released_municipalities
from survey.publication.report.children import Work, render_apart
from survey.publication.report.rendering import render
from survey.publication.report.reports import AT_A_TIME, with_receipts
from survey.publication.results import read_released
from survey.publication.speech import REPORTED, speaking

LIST = "fingerprints.json"


def write_edition(
    stores: Databases,
    wave_code: str,
    output: Path,
    language: str,
    municipalities: Sequence[str] = (),
    *,
    by: str,
    progress: Progress | None = None,
    receipts: ReceiptsOf | None = None,
) -> tuple[list[Path], dict[str, str]]:
    """The reports of a wave in a language, of some municipalities or all; files, and why some have none.

    Whoever takes the work up again goes on from what is listed.
    """
    if language not in REPORTED or language == SOURCE.code:
        raise UserError(f"Rapporter görs på {SOURCE.code} och {', '.join(REPORTED[1:])}, inte på {language}.")
    with stores.reading() as session:
        version = find_release(session, wave_code, SERVICE).version  # a correction gets a run of its own
        names = dict(released_municipalities(session, wave_code, SERVICE, version))
    if unknown := [code for code in municipalities if code not in names]:
        raise UserError(f"Mätningen {wave_code} har inget resultat för kommun {', '.join(unknown)}.")
    wanted = list(municipalities) or list(names)
    written: list[Path] = []
    failed: dict[str, str] = {}
    for start in range(0, len(wanted), AT_A_TIME):
        codes = {code: names[code] for code in wanted[start : start + AT_A_TIME]}
        with stores.reading() as session:
            release = find_release(session, wave_code, SERVICE, version)
            folder = _folder(output, release, language)
            written += _write_some(session, release, folder, codes, language, failed, receipts)
        if progress:
            progress("rapporter", min(start + AT_A_TIME, len(wanted)), len(wanted))
    with stores.transaction() as session:
        counts = {"written": len(written), "failed": sorted(failed), "language": language}
        audit.record(session, by, "write reports", wave_code, **counts)
    return written, failed


def find_edition(
    session: Session,
    wave_code: str,
    municipality_code: str,
    output: Path,
    reader: Reader,
    language: str,
    version: int | None = None,
) -> Path | None:
    """A municipality's report in a language, when it is there, unchanged and says what it should."""
    release = find_release(session, wave_code, reader, version)
    return _listed(session, release, _folder(output, release, language), municipality_code)


def _folder(output: Path, release: Release, language: str) -> Path:
    return release_folder(output, f"reports-{language}", release)


def _write_some(
    session: Session,
    release: Release,
    folder: Path,
    names: dict[str, str],
    language: str,
    failed: dict[str, str],
    receipts: ReceiptsOf | None,
) -> Iterator[Path]:
    """Those that are not there yet; the list is brought up to date when all of them are."""
    listed = _read_list(folder)
    missing = [code for code in names if _listed(session, release, folder, code) is None]
    notes: dict[str, str] = {}

    def work() -> Iterator[tuple[str, Work]]:
        for code in missing:
            notes[code] = notes_fingerprint(session, release.id, code)
            yield code, _work(session, release, code, language, receipts)

    for code, pdf, fault in render_apart(work()):
        if fault:
            failed[code] = fault
            continue
        name = municipality_file(code, names[code], release.synthetic, f"{language}.pdf")
        yield write_whole(folder / name, pdf)
        listed[code] = {
            "file": name,
            "sha256": _digest(pdf),
            "notes": notes[code],
        }
    write_whole(folder / LIST, json.dumps(listed, indent=1).encode())


def _work(session: Session, release: Release, code: str, language: str, receipts: ReceiptsOf | None) -> Work:
    released = read_released(session, release.wave_code, code, SERVICE, release.version)
    with speaking(language):
        told = with_receipts(session, released, receipts)
    return partial(render, build_payload(told, language), released_table(released))


def _listed(session: Session, release: Release, folder: Path, code: str) -> Path | None:
    found = _read_list(folder).get(code)
    if found is None or found["notes"] != notes_fingerprint(session, release.id, code):
        return None
    path = folder / found["file"]
    return path if path.is_file() and _digest(path.read_bytes()) == found["sha256"] else None


def _read_list(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / LIST
    found: dict[str, dict[str, str]] = json.loads(path.read_bytes()) if path.is_file() else {}
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
