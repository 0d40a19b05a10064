"""A form on paper for somebody who asks for it: letter and form in a file of its own, for the one who prints.

The form may be in another language than the letters. The help desk orders it and never sees it.
"""

from datetime import date
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey import languages
from survey.collection.invitations import issue
from survey.collection.letter_files import list_batches
from survey.collection.letter_pages import pages_of, piece
from survey.collection.manifest import REQUESTED, LetterBatch, keep_printed
from survey.collection.proofs import prove
from survey.config import Settings
from survey.errors import UserError
from survey.languages import Language
from survey.models.area import Area
from survey.models.case import Case
from survey.models.contact import Contact
from survey.models.invitation import Invitation
from survey.models.mailing import MailingKind
from survey.models.wave import Stratum, Wave
from survey.notice import file_suffix
from survey.preparation.waves import find_wave


def languages_for(session: Session, wave_code: str) -> list[Language]:
    """The languages a form may be sent in: unreviewed ones only where nobody real answers."""
    return languages.offered(drafts=find_wave(session, wave_code).synthetic)


def print_requested(
    session: Session,
    identity_session: Session,
    case: Case,
    language_code: str,
    settings: Settings,
    today: date,
    by: str,
) -> None:
    """Print letter and form for a case that may answer, with new codes and a number of its own.

    It is proven before it is written, as every letter is; the file is valid once the caller
    has committed.
    """
    language = _language(session, case.wave_code, language_code)
    contact = identity_session.get(Contact, case.reference)
    if contact is None or not (contact.street and contact.city):
        raise UserError("Det finns ingen adress att skicka till. Skriv adressen först.")
    wave = find_wave(session, case.wave_code)
    # Two who order in the same area at once take the next number one after the other.
    session.get_one(Stratum, (wave.code, case.area_code), with_for_update=True)
    batch = _next_batch(session, wave, case.area_code, settings)
    name = f"{case.area_code}-{REQUESTED}-{batch}{file_suffix(wave.synthetic)}.pdf"
    (made,) = issue(session, [case.id], today, forms=True)
    session.execute(
        update(Invitation).where(Invitation.form_id == made.form_id).values(form_language=language.code)
    )
    area = session.get_one(Area, case.area_code)
    pages = pages_of(session, wave, area, settings, today, MailingKind.FORM, language)
    sent = [piece(contact, made, settings.base_url)]
    pdf, expected = pages.typeset(sent), pages.expected(sent)
    prove(pdf, expected, name)
    printed = LetterBatch(
        *(name, area.code, 1, 0, sha256(pdf).hexdigest(), today), *(REQUESTED, batch, len(expected))
    )
    keep_printed(session, settings.output, wave, printed, pdf, by)


def _language(session: Session, wave_code: str, code: str) -> Language:
    found = next((one for one in languages_for(session, wave_code) if one.code == code), None)
    if found is None:
        raise UserError("Välj ett av språken i listan.")
    return found


def _next_batch(session: Session, wave: Wave, area_code: str, settings: Settings) -> int:
    """What a broken-off printing left behind is written over: its codes were never kept."""
    kept = list_batches(session, settings.output, wave.code)
    same = (one.batch for one in kept if (one.area_code, one.kind) == (area_code, REQUESTED))
    return max(same, default=0) + 1
