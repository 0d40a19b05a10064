from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class ImportedWave(Base):
    """Where a wave collected elsewhere came from and how its items became ours; a trigger keeps it so."""

    __tablename__ = "imported_wave"
    __table_args__ = (UniqueConstraint("bundle_sha256", "source_wave"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    source_wave: Mapped[str] = mapped_column(String(40))  # what the files call it
    bundle_sha256: Mapped[str] = mapped_column(String(64))
    mapped_to: Mapped[str] = mapped_column(String(40))  # the questionnaire whose questions the items became
    # One object per mapped item: item, question, its content hash, codes, comparable, note.
    items: Mapped[str] = mapped_column(Text)
    left_out: Mapped[str] = mapped_column(Text)  # items that became nothing
    imported_on: Mapped[date]
