"""A municipality's own questions in a wave."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0008"
down_revision = "survey_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_questions",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("questionnaire", sa.String(length=81), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_local_questions_wave_code_wave")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_local_questions_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("wave_code", "municipality_code", name=op.f("pk_local_questions")),
    )


def downgrade() -> None:
    op.drop_table("local_questions")
