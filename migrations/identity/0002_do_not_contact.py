"""Keyed hashes of those who are never to be contacted again."""

import sqlalchemy as sa
from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "do_not_contact",
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("key_mark", sa.String(length=8), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("person_hash", name=op.f("pk_do_not_contact")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column("person_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("contact") as table:
        table.drop_column("person_hash")
    op.drop_table("do_not_contact")
