"""What the help desk does for somebody who calls: found by the reference number in the letter alone.

A new code may be read out over the telephone: whoever knows the reference number holds the letter, and with
it the code that is there. No answer is reached from here, and a name or an address is never read: a new
address can be written.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.collection import do_not_contact, invitations, storage, withdrawal
from survey.collection.marks import Noted, mark, marks_of, unmark
from survey.collection.outcomes import OUTCOME_WORDS, outcome_of
from survey.collection.paper_forms import Fate, received
from survey.collection.requested_forms import languages_for, print_requested
from survey.collection.screening import LENGTHS
from survey.config import Settings
from survey.errors import UserError
from survey.languages import Language, find_language
from survey.models.case import Case, CaseEventKind
from survey.models.contact import Contact
from survey.models.fieldwork import Outcome
from survey.models.invitation import Invitation
from survey.models.wave import WaveStatus
from survey.preparation.waves import find_wave, lock_wave

RECORDED = {
    CaseEventKind.REFUSED: "Vill inte delta och ska inte få fler brev",
    CaseEventKind.RETURNED: "Brevet kom i retur",
    CaseEventKind.MOVED: "Har flyttat från kommunen eller utomlands",
    CaseEventKind.DECEASED: "Har avlidit",
}
FORM_WORDS = {
    Fate.COUNTS: "inmatat, räknas som svaret",
    Fate.WAITS: "väntar på inmatning",
    Fate.AFTER_WEB: "kom efter svaret på webben, som räknas",
    Fate.NOT_WANTED: "matas inte in",
}
_NO_MORE_CODES = (Outcome.SUBMITTED, Outcome.WITHDRAWN, Outcome.REFUSED, Outcome.INELIGIBLE)


@dataclass(frozen=True)
class CaseView:
    """What the help desk may know of a case."""

    reference: str
    wave_title: str
    field_end: date
    open: bool
    state: str
    letters: tuple[date, ...]
    forms_sent: tuple[tuple[date, str], ...]  # on paper: the day, and the language's own name
    may_get_code: bool
    withdrawn: bool
    listed: bool | None  # among those who are never to be contacted; None when that cannot be told
    told: tuple[CaseEventKind, ...]
    form_languages: tuple[Language, ...]
    form_received: date | None  # the day a form on paper came in
    form_words: str


@dataclass(frozen=True)
class NewAddress:
    """An address as somebody tells it over the telephone."""

    street: str
    postal_code: str
    city: str

    def checked(self) -> tuple[str, str, str]:
        """Street, postal code and city, tidied; refused when no letter could find the way."""
        street, city = (" ".join(text.split()) for text in (self.street, self.city))
        postal_code = "".join(self.postal_code.split())
        if not (street and city) or not (street + city).isprintable():
            raise UserError("Skriv gatuadress och postort.")
        if len(street) > LENGTHS["adress"] or len(city) > LENGTHS["postort"]:
            raise UserError(
                f"Gatuadressen får ha högst {LENGTHS['adress']} tecken och postorten {LENGTHS['postort']}."
            )
        if not (len(postal_code) == 5 and postal_code.isascii() and postal_code.isdigit()):
            raise UserError("Postnumret ska ha fem siffror.")
        return street, postal_code, city


def look_up(session: Session, identity_session: Session, reference: str, today: date, by: str) -> CaseView:
    """The case with this reference number."""
    case = _find(session, reference)
    wave = find_wave(session, case.wave_code)
    outcome = outcome_of(session, case.id)
    letters = session.scalars(
        select(Invitation.issued_on).where(Invitation.case_id == case.id).order_by(Invitation.issued_on)
    )
    is_open = wave.status == WaveStatus.OPEN
    form = received(session, case.id)
    # Not which case: the log outlives it.
    audit.record(session, by, "look up case", case.wave_code)
    return CaseView(
        reference=f"{case.reference[:5]}-{case.reference[5:]}",
        wave_title=wave.title,
        field_end=wave.field_end,
        open=is_open,
        state=OUTCOME_WORDS[outcome],
        letters=tuple(letters),
        forms_sent=_forms_sent(session, case),
        may_get_code=is_open and today <= wave.field_end and outcome not in _NO_MORE_CODES,
        withdrawn=outcome is Outcome.WITHDRAWN,
        listed=do_not_contact.listed_if_known(identity_session, case.reference),
        told=marks_of(session, case.id),
        form_languages=tuple(languages_for(session, case.wave_code)),
        form_received=form[0] if form else None,
        form_words=FORM_WORDS[form[1]] if form else "",
    )


def _forms_sent(session: Session, case: Case) -> tuple[tuple[date, str], ...]:
    sent = session.execute(
        select(Invitation.issued_on, Invitation.form_language)
        .where(Invitation.case_id == case.id, Invitation.form_id.is_not(None))
        .order_by(Invitation.issued_on)
    )
    return tuple((day, find_language(language).name) for day, language in sent)


def new_code(session: Session, reference: str, today: date, by: str) -> str:
    """A new code to read out; the codes of earlier letters stay valid until the receipt."""
    case = _lock_open(session, reference)
    if today > find_wave(session, case.wave_code).field_end:
        raise UserError("Sista svarsdag har varit: en ny kod skulle inte släppa in någon.")
    if outcome_of(session, case.id) in _NO_MORE_CODES:
        raise UserError("Personen har svarat, tackat nej eller tillhör inte urvalet. Det finns ingen ny kod.")
    code = str(invitations.issue(session, [case.id], today)[0].code)
    audit.record(session, by, "read out a code", case.wave_code)
    return code


def send_form(
    session: Session,
    identity_session: Session,
    reference: str,
    language: str,
    settings: Settings,
    today: date,
    by: str,
) -> None:
    """Order a form on paper in a language of choice; unseen, it goes to the one who prints."""
    case = _lock_open(session, reference)
    if today > find_wave(session, case.wave_code).field_end:
        raise UserError("Sista svarsdag har varit: ett formulär skulle inte hinna fram och tillbaka.")
    if outcome_of(session, case.id) in _NO_MORE_CODES:
        raise UserError("Personen har svarat, tackat nej eller tillhör inte urvalet. Inget formulär skickas.")
    print_requested(session, identity_session, case, language, settings, today, by)


def record(session: Session, reference: str, kind: str, today: date, by: str) -> None:
    """Note what somebody told; what ends a case takes codes and unsent answers. A repeat does nothing."""
    told = _told(kind)
    case = _lock_open(session, reference)
    noted = mark(session, case.id, told, today)
    if noted is Noted.ANSWERED:
        raise UserError("Svaret är redan inlämnat. Ta först tillbaka det, om personen ber om det.")
    if noted is Noted.NEW:
        audit.record(session, by, f"record {told.value}", case.wave_code)


def undo(session: Session, identity_session: Session, reference: str, kind: str, by: str) -> None:
    """Take back what was noted by mistake; a refusal stands while the person is on the list of nevers."""
    told = _told(kind)
    case = _lock_open(session, reference)
    if told is CaseEventKind.REFUSED and do_not_contact.is_listed(identity_session, case.reference):
        raise UserError(
            "Personen står på listan över dem som aldrig vill bli kontaktade, och får inga brev. Har "
            "personen ändrat sig? Välj ”Ta bort från listan” först, och ta sedan bort anteckningen."
        )
    if not unmark(session, case.id, told):
        raise UserError("Det är inte antecknat.")
    audit.record(session, by, f"undo {told.value}", case.wave_code)


def never_contact(
    session: Session, identity_session: Session, reference: str, key: str, today: date, by: str
) -> None:
    """A refusal for good: nothing is sent in this wave nor in any later one. An answer that is in stays."""
    case = _lock_open(session, reference)
    do_not_contact.add(identity_session, case.reference, key, today)
    mark(session, case.id, CaseEventKind.REFUSED, today)
    # Not which month with which case: the list keeps no more than the month.
    audit.record(session, by, "record do not contact", case.wave_code)


def contact_again(session: Session, identity_session: Session, reference: str, by: str) -> None:
    """Take the person off the list of nevers, whatever else is noted and however the wave stands."""
    case = _find(session, reference)
    if not do_not_contact.remove(identity_session, case.reference):
        raise UserError("Personen står inte på listan över dem som aldrig vill bli kontaktade.")
    audit.record(session, by, "undo do not contact", case.wave_code)


def withdraw(session: Session, reference: str, today: date, by: str) -> None:
    """Take the person's answers back, as the letter promises who rings; as long as the case exists."""
    withdrawal.withdraw(session, _find(session, reference).id, today, by)


def change_address(
    session: Session, identity_session: Session, reference: str, address: NewAddress, by: str
) -> None:
    """Write a new address, unseen; letters that came back are forgiven, so the next mailing goes there."""
    case = _lock_open(session, reference)
    contact = identity_session.get(Contact, case.reference)
    if contact is None:
        raise UserError("Kontaktuppgifterna finns inte längre, eller personen får inga brev.")
    contact.street, contact.postal_code, contact.city = address.checked()
    identity_session.flush()
    unmark(session, case.id, CaseEventKind.RETURNED)
    audit.record(session, by, "change address", case.wave_code)


def _told(kind: str) -> CaseEventKind:
    if kind not in set(RECORDED):
        raise UserError("Välj vad som har hänt.")
    return CaseEventKind(kind)


def _lock_open(session: Session, reference: str) -> Case:
    case = _find(session, reference)
    wave = lock_wave(session, case.wave_code)
    if wave.status != WaveStatus.OPEN:
        raise UserError(f"Omgången {wave.code} tar inte emot svar nu.")
    storage.lock_case(session, case.id)
    return case


def _find(session: Session, reference: str) -> Case:
    case_id = storage.find_case(session, reference)
    if case_id is None:
        raise UserError("Referensnumret finns inte. Läs det från brevet en gång till, siffra för siffra.")
    return session.get_one(Case, case_id)
