from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class OpenLink(Base):
    """Whether anybody may answer for a municipality in a wave, beside the sample."""

    __tablename__ = "open_link"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    is_open: Mapped[bool]


class OpenResponse(Base):
    """The answers of somebody who came by an open link: in no sample, and never among the weighted results.

    Until it is handed in, the visit that gives it is known by the hash of its key.
    """

    __tablename__ = "open_response"
    __table_args__ = (
        ForeignKeyConstraint(
            ["wave_code", "municipality_code"], ["open_link.wave_code", "open_link.municipality_code"]
        ),
        Index("ix_open_response_link", "wave_code", "municipality_code"),
        CheckConstraint("(submitted_on IS NULL) = (visit_hash IS NOT NULL)", name="visit_over"),
        # As for the answers of the sample: no hidden number of the row that would keep the order.
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wave_code: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str] = mapped_column(String(4))
    questionnaire_hash: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=0)
    answers: Mapped[str] = mapped_column(Text, default="{}")
    submitted_on: Mapped[date | None]
    visit_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    visit_ends: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
