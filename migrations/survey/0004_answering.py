"""The pace at which codes may be tried."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0004_answering"
down_revision = "survey_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_attempt",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("booked_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_code_attempt")),
    )


def downgrade() -> None:
    op.drop_table("code_attempt")
