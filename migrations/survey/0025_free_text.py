"""Answers in a person's own words: kept apart, screened, destroyed on a day of their own."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0025"
down_revision = "survey_0024"
branch_labels = None
depends_on = None

FORMER_ROLES = (
    *("owner", "fieldwork", "help_desk", "print", "data_entry", "municipality", "police", "analyst"),
    "data_protection",
)
ROLES = (*FORMER_ROLES, "screener")
FORMER_ACTS = ("contacts", "links")
ACTS = (*FORMER_ACTS, "texts")
STATES = "state IN ('waiting', 'marked', 'passed', 'withheld')"
FIXED = [
    ("deletion_not_changed", "UPDATE"),
    ("deletion_not_deleted", "DELETE"),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.add_column("wave", sa.Column("texts_until", sa.Date(), nullable=True))
    op.create_table(
        "free_text",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_of_wave("free_text"),
        sa.Column("response_id", sa.BigInteger(), nullable=True),
        sa.Column("municipality_code", sa.String(length=4), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_free_text_state")),
        sa.CheckConstraint(
            "state = 'waiting' OR municipality_code IS NOT NULL", name=op.f("ck_free_text_handed_in")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_free_text_response_id_response"),
            ondelete="CASCADE",
        ),
        _in_municipality("free_text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_free_text")),
        sa.UniqueConstraint("response_id", "question_id", name=op.f("uq_free_text_response_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_free_text_wave", "free_text", ["wave_code", "municipality_code"])
    op.create_table(
        "passed_text",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("free_text_id", sa.BigInteger(), nullable=False),
        *_of_wave("passed_text"),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["free_text_id"],
            ["free_text.id"],
            name=op.f("fk_passed_text_free_text_id_free_text"),
            ondelete="CASCADE",
        ),
        _in_municipality("passed_text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passed_text")),
        sa.UniqueConstraint("free_text_id", name=op.f("uq_passed_text_free_text_id")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passed_text_wave", "passed_text", ["wave_code", "municipality_code"])
    _require("account", "role", ROLES)
    _require_act(ACTS)


def downgrade() -> None:
    # What the older form does not know can have no place in it.
    account, deletion = sa.table("account", sa.column("role")), sa.table("deletion", sa.column("act"))
    op.execute(sa.delete(account).where(account.c.role.not_in(FORMER_ROLES)))
    _require("account", "role", FORMER_ROLES)
    _drop_guards()
    op.execute(sa.delete(deletion).where(deletion.c.act.not_in(FORMER_ACTS)))
    _require("deletion", "act", FORMER_ACTS)
    _guard()
    op.drop_index("ix_passed_text_wave", table_name="passed_text")
    op.drop_table("passed_text")
    op.drop_index("ix_free_text_wave", table_name="free_text")
    op.drop_table("free_text")
    op.drop_column("wave", "texts_until")


def _of_wave(table: str) -> "list[sa.Column[object] | sa.Constraint]":
    return [
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f(f"fk_{table}_wave_code_wave")),
    ]


def _in_municipality(table: str) -> sa.Constraint:
    name = op.f(f"fk_{table}_municipality_code_municipality")
    return sa.ForeignKeyConstraint(["municipality_code"], ["municipality.code"], name=name)


def _require(table: str, column: str, choices: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
        changed.create_check_constraint(op.f(f"ck_{table}_{column}"), sa.column(column).in_(choices))


def _require_act(acts: tuple[str, ...]) -> None:
    """The table is made anew on SQLite, and its guards with it."""
    _drop_guards()
    _require("deletion", "act", acts)
    _guard()


def _drop_guards() -> None:
    for name, _ in reversed(FIXED):
        first_wave().drop_guard(name, "deletion")


def _guard() -> None:
    for name, event in FIXED:
        first_wave().guard(name, "deletion", event, "OLD.approved_at IS NOT NULL", "a certificate is fixed")
