"""Contacts of drawn persons."""

import sqlalchemy as sa
from alembic import op

revision = "identity_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("street", sa.String(length=160), nullable=False),
        sa.Column("postal_code", sa.String(length=10), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_wave_code"), "contact", ["wave_code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_contact_wave_code"), table_name="contact")
    op.drop_table("contact")
