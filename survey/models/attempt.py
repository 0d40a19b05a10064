from sqlalchemy import Double, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class CodeAttempt(Base):
    """How far ahead wrong codes have booked the tries of one selector, one network or everybody.

    A row whose time has passed says nothing any more and is removed.
    """

    __tablename__ = "code_attempt"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    booked_until: Mapped[float] = mapped_column(Double)  # seconds since 1970
