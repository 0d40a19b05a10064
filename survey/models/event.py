from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.source import SourceAudience


class EventKind(StrEnum):
    """What kind of thing an event is."""

    INCIDENT = "incident"
    POLICE = "police"
    MEASURE = "measure"
    SURROUNDINGS = "surroundings"
    MEDIA = "media"
    OTHER = "other"


class PlaceEvent(Base):
    """Something that happened or was done at a place, on a day or during a time; withdrawn, never changed."""

    __tablename__ = "place_event"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in EventKind)})", name="kind"),
        CheckConstraint(
            f"audience IN ({', '.join(repr(one.value) for one in SourceAudience)})", name="audience"
        ),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index("ix_place_event_place", "level", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # None: one day
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(12))
    written_by: Mapped[str] = mapped_column(String(254))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn_by: Mapped[str | None] = mapped_column(String(254))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
