"""Comparisons with the region, the own municipality and others of the same kind, kept with the release."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0016"
down_revision = "survey_0015"
branch_labels = None
depends_on = None

RELEASED = "EXISTS (SELECT 1 FROM release r WHERE r.id = {row}.release_id AND r.released_at IS NOT NULL)"
GUARDS = [
    ("comparison_not_changed", "comparison", "UPDATE", None, "a release is immutable"),
    ("comparison_not_deleted", "comparison", "DELETE", RELEASED.format(row="OLD"), "a release is immutable"),
    ("comparison_not_added", "comparison", "INSERT", RELEASED.format(row="NEW"), "a release is immutable"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.add_column("municipality", sa.Column("skr_group", sa.String(length=80), nullable=True))
    texts = [
        *[("wave", 16), ("previous_wave", 16), ("geography", 40), ("code", 40)],
        *[("against_geography", 40), ("against_code", 80), ("gender", 12), ("age_group", 12)],
        *[("indicator", 60), ("statistic", 12)],
    ]
    op.create_table(
        "comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in texts),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("difference", "lower", "upper")),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_comparison_release_id_release"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index("ix_comparison_code", "comparison", ["release_id", "geography", "code"])
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    op.drop_index("ix_comparison_code", table_name="comparison")
    op.drop_table("comparison")
    op.drop_column("municipality", "skr_group")
