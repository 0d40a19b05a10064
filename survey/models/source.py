from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class SourceKind(StrEnum):
    """What a file read in beside the survey holds."""

    LEVELS = "levels"
    VULNERABLE = "vulnerable"
    SERIES = "series"


class SourceAudience(StrEnum):
    """Who may read it; each reads what those before it may read too."""

    PUBLIC = "public"
    MUNICIPALITY = "municipality"
    POLICE = "police"


class PeriodKind(StrEnum):
    """How long a period of a series is."""

    MONTH = "month"
    QUARTER = "quarter"
    TERTIAL = "tertial"
    YEAR = "year"


class OfficialClass(StrEnum):
    """The police's own classes of vulnerable areas, in their words."""

    VULNERABLE = "utsatt område"
    AT_RISK = "riskområde"
    PARTICULARLY_VULNERABLE = "särskilt utsatt område"


def _one_of(column: str, choices: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(one.value) for one in choices)})"


class SourceFile(Base):
    """A file that was sent in: kept as it came, checked first and read in when somebody says so."""

    __tablename__ = "source_file"
    __table_args__ = (CheckConstraint(_one_of("kind", SourceKind), name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(40))  # the code of a series
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    settings: Mapped[str] = mapped_column(Text)  # what was said of the file in the form, as JSON
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_by: Mapped[str] = mapped_column(String(254))
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))  # None: only checked
    accepted_by: Mapped[str | None] = mapped_column(String(254))
    result: Mapped[str] = mapped_column(Text, default="")  # what it gave, in words


class Series(Base):
    """A series of figures from another source than the survey, with that source and its limits."""

    __tablename__ = "source_series"
    __table_args__ = (
        CheckConstraint(_one_of("audience", SourceAudience), name="audience"),
        CheckConstraint(_one_of("period_kind", PeriodKind), name="period_kind"),
    )

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(200))
    limits: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(60))
    period_kind: Mapped[str] = mapped_column(String(8))
    audience: Mapped[str] = mapped_column(String(12))
    synthetic: Mapped[bool]
    read_on: Mapped[date]


class SeriesValue(Base):
    """What a file gave for a place and a period; what a later file gave otherwise is kept and marked."""

    __tablename__ = "source_value"
    __table_args__ = (
        Index(
            "ux_source_value_current",
            "series_code",
            "level",
            "code",
            "period",
            unique=True,
            sqlite_where=text("replaced_by IS NULL"),
            postgresql_where=text("replaced_by IS NULL"),
        ),
        Index("ix_source_value_place", "level", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_code: Mapped[str] = mapped_column(ForeignKey("source_series.code"))
    level: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(16))
    period: Mapped[str] = mapped_column(String(8))  # 2026-03, 2026-K1, 2026-T1, 2026
    value: Mapped[float | None]
    note: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("source_file.id"))  # None: it holds


class VulnerableListing(Base):
    """An area in the police's list of a year, in the class that the list gives it."""

    __tablename__ = "vulnerable_listing"
    __table_args__ = (
        CheckConstraint(_one_of("official_class", OfficialClass), name="official_class"),
        Index(
            "ux_vulnerable_listing_current",
            "year",
            "municipality_code",
            "name",
            unique=True,
            sqlite_where=text("replaced_by IS NULL"),
            postgresql_where=text("replaced_by IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    official_class: Mapped[str] = mapped_column(String(24))
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("police_district.code"))
    area_codes: Mapped[str] = mapped_column(String(200))  # the survey's areas it touches, by blanks
    source: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int] = mapped_column(ForeignKey("source_file.id"))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("source_file.id"))  # None: it holds
