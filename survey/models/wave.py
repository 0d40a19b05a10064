from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class WaveStatus(StrEnum):
    """How far a wave has come; forward only, but that a frame of other ages or days is removed again."""

    PLANNED = "planned"
    FRAMED = "framed"
    SAMPLED = "sampled"
    OPEN = "open"
    CLOSED = "closed"


class Wave(Base):
    """A mätomgång: one sample, one questionnaire, one field period."""

    __tablename__ = "wave"
    __table_args__ = (
        CheckConstraint("field_end >= field_start", name="field_period"),
        CheckConstraint("age_max >= age_min", name="age_window"),
        CheckConstraint("sample_per_area > 0", name="sample_per_area"),
        CheckConstraint("status IN ('planned', 'framed', 'sampled', 'open', 'closed')", name="status"),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    questionnaire: Mapped[str] = mapped_column(String(40))
    questionnaire_hash: Mapped[str] = mapped_column(String(64))
    population_date: Mapped[date]
    field_start: Mapped[date]
    field_end: Mapped[date]
    age_min: Mapped[int]
    age_max: Mapped[int]
    sample_per_area: Mapped[int]
    seed: Mapped[int]
    synthetic: Mapped[bool]  # a trigger keeps it: simulated answers can never be passed off as real ones
    status: Mapped[str] = mapped_column(String(8), default=WaveStatus.PLANNED.value)
    frame_hash: Mapped[str | None] = mapped_column(String(64))
    # Last days: of the contacts, and of the link between case and answer, on which withdrawal rests.
    contacts_until: Mapped[date | None]
    links_until: Mapped[date | None]
    texts_until: Mapped[date | None]  # of what was written in people's own words
    closed_on: Mapped[date | None]
    # A wave that was given up is closed, with the reason: nothing of it is ever computed.
    void_reason: Mapped[str | None] = mapped_column(String(200))

    @property
    def last_day(self) -> date:
        """The last day on which anybody could answer: the planned one, unless the wave was closed before."""
        return min(self.field_end, self.closed_on or self.field_end)


class Stratum(Base):
    """An area in a wave: how many live there by the frame, how many were drawn."""

    __tablename__ = "stratum"
    __table_args__ = (CheckConstraint("sampled >= 0 AND sampled <= population", name="sampled"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    population: Mapped[int]
    sampled: Mapped[int] = mapped_column(default=0)


class FrameCount(Base):
    """Persons in the sampling frame by area, register sex and age group."""

    __tablename__ = "frame_count"

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    legal_gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(8), primary_key=True)
    population: Mapped[int]


class SampleCount(Base):
    """Persons drawn by area, register sex and age group, for a wave that has no cases of its own."""

    __tablename__ = "sample_count"
    __table_args__ = (CheckConstraint("sampled >= 0", name="not_negative"),)

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    legal_gender: Mapped[str] = mapped_column(String(8), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(8), primary_key=True)
    sampled: Mapped[int]
