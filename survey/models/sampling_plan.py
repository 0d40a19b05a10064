from sqlalchemy import CheckConstraint, Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey.database import Base


class SamplingPlan(Base):
    """How the sample of a wave is shared out; a wave without a plan draws equally many in every area.

    The size itself, persons per area, is the wave's own `sample_per_area`.
    """

    __tablename__ = "sampling_plan"
    __table_args__ = (
        CheckConstraint("rule IN ('per_area', 'answers', 'proportional', 'neyman')", name="rule"),
        CheckConstraint("answers > 0", name="answers"),
        CheckConstraint("floor > 0", name="floor"),
        CheckConstraint("expected_rate > 0 AND expected_rate <= 1", name="expected_rate"),
        CheckConstraint("young_factor > 0", name="young_factor"),
    )

    wave_code: Mapped[str] = mapped_column(ForeignKey("wave.code"), primary_key=True)
    rule: Mapped[str] = mapped_column(String(12))
    answers: Mapped[int]
    floor: Mapped[int]
    expected_rate: Mapped[float] = mapped_column(Float)
    young_factor: Mapped[float] = mapped_column(Float)
    young_until: Mapped[int]  # oldest age of the young
    area_factors: Mapped[str] = mapped_column(Text)  # JSON: area -> factor
    # JSON, or nothing: what an earlier wave let one expect when the plan was decided. The draw uses it as it
    # stood then, so that what was decided is what is drawn.
    basis: Mapped[str | None] = mapped_column(Text)
