"""Those who asked never to be contacted again, in any wave: keyed hashes of personal numbers, and a month.

Personal numbers are few enough to try them all: only the key, kept outside the databases, makes a hash say
nothing. The list outlives the contacts of every wave, since that is its purpose.
"""

import hmac
from datetime import date
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.contact import Contact, DoNotContact

CENTURIES = ("19", "20")
_SWEDISH = 12  # digits of a personal number with its century


class DoNotContactList:
    """The list as it stands, with the key it is read by; without a key there must be no list."""

    def __init__(self, identity_session: Session, key: str) -> None:
        self._key = key.encode()
        self._mark = _mark(self._key) if key else ""
        rows = identity_session.execute(select(DoNotContact.person_hash, DoNotContact.key_mark)).all()
        if any(mark != self._mark for _, mark in rows):
            raise UserError(
                "TRYGG_DO_NOT_CONTACT_KEY saknas eller är en annan än den som listan över dem som inte vill "
                "bli kontaktade är gjord med. Utan rätt nyckel skulle de få brev."
            )
        self._hashes = frozenset(person_hash for person_hash, _ in rows)

    def __contains__(self, person_hash: str | None) -> bool:
        return person_hash in self._hashes

    def hash_of(self, person_id: str) -> str | None:
        """What stands for a person; None without a key."""
        return _hash(self._key, _normal(person_id)) if self._key else None


def add(identity_session: Session, reference: str, key: str, today: date) -> None:
    """Put the person behind a contact on the list; a repeat does nothing."""
    never = DoNotContactList(identity_session, key)
    person_hash = _contact(identity_session, reference).person_hash
    if not key or person_hash is None:
        raise UserError(
            "Listan över dem som aldrig vill bli kontaktade kan inte användas i den här omgången: "
            "TRYGG_DO_NOT_CONTACT_KEY var inte satt när urvalet drogs."
        )
    if person_hash not in never:
        mark = _mark(key.encode())
        identity_session.add(DoNotContact(person_hash=person_hash, key_mark=mark, month=f"{today:%Y-%m}"))
        identity_session.flush()


def is_listed(identity_session: Session, reference: str) -> bool:
    """Whether the person behind a contact is on the list; refused when the contact is not kept."""
    person_hash = _contact(identity_session, reference).person_hash
    found = select(DoNotContact.month).where(DoNotContact.person_hash == person_hash)
    return identity_session.scalar(found) is not None


def listed_if_known(identity_session: Session, reference: str) -> bool | None:
    """Whether the person is on the list; None when the contact, which alone can tell, is not kept."""
    kept = identity_session.get(Contact, reference) is not None
    return is_listed(identity_session, reference) if kept else None


def remove(identity_session: Session, reference: str) -> bool:
    """Take the person behind a contact off the list; whether it was there."""
    return _take_off(identity_session, _contact(identity_session, reference).person_hash)


def remove_person(session: Session, identity_session: Session, person_id: str, key: str, by: str) -> None:
    """Take somebody off the list by the personal number, which is compared and kept nowhere."""
    person_hash = DoNotContactList(identity_session, key).hash_of(person_id)
    if not _take_off(identity_session, person_hash):
        raise UserError("Personnumret står inte på listan. Kontrollera att det är rätt skrivet.")
    audit.record(session, by, "undo do not contact", "")


def _take_off(identity_session: Session, person_hash: str | None) -> bool:
    listed = DoNotContact.person_hash == person_hash
    gone = identity_session.execute(delete(DoNotContact).where(listed).returning(DoNotContact.month)).all()
    return bool(gone)


def _contact(identity_session: Session, reference: str) -> Contact:
    found = identity_session.get(Contact, reference)
    if found is None:
        raise UserError(
            "Kontaktuppgifterna finns inte längre, eller personen får inga brev. Den som driver tjänsten "
            "kan ta bort någon från listan med personnumret: trygg do-not-contact remove"
        )
    return found


def _normal(person_id: str) -> str:
    """The same person in every register: without separators, and without century where it has one."""
    signs = "".join(sign for sign in person_id.upper() if sign.isalnum())
    return signs[2:] if len(signs) == _SWEDISH and signs.isdigit() and signs[:2] in CENTURIES else signs


def _hash(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()


def _mark(key: bytes) -> str:
    return _hash(key, "key of the do-not-contact list")[:8]
