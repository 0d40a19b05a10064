from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Role(StrEnum):
    """What an account may do; see survey.permissions."""

    OWNER = "owner"
    FIELDWORK = "fieldwork"
    HELP_DESK = "help_desk"
    PRINT = "print"
    DATA_ENTRY = "data_entry"
    MUNICIPALITY = "municipality"
    POLICE = "police"
    ANALYST = "analyst"
    DATA_PROTECTION = "data_protection"
    SCREENER = "screener"


class Account(Base):
    """A member of staff at a municipality, a local police district or the police region."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "(role = 'municipality') = (municipality_code IS NOT NULL)", name="municipality_of_role"
        ),
        CheckConstraint("(role = 'police') = (district_code IS NOT NULL)", name="district_of_role"),
        CheckConstraint(f"role IN ({', '.join(repr(role.value) for role in Role)})", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("police_district.code"))
    password_hash: Mapped[str | None] = mapped_column(String(120))
    activation_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    activation_expires: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    invited_by: Mapped[str | None] = mapped_column(String(254))  # who was shown the activation link last
    closed_on: Mapped[date | None]
    # The secret of the authenticator app, encrypted, and the last time step it was used for.
    second_factor: Mapped[str | None] = mapped_column(String(200))
    second_factor_step: Mapped[int | None]
    recovery_hashes: Mapped[str] = mapped_column(Text, default="[]")
