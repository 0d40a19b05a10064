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
