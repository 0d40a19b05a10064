"""What is released of tables on request: written by their approval, with the words they were approved in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base
from survey.models.table_request import RequestKind


class RequestedTable(Base):
    """An approved table: what it is about, and who may read it once the release beside it is open to them."""

    __tablename__ = "requested_table"
    __table_args__ = (
        CheckConstraint("audience IN ('region', 'police', 'municipality', 'public')", name="audience"),
    )

    request_id: Mapped[int] = mapped_column(
        ForeignKey("table_request.id"), primary_key=True, autoincrement=False
    )
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), index=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))  # beside which it was checked
    kind: Mapped[str] = mapped_column(String(12))
    item: Mapped[str] = mapped_column(String(60))
    divided_by: Mapped[str] = mapped_column(Text)  # variables, by blanks
    limited_to: Mapped[str] = mapped_column(Text)  # variable=category|category, by blanks; empty: everybody
    municipality_code: Mapped[str | None] = mapped_column(ForeignKey("municipality.code"))  # the only one
    audience: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)  # JSON: the categories of each variable in words
    approved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    @property
    def is_regression(self) -> bool:
        """Whether it holds the terms of a regression, and not shares or means."""
        return self.kind == RequestKind.REGRESSION


class TableWithdrawal(Base):
    """That an approved table shall not be read any more; undecided until somebody has carried it out.

    Its rows and its request stay: what a table has told is never forgotten (a trigger keeps what is decided).
    """

    __tablename__ = "table_withdrawal"
    __table_args__ = (CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided"),)

    request_id: Mapped[int] = mapped_column(
        ForeignKey("requested_table.request_id"), primary_key=True, autoincrement=False
    )
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[str | None] = mapped_column(String(254))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


# By number, those that nobody reads any more.
WITHDRAWN_TABLES = select(TableWithdrawal.request_id).where(TableWithdrawal.decided_at.is_not(None))


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
