from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class PassedText(Base):
    """What a municipality may read of a text: what its screener let through, and of which question."""

    __tablename__ = "passed_text"
    __table_args__ = (
        Index("ix_passed_text_wave", "wave_code", "municipality_code"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    free_text_id: Mapped[int] = mapped_column(ForeignKey("free_text.id", ondelete="CASCADE"), unique=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    question_id: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
