from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class TokenScope(StrEnum):
    """As whom a token reads, in the words of the release's audiences."""

    REGION = "region"
    POLICE_AREA = "police_area"
    DISTRICT = "district"
    MUNICIPALITY = "municipality"
    PUBLIC = "public"


class ApiToken(Base):
    """What another system shows to read figures: kept as a hash, for a time, until it is withdrawn."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint(
            "scope IN ('region', 'municipality', 'public', 'police_area', 'district')", name="scope"
        ),
        CheckConstraint(
            "(scope = 'municipality') = (municipality_code IS NOT NULL)", name="municipality_of_scope"
        ),
        CheckConstraint(
            "(scope IN ('police_area', 'district')) = (place_code IS NOT NULL)", name="place_of_scope"
        ),
        CheckConstraint("expires_on >= created_on", name="expires"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(12))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    place_code: Mapped[str | None] = mapped_column(String(16))  # of a police area or a local district
    created_by: Mapped[str] = mapped_column(String(254))
    created_on: Mapped[date]
    expires_on: Mapped[date]  # the last day it works
    last_used_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]

    @property
    def code(self) -> str | None:
        """Of which place it reads; None for the region and everybody."""
        return self.municipality_code or self.place_code
