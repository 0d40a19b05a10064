from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class PoliceDistrict(Base):
    """A local police district (lokalpolisområde)."""

    __tablename__ = "police_district"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class DistrictMunicipality(Base):
    """From when until when a district covers a municipality or a part of it; either may have several."""

    __tablename__ = "district_municipality"

    district_code: Mapped[str] = mapped_column(ForeignKey("police_district.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
