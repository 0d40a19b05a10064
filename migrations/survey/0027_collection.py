"""The basic areas that a municipality makes its areas of, and what a wave pays for its mailings."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0027"
down_revision = "survey_0026"
branch_labels = None
depends_on = None

PRICES = ("letter", "card", "form", "last", "paper_answer", "paper_share")


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
    op.create_table(
        "mailing_price",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in PRICES),
        sa.CheckConstraint(
            " AND ".join(f"{name} >= 0" for name in PRICES[:-1]), name=op.f("ck_mailing_price_prices")
        ),
        sa.CheckConstraint(
            "paper_share >= 0 AND paper_share <= 1", name=op.f("ck_mailing_price_paper_share")
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_mailing_price_wave_code_wave")),
        sa.PrimaryKeyConstraint("wave_code", name=op.f("pk_mailing_price")),
    )


def downgrade() -> None:
    op.drop_table("mailing_price")
    op.drop_index(op.f("ix_basic_area_municipality_code"), table_name="basic_area")
    op.drop_table("basic_area")
