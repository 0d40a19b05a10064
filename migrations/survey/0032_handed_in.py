"""An index of the answers handed in by mode and language: the fieldwork counts them without reading them."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0032"
down_revision = "survey_0031"
branch_labels = None
depends_on = None

HANDED_IN = sa.text("submitted_on IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_response_handed_in",
        "response",
        ["wave_code", "mode", "language", "submitted_on"],
        sqlite_where=HANDED_IN,
        postgresql_where=HANDED_IN,
    )


def downgrade() -> None:
    op.drop_index("ix_response_handed_in", "response")
