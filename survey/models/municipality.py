from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Municipality(Base):
    """A municipality (kommun) with its official four-digit code."""

    __tablename__ = "municipality"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    county_code: Mapped[str] = mapped_column(String(2))
    county: Mapped[str] = mapped_column(String(80))
    police_region: Mapped[str] = mapped_column(String(40))
    skr_group: Mapped[str | None] = mapped_column(String(80))  # municipalities of the same kind are compared


class Participation(Base):
    """A municipality's invitation to a wave and its yes or no; no row: not invited, not heard from."""

    __tablename__ = "participation"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    accepted: Mapped[bool | None]  # None: invited, has not answered
    invited_on: Mapped[date | None]
    answer_until: Mapped[date | None]
    invitation: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")  # why the answer is what it is
    incomplete_because: Mapped[str] = mapped_column(Text, default="")  # the operator's reason to go on
