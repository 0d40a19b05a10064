"""The day on which a wave was closed, which may be earlier than the planned last day."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0030"
down_revision = "survey_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wave", sa.Column("closed_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("wave", "closed_on")
