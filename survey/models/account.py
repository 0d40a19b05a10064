from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Role(StrEnum):
    """What an account may do; see survey.access."""

    MUNICIPALITY = "municipality"
    ANALYST = "analyst"


class Account(Base):
    """A member of staff at a municipality or the police region."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(
            "(role = 'municipality') = (municipality_code IS NOT NULL)", name="municipality_of_role"
        ),
        CheckConstraint("role IN ('municipality', 'analyst')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))
    password_hash: Mapped[str | None] = mapped_column(String(120))
    activation_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    activation_expires: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
