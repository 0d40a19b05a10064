from sqlalchemy import Double, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class CodeAttempt(Base):
    """How far ahead tries have booked the time of one selector, network, account, API key or of everybody.

    Codes, passwords, second factors and requests to the API all stand here, under keyed hashes.

    A row whose time has passed says nothing any more and is removed.
    """

    __tablename__ = "code_attempt"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    booked_until: Mapped[float] = mapped_column(Double)  # seconds since 1970
