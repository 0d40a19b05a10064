"""The municipality's contact person for the operator, and its name and addresses in the letter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults
from survey.models.participation import ContactPerson, LetterSender
from survey.preparation.accounts import EMAIL
from survey.preparation.participation import UNDRAWN, lock_accepting

PHONE = re.compile(r"[0-9+][0-9 ()+-]{4,38}[0-9]", re.ASCII)


@dataclass(frozen=True)
class Contact:
    """Whom the operator turns to."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Sender:
    """The municipality in the letter: a name, and ways to reach it, of which some may be empty."""

    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        """What stands below the name, in order."""
        return tuple(way for way in (self.address, self.phone, self.email) if way)


def set_contact(session: Session, wave_code: str, municipality_code: str, given: Contact, by: str) -> None:
    """Keep the contact person in place of any there was."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    values = _checked(
        given.__dict__, {"name": 80, "email": 254, "phone": 40}, needed=("name", "email", "phone")
    )
    session.merge(ContactPerson(wave_code=wave_code, municipality_code=municipality_code, **values))
    session.flush()
    audit.record(session, by, "contact person", f"{wave_code} {municipality_code}")


def find_contact(session: Session, wave_code: str, municipality_code: str) -> Contact | None:
    """The contact person, when there is one."""
    row = session.get(ContactPerson, (wave_code, municipality_code))
    return Contact(row.name, row.email, row.phone) if row else None


def set_sender(session: Session, wave_code: str, municipality_code: str, given: Sender, by: str) -> None:
    """Keep how the letter names the municipality; an empty name takes it away."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    row = session.get(LetterSender, (wave_code, municipality_code))
    before = find_sender(session, wave_code, municipality_code) or Sender()
    if not any(value.strip() for value in given.__dict__.values()):
        if row is not None:
            session.delete(row)
    else:
        longest = {"name": 60, "address": 100, "phone": 40, "email": 60}
        values = _checked(given.__dict__, longest, needed=("name",))
        session.merge(LetterSender(wave_code=wave_code, municipality_code=municipality_code, **values))
    session.flush()
    # What it was changed to may name somebody: the log keeps no names.
    changed = [name for name, value in before.__dict__.items() if given.__dict__[name].strip() != value]
    audit.record(session, by, "letter sender", f"{wave_code} {municipality_code}", changed=changed)


def find_sender(session: Session, wave_code: str, municipality_code: str) -> Sender | None:
    """How the letter names the municipality, when it has said so."""
    row = session.get(LetterSender, (wave_code, municipality_code))
    return Sender(row.name, row.address, row.phone, row.email) if row else None


def _checked(given: Mapping[str, str], longest: Mapping[str, int], needed: tuple[str, ...]) -> dict[str, str]:
    values = {name: given[name].strip() for name in longest}
    faults = {
        name: fault
        for name, value in values.items()
        if (fault := text_fault(value, longest[name], needed=name in needed) or _form_fault(name, value))
    }
    if faults:
        raise Faults(faults)
    return values


def text_fault(value: str, longest: int, *, needed: bool) -> str:
    """What is wrong with a line of text; empty when nothing is."""
    if needed and not value:
        return "Fyll i fältet."
    if len(value) > longest:
        return f"Skriv högst {longest} tecken."
    return "" if value.isprintable() else "Skriv på en rad, utan styrtecken."


def _form_fault(name: str, value: str) -> str:
    if name == "email" and value and not EMAIL.fullmatch(value):
        return "Skriv en e-postadress, som namn@kommun.se."
    if name == "phone" and value and not PHONE.fullmatch(value):
        return "Skriv ett telefonnummer med siffror, som 08-465 004 00."
    return ""
