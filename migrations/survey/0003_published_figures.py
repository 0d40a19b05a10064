"""Series known only as published figures."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0003"
down_revision = "survey_0002"
branch_labels = None
depends_on = None

NAME, TABLE = "published_figure_not_changed", "published_figure"


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    key = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic")
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("geography", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("gender", sa.String(length=12), nullable=False),
        sa.Column("age_group", sa.String(length=12), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("statistic", sa.String(length=12), nullable=False),
        sa.Column("estimate", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figure")),
        sa.UniqueConstraint(*key, name=op.f("uq_published_figure_wave")),
    )
    first_wave().guard(NAME, TABLE, "UPDATE", None, "a published figure stays as it was given")


def downgrade() -> None:
    first_wave().drop_guard(NAME, TABLE)
    op.drop_table(TABLE)
