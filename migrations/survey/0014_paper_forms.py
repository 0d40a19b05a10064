"""Paper forms that have come in, keyed by two persons; the role that keys them."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0014"
down_revision = "survey_0013"
branch_labels = None
depends_on = None

FORMER_ROLES = ("owner", "fieldwork", "help_desk", "print", "municipality", "analyst", "data_protection")
ROLES = (
    "owner",
    "fieldwork",
    "help_desk",
    "print",
    "data_entry",
    "municipality",
    "analyst",
    "data_protection",
)


def upgrade() -> None:
    op.create_table(
        "paper_form",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=8), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("several", sa.Integer(), nullable=False),
        sa.Column("off_path", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_paper_form_case_id_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_paper_form")),
    )
    op.create_table(
        "keying",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("keyed_by", sa.String(length=254), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.CheckConstraint("turn IN (1, 2)", name=op.f("ck_keying_turn")),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["paper_form.case_id"],
            name=op.f("fk_keying_case_id_paper_form"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keying")),
        sa.UniqueConstraint("case_id", "turn", name=op.f("uq_keying_case_id")),
        sa.UniqueConstraint("case_id", "keyed_by", name=op.f("uq_keying_two_persons")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("form_language", sa.String(length=8), nullable=True))
    _require_role(ROLES)


def downgrade() -> None:
    # An account whose role the older form does not know can have no place in it.
    account = sa.table("account", sa.column("role"))
    op.execute(sa.delete(account).where(account.c.role.not_in(FORMER_ROLES)))
    _require_role(FORMER_ROLES)
    with op.batch_alter_table("invitation") as table:
        table.drop_column("form_language")
    op.drop_table("keying")
    op.drop_table("paper_form")


def _require_role(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("account") as account:
        account.drop_constraint(op.f("ck_account_role"), type_="check")
        account.create_check_constraint(op.f("ck_account_role"), sa.column("role").in_(roles))
