"""The basic areas that a municipality's areas are made of."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0029"
down_revision = "survey_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "basic_area",
        sa.Column("register_key", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_basic_area_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("register_key", name=op.f("pk_basic_area")),
    )
    op.create_index(op.f("ix_basic_area_municipality_code"), "basic_area", ["municipality_code"])


def downgrade() -> None:
    op.drop_index(op.f("ix_basic_area_municipality_code"), table_name="basic_area")
    op.drop_table("basic_area")
