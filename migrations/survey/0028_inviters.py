"""Who has invited an account, and room for whatever an event of the log is about."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0028"
down_revision = "survey_0027"
branch_labels = None
depends_on = None

TABLE, COLUMN = "audit_event", "subject"
SHORT, LONG = sa.String(length=120), sa.Text()


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.add_column("account", sa.Column("invited_by", sa.String(length=254), nullable=True))
    # The log knows who invited whom; what an account asked for before today counts too.
    op.execute(
        "UPDATE account SET invited_by = (SELECT lower(e.actor) FROM audit_event e "
        "WHERE e.action = 'invite account' AND e.subject = account.email ORDER BY e.id DESC LIMIT 1)"
    )
    _retype(SHORT, LONG)


def downgrade() -> None:
    _retype(LONG, SHORT)
    op.drop_column("account", "invited_by")


def _retype(before, after) -> None:
    """Give the column another type; SQLite writes the table anew for it, without its guards."""
    if op.get_bind().dialect.name == "postgresql":
        kept = f"substr({COLUMN}, 1, 120)" if after is SHORT else COLUMN
        op.alter_column(TABLE, COLUMN, existing_type=before, type_=after, postgresql_using=kept)
        return
    guards = [one for one in first_wave().GUARDS if one[1] == TABLE]
    for name, *_ in guards:
        first_wave().drop_guard(name, TABLE)
    with op.batch_alter_table(TABLE) as changed:
        changed.alter_column(COLUMN, existing_type=before, type_=after, existing_nullable=False)
    for one in guards:
        first_wave().guard(*one)
