from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Act(StrEnum):
    """What is destroyed after fieldwork: contacts before links, texts on a day of their own."""

    CONTACTS = "contacts"
    LINKS = "links"
    TEXTS = "texts"


class Deletion(Base):
    """An act of destruction: asked for by one person, done by another, then fixed (by triggers)."""

    __tablename__ = "deletion"
    __table_args__ = (
        CheckConstraint("act IN ('contacts', 'links', 'texts')", name="act"),
        CheckConstraint("approved_by <> requested_by", name="two_persons"),
        CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_by IS NULL) = (certificate IS NULL)",
            name="whole",
        ),
    )

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    act: Mapped[str] = mapped_column(String(8), primary_key=True)
    decision: Mapped[str] = mapped_column(String(60))  # the number of the decision (gallringsbeslut)
    requested_by: Mapped[str] = mapped_column(String(254))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[str | None] = mapped_column(String(254))
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    certificate: Mapped[str | None] = mapped_column(Text)  # counts of what is gone and what is kept
