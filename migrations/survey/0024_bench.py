"""Saved views of the bench, and tables asked for beside a release."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0024"
down_revision = "survey_0023"
branch_labels = None
depends_on = None

DECIDED = "OLD.state IN ('approved', 'refused')"
GUARDS = [
    ("table_request_not_changed", "table_request", "UPDATE", DECIDED, "a decided request stays as it is"),
    ("table_request_not_deleted", "table_request", "DELETE", None, "requests are kept"),
    ("requested_figure_not_changed", "requested_figure", "UPDATE", None, "a release is immutable"),
    ("requested_figure_not_deleted", "requested_figure", "DELETE", None, "a release is immutable"),
    (
        "requested_figure_not_added",
        "requested_figure",
        "INSERT",
        "EXISTS (SELECT 1 FROM table_request r WHERE r.id = NEW.request_id AND r.state <> 'computed')",
        "rows are released by an approval",
    ),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_view_owner")),
    )
    op.create_table(
        "table_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=254), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('table', 'regression')", name=op.f("ck_table_request_kind")),
        sa.CheckConstraint(
            "state IN ('asked', 'computed', 'approved', 'refused')", name=op.f("ck_table_request_state")
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_table_request_decided")
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_table_request_wave_code_wave")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_table_request_release_id_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_request")),
    )
    op.create_index(op.f("ix_table_request_wave_code"), "table_request", ["wave_code"])
    op.create_table(
        "requested_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("other_category", sa.String(length=80), nullable=False),
        sa.Column("statistic", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("estimate", "se", "lower", "upper", "p")),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["table_request.id"], name=op.f("fk_requested_figure_request_id_table_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requested_figure")),
    )
    op.create_index(op.f("ix_requested_figure_request_id"), "requested_figure", ["request_id"])
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_table("requested_figure")
    op.drop_table("table_request")
    op.drop_table("saved_view")
