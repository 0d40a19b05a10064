from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base

UPPER_LEVELS = ("police_area", "region")
# Municipality and area stand in tables of their own, and so does which municipalities a district covers.
PAIRS = (("area", "district"), ("district", "police_area"), ("police_area", "region"))


class UpperPlace(Base):
    """A police area (polisområde) or a police region, with its official code."""

    __tablename__ = "upper_place"
    __table_args__ = (
        CheckConstraint(f"level IN ({', '.join(map(repr, UPPER_LEVELS))})", name="upper_level"),
    )

    level: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class PlaceMembership(Base):
    """From when until when a place belongs, wholly or in part, to one on the level above."""

    __tablename__ = "place_membership"
    __table_args__ = (
        CheckConstraint(
            " OR ".join(f"(level = '{level}' AND parent_level = '{parent}')" for level, parent in PAIRS),
            name="pair",
        ),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    )

    level: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    parent_level: Mapped[str] = mapped_column(String(12), primary_key=True)
    parent_code: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
