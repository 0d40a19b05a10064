from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Mode(StrEnum):
    """How an answer of ours was given; imported waves may name others."""

    WEB = "web"
    PAPER = "paper"


HANDED_IN = text("submitted_on IS NOT NULL")


class Response(Base):
    """One person's answers under a random id, packed as one JSON text; dates, never times.

    Until it is handed in the answers are a draft. At submit only what is on the path is kept and the
    coarse design variables are copied here, so that statistics never need the link to the case.
    """

    __tablename__ = "response"
    __table_args__ = (
        Index("ix_response_submitted", "wave_code", "submitted_on"),
        # The fieldwork counts them by mode and language; a draft has no place in it until it is handed in.
        Index(
            "ix_response_handed_in",
            "wave_code",
            "mode",
            "language",
            "submitted_on",
            sqlite_where=HANDED_IN,
            postgresql_where=HANDED_IN,
        ),
        CheckConstraint(
            "submitted_on IS NULL OR "
            "(area_code IS NOT NULL AND legal_gender IS NOT NULL AND age_group IS NOT NULL)",
            name="design_copied",
        ),
        # SQLite would number the rows in the order they were begun, as it does the events of the cases.
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    questionnaire_hash: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=0)
    answers: Mapped[str] = mapped_column(Text, default="{}")
    submitted_on: Mapped[date | None]
    area_code: Mapped[str | None] = mapped_column(String(16))
    legal_gender: Mapped[str | None] = mapped_column(String(8))
    age_group: Mapped[str | None] = mapped_column(String(8))


class ResponseLink(Base):
    """Which case gave which response: needed to resume and withdraw, destroyed after fieldwork."""

    __tablename__ = "response_link"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    response_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("response.id", ondelete="CASCADE"), unique=True
    )
