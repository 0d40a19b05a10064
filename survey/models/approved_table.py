"""Approved tables as they may be read outside the analyst's room: words and figures, fixed for good."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class ApprovedTable(Base):
    """A table and the widest audience that may read it (triggers keep it as it is)."""

    __tablename__ = "approved_table"
    __table_args__ = (
        CheckConstraint("audience IN ('region', 'police', 'municipality', 'public')", name="audience"),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey("table_request.id"), primary_key=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))  # it opens with that version
    audience: Mapped[str] = mapped_column(String(12))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))  # if of one alone
    item: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(Text)
    approved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    content: Mapped[str] = mapped_column(Text)  # headings, and rows of words and figures
