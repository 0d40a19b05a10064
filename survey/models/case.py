from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class CaseEventKind(StrEnum):
    """What happened to a case; each at most once."""

    INVITED = "invited"
    OPENED = "opened"
    STARTED = "started"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    REFUSED = "refused"
    MOVED = "moved"
    DECEASED = "deceased"


# After these nobody answers for the case: no letter, no code, no way in.
ENDING = (
    CaseEventKind.WITHDRAWN,
    CaseEventKind.REFUSED,
    CaseEventKind.MOVED,
    CaseEventKind.DECEASED,
)


class Case(Base):
    """A drawn person without name: reference number, stratum and design variables."""

    __tablename__ = "case"
    __table_args__ = (Index("ix_case_design", "wave_code", "area_code", "legal_gender", "age_group"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    reference: Mapped[str] = mapped_column(
        String(12), unique=True
    )  # printed in the letter; key to the contact
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    legal_gender: Mapped[str] = mapped_column(String(8))
    age_group: Mapped[str] = mapped_column(String(8))


class CaseEvent(Base):
    """A dated mark on a case."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[date]
