"""The files of a wave with a manifest: an owner's files are all there, counted and whole, or none is.

Written owner by owner and listed as it goes: whoever takes the work up again goes on from the manifest.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from sqlalchemy.orm import Session

from survey import audit
from survey.database import Databases
from survey.errors import UserError
from survey.models.release import Release
from survey.progress import Progress
from survey.publication.downloads import codebooks, tables
from survey.publication.downloads.decks import report_deck, with_promises
from survey.publication.downloads.files import analysts_file, release_folder, write_whole
from survey.publication.downloads.tables import Download
from survey.publication.downloads.workbooks import analyst_workbook, report_workbook
from survey.publication.embargo import SERVICE, Reader
from survey.publication.notes import notes_fingerprint
from survey.publication.receipt import ReceiptsOf
from survey.publication.releases import find_release, municipalities_of
from survey.publication.results import municipality_report

MANIFEST = "manifest.json"
ANALYSTS = ""  # the owner of the files of the whole wave
AT_A_TIME = 20  # so many owners are listed together: what is lost at most when the work is broken off
Files = Iterator[tuple[str, Download]]  # each with its kind


class ExportError(UserError):
    """A file could not be made or kept."""


@dataclass(frozen=True)
class Entry:
    """A file as its manifest lists it; `rows` are those of its tables, without headers."""

    file_name: str
    kind: str  # table, codebook, workbook, deck
    municipality_code: str  # empty for the analysts' files
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Downloads:
    """What a run gave: new files, how many were there already, and why some owners have none."""

    folder: Path
    written: tuple[Path, ...]
    kept: int
    failed: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.written) + self.kept


@dataclass
class _Manifest:
    """What is listed so far, by owner, and what an analyst had said in the reports that the files quote."""

    folder: Path
    files: dict[str, list[Entry]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def names(self) -> set[str]:
        return {entry.file_name for entries in self.files.values() for entry in entries}

    def is_whole(self, code: str, notes: str) -> bool:
        """Whether an owner's files are listed, there and unchanged, and say what they should."""
        entries = self.files.get(code)
        return entries is not None and self.notes.get(code) == notes and not any(self.faults(entries))

    def faults(self, entries: Iterable[Entry]) -> Iterator[str]:
        for entry in entries:
            path = self.folder / entry.file_name
            if not path.is_file():
                yield f"{entry.file_name}: saknas"
            elif _fingerprint(path.read_bytes()) != entry.sha256:
                yield f"{entry.file_name}: har ändrats"


def write_downloads(
    stores: Databases,
    wave_code: str,
    output: Path,
    progress: Progress | None = None,
    *,
    by: str,
    receipts: ReceiptsOf | None = None,
) -> Downloads:
    """Write the files of a wave that are not there yet, of each municipality and of the analysts."""
    with stores.reading() as session:
        release = find_release(session, wave_code, SERVICE)
        manifest = _read(release_folder(output, "release", release), release)
        owners = [ANALYSTS, *(code for code, _ in municipalities_of(session, release))]
        version = release.version
    written: list[Path] = []
    failed: dict[str, str] = {}
    for start in range(0, len(owners), AT_A_TIME):
        part = owners[start : start + AT_A_TIME]
        with stores.reading() as session:
            release = _same_release(session, wave_code, version)
            for done, code in enumerate(part, start=start + 1):
                written += _write_owner(session, release, manifest, code, failed, receipts)
                if progress:
                    progress("filer", done, len(owners))
            _list(manifest, release)
    _sweep(manifest)
    with stores.transaction() as session:
        counts = {"files": len(written), "failed": sorted(failed)}
        audit.record(session, by, "write downloads", wave_code, version=version, **counts)
    kept = sum(len(entries) for entries in manifest.files.values()) - len(written)
    return Downloads(manifest.folder, tuple(written), kept, failed)


def sizes(
    session: Session, wave_code: str, output: Path, reader: Reader, municipality_code: str = ANALYSTS
) -> dict[str, int]:
    """Bytes by kind and ending, as in workbook.xlsx; none before an owner's files are written."""
    release = find_release(session, wave_code, reader)
    entries = _read(release_folder(output, "release", release), release).files.get(municipality_code, [])
    return {f"{entry.kind}{Path(entry.file_name).suffix}": entry.bytes for entry in entries}


def written_for_analysts(
    session: Session, wave_code: str, output: Path, reader: Reader, name: str, extension: str
) -> Download | None:
    """A file of the whole wave as it was written and listed; None when it is not there, or has changed."""
    release = find_release(session, wave_code, reader)
    manifest = _read(release_folder(output, "release", release), release)
    file_name = analysts_file(release, name, extension)
    for entry in manifest.files.get(ANALYSTS, []):
        if entry.file_name == file_name:
            with suppress(FileNotFoundError):  # the worker may be writing it anew
                content = (manifest.folder / file_name).read_bytes()
                if _fingerprint(content) == entry.sha256:
                    return Download(file_name, content, entry.rows)
    return None


def _write_owner(
    session: Session,
    release: Release,
    manifest: _Manifest,
    code: str,
    failed: dict[str, str],
    receipts: ReceiptsOf | None,
) -> list[Path]:
    """An owner's files, whole and listed; when one fails, nothing of the owner looks current."""
    notes = notes_fingerprint(session, release.id, code) if code else ""
    if manifest.is_whole(code, notes):
        return []
    for entry in manifest.files.pop(code, []):
        (manifest.folder / entry.file_name).unlink(missing_ok=True)
    entries: list[Entry] = []
    try:
        files = list(_for_owner(session, release.wave_code, code, receipts))
        names = [download.file_name for _, download in files]
        if doubled := [name for name in names if names.count(name) > 1 or name in manifest.names()]:
            raise ExportError(f"Två filer skulle heta {doubled[0]}.")
        for kind, download in files:
            entries.append(_entry(kind, code, download))
            write_whole(manifest.folder / download.file_name, download.content)
        if faults := list(manifest.faults(entries)):
            raise ExportError("; ".join(faults))
    except (UserError, ValueError, LookupError, OSError) as error:
        failed[code] = str(error) or type(error).__name__
        for entry in entries:
            (manifest.folder / entry.file_name).unlink(missing_ok=True)
        return []
    manifest.files[code], manifest.notes[code] = entries, notes
    return [manifest.folder / entry.file_name for entry in entries]


def _for_owner(session: Session, wave_code: str, code: str, receipts: ReceiptsOf | None) -> Files:
    if not code:
        return _for_analysts(session, wave_code)
    return _for_municipality(session, wave_code, code, receipts)


def _for_analysts(session: Session, wave_code: str) -> Files:
    for name in tables.TABLES:
        yield "table", tables.analyst_table(session, wave_code, name, SERVICE)
    yield "workbook", analyst_workbook(session, wave_code, SERVICE)
    for form in codebooks.FORMS:
        yield "codebook", codebooks.analyst_codebook(session, wave_code, SERVICE, form)


def _for_municipality(session: Session, wave_code: str, code: str, receipts: ReceiptsOf | None) -> Files:
    yield "table", tables.municipality_table(session, wave_code, code, SERVICE)
    for form in codebooks.FORMS:
        yield "codebook", codebooks.municipality_codebook(session, wave_code, code, SERVICE, form)
    report = municipality_report(session, wave_code, code, SERVICE)
    yield "workbook", report_workbook(report)
    yield "deck", report_deck(with_promises(session, report, receipts))


def _entry(kind: str, municipality_code: str, download: Download) -> Entry:
    size, fingerprint = len(download.content), _fingerprint(download.content)
    return Entry(download.file_name, kind, municipality_code, download.rows, size, fingerprint)


def _same_release(session: Session, wave_code: str, version: int) -> Release:
    release = find_release(session, wave_code, SERVICE)
    if release.version != version:
        raise ExportError(
            f"Version {release.version} av {wave_code} släpptes medan filerna skrevs. Beställ filerna igen."
        )
    return release


def _read(folder: Path, release: Release) -> _Manifest:
    """What is listed of a release; nothing before its first owner's files are written."""
    manifest, path = _Manifest(folder), folder / MANIFEST
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if found.get("version") != release.version:
        return manifest
    manifest.notes = found.get("notes", {})  # none in lists of earlier programs: those files are made anew
    for entry in found["files"]:
        manifest.files.setdefault(entry["municipality_code"], []).append(Entry(**entry))
    return manifest


def _list(manifest: _Manifest, release: Release) -> None:
    text = {
        "wave": release.wave_code,
        "version": release.version,
        "synthetic": release.synthetic,
        "files": [asdict(entry) for entries in manifest.files.values() for entry in entries],
        "notes": {code: manifest.notes[code] for code in manifest.files},
    }
    content = json.dumps(text, ensure_ascii=False, indent=1).encode("utf-8")
    try:
        write_whole(manifest.folder / MANIFEST, content)
    except OSError as error:
        raise ExportError(
            f"Filernas förteckning kunde inte skrivas: {error}. Beställ filerna igen."
        ) from error


def _sweep(manifest: _Manifest) -> None:
    """Take away what runs that were broken off left unlisted; folders are those of other versions."""
    known = manifest.names() | {MANIFEST}
    for path in manifest.folder.iterdir():
        if path.is_file() and path.name not in known:
            path.unlink()


def _fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()
