"""The list of printed files that goes with them to the printer, and whether the files are still those."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.case import Case
from survey.models.mailing import MailedCase
from survey.models.wave import Wave
from survey.notice import file_suffix
from survey.preparation.waves import find_wave

REQUESTED = "request"  # the kind of a file for one person who asked for it; no mailing of the calendar


@dataclass(frozen=True)
class LetterBatch:
    """One printed file, as it stands in the manifest."""

    file: str
    area_code: str
    letters: int
    without_address: int
    sha256: str
    issued_on: date
    kind: str
    batch: int
    pages: int


@dataclass(frozen=True)
class Checked:
    """What a check of the printed files found: how much agreed, and what did not."""

    files: int
    letters: int
    faults: tuple[str, ...]


def letters_folder(output: Path, wave_code: str) -> Path:
    """Where the printed files of a wave lie."""
    return output / "letters" / wave_code


def write_private(file: Path, content: bytes) -> None:
    """Names and codes: for the one who prints, and whole or not at all."""
    unfinished = file.with_name(file.name + ".part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            opened.write(content)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def keep_printed(
    session: Session, output: Path, wave: Wave, printed: LetterBatch, pdf: bytes, by: str
) -> None:
    """Write a printed file and its line in the manifest; the event says which file has valid codes."""
    folder = letters_folder(output, wave.code)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(folder / printed.file, pdf)
    _add_to_manifest(folder, wave, printed)
    subject = f"{wave.code} {printed.area_code}"
    audit.record(session, by, f"print {printed.kind}", subject, **printed.__dict__)


def _add_to_manifest(folder: Path, wave: Wave, batch: LetterBatch) -> None:
    """List a file; one of the same name, whose codes were never kept, is no longer listed."""
    file = _manifest(folder, wave)
    header = [field.name for field in fields(LetterBatch)]
    rows = {row["file"]: [row.get(name) or "" for name in header] for row in _rows(file)}
    rows[batch.file] = [str(value) for value in astuple(batch)]
    lines = [header, *(rows[name] for name in sorted(rows))]
    write_private(file, "".join(",".join(line) + "\n" for line in lines).encode())


def manifest_of(output: Path, wave: Wave) -> list[LetterBatch]:
    """The batches in a wave's manifest, by file."""
    return [
        LetterBatch(
            file=row["file"],
            area_code=row["area_code"],
            letters=int(row["letters"]),
            without_address=int(row["without_address"]),
            sha256=row["sha256"],
            issued_on=date.fromisoformat(row["issued_on"]),
            kind=row["kind"],
            batch=int(row["batch"]),
            pages=int(row["pages"]),
        )
        for row in _rows(_manifest(letters_folder(output, wave.code), wave))
    ]


def check_letters(session: Session, wave_code: str, output: Path) -> Checked:
    """Compare the files of a wave with the manifest, and the manifest with what was recorded as sent."""
    wave = find_wave(session, wave_code)
    folder = letters_folder(output, wave_code)
    manifest = _manifest(folder, wave)
    rows = list(_rows(manifest))
    if not rows:
        raise UserError(f"Omgången {wave_code} har inga utskrivna brev i {folder}.")
    faults = [fault for row in rows if (fault := _fault_of_file(folder, row))]
    listed = {row["file"] for row in rows} | {manifest.name}
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in listed)
    faults += [f"{name}: står inte i listan och ska inte tryckas" for name in strangers]
    faults += _faults_of_record(session, wave_code, rows)
    return Checked(len(rows), sum(int(row["letters"]) for row in rows), tuple(faults))


def _fault_of_file(folder: Path, row: dict[str, Any]) -> str | None:
    file = folder / Path(row["file"]).name
    if not file.is_file():
        return f"{row['file']}: filen saknas"
    with file.open("rb") as opened:
        digest = sha256()
        while block := opened.read(1 << 20):
            digest.update(block)
    return None if digest.hexdigest() == row["sha256"] else f"{row['file']}: innehållet har ändrats"


def _faults_of_record(session: Session, wave_code: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """A file whose printing was broken off holds codes that open nothing; what was sent has a file."""
    key = (Case.area_code, MailedCase.kind, MailedCase.batch)
    counted = select(*key, func.count()).join(MailedCase, MailedCase.case_id == Case.id)
    found = session.execute(counted.where(Case.wave_code == wave_code).group_by(*key))
    recorded = {(area, kind, str(batch)): number for area, kind, batch, number in found}
    mailed = (row for row in rows if row["kind"] != REQUESTED)
    printed = {(row["area_code"], row["kind"], row["batch"]): row for row in mailed}
    faults = [
        f"{row['file']}: {row['letters']} i filen men {recorded.get(at, 0)} sparade som skickade"
        for at, row in printed.items()
        if int(row["letters"]) != recorded.get(at, 0)
    ]
    lost = sorted(recorded.keys() - printed.keys())
    return faults + [f"{' '.join(one)}: sparat som skickat men inte i listan" for one in lost]


def _manifest(folder: Path, wave: Wave) -> Path:
    return folder / f"manifest{file_suffix(wave.synthetic)}.csv"


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open(encoding="utf-8", newline="") as opened:
            yield from csv.DictReader(opened)
