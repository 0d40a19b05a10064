from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class PopulationCount(Base):
    """Official number of inhabitants in a municipality by register sex and age group on a date."""

    __tablename__ = "population_count"
    __table_args__ = (CheckConstraint("population >= 0", name="not_negative"),)

    reference_date: Mapped[date] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), primary_key=True)
    legal_gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(8), primary_key=True)
    population: Mapped[int]
