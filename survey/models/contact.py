from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import IdentityBase


class Contact(IdentityBase):
    """Name and address of a drawn person; in a database of its own, read only to print letters."""

    __tablename__ = "contact"

    reference: Mapped[str] = mapped_column(String(12), primary_key=True)
    wave_code: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(160))
    street: Mapped[str] = mapped_column(String(160))
    postal_code: Mapped[str] = mapped_column(String(10))
    city: Mapped[str] = mapped_column(String(80))
    # Keyed hash of the personal number, for whoever asks never to be contacted again; None without a key.
    person_hash: Mapped[str | None] = mapped_column(String(64))


class DoNotContact(IdentityBase):
    """Somebody who is never to be sent anything again, in any wave: a keyed hash and a month."""

    __tablename__ = "do_not_contact"
    # SQLite would number the rows in the order people asked.
    __table_args__ = ({"sqlite_with_rowid": False},)

    person_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_mark: Mapped[str] = mapped_column(String(8))  # tells whether it was made with the key in use
    month: Mapped[str] = mapped_column(String(7))
