from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class JobKind(StrEnum):
    """Work too long for a page, in the order of the flow."""

    CHECK_FRAME = "check frame"
    LOAD_FRAME = "load frame"
    DRAW_SAMPLE = "draw sample"
    PRINT_MAILING = "print mailing"
    PROCESS = "process"
    WRITE_REPORTS = "write reports"
    MAKE_TABLES = "make tables"


class JobState(StrEnum):
    """Where a job stands; only a running one can go back to the queue, when its worker has died."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """A piece of work on a wave that somebody has asked for and a worker carries out."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("done >= 0 AND done <= total", name="progress"),
        Index("ix_job_wave_state", "wave_code", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"))
    parameters: Mapped[str] = mapped_column(Text, default="{}")
    state: Mapped[str] = mapped_column(String(8), default=JobState.QUEUED.value)
    label: Mapped[str] = mapped_column(String(60), default="")
    # Of a file they are bytes.
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[str | None] = mapped_column(Text)  # what was found, as numbers and names of areas
    requested_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    heartbeat_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(default=0)
