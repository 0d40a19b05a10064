from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class PaperForm(Base):
    """A form on paper that has come in. What became of it is told by how its case ended."""

    __tablename__ = "paper_form"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True)
    form_id: Mapped[str] = mapped_column(String(8))
    received_on: Mapped[date]
    # Of the form that was handed in: questions with several marks, and answers that a filter had closed.
    several: Mapped[int] = mapped_column(default=0)
    off_path: Mapped[int] = mapped_column(default=0)


class Keying(Base):
    """What one person keyed of a form, apart from the responses; destroyed when the form is handed in."""

    __tablename__ = "keying"
    __table_args__ = (
        UniqueConstraint("case_id", "turn"),
        UniqueConstraint("case_id", "keyed_by", name="uq_keying_two_persons"),
        CheckConstraint("turn IN (1, 2)", name="turn"),
        # SQLite would number the rows in the order they were begun.
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)  # random: it stands in addresses
    case_id: Mapped[int] = mapped_column(ForeignKey("paper_form.case_id", ondelete="CASCADE"))
    turn: Mapped[int]
    keyed_by: Mapped[str] = mapped_column(String(254))
    begun_on: Mapped[date]
    finished: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[str] = mapped_column(Text, default="{}")
