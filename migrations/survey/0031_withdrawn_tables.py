"""Approved tables that are withdrawn: kept as they were, and read no more."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0031"
down_revision = "survey_0030"
branch_labels = None
depends_on = None

DECIDED = "OLD.decided_at IS NOT NULL"
GUARDS = [
    ("table_withdrawal_not_changed", "UPDATE", DECIDED, "a withdrawal stays as it is"),
    ("table_withdrawal_not_deleted", "DELETE", DECIDED, "a withdrawal stays as it is"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "table_withdrawal",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=254), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_table_withdrawal_decided")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requested_table.request_id"],
            name=op.f("fk_table_withdrawal_request_id_requested_table"),
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_table_withdrawal")),
    )
    for name, event, condition, words in GUARDS:
        first_wave().guard(name, "table_withdrawal", event, condition, words)


def downgrade() -> None:
    for name, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, "table_withdrawal")
    op.drop_table("table_withdrawal")
