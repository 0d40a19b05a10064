"""Roles of everybody who runs a wave, closed accounts, the second factor."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0005"
down_revision = "survey_0003"
branch_labels = None
depends_on = None

ROLES = ("owner", "fieldwork", "help_desk", "print", "municipality", "analyst", "data_protection")
FIRST_ROLES = ("municipality", "analyst")


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        account.add_column(sa.Column("second_factor", sa.String(length=200), nullable=True))
        account.add_column(sa.Column("second_factor_step", sa.Integer(), nullable=True))
        account.add_column(sa.Column("recovery_hashes", sa.Text(), nullable=False, server_default="[]"))
        _require_role(account, ROLES)
    with op.batch_alter_table("browser_session") as session:
        session.add_column(
            sa.Column("second_factor_given", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    # An account whose role the older form does not know can have no place in it.
    account = sa.table("account", sa.column("role"))
    op.execute(sa.delete(account).where(account.c.role.not_in(FIRST_ROLES)))
    with op.batch_alter_table("browser_session") as session:
        session.drop_column("second_factor_given")
    with op.batch_alter_table("account") as account:
        _require_role(account, FIRST_ROLES)
        for name in ("recovery_hashes", "second_factor_step", "second_factor", "closed_on"):
            account.drop_column(name)


def _require_role(account: "op.BatchOperations", roles: tuple[str, ...]) -> None:
    account.drop_constraint(op.f("ck_account_role"), type_="check")
    account.create_check_constraint(op.f("ck_account_role"), sa.column("role").in_(roles))
