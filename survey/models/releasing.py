"""A release on its way: who asked for it, what was looked at, how it differs and when it opens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Embargo(Base):
    """From when a release is open to an audience; without a row it never is."""

    __tablename__ = "embargo"
    __table_args__ = (
        CheckConstraint("audience IN ('region', 'police', 'municipality', 'public')", name="audience"),
    )

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), primary_key=True)
    audience: Mapped[str] = mapped_column(String(12), primary_key=True)
    # Of a draft: empty when it is to open as it is released.
    opens_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ReleaseRequest(Base):
    """Somebody has asked that a draft be released; somebody else approves."""

    __tablename__ = "release_request"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), primary_key=True)
    requested_by: Mapped[str] = mapped_column(String(254))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)


class ReleaseCheck(Base):
    """Something that whoever released had looked at; fixed with the release."""

    __tablename__ = "release_check"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(String(20), primary_key=True)
    ticked_by: Mapped[str] = mapped_column(String(254))
    ticked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LastRun(Base):
    """How a draft differs from the draft it took the place of; gone when it is released."""

    __tablename__ = "last_run"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), primary_key=True)
    compared: Mapped[str] = mapped_column(Text)
