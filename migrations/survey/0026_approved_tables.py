"""Approved tables as released tables of their own, and keys that read as the police of a place."""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0026"
down_revision = "survey_0025"
branch_labels = None
depends_on = None

GUARDS = [
    ("requested_table_not_changed", "UPDATE", None, "a release is immutable"),
    ("requested_table_not_deleted", "DELETE", None, "a release is immutable"),
    (
        "requested_table_not_added",
        "INSERT",
        "EXISTS (SELECT 1 FROM table_request r WHERE r.id = NEW.request_id AND r.state <> 'computed')",
        "a table is released by an approval",
    ),
]
FORMER_SCOPES = ("region", "municipality", "public")
POLICE_SCOPES = ("police_area", "district")


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "requested_table",
        sa.Column("request_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("divided_by", "limited_to")),
        sa.Column("municipality_code", sa.String(length=4), nullable=True),
        sa.Column("audience", sa.String(length=12), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("title", "words")),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "audience IN ('region', 'police', 'municipality', 'public')",
            name=op.f("ck_requested_table_audience"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.{key}"], name=op.f(f"fk_requested_table_{column}_{table}")
            )
            for column, table, key in (
                ("request_id", "table_request", "id"),
                ("wave_code", "wave", "code"),
                ("release_id", "release", "id"),
                ("municipality_code", "municipality", "code"),
            )
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_requested_table")),
    )
    op.create_index(op.f("ix_requested_table_wave_code"), "requested_table", ["wave_code"])
    _fill()
    for name, event, condition, words in GUARDS:
        first_wave().guard(name, "requested_table", event, condition, words)
    with op.batch_alter_table("api_token") as changed:
        changed.add_column(sa.Column("place_code", sa.String(length=16), nullable=True))
        changed.drop_constraint(op.f("ck_api_token_scope"), type_="check")
        changed.create_check_constraint(
            op.f("ck_api_token_scope"), sa.column("scope").in_((*FORMER_SCOPES, *POLICE_SCOPES))
        )
        changed.create_check_constraint(
            op.f("ck_api_token_place_of_scope"),
            "(scope IN ('police_area', 'district')) = (place_code IS NOT NULL)",
        )


def downgrade() -> None:
    # A key that the older form has no scope for can have no place in it.
    token = sa.table("api_token", sa.column("scope"))
    op.execute(sa.delete(token).where(token.c.scope.in_(POLICE_SCOPES)))
    with op.batch_alter_table("api_token") as changed:
        changed.drop_constraint(op.f("ck_api_token_place_of_scope"), type_="check")
        changed.drop_constraint(op.f("ck_api_token_scope"), type_="check")
        changed.create_check_constraint(op.f("ck_api_token_scope"), sa.column("scope").in_(FORMER_SCOPES))
        changed.drop_column("place_code")
    for name, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, "requested_table")
    op.drop_table("requested_table")


def _fill() -> None:
    """What was approved before goes to the region, in codes instead of words."""
    columns = ("id", "wave_code", "release_id", "kind", "question", "decided_at", "state")
    request = sa.table("table_request", *map(sa.column, columns))
    approved = sa.select(request).where(request.c.state == "approved")
    table = sa.table(
        "requested_table",
        *map(sa.column, ("request_id", "wave_code", "release_id", "kind", "item", "divided_by")),
        *map(sa.column, ("limited_to", "municipality_code", "audience", "title", "words", "approved_at")),
    )
    for row in op.get_bind().execute(approved).all():
        asked = json.loads(row.question)
        where = {name: values for name, values in asked["where"]}
        only = where.get("municipality", ())
        op.execute(
            sa.insert(table).values(
                request_id=row.id,
                wave_code=row.wave_code,
                release_id=row.release_id,
                kind=row.kind,
                item=asked["item"],
                divided_by=" ".join(asked["by"]),
                limited_to=" ".join(f"{name}={'|'.join(values)}" for name, values in where.items()),
                municipality_code=only[0] if len(only) == 1 else None,
                audience="region",
                title=f"{asked['item']} efter {' och '.join(asked['by'])}",
                words="{}",
                approved_at=row.decided_at,
            )
        )
