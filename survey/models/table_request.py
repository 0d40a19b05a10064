"""Tables that an analyst has asked for beside what a release holds, and their rows once approved."""

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


class RequestedFigure(Base):
    """A released row of an approved request; empty figures when hidden."""

    __tablename__ = "requested_figure"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("table_request.id"), index=True)
    category: Mapped[str] = mapped_column(String(80))  # of the first variable; of a regression the term
    other_category: Mapped[str] = mapped_column(String(80))  # of the second variable; empty for none
    statistic: Mapped[str] = mapped_column(String(20))
    n: Mapped[int | None]
    estimate: Mapped[float | None]
    se: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    p: Mapped[float | None]
    released: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))
