"""Borders of municipalities and areas, for maps; when an idle login of staff ends."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0018"
down_revision = "survey_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_border",
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_area_border_area_code_area")),
        sa.PrimaryKeyConstraint("area_code", name=op.f("pk_area_border")),
    )
    op.create_table(
        "municipality_border",
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_municipality_border_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("municipality_code", "valid_from", name=op.f("pk_municipality_border")),
    )
    op.create_table(
        "proposed_border",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_proposed_border_wave_code_wave")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_proposed_border_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint("wave_code", "municipality_code", "name", name=op.f("pk_proposed_border")),
    )
    # Who is logged in when this is run logs in anew.
    op.add_column("browser_session", sa.Column("idle_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("browser_session", "idle_until")
    op.drop_table("proposed_border")
    op.drop_table("municipality_border")
    op.drop_table("area_border")
