from datetime import datetime
from enum import StrEnum

from sqlalchemy import DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class Audience(StrEnum):
    """Who may be given results, from the nearest to the widest: none opens before the one it follows."""

    REGION = "region"
    POLICE = "police"
    MUNICIPALITY = "municipality"
    PUBLIC = "public"


class Release(Base):
    """One run of the statistics for a wave: a draft until released, then immutable (triggers see to it)."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("wave_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    version: Mapped[int]
    synthetic: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(String(254))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_by: Mapped[str | None] = mapped_column(String(254))
    reason: Mapped[str | None] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text)


class Estimate(Base):
    """A row of estimates.csv that belongs to a release; empty figures when suppressed."""

    __tablename__ = "estimate"
    __table_args__ = (Index("ix_estimate_code", "release_id", "geography", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    wave: Mapped[str] = mapped_column(String(16))
    geography: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    gender: Mapped[str] = mapped_column(String(12))
    age_group: Mapped[str] = mapped_column(String(12))
    indicator: Mapped[str] = mapped_column(String(60))
    statistic: Mapped[str] = mapped_column(String(12))
    n: Mapped[int | None]
    population: Mapped[float | None]
    estimate: Mapped[float | None]
    se: Mapped[float | None]
    df: Mapped[float | None]
    n_eff: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    released: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))


class Change(Base):
    """A row of changes.csv that belongs to a release; the verdict decides every word and mark."""

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_code", "release_id", "geography", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    wave: Mapped[str] = mapped_column(String(16))
    previous_wave: Mapped[str] = mapped_column(String(16))
    geography: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    gender: Mapped[str] = mapped_column(String(12))
    age_group: Mapped[str] = mapped_column(String(12))
    indicator: Mapped[str] = mapped_column(String(60))
    statistic: Mapped[str] = mapped_column(String(12))
    n: Mapped[int | None]
    n_previous: Mapped[int | None]
    change: Mapped[float | None]
    se: Mapped[float | None]
    df: Mapped[float | None]
    p: Mapped[float | None]
    p_bh: Mapped[float | None]
    p_holm: Mapped[float | None]
    p_adjusted: Mapped[float | None]
    family_size: Mapped[int | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(String(16))
    equivalence_margin: Mapped[float | None]
    detectable_change: Mapped[float | None]
    released: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))


class Comparison(Base):
    """A municipality beside its region or others of its kind, an area beside its municipality."""

    __tablename__ = "comparison"
    __table_args__ = (Index("ix_comparison_code", "release_id", "geography", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    wave: Mapped[str] = mapped_column(String(16))
    previous_wave: Mapped[str] = mapped_column(String(16))  # empty: levels are compared, else changes
    geography: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    against_geography: Mapped[str] = mapped_column(String(40))
    against_code: Mapped[str] = mapped_column(String(80))
    gender: Mapped[str] = mapped_column(String(12))
    age_group: Mapped[str] = mapped_column(String(12))
    indicator: Mapped[str] = mapped_column(String(60))
    statistic: Mapped[str] = mapped_column(String(12))
    # Of sensitive items the word alone is kept: points would tell more than both printed figures.
    difference: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    verdict: Mapped[str] = mapped_column(String(24))  # above, below, no_certain_difference, not_comparable
    released: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))


class Diagnostic(Base):
    """Response and weights of one municipality (or `all`) in one wave of a release."""

    __tablename__ = "diagnostic"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    wave: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str] = mapped_column(String(4))
    sampled: Mapped[int]
    responded: Mapped[int]
    response_rate: Mapped[float | None]
    r_indicator: Mapped[float | None]
    deff_kish: Mapped[float | None]
    n_eff: Mapped[float | None]
    weight_min: Mapped[float | None]
    weight_median: Mapped[float | None]
    weight_max: Mapped[float | None]
    weight_cv2: Mapped[float | None]
    trimmed_share: Mapped[float | None]
    collapsed: Mapped[str] = mapped_column(Text, default="")


class ResponseRate(Base):
    """Invited and answered by register sex and age group in a municipality; totals are `all`."""

    __tablename__ = "response_rate"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    wave: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str] = mapped_column(String(4))
    legal_gender: Mapped[str] = mapped_column(String(8))
    age_group: Mapped[str] = mapped_column(String(8))
    sampled: Mapped[int]
    responded: Mapped[int]


class QualityFigure(Base):
    """A row of the quality declaration of a release; empty figures when the group is too small to be told."""

    __tablename__ = "quality_figure"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    wave: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str] = mapped_column(String(4))
    measure: Mapped[str] = mapped_column(String(24))
    variable: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(60))
    value: Mapped[float | None]
    lower: Mapped[float | None]
    upper: Mapped[float | None]
    n: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(60))


class ItemNonresponse(Base):
    """What became of a question in a municipality (or `all`): shares of about so many who were asked."""

    __tablename__ = "item_nonresponse"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    wave: Mapped[str] = mapped_column(String(16))
    municipality_code: Mapped[str] = mapped_column(String(4))
    item: Mapped[str] = mapped_column(String(60))
    asked: Mapped[int | None]
    answered: Mapped[float | None]
    dont_know: Mapped[float | None]
    refused: Mapped[float | None]
    missing: Mapped[float | None]
    reason: Mapped[str] = mapped_column(String(60))


class Report(Base):
    """A result PDF made from a release."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("release_id", "municipality_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    pages: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
