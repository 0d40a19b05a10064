"""What a review rests on, kept with the release; local police districts and the role that reads for one."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0017"
down_revision = "survey_0016"
branch_labels = None
depends_on = None

SAID = "a release is immutable"
RELEASED = "EXISTS (SELECT 1 FROM release r WHERE r.id = {row}.release_id AND r.released_at IS NOT NULL)"
EVENTS = (
    ("changed", "UPDATE", None),
    ("deleted", "DELETE", RELEASED.format(row="OLD")),
    ("added", "INSERT", RELEASED.format(row="NEW")),
)
DECLARED = ("quality_figure", "item_nonresponse")
FORMER_ROLES = (
    *("owner", "fieldwork", "help_desk", "print", "data_entry", "municipality", "analyst"),
    "data_protection",
)
ROLES = (*FORMER_ROLES[:6], "police", *FORMER_ROLES[6:])
GUARDED = (*DECLARED, "release_check")


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "quality_figure",
        *_keys(),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("variable", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("value", "lower", "upper")),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        *_constraints("quality_figure"),
    )
    op.create_table(
        "item_nonresponse",
        *_keys(),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Double(), nullable=True)
            for name in ("answered", "dont_know", "refused", "missing")
        ),
        sa.Column("reason", sa.String(length=60), nullable=False),
        *_constraints("item_nonresponse"),
    )
    for table in DECLARED:
        op.create_index(op.f(f"ix_{table}_release_id"), table, ["release_id"])
    op.create_table(
        "release_check",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("ticked_by", sa.String(length=254), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        _of_release("release_check"),
        sa.PrimaryKeyConstraint("release_id", "item", name=op.f("pk_release_check")),
    )
    op.create_table(
        "last_run",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Text(), nullable=False),
        _of_release("last_run"),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_last_run")),
    )
    for table in GUARDED:
        for word, event, condition in EVENTS:
            first_wave().guard(f"{table}_not_{word}", table, event, condition, SAID)
    op.create_table(
        "police_district",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_police_district")),
    )
    op.create_table(
        "district_municipality",
        sa.Column("district_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code"],
            ["police_district.code"],
            name=op.f("fk_district_municipality_district_code_police_district"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_district_municipality_municipality_code_municipality"),
        ),
        sa.PrimaryKeyConstraint(
            "district_code", "municipality_code", "valid_from", name=op.f("pk_district_municipality")
        ),
    )
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("district_code", sa.String(length=16), nullable=True))
        account.create_foreign_key(
            op.f("fk_account_district_code_police_district"), "police_district", ["district_code"], ["code"]
        )
        _require_role(account, ROLES)
        account.create_check_constraint(
            op.f("ck_account_district_of_role"), "(role = 'police') = (district_code IS NOT NULL)"
        )


def downgrade() -> None:
    # An account whose role the older form does not know can have no place in it.
    account = sa.table("account", sa.column("role"))
    op.execute(sa.delete(account).where(account.c.role.not_in(FORMER_ROLES)))
    with op.batch_alter_table("account") as table:
        table.drop_constraint(op.f("ck_account_district_of_role"), type_="check")
        _require_role(table, FORMER_ROLES)
        table.drop_constraint(op.f("fk_account_district_code_police_district"), type_="foreignkey")
        table.drop_column("district_code")
    op.drop_table("district_municipality")
    op.drop_table("police_district")
    op.drop_table("last_run")
    for table in reversed(GUARDED):
        for word, _, _ in EVENTS:
            first_wave().drop_guard(f"{table}_not_{word}", table)
        op.drop_table(table)


def _require_role(account: "op.BatchOperations", roles: tuple[str, ...]) -> None:
    account.drop_constraint(op.f("ck_account_role"), type_="check")
    account.create_check_constraint(op.f("ck_account_role"), sa.column("role").in_(roles))


def _keys() -> "list[sa.Column[object]]":
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
    ]


def _constraints(table: str) -> list[sa.Constraint]:
    return [_of_release(table), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _of_release(table: str) -> sa.Constraint:
    name = op.f(f"fk_{table}_release_id_release")
    return sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=name, ondelete="CASCADE")
