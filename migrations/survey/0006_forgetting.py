"""What is destroyed after fieldwork, when, by whom, and what is kept in its place."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0006"
down_revision = "survey_0005"
branch_labels = None
depends_on = None

GUARDS = [
    ("deletion_not_changed", "deletion", "UPDATE", "OLD.approved_at IS NOT NULL", "a certificate is fixed"),
    ("deletion_not_deleted", "deletion", "DELETE", "OLD.approved_at IS NOT NULL", "a certificate is fixed"),
    ("field_outcome_not_changed", "field_outcome", "UPDATE", None, "the outcome of a wave is fixed"),
    ("field_outcome_not_deleted", "field_outcome", "DELETE", None, "the outcome of a wave is fixed"),
]
WHOLE = "(approved_by IS NULL) = (approved_at IS NULL) AND (approved_by IS NULL) = (certificate IS NULL)"


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    # Columns without a table made anew: on SQLite that would take the rows that point to the wave along.
    op.add_column("wave", sa.Column("contacts_until", sa.Date(), nullable=True))
    op.add_column("wave", sa.Column("links_until", sa.Date(), nullable=True))
    op.create_table(
        "field_outcome",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.CheckConstraint("cases > 0", name=op.f("ck_field_outcome_positive")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_field_outcome_area_code")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_field_outcome_wave_code")),
        sa.PrimaryKeyConstraint(
            "wave_code", "area_code", "legal_gender", "age_group", "outcome", name=op.f("pk_field_outcome")
        ),
    )
    op.create_table(
        "deletion",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=8), nullable=False),
        sa.Column("decision", sa.String(length=60), nullable=False),
        sa.Column("requested_by", sa.String(length=254), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=254), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.CheckConstraint("act IN ('contacts', 'links')", name=op.f("ck_deletion_act")),
        sa.CheckConstraint("approved_by <> requested_by", name=op.f("ck_deletion_two_persons")),
        sa.CheckConstraint(WHOLE, name=op.f("ck_deletion_whole")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_deletion_wave_code")),
        sa.PrimaryKeyConstraint("wave_code", "act", name=op.f("pk_deletion")),
    )
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_table("deletion")
    op.drop_table("field_outcome")
    op.drop_column("wave", "links_until")
    op.drop_column("wave", "contacts_until")
