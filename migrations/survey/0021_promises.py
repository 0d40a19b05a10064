"""Promises to residents: versions, measures, signatures, notes and results; areas where one is asked for."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0021"
down_revision = "survey_0020"
branch_labels = None
depends_on = None

KEPT = (
    *("promise", "promise_version", "promise_measure", "promise_step"),
    *("promise_note", "promise_result"),
)
SAID = "what was promised is kept as it was written"


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "focus_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("police_region", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_focus_area")),
        sa.UniqueConstraint("police_region", "name", name=op.f("uq_focus_area_police_region")),
    )
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        *_by("created"),
        _foreign("promise", "municipality_code", "municipality", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_municipality_code"), "promise", ["municipality_code"])
    _create_version()
    op.create_table(
        "promise_measure",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts(text=300, responsible=120, activities=None, due=7),
        _foreign("promise_measure", "version_id", "promise_version"),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_promise_measure")),
    )
    op.create_table(
        "promise_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        *_texts(kind=20, name=80, position=80, reason=None),
        *_by("taken"),
        sa.CheckConstraint(
            "kind IN ('sign_municipality', 'sign_police', 'publish', 'withdraw')",
            name=op.f("ck_promise_step_kind"),
        ),
        _foreign("promise_step", "version_id", "promise_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_step")),
    )
    op.create_index(op.f("ix_promise_step_version_id"), "promise_step", ["version_id"])
    op.create_table(
        "promise_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        *_texts(tertial=7, status=12, text=None),
        *_by("written"),
        sa.CheckConstraint(
            "status IN ('not_started', 'on_plan', 'delayed', 'done', 'stopped')",
            name=op.f("ck_promise_note_status"),
        ),
        _foreign("promise_note", "promise_id", "promise"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_note")),
    )
    op.create_index("ix_promise_note_tertial", "promise_note", ["promise_id", "tertial"])
    op.create_table(
        "promise_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        *_texts(source=200),
        *_by("noted"),
        sa.CheckConstraint("(value IS NULL) <> (done IS NULL)", name=op.f("ck_promise_result_value_or_done")),
        _foreign("promise_result", "promise_id", "promise"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_result")),
    )
    op.create_index(op.f("ix_promise_result_promise_id"), "promise_result", ["promise_id"])
    for table in KEPT:
        first_wave().guard(f"{table}_not_changed", table, "UPDATE", None, SAID)
        first_wave().guard(f"{table}_not_deleted", table, "DELETE", None, SAID)


def downgrade() -> None:
    for table in reversed(KEPT):
        for word in ("deleted", "changed"):
            first_wave().drop_guard(f"{table}_not_{word}", table)
        op.drop_table(table)
    op.drop_table("focus_area")


def _create_version() -> None:
    op.create_table(
        "promise_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts(reason=None),
        *_by("written"),
        *_texts(title=300, language=10),
        sa.Column("focus_area_id", sa.Integer(), nullable=True),
        *_texts(problem=None, cause=None, owner=120, due=7, kind=8),
        *_texts(indicator=60, geography=40, code=40, gender=12, age_group=12),
        *_texts(series=80, unit=40, direction=4),
        sa.Column("baseline", sa.Double(), nullable=True),
        *_texts(baseline_wave=16, baseline_source=200),
        sa.Column("target", sa.Double(), nullable=True),
        *_texts(accepted_because=None),
        sa.CheckConstraint("kind IN ('survey', 'series', 'activity')", name=op.f("ck_promise_version_kind")),
        sa.CheckConstraint("direction IN ('up', 'down', '')", name=op.f("ck_promise_version_direction")),
        sa.CheckConstraint(
            "(kind = 'survey') = (baseline_wave <> '')", name=op.f("ck_promise_version_baseline_of_survey")
        ),
        sa.CheckConstraint(
            "(kind = 'activity') = (target IS NULL)", name=op.f("ck_promise_version_target_of_kind")
        ),
        _foreign("promise_version", "promise_id", "promise"),
        _foreign("promise_version", "focus_area_id", "focus_area"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_version")),
        sa.UniqueConstraint("promise_id", "number", name=op.f("uq_promise_version_promise_id")),
    )


def _texts(**lengths: "int | None") -> "list[sa.Column[str]]":
    """Columns of text; without a length as long as need be."""
    return [
        sa.Column(name, sa.Text() if length is None else sa.String(length=length), nullable=False)
        for name, length in lengths.items()
    ]


def _by(act: str) -> "list[sa.Column[object]]":
    """Who did something, and when."""
    return [
        sa.Column(f"{act}_by", sa.String(length=254), nullable=False),
        sa.Column(f"{act}_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _foreign(table: str, column: str, target: str, key: str = "id") -> sa.Constraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=name)
