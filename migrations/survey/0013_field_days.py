"""What municipalities may know of each day of the fieldwork."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0013"
down_revision = "survey_0012"
branch_labels = None
depends_on = None

COUNTED = ("invited", "opened", "started", "submitted", "refused", "undeliverable")
WHOLE_TENS = " AND ".join(f"{name} % 10 = 0 AND {name} BETWEEN 0 AND drawn - 10" for name in COUNTED)
GUARDS = [
    ("field_day_not_changed", "field_day", "UPDATE", None, "what a municipality has been shown is fixed"),
    ("field_day_not_deleted", "field_day", "DELETE", None, "what a municipality has been shown is fixed"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "field_day",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("variable", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("drawn", *COUNTED)),
        sa.CheckConstraint("variable IN ('all', 'area', 'gender_age')", name=op.f("ck_field_day_variable")),
        sa.CheckConstraint(WHOLE_TENS, name=op.f("ck_field_day_whole_tens")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_field_day_municipality_code")
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_field_day_wave_code")),
        sa.PrimaryKeyConstraint(
            *("wave_code", "municipality_code", "variable", "category", "day"), name=op.f("pk_field_day")
        ),
    )
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_table("field_day")
