from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class AreaBorder(Base):
    """Where an area lies, for maps; valid for as long as the area: a re-cut area is a new one without."""

    __tablename__ = "area_border"

    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    shape: Mapped[str] = mapped_column(Text)  # WKT, WGS 84, simplified together with its neighbours


class MunicipalityBorder(Base):
    """Where a municipality lies, for maps, from a day on."""

    __tablename__ = "municipality_border"

    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    shape: Mapped[str] = mapped_column(Text)


class BasicArea(Base):
    """A basic area (DeSO, NYKO) that areas can be made of: its key in the register, and where it lies."""

    __tablename__ = "basic_area"

    register_key: Mapped[str] = mapped_column(String(16), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    shape: Mapped[str] = mapped_column(Text)


class ProposedBorder(Base):
    """Where an area that a municipality has proposed would lie: by its name, since it has no code yet."""

    __tablename__ = "proposed_border"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    shape: Mapped[str] = mapped_column(Text)
