"""Prints the mailings of an area in files of bounded size, each proven before it is kept and listed.

A file is the unit that is done or not: whoever commits after each file can be stopped anywhere and go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import islice

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey.collection.invitations import Credentials, issue
from survey.collection.letter_pages import pages_of, piece
from survey.collection.manifest import LetterBatch, keep_printed
from survey.collection.proofs import prove
from survey.collection.recipients import area_codes, recipients
from survey.config import Settings
from survey.errors import UserError
from survey.models.area import Area
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.mailing import MailedCase, MailingKind
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.notice import file_suffix
from survey.preparation.waves import find_wave, require_status
from survey.progress import Progress

# Persons in a file: what is typeset at once is held in memory, and a form has many pages.
PER_FILE = {
    MailingKind.LETTER: 300,
    MailingKind.CARD: 300,
    MailingKind.FORM: 100,
    MailingKind.LAST: 300,
}
_SLICE = 1000  # contacts asked for at once


@dataclass
class _Reached:
    """Those a mailing can reach, as many as one file takes, and how many it cannot."""

    contacts: dict[int, Contact] = field(default_factory=dict)
    without_address: int = 0
    more: bool = False


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
    kind: MailingKind = MailingKind.LETTER,
) -> list[LetterBatch]:
    """Print a mailing for everybody it goes to in an area, or in every area; areas without any give no file.

    The files are valid once the caller's transaction is committed. Until then a repeat makes them anew.
    """
    printed: list[LetterBatch] = []
    for area in area_codes(session, wave_code, area_code):
        while batch := print_file(
            session, identity_session, wave_code, area, settings, today, by, progress, kind=kind
        ):
            printed.append(batch)
    return printed


def print_file(
    session: Session,
    identity_session: Session,
    wave_code: str,
    area_code: str,
    settings: Settings,
    today: date,
    by: str,
    progress: Progress | None = None,
    *,
    kind: MailingKind = MailingKind.LETTER,
) -> LetterBatch | None:
    """Print the next file of a mailing in an area, with new codes; None when nobody is left.

    It is proven before it is written: every QR code and every typed code is read back and belongs to its row.
    """
    wave = _require_time(find_wave(session, wave_code), kind, today)
    # Whoever prints the same area at the same time waits here and then finds everybody served.
    session.get_one(Stratum, (wave_code, area_code), with_for_update=True)
    reached = _reach(
        identity_session, area_code, recipients(session, wave_code, area_code, kind, today), PER_FILE[kind]
    )
    if not reached.contacts:
        return None
    batch = _next_batch(session, wave_code, area_code, kind)
    name = _file_name(wave, area_code, kind, batch)
    made = _credentials(session, list(reached.contacts), kind, today, progress)
    pages = pages_of(session, wave, session.get_one(Area, area_code), settings, today, kind)
    pieces = [
        piece(contact, made.get(case_id), settings.base_url) for case_id, contact in reached.contacts.items()
    ]
    pdf, expected = pages.typeset(pieces), pages.expected(pieces)
    prove(pdf, expected, name)
    mailed = [
        {"case_id": case_id, "kind": kind.value, "mailed_on": today, "batch": batch}
        for case_id in reached.contacts
    ]
    session.execute(insert(MailedCase), mailed)
    without = 0 if reached.more else reached.without_address
    printed = LetterBatch(
        *(name, area_code, len(pieces), without, sha256(pdf).hexdigest(), today),
        *(kind.value, batch, len(expected)),
    )
    keep_printed(session, settings.output, wave, printed, pdf, by)
    return printed


def _require_time(wave: Wave, kind: MailingKind, today: date) -> Wave:
    first = kind is MailingKind.LETTER
    require_status(wave, WaveStatus.OPEN, *((WaveStatus.SAMPLED,) if first else ()))
    if today > wave.field_end:
        raise UserError(f"Sista svarsdag, {wave.field_end}, har varit: ett brev skulle inte släppa in någon.")
    return wave


def _reach(identity_session: Session, area_code: str, waiting: Mapping[str, int], most: int) -> _Reached:
    """The contacts of the first who have an address."""
    found, references = _Reached(), iter(waiting)
    while chunk := list(islice(references, _SLICE)):
        rows = identity_session.scalars(select(Contact).where(Contact.reference.in_(chunk)))
        contacts = {contact.reference: contact for contact in rows}
        if missing := len(chunk) - len(contacts):
            raise UserError(f"{missing} dragna personer i {area_code} saknas i kontaktdatabasen.")
        for reference in chunk:
            contact = contacts[reference]
            if not (contact.street and contact.city):
                found.without_address += 1
            elif len(found.contacts) == most:
                found.more = True
                return found
            else:
                found.contacts[waiting[reference]] = contact
    return found


def _credentials(
    session: Session, case_ids: list[int], kind: MailingKind, today: date, progress: Progress | None
) -> dict[int, Credentials]:
    """New codes for everybody; none for a card, which anybody in the house can read."""
    if kind is MailingKind.CARD:
        return {}
    made = issue(session, case_ids, today, progress, forms=kind is MailingKind.FORM)
    return {one.case_id: one for one in made}


def _next_batch(session: Session, wave_code: str, area_code: str, kind: MailingKind) -> int:
    """The number of the next file of an area: what a broken-off printing left behind is written over.

    Its codes were never kept. A file that was kept holds the only copies of its codes, and stays.
    """
    last = (
        select(func.max(MailedCase.batch))
        .join(Case, Case.id == MailedCase.case_id)
        .where(Case.wave_code == wave_code, Case.area_code == area_code, MailedCase.kind == kind.value)
    )
    return (session.scalar(last) or 0) + 1


def _file_name(wave: Wave, area_code: str, kind: MailingKind, batch: int) -> str:
    parts = [area_code]
    if kind is not MailingKind.LETTER:
        parts.append(kind.value)
    if batch > 1:
        parts.append(str(batch))
    return f"{'-'.join(parts)}{file_suffix(wave.synthetic)}.pdf"
