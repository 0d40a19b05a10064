"""The files of a wave as one batch with a manifest: complete and counted, or not there at all."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.release import Release
from survey.progress import Progress
from survey.publication.downloads import codebooks, tables
from survey.publication.downloads.decks import report_deck
from survey.publication.downloads.files import release_folder, write_whole
from survey.publication.downloads.tables import Download
from survey.publication.downloads.workbooks import analyst_workbook, report_workbook
from survey.publication.embargo import SERVICE, Reader
from survey.publication.releases import find_release, released_municipalities
from survey.publication.results import municipality_report

MANIFEST = "manifest.json"
Files = Iterator[tuple[str, Download]]  # each with its kind


class ExportError(UserError):
    """A file could not be made or kept, so nothing of the batch was."""


@dataclass(frozen=True)
class Entry:
    """A file of the batch as its manifest lists it; `rows` are those of its tables, without headers."""

    file_name: str
    kind: str  # table, codebook, workbook, deck
    municipality_code: str  # empty for the analysts' files
    rows: int
    bytes: int
    sha256: str


def write_downloads(
    session: Session, wave_code: str, output: Path, progress: Progress | None = None
) -> list[Path]:
    """Write every file of a wave and a manifest in the place of the last batch, or leave that as it is."""
    release = find_release(session, wave_code, SERVICE)
    folder = release_folder(output, "release", release)
    try:
        entries = _write_batch(session, release, folder, progress)
    except OSError as error:
        raise ExportError(f"Filerna för {wave_code} kunde inte skrivas: {error}. Inget är ändrat.") from error
    return [folder / name for name in (*(entry.file_name for entry in entries), MANIFEST)]


def record_downloads(session: Session, wave_code: str, files: Sequence[Path], *, by: str) -> None:
    """Keep who wrote the batch."""
    audit.record(session, by, "write downloads", wave_code, files=len(files))


def sizes(
    session: Session, wave_code: str, output: Path, reader: Reader, municipality_code: str = ""
) -> dict[str, int]:
    """Bytes by kind and ending, as in workbook.xlsx; none before the newest release's batch is written."""
    entries = listed(session, wave_code, output, reader)
    return {
        f"{entry.kind}{Path(entry.file_name).suffix}": entry.bytes
        for entry in entries
        if entry.municipality_code == municipality_code
    }


def listed(session: Session, wave_code: str, output: Path, reader: Reader) -> list[Entry]:
    """The files of the newest release; none before its batch is written."""
    release = find_release(session, wave_code, reader)
    path = release_folder(output, "release", release) / MANIFEST
    if not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["version"] != release.version:
        return []
    return [Entry(**entry) for entry in found["files"]]


def find_faults(folder: Path) -> list[str]:
    """What differs between a batch and its manifest: files that are missing, changed or not listed."""
    files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    known = {entry["file_name"]: entry["sha256"] for entry in files}
    there = {path.name: path for path in folder.iterdir() if path.name != MANIFEST}
    both = known.keys() & there.keys()
    changed = [name for name in both if _fingerprint(there[name].read_bytes()) != known[name]]
    return [
        *(f"{name}: saknas" for name in sorted(known.keys() - there.keys())),
        *(f"{name}: står inte i förteckningen" for name in sorted(there.keys() - known.keys())),
        *(f"{name}: har ändrats" for name in sorted(changed)),
    ]


def _write_batch(session: Session, release: Release, folder: Path, progress: Progress | None) -> list[Entry]:
    """Made beside the last batch, read back, and only then put in its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        entries = _write_all(session, release.wave_code, unfinished, progress)
        write_whole(unfinished / MANIFEST, _manifest(release, entries))
        if faults := find_faults(unfinished):
            told = "; ".join(faults)
            raise ExportError(f"Filerna för {folder.name} blev inte hela: {told}. Inget är ändrat.")
        _take_place(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return entries


def _write_all(session: Session, wave_code: str, folder: Path, progress: Progress | None) -> list[Entry]:
    """Everything is tried before anything is given up, so that one run tells all that is wrong."""
    owners = ["", *(code for code, _ in released_municipalities(session, wave_code, SERVICE))]
    entries: list[Entry] = []
    failed: dict[str, str] = {}
    for done, code in enumerate(owners, start=1):
        files = _for_municipality(session, wave_code, code) if code else _for_analysts(session, wave_code)
        try:
            entries += [_keep(folder, kind, code, download) for kind, download in files]
        except (UserError, ValueError, LookupError) as error:
            failed[f"kommun {code}" if code else "analytiker"] = str(error) or type(error).__name__
        if progress:
            progress("filer", done, len(owners))
    if failed:
        told = " ".join(f"{who}: {why}" for who, why in failed.items())
        raise ExportError(
            f"Filerna för {len(failed)} av {len(owners)} kunde inte göras. {told} Inget är ändrat."
        )
    return entries


def _for_analysts(session: Session, wave_code: str) -> Files:
    for name in tables.TABLES:
        yield "table", tables.analyst_table(session, wave_code, name, SERVICE)
    yield "workbook", analyst_workbook(session, wave_code, SERVICE)
    for form in codebooks.FORMS:
        yield "codebook", codebooks.analyst_codebook(session, wave_code, SERVICE, form)


def _for_municipality(session: Session, wave_code: str, code: str) -> Files:
    yield "table", tables.municipality_table(session, wave_code, code, SERVICE)
    for form in codebooks.FORMS:
        yield "codebook", codebooks.municipality_codebook(session, wave_code, code, SERVICE, form)
    report = municipality_report(session, wave_code, code, SERVICE)
    yield "workbook", report_workbook(report)
    yield "deck", report_deck(report)


def _keep(folder: Path, kind: str, municipality_code: str, download: Download) -> Entry:
    path = folder / download.file_name
    if path.exists():
        raise ExportError(f"Två filer skulle heta {download.file_name}.")
    write_whole(path, download.content)
    size, fingerprint = len(download.content), _fingerprint(download.content)
    return Entry(download.file_name, kind, municipality_code, download.rows, size, fingerprint)


def _manifest(release: Release, entries: list[Entry]) -> bytes:
    text = {
        "wave": release.wave_code,
        "version": release.version,
        "synthetic": release.synthetic,
        "files": [asdict(entry) for entry in entries],
    }
    return json.dumps(text, ensure_ascii=False, indent=1).encode("utf-8")


def _take_place(unfinished: Path, folder: Path) -> None:
    """The new batch where the old one was; the old one comes back when that fails."""
    unfinished.chmod(0o755)
    if not folder.exists():
        unfinished.rename(folder)
        return
    old = folder.with_name(f"{unfinished.name}-förra")
    folder.rename(old)
    try:
        unfinished.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def _fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()
