from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base

COUNTED = ("invited", "opened", "started", "submitted", "refused", "undeliverable")


class FieldDay(Base):
    """What a municipality may know of a group after a day of the fieldwork: how many had come how far.

    The table holds whole tens and nothing finer. Of the municipality as a whole there is a row for every
    day; of its areas and groups a row for the days on which what is shown became another.
    """

    __tablename__ = "field_day"
    __table_args__ = (
        CheckConstraint("variable IN ('all', 'area', 'gender_age')", name="variable"),
        CheckConstraint(
            " AND ".join(f"{name} % 10 = 0 AND {name} BETWEEN 0 AND drawn - 10" for name in COUNTED),
            name="whole_tens",
        ),
    )

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    variable: Mapped[str] = mapped_column(String(10), primary_key=True)
    category: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    drawn: Mapped[int]
    invited: Mapped[int]
    opened: Mapped[int]
    started: Mapped[int]
    submitted: Mapped[int]
    refused: Mapped[int]
    undeliverable: Mapped[int]
