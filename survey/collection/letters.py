"""Prints the letters of an area as one PDF, each with a code and a QR code, and lists it in a manifest."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection.invitations import Credentials, issue
from survey.collection.outcomes import OUTCOME
from survey.config import ROOT, Settings
from survey.errors import UserError
from survey.languages import SOURCE, format_date, offered, translate
from survey.models.area import Area
from survey.models.case import Case, CaseEvent, CaseEventKind
from survey.models.contact import Contact
from survey.models.fieldwork import Outcome
from survey.models.invitation import Invitation
from survey.models.municipality import Municipality
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.notice import NOTICE, file_suffix
from survey.preparation.logos import find_logo
from survey.preparation.senders import find_sender
from survey.preparation.waves import find_wave, require_status
from survey.progress import Progress
from survey.typesetting import Stylesheet, load_stylesheet, missing_characters, qr_drawing, typeset

TEMPLATES = ROOT / "templates" / "letter"
PRINTED = ("print letters", "print reminders")  # as the audit log names them
LOGO = "picture:logo"
REMINDER_DAYS = 5  # a letter must have had time to arrive and be answered
FONTS = ("inter-400", "inter-600", "inter-ext-400", "inter-ext-600", "noto-sans-arabic-400")


@dataclass(frozen=True)
class LetterBatch:
    """One printed file, as it stands in the manifest."""

    file: str
    area_code: str
    letters: int
    without_address: int
    sha256: str
    issued_on: date


@dataclass(frozen=True)
class _Letter:
    """One person's letter; lives until the file is written."""

    reference: str
    name: str
    street: str
    postal_code: str
    city: str
    code: str
    qr: str


def print_letters(
    session: Session,
    identity_session: Session,
    wave_code: str,
    area_code: str | None,
    settings: Settings,
    today: date,
    by: str,
    progress: Progress | None = None,
    *,
    reminder: bool = False,
) -> list[LetterBatch]:
    """Issue codes to those not yet invited in an area, or in every area, and print their letters.

    A reminder goes, with a new code, to those who have had a letter and not answered: never to who has said
    no, has left the population or could not be reached, nor twice within `REMINDER_DAYS`. An area where
    nobody is waiting gives no file.

    The files are valid once the caller's transaction is committed. Until then a repeat makes them anew.
    """
    wave = find_wave(session, wave_code)
    require_status(wave, WaveStatus.OPEN, *(() if reminder else (WaveStatus.SAMPLED,)))
    folder = settings.output / "letters" / wave_code
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    batches = [
        batch
        for area in _areas(session, wave_code, area_code)
        if (
            batch := _print_area(
                session, identity_session, wave, area, folder, settings, today, progress, reminder=reminder
            )
        )
    ]
    if batches:
        _write_manifest(folder, wave, batches)
    for batch in batches:
        audit.record(session, by, PRINTED[reminder], f"{wave_code} {batch.area_code}", **batch.__dict__)
    return batches


def count_waiting(session: Session, wave_code: str, today: date) -> dict[str, int]:
    """How many of each area a reminder printed today would go to."""
    areas = area_codes(session, wave_code)
    return {area: len(_unanswered(session, wave_code, area, today)) for area in areas}


def manifest_of(output: Path, wave: Wave) -> list[LetterBatch]:
    """The batches in a wave's manifest, by file."""
    rows = _manifest_rows(output / "letters" / wave.code / f"manifest{file_suffix(wave.synthetic)}.csv")
    return [
        LetterBatch(
            row["file"],
            row["area_code"],
            int(row["letters"]),
            int(row["without_address"]),
            row["sha256"],
            date.fromisoformat(row["issued_on"]),
        )
        for row in rows
    ]


def area_codes(session: Session, wave_code: str) -> list[str]:
    """The areas of a wave that have a sample, in order."""
    find_wave(session, wave_code)
    return [area.code for area in _areas(session, wave_code, None)]


def _areas(session: Session, wave_code: str, area_code: str | None) -> Sequence[Area]:
    wanted = select(Area).join(Stratum, Stratum.area_code == Area.code).where(Stratum.wave_code == wave_code)
    if area_code is not None:
        wanted = wanted.where(Area.code == area_code)
    areas = session.scalars(wanted.order_by(Area.code)).all()
    if not areas:
        raise UserError(f"Delområdet {area_code!r} är inte med i omgången {wave_code}.")
    return areas


def _print_area(
    session: Session,
    identity_session: Session,
    wave: Wave,
    area: Area,
    folder: Path,
    settings: Settings,
    today: date,
    progress: Progress | None,
    *,
    reminder: bool,
) -> LetterBatch | None:
    # Whoever prints the same area at the same time waits here and then finds everybody invited.
    session.get_one(Stratum, (wave.code, area.code), with_for_update=True)
    if reminder:
        waiting = _unanswered(session, wave.code, area.code, today)
    else:
        waiting = _not_invited(session, wave.code, area.code)
    contacts = {
        contact.reference: contact
        for contact in identity_session.scalars(select(Contact).where(Contact.reference.in_(waiting)))
    }
    if missing := len(waiting.keys() - contacts.keys()):
        raise UserError(f"{missing} dragna personer i {area.code} saknas i kontaktdatabasen.")
    reachable = {
        case_id: contacts[reference]
        for reference, case_id in waiting.items()
        if contacts[reference].street and contacts[reference].city
    }
    if not reachable:
        return None
    file = _file(session, wave, area, folder)
    credentials = issue(session, list(reachable), today, progress)
    letters = [_letter(reachable[made.case_id], made, settings.base_url) for made in credentials]
    document = _document(session, wave, area, letters, settings, today, reminder=reminder)
    pdf = typeset(document, _stylesheet(), _pictures(session, wave, area))
    _write(file, pdf)
    return LetterBatch(
        file.name,
        area.code,
        len(letters),
        len(waiting) - len(reachable),
        sha256(pdf).hexdigest(),
        today,
    )


def _file(session: Session, wave: Wave, area: Area, folder: Path) -> Path:
    """A name of its own for each batch of an area: a file holds the only copies of its codes.

    What a failed first printing left behind is written over; its codes were never kept.
    """
    invited = (
        select(CaseEvent.id)
        .join(Case, Case.id == CaseEvent.case_id)
        .where(Case.wave_code == wave.code, Case.area_code == area.code)
        .where(CaseEvent.kind == CaseEventKind.INVITED.value)
    )
    suffix = file_suffix(wave.synthetic)
    if session.scalar(invited.limit(1)) is None:
        return folder / f"{area.code}{suffix}.pdf"
    numbered = (folder / f"{area.code}-{batch}{suffix}.pdf" for batch in count(2))
    return next(file for file in numbered if not file.exists())


def _not_invited(session: Session, wave_code: str, area_code: str) -> dict[str, int]:
    return _cases(session, wave_code, area_code, OUTCOME.in_([Outcome.NOT_INVITED.value]))


def _unanswered(session: Session, wave_code: str, area_code: str, today: date) -> dict[str, int]:
    lately = exists().where(
        Invitation.case_id == Case.id, Invitation.issued_on > today - timedelta(days=REMINDER_DAYS)
    )
    waiting = OUTCOME.in_([Outcome.NO_ANSWER.value, Outcome.BREAK_OFF.value])
    return _cases(session, wave_code, area_code, waiting & ~lately)


def _cases(session: Session, wave_code: str, area_code: str, wanted: ColumnElement[bool]) -> dict[str, int]:
    """Reference number and case of some of an area."""
    found = select(Case.reference, Case.id).where(
        Case.wave_code == wave_code, Case.area_code == area_code, wanted
    )
    return {reference: case_id for reference, case_id in session.execute(found.order_by(Case.id))}


def _letter(contact: Contact, made: Credentials, base_url: str) -> _Letter:
    return _Letter(
        reference=f"{contact.reference[:5]}-{contact.reference[5:]}",
        name=_printable(contact.name),
        street=_printable(contact.street),
        postal_code=_spaced(contact.postal_code),
        city=_printable(contact.city),
        code=str(made.code),
        qr=qr_drawing(f"{base_url}/s/{made.qr_token}", "QR-kod till formuläret"),
    )


def _printable(text: str) -> str:
    """A question mark for each sign the letter's fonts lack: one name must not stop an area's letters."""
    return text.translate(dict.fromkeys(map(ord, missing_characters(text, _font_files())), "?"))


def _spaced(postal_code: str) -> str:
    digits = postal_code.replace(" ", "")
    return f"{digits[:3]} {digits[3:]}" if len(digits) == 5 and digits.isdigit() else postal_code


def _document(
    session: Session,
    wave: Wave,
    area: Area,
    letters: Sequence[_Letter],
    settings: Settings,
    today: date,
    *,
    reminder: bool,
) -> str:
    municipality = session.get_one(Municipality, area.municipality_code)
    drawn = session.get_one(Stratum, (wave.code, area.code)).sampled
    return _template().render(
        notice=NOTICE,
        wave=wave,
        area=area,
        municipality=municipality,
        drawn=drawn,
        sender=find_sender(session, wave.code, municipality.code),
        logo=LOGO if _pictures(session, wave, area) else "",
        letters=letters,
        reminder=reminder,
        shown_address=settings.base_url.removeprefix("https://"),
        # Printed ahead of the field period, a letter is dated its first day.
        dated=format_date(SOURCE.code, min(max(today, wave.field_start), wave.field_end)),
        last_day={language.code: format_date(language.code, wave.field_end) for language in offered()},
        # Easy Swedish needs no line of its own: the letter is in Swedish.
        languages=[found for found in offered() if found.locale.language != SOURCE.locale.language],
        phone=settings.help_phone,
    )


def _pictures(session: Session, wave: Wave, area: Area) -> dict[str, tuple[str, bytes]]:
    logo = find_logo(session, wave.code, area.municipality_code)
    return {LOGO: (logo.mime_type, logo.content)} if logo else {}


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    # Each line stands in a language of its own: marked with _, it is translated where it is written.
    environment.globals["_"] = str
    environment.filters["in_language"] = _in_language
    environment.filters["printable"] = _printable
    return environment.get_template("letter.xhtml")


def _in_language(text: str, code: str, **values: str) -> str:
    return translate(code, text) % values


@cache
def _stylesheet() -> Stylesheet:
    return load_stylesheet((TEMPLATES / "letter.css").read_text(encoding="utf-8"), _font_files())


@cache
def _font_files() -> dict[str, Path]:
    return {f"font:{name}": ROOT / "static" / "fonts" / f"{name}.woff2" for name in FONTS}


def _write(file: Path, content: bytes) -> None:
    # Names and codes: for the one who prints, and whole or not at all.
    unfinished = file.with_name(file.name + ".part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
    unfinished.replace(file)


def _write_manifest(folder: Path, wave: Wave, batches: Sequence[LetterBatch]) -> None:
    file = folder / f"manifest{file_suffix(wave.synthetic)}.csv"
    header = [field.name for field in fields(LetterBatch)]
    rows = {row["file"]: [row[name] for name in header] for row in _manifest_rows(file)}
    rows.update({batch.file: [str(value) for value in astuple(batch)] for batch in batches})
    lines = [header, *(rows[name] for name in sorted(rows))]
    _write(file, "".join(",".join(line) + "\n" for line in lines).encode())


def _manifest_rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open(encoding="utf-8", newline="") as opened:
            yield from csv.DictReader(opened)
