"""Approved tables with the audience that may read them."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0026"
down_revision = "survey_0025"
branch_labels = None
depends_on = None

GUARDS = [
    ("approved_table_not_changed", "UPDATE"),
    ("approved_table_not_deleted", "DELETE"),
]
KEYS = {
    "request_id": "table_request.id",
    "wave_code": "wave.code",
    "release_id": "release.id",
    "municipality_code": "municipality.code",
}


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "approved_table",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=True),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('region', 'police', 'municipality', 'public')",
            name=op.f("ck_approved_table_audience"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_approved_table_{column}_{target.split('.')[0]}")
            )
            for column, target in KEYS.items()
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_approved_table")),
    )
    op.create_index(op.f("ix_approved_table_wave_code"), "approved_table", ["wave_code"])
    for name, event in GUARDS:
        first_wave().guard(name, "approved_table", event, None, "a release is immutable")


def downgrade() -> None:
    for name, _ in reversed(GUARDS):
        first_wave().drop_guard(name, "approved_table")
    op.drop_index(op.f("ix_approved_table_wave_code"), table_name="approved_table")
    op.drop_table("approved_table")
