"""Waves collected elsewhere: where they came from, and the drawn as counts."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0002"
down_revision = "survey_0001"
branch_labels = None
depends_on = None

GUARDS = [
    ("imported_wave_not_changed", "imported_wave", "UPDATE", None, "the origin of a wave is fixed"),
    ("imported_wave_not_deleted", "imported_wave", "DELETE", None, "the origin of a wave is fixed"),
    ("sample_count_not_changed", "sample_count", "UPDATE", None, "the counts of a sample are fixed"),
    ("sample_count_not_deleted", "sample_count", "DELETE", None, "the counts of a sample are fixed"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "imported_wave",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_wave", sa.String(length=40), nullable=False),
        sa.Column("bundle_sha256", sa.String(length=64), nullable=False),
        sa.Column("mapped_to", sa.String(length=40), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_imported_wave_wave_code")),
        sa.PrimaryKeyConstraint("wave_code", name=op.f("pk_imported_wave")),
        sa.UniqueConstraint("bundle_sha256", "source_wave", name=op.f("uq_imported_wave_bundle_sha256")),
    )
    op.create_table(
        "sample_count",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.CheckConstraint("sampled >= 0", name=op.f("ck_sample_count_not_negative")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_sample_count_area_code")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_sample_count_wave_code")),
        sa.PrimaryKeyConstraint(
            "wave_code", "area_code", "legal_gender", "age_group", name=op.f("pk_sample_count")
        ),
    )
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_table("sample_count")
    op.drop_table("imported_wave")
