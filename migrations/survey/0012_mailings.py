"""The mailing calendar, what was sent to whom, and numbers of paper forms."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0012"
down_revision = "survey_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailing",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=True),
        sa.CheckConstraint("NOT (left_out AND planned_on IS NOT NULL)", name=op.f("ck_mailing_planned")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_mailing_wave_code_wave")),
        sa.PrimaryKeyConstraint("wave_code", "kind", name=op.f("pk_mailing")),
    )
    op.create_table(
        "mailed_case",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("mailed_on", sa.Date(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_mailed_case_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", "kind", name=op.f("pk_mailed_case")),
    )
    op.create_index("ix_mailed_case_kind", "mailed_case", ["kind", "mailed_on"], unique=False)
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("form_id", sa.String(length=8), nullable=True))
        table.create_unique_constraint(op.f("uq_invitation_form_id"), ["form_id"])


def downgrade() -> None:
    with op.batch_alter_table("invitation") as table:
        table.drop_constraint(op.f("uq_invitation_form_id"), type_="unique")
        table.drop_column("form_id")
    op.drop_index("ix_mailed_case_kind", table_name="mailed_case")
    op.drop_table("mailed_case")
    op.drop_table("mailing")
