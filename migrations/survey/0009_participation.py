"""What a municipality answers to an invitation, and hands in before the sample is drawn."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0009"
down_revision = "survey_0008"
branch_labels = None
depends_on = None

TABLES = (
    "agreement_confirmation",
    "agreement_text",
    "area_key",
    "area_proposal",
    "extra_sample",
    "letter_logo",
    "letter_sender",
    "contact_person",
)
NEW_COLUMNS = ("invited_on", "answer_until", "answered_on")
NEW_TEXTS = ("invitation", "reason", "incomplete_because")


def upgrade() -> None:
    with op.batch_alter_table("participation") as participation:
        participation.alter_column("accepted", existing_type=sa.Boolean(), nullable=True)
        for name in NEW_COLUMNS:
            participation.add_column(sa.Column(name, sa.Date(), nullable=True))
        for name in NEW_TEXTS:
            participation.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    _of_a_municipality(
        "contact_person",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
    )
    _of_a_municipality(
        "letter_sender",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
    )
    _of_a_municipality(
        "letter_logo",
        sa.Column("mime_type", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("mime_type IN ('image/png', 'image/jpeg')", name=op.f("ck_letter_logo_mime_type")),
    )
    _of_a_municipality(
        "area_proposal",
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("decided_because", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "choice IN ('kept', 'proposed', 'applied', 'refused')", name=op.f("ck_area_proposal_choice")
        ),
    )
    op.create_table(
        "extra_sample",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.CheckConstraint("persons > 0", name=op.f("ck_extra_sample_positive")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_extra_sample_wave_code_wave")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_extra_sample_area_code_area")),
        sa.PrimaryKeyConstraint("wave_code", "area_code", name=op.f("pk_extra_sample")),
    )
    op.create_table(
        "area_key",
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("register_key", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_area_key_area_code_area")),
        sa.PrimaryKeyConstraint("area_code", "register_key", name=op.f("pk_area_key")),
    )
    _agreements()


def _agreements() -> None:
    op.create_table(
        "agreement_text",
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", name=op.f("pk_agreement_text")),
    )
    table = "agreement_confirmation"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.String(length=80), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=254), nullable=False),
        *_keys(table),
        sa.ForeignKeyConstraint(
            ["content_hash"],
            ["agreement_text.content_hash"],
            name=op.f("fk_agreement_confirmation_content_hash_agreement_text"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_confirmation")),
    )
    op.create_index(op.f("ix_agreement_confirmation_wave_code"), table, ["wave_code"])


def _of_a_municipality(table: str, *columns: "sa.schema.SchemaItem") -> None:
    """A table with one row for a municipality in a wave."""
    op.create_table(
        table,
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        *columns,
        *_keys(table),
        sa.PrimaryKeyConstraint("wave_code", "municipality_code", name=op.f(f"pk_{table}")),
    )


def _keys(table: str) -> tuple[sa.Constraint, sa.Constraint]:
    return (
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f(f"fk_{table}_wave_code_wave")),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f(f"fk_{table}_municipality_code_municipality"),
        ),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    # The older form knows no municipality that has not answered.
    participation = sa.table("participation", sa.column("accepted"))
    op.execute(sa.delete(participation).where(participation.c.accepted.is_(None)))
    with op.batch_alter_table("participation") as altered:
        for name in (*NEW_COLUMNS, *NEW_TEXTS):
            altered.drop_column(name)
        altered.alter_column("accepted", existing_type=sa.Boolean(), nullable=False)
