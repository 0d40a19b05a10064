"""A draft of a promise may be discarded, and a signature taken back until the other party has signed."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0029"
down_revision = "survey_0028"
branch_labels = None
depends_on = None

TABLE, NAME = "promise_step", "ck_promise_step_kind"
BEFORE = ("sign_municipality", "sign_police", "publish", "withdraw")
NOW = (*BEFORE, "take_back", "discard")
GUARDS = tuple(
    (f"{TABLE}_not_{word}", TABLE, event, None, "what was promised is kept as it was written")
    for event, word in (("UPDATE", "changed"), ("DELETE", "deleted"))
)


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    _without_guards(NOW)


def downgrade() -> None:
    # The older form knows no way back: what was taken back was never signed, what was discarded is a draft.
    _without_guards(
        BEFORE,
        "DELETE FROM promise_step WHERE kind = 'discard' OR id <= (SELECT max(b.id) FROM promise_step b "
        "WHERE b.version_id = promise_step.version_id AND b.kind = 'take_back')",
    )


def _without_guards(kinds: tuple[str, ...], first: str = "") -> None:
    """Allow other kinds of steps; SQLite writes the table anew for it, without its guards."""
    for name, *_ in GUARDS:
        first_wave().drop_guard(name, TABLE)
    if first:
        op.execute(first)
    with op.batch_alter_table(TABLE) as changed:
        changed.drop_constraint(op.f(NAME), type_="check")
        changed.create_check_constraint(op.f(NAME), sa.column("kind").in_(kinds))
    for one in GUARDS:
        first_wave().guard(*one)
