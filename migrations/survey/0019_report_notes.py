"""What analysts leave out of a report or add to it, step by step."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0019"
down_revision = "survey_0018"
branch_labels = None
depends_on = None

GUARDS = [
    ("report_note_not_changed", "report_note", "UPDATE", None, "notes are kept as they were written"),
    ("report_note_not_deleted", "report_note", "DELETE", None, "notes are kept as they were written"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "report_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.String(length=254), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('hide', 'show', 'comment')", name=op.f("ck_report_note_kind")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_report_note_release_id_release")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_report_note_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_note")),
    )
    op.create_index("ix_report_note_release_id", "report_note", ["release_id", "municipality_code"])
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_index("ix_report_note_release_id", table_name="report_note")
    op.drop_table("report_note")
