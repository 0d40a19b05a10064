"""Tables that an analyst has asked for beside what a release holds; what is approved of them stands apart."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class RequestKind(StrEnum):
    """Shares by background variables, or a regression on them."""

    TABLE = "table"
    REGRESSION = "regression"


class RequestState(StrEnum):
    """From asked to its end; nothing is ever taken away."""

    ASKED = "asked"
    COMPUTED = "computed"
    APPROVED = "approved"
    REFUSED = "refused"


class TableRequest(Base):
    """One question, what came of it and who decided (a trigger keeps what is decided)."""

    __tablename__ = "table_request"
    __table_args__ = (
        CheckConstraint("kind IN ('table', 'regression')", name="kind"),
        CheckConstraint("state IN ('asked', 'computed', 'approved', 'refused')", name="state"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    question: Mapped[str] = mapped_column(Text)  # item, by and where, always written the same way
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=RequestState.ASKED.value)
    asked_by: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"))  # beside which it was checked
    computed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    result: Mapped[str | None] = mapped_column(Text)  # protected rows, tests and what the check found
    decided_by: Mapped[str | None] = mapped_column(String(254))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)
