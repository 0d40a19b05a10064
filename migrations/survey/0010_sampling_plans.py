"""How the sample of a wave is shared out."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0010"
down_revision = "survey_0009"
branch_labels = None
depends_on = None

RULES = "rule IN ('per_area', 'answers', 'proportional', 'neyman')"


def upgrade() -> None:
    op.create_table(
        "sampling_plan",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("expected_rate", sa.Float(), nullable=False),
        sa.Column("young_factor", sa.Float(), nullable=False),
        sa.Column("young_until", sa.Integer(), nullable=False),
        sa.Column("area_factors", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.CheckConstraint(RULES, name=op.f("ck_sampling_plan_rule")),
        sa.CheckConstraint("answers > 0", name=op.f("ck_sampling_plan_answers")),
        sa.CheckConstraint("floor > 0", name=op.f("ck_sampling_plan_floor")),
        sa.CheckConstraint(
            "expected_rate > 0 AND expected_rate <= 1", name=op.f("ck_sampling_plan_expected_rate")
        ),
        sa.CheckConstraint("young_factor > 0", name=op.f("ck_sampling_plan_young_factor")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_sampling_plan_wave_code_wave")),
        sa.PrimaryKeyConstraint("wave_code", name=op.f("pk_sampling_plan")),
    )


def downgrade() -> None:
    op.drop_table("sampling_plan")
