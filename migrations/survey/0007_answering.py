"""The pace at which codes may be tried; links that are open to everybody, and the answers they bring."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0007"
down_revision = "survey_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_attempt",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("booked_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_code_attempt")),
    )
    op.create_table(
        "open_link",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_open_link_wave_code")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_open_link_municipality_code")
        ),
        sa.PrimaryKeyConstraint("wave_code", "municipality_code", name=op.f("pk_open_link")),
    )
    op.create_table(
        "open_response",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("visit_hash", sa.String(length=64), nullable=True),
        sa.Column("visit_ends", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(submitted_on IS NULL) = (visit_hash IS NOT NULL)", name=op.f("ck_open_response_visit_over")
        ),
        sa.ForeignKeyConstraint(
            ["wave_code", "municipality_code"],
            ["open_link.wave_code", "open_link.municipality_code"],
            name=op.f("fk_open_response_wave_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_response")),
        sa.UniqueConstraint("visit_hash", name=op.f("uq_open_response_visit_hash")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_open_response_link", "open_response", ["wave_code", "municipality_code"])


def downgrade() -> None:
    op.drop_index("ix_open_response_link", table_name="open_response")
    op.drop_table("open_response")
    op.drop_table("open_link")
    op.drop_table("code_attempt")
