from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class MailingKind(StrEnum):
    """What is sent to the sample, in the order it is sent."""

    LETTER = "letter"
    CARD = "card"
    FORM = "form"  # a letter with the form on paper
    LAST = "last"
    SMS = "sms"  # sent by others: no telephone number is kept here


class Mailing(Base):
    """What a wave has decided about a mailing, where it differs from the usual."""

    __tablename__ = "mailing"
    __table_args__ = (CheckConstraint("NOT (left_out AND planned_on IS NOT NULL)", name="planned"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    planned_on: Mapped[date | None]  # None: the usual day, unless it is left out
    left_out: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str | None] = mapped_column(String(400))  # None: the usual text


class MailedCase(Base):
    """That a case was sent a mailing, in which printed batch of its area."""

    __tablename__ = "mailed_case"
    __table_args__ = (Index("ix_mailed_case_kind", "kind", "mailed_on"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    mailed_on: Mapped[date]
    batch: Mapped[int]
