from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class TextState(StrEnum):
    """Where the screening of a text stands."""

    WAITING = "waiting"
    MARKED = "marked"  # looked at, and left for somebody to look at again
    PASSED = "passed"
    WITHHELD = "withheld"


class FreeText(Base):
    """What a person wrote in their own words, apart from the coded answers.

    It has a municipality once it is handed in. Of its answer it knows only as long as that can be taken back,
    so that the text goes with it; when the links are destroyed nothing ties the two together.
    """

    __tablename__ = "free_text"
    __table_args__ = (
        UniqueConstraint("response_id", "question_id"),
        Index("ix_free_text_wave", "wave_code", "municipality_code"),
        CheckConstraint("state IN ('waiting', 'marked', 'passed', 'withheld')", name="state"),
        CheckConstraint("state = 'waiting' OR municipality_code IS NOT NULL", name="handed_in"),
        # As for the answers: no hidden number of the row that would keep the order.
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    question_id: Mapped[str] = mapped_column(String(60))
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8), default=TextState.WAITING.value)
