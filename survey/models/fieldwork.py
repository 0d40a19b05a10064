from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Outcome(StrEnum):
    """How a case ended; each ended in one way."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    INELIGIBLE = "ineligible"
    BREAK_OFF = "break_off"
    RETURNED = "returned"
    NO_ANSWER = "no_answer"
    NOT_INVITED = "not_invited"


class FieldOutcome(Base):
    """How many cases of a cell ended in which way: what is kept when the cases themselves are destroyed."""

    __tablename__ = "field_outcome"
    __table_args__ = (CheckConstraint("cases > 0", name="positive"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    legal_gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(8), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    cases: Mapped[int]
