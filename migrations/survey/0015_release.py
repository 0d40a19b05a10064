"""When a release opens for each audience, and who asked for it before another person approved."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0015"
down_revision = "survey_0014"
branch_labels = None
depends_on = None

AUDIENCES = ("region", "police", "municipality", "public")


def upgrade() -> None:
    op.create_table(
        "embargo",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"audience IN {AUDIENCES!r}", name=op.f("ck_embargo_audience")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_embargo_release_id_release"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "audience", name=op.f("pk_embargo")),
    )
    op.create_table(
        "release_request",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.String(length=254), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["release.id"],
            name=op.f("fk_release_request_release_id_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_release_request")),
    )
    # What was released before there were embargoes has been open to staff since then; never to the public.
    for audience in AUDIENCES[:3]:
        op.execute(
            sa.text(
                "INSERT INTO embargo (release_id, audience, opens_at) "
                "SELECT id, CAST(:audience AS VARCHAR(12)), released_at FROM release "
                "WHERE released_at IS NOT NULL"
            ).bindparams(audience=audience)
        )


def downgrade() -> None:
    op.drop_table("release_request")
    op.drop_table("embargo")
