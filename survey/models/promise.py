"""Promises to residents: what was written, who signed, what was noted and how it went; nothing is changed."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class GoalKind(StrEnum):
    """What tells whether a promise was kept."""

    SURVEY = "survey"  # a released share
    SERIES = "series"  # a figure of another source
    ACTIVITY = "activity"  # something done or not done


class StepKind(StrEnum):
    """An act on a version of a promise."""

    SIGN_MUNICIPALITY = "sign_municipality"
    SIGN_POLICE = "sign_police"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take_back"  # one's own signature, before the other party has signed
    DISCARD = "discard"  # a draft that nobody has signed


class NoteStatus(StrEnum):
    """How the work with a promise goes, as its owners say after a tertial."""

    NOT_STARTED = "not_started"
    ON_PLAN = "on_plan"
    DELAYED = "delayed"
    DONE = "done"
    STOPPED = "stopped"


def _one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(one.value) for one in kinds)})", name=column)


class FocusArea(Base):
    """An area in which every municipality of a police region is to have a promise."""

    __tablename__ = "focus_area"
    __table_args__ = (UniqueConstraint("police_region", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    police_region: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    withdrawn_on: Mapped[date | None]


class Promise(Base):
    """A promise of a municipality and its police; what it says stands in its versions."""

    __tablename__ = "promise"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_code: Mapped[str] = mapped_column(ForeignKey("municipality.code"), index=True)
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PromiseVersion(Base):
    """What a promise said from a moment on: problem, cause, goal; its measures lie beside it."""

    __tablename__ = "promise_version"
    __table_args__ = (
        UniqueConstraint("promise_id", "number"),
        _one_of("kind", GoalKind),
        CheckConstraint("direction IN ('up', 'down', '')", name="direction"),
        CheckConstraint("(kind = 'survey') = (baseline_wave <> '')", name="baseline_of_survey"),
        CheckConstraint("(kind = 'activity') = (target IS NULL)", name="target_of_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)  # why a signed version was changed
    written_by: Mapped[str] = mapped_column(String(254))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str] = mapped_column(String(300))  # the promise, as residents read it
    language: Mapped[str] = mapped_column(String(10))
    focus_area_id: Mapped[int | None] = mapped_column(ForeignKey("focus_area.id"))
    problem: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(120))
    due: Mapped[str] = mapped_column(String(7))  # a tertial
    kind: Mapped[str] = mapped_column(String(8))
    # Of a share which one, where, among whom; of a series that was read in its code and where.
    indicator: Mapped[str] = mapped_column(String(60))
    geography: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    gender: Mapped[str] = mapped_column(String(12))
    age_group: Mapped[str] = mapped_column(String(12))
    series: Mapped[str] = mapped_column(String(80))  # of another source: its name or code
    unit: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(4))  # the way that is good; empty of an activity
    # A share in whole percent as it was printed when the version was written, or the figure of a series.
    baseline: Mapped[float | None]
    baseline_wave: Mapped[str] = mapped_column(String(16))
    baseline_source: Mapped[str] = mapped_column(String(200))
    target: Mapped[float | None]
    accepted_because: Mapped[str] = mapped_column(Text)  # why a target that no wave is likely to see stays


class PromiseMeasure(Base):
    """What is to be done for a promise, by whom and until when."""

    __tablename__ = "promise_measure"

    version_id: Mapped[int] = mapped_column(ForeignKey("promise_version.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(300))
    responsible: Mapped[str] = mapped_column(String(120))
    activities: Mapped[str] = mapped_column(Text)
    due: Mapped[str] = mapped_column(String(7))


class PromiseStep(Base):
    """Somebody has signed, published, withdrawn or discarded a version, or taken a signature back."""

    __tablename__ = "promise_step"
    __table_args__ = (_one_of("kind", StepKind),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("promise_version.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))  # of who signed, and in what position
    position: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    taken_by: Mapped[str] = mapped_column(String(254))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PromiseNote(Base):
    """How the work went in a tertial; the newest of a tertial counts."""

    __tablename__ = "promise_note"
    __table_args__ = (
        _one_of("status", NoteStatus),
        Index("ix_promise_note_tertial", "promise_id", "tertial"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"))
    tertial: Mapped[str] = mapped_column(String(7))
    status: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(String(254))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PromiseResult(Base):
    """A figure of another source, or that an activity is done or not; the newest counts."""

    __tablename__ = "promise_result"
    __table_args__ = (CheckConstraint("(value IS NULL) <> (done IS NULL)", name="value_or_done"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), index=True)
    on_day: Mapped[date]  # which day it is about
    value: Mapped[float | None]
    done: Mapped[bool | None]
    source: Mapped[str] = mapped_column(String(200))
    noted_by: Mapped[str] = mapped_column(String(254))
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
