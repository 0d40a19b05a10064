"""Tokens with which other systems read figures."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0020"
down_revision = "survey_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=True),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.CheckConstraint("scope IN ('region', 'municipality', 'public')", name=op.f("ck_api_token_scope")),
        sa.CheckConstraint(
            "(scope = 'municipality') = (municipality_code IS NOT NULL)",
            name=op.f("ck_api_token_municipality_of_scope"),
        ),
        sa.CheckConstraint("expires_on >= created_on", name=op.f("ck_api_token_expires")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_api_token_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("api_token")
