from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class PublishedFigure(Base):
    """A figure of a survey known only by what was published of it, as it was given; proportions in [0, 1]."""

    __tablename__ = "published_figure"
    __table_args__ = (
        UniqueConstraint("wave", "geography", "code", "gender", "age_group", "indicator", "statistic"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    geography: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    gender: Mapped[str] = mapped_column(String(12))
    age_group: Mapped[str] = mapped_column(String(12))
    indicator: Mapped[str] = mapped_column(String(60))
    statistic: Mapped[str] = mapped_column(String(12))
    estimate: Mapped[float]
    n: Mapped[int | None]
    se: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(200))
    synthetic: Mapped[bool]
    imported_on: Mapped[date]
