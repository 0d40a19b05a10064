"""Situation pictures, their texts in every version, and who has signed."""

import sqlalchemy as sa
from alembic import context, op

revision = "survey_0023"
down_revision = "survey_0022"
branch_labels = None
depends_on = None

KEPT = "what was written is kept as it was"
SIGNED = "EXISTS (SELECT 1 FROM situation_picture WHERE id = {row}.picture_id AND signed_at IS NOT NULL)"
FROZEN = "a signed picture is not changed"
GUARDS = [
    ("situation_picture_signed", "situation_picture", "UPDATE", "OLD.signed_at IS NOT NULL", FROZEN),
    ("situation_picture_not_deleted", "situation_picture", "DELETE", None, KEPT),
    ("picture_text_not_changed", "picture_text", "UPDATE", None, KEPT),
    ("picture_text_not_deleted", "picture_text", "DELETE", None, KEPT),
    ("picture_text_of_signed", "picture_text", "INSERT", SIGNED.format(row="NEW"), FROZEN),
    ("picture_signature_not_changed", "picture_signature", "UPDATE", None, KEPT),
    ("picture_signature_not_deleted", "picture_signature", "DELETE", None, KEPT),
]


def first_wave():
    """The first revision, which knows how each database forbids a change."""
    return context.script.get_revision("survey_0001").module


def upgrade() -> None:
    op.create_table(
        "situation_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("begun_by", sa.String(length=254), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (content IS NULL)", name=op.f("ck_situation_picture_content_of_signed")
        ),
        sa.ForeignKeyConstraint(
            ["wave_code"], ["wave.code"], name=op.f("fk_situation_picture_wave_code_wave")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_picture")),
    )
    op.create_index("ix_situation_picture_place", "situation_picture", ["level", "code"])
    op.create_table(
        "picture_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=254), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "audience IN ('public', 'municipality', 'police')", name=op.f("ck_picture_text_audience")
        ),
        _of_picture("picture_text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_text")),
    )
    op.create_table(
        "picture_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.String(length=254), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        _of_picture("picture_signature"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_signature")),
    )
    for table in ("picture_text", "picture_signature"):
        op.create_index(f"ix_{table}_picture_id", table, ["picture_id"])
    for name, table, event, condition, words in GUARDS:
        first_wave().guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        first_wave().drop_guard(name, table)
    for table in ("picture_signature", "picture_text"):
        op.drop_index(f"ix_{table}_picture_id", table_name=table)
        op.drop_table(table)
    op.drop_index("ix_situation_picture_place", table_name="situation_picture")
    op.drop_table("situation_picture")


def _of_picture(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["picture_id"],
        ["situation_picture.id"],
        name=op.f(f"fk_{table}_picture_id_situation_picture"),
    )
