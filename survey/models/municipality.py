from sqlalchemy import ForeignKey, String
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


class Participation(Base):
    """A municipality's yes or no to a wave."""

    __tablename__ = "participation"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    accepted: Mapped[bool]
