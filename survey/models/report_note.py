"""What an analyst has left out of a municipality's report or added to it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class NoteKind(StrEnum):
    """A made sentence is hidden or shown again, never rewritten; a comment stands beside what was made."""

    HIDE = "hide"
    SHOW = "show"
    COMMENT = "comment"


class ReportNote(Base):
    """A step in the history of a report's words: the newest of a place holds (triggers keep them all)."""

    __tablename__ = "report_note"
    __table_args__ = (
        CheckConstraint("kind IN ('hide', 'show', 'comment')", name="kind"),
        Index("ix_report_note_release_id", "release_id", "municipality_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    place: Mapped[str] = mapped_column(String(40))  # the summary or a topic
    kind: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)  # the sentence, or the comment; empty: the comment is taken away
    noted_by: Mapped[str] = mapped_column(String(254))
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
