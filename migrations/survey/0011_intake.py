"""Jobs for the worker, register files that are waiting for their sample, and waves that were given up."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0011"
down_revision = "survey_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column without a table made anew: on SQLite that would take the rows that point to the wave along.
    op.add_column("wave", sa.Column("void_reason", sa.String(length=200), nullable=True))
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_state")),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_job_progress")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_job_wave_code_wave")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_wave_state", "job", ["wave_code", "state"])
    op.create_table(
        "register_upload",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=254), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_register_upload_wave_code_wave")),
        sa.PrimaryKeyConstraint("wave_code", name=op.f("pk_register_upload")),
    )


def downgrade() -> None:
    op.drop_table("register_upload")
    op.drop_index("ix_job_wave_state", "job")
    op.drop_table("job")
    op.drop_column("wave", "void_reason")
