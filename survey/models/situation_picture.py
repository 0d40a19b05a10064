"""Situation pictures: begun as drafts, written in versions, frozen when all have signed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.source import SourceAudience


class SituationPicture(Base):
    """A picture of a place after a wave: live while it is a draft, immutable once signed (by triggers)."""

    __tablename__ = "situation_picture"
    __table_args__ = (
        CheckConstraint("(signed_at IS NULL) = (content IS NULL)", name="content_of_signed"),
        Index("ix_situation_picture_place", "level", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(16))
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    begun_by: Mapped[str] = mapped_column(String(254))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    content: Mapped[str | None] = mapped_column(Text)  # JSON, whole: each reader is shown what is theirs
    fingerprint: Mapped[str | None] = mapped_column(String(64))


class PictureText(Base):
    """A version of a text in a picture: the newest of a part holds, an empty one takes it away."""

    __tablename__ = "picture_text"
    __table_args__ = (
        CheckConstraint(
            f"audience IN ({', '.join(repr(one.value) for one in SourceAudience)})", name="audience"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    picture_id: Mapped[int] = mapped_column(ForeignKey("situation_picture.id"), index=True)
    part: Mapped[str] = mapped_column(String(12))  # a part of the law, or note-1, note-2 …
    audience: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(254))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PictureSignature(Base):
    """One side has signed a draft as it stood: the fingerprint tells whether it still does."""

    __tablename__ = "picture_signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    picture_id: Mapped[int] = mapped_column(ForeignKey("situation_picture.id"), index=True)
    side: Mapped[str] = mapped_column(String(8))  # police, region, or the code of a municipality
    fingerprint: Mapped[str] = mapped_column(String(64))
    signed_by: Mapped[str] = mapped_column(String(254))
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
