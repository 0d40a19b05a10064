"""Levels above the municipality, vulnerable areas, series of other sources, events."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0022"
down_revision = "survey_0021"
branch_labels = None
depends_on = None

HOLDS = sa.text("replaced_by IS NULL")
AUDIENCES = "audience IN ('public', 'municipality', 'police')"
PAIRS = (
    "(level = 'area' AND parent_level = 'district') OR (level = 'district' AND parent_level = 'police_area') "
    "OR (level = 'police_area' AND parent_level = 'region')"
)
TABLES = (
    "place_event",
    "vulnerable_listing",
    "source_value",
    "source_series",
    "source_file",
    "place_membership",
    "upper_place",
)


def upgrade() -> None:
    _places()
    _files()
    _series()
    _vulnerable()
    _events()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _places() -> None:
    op.create_table(
        "upper_place",
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.CheckConstraint("level IN ('police_area', 'region')", name=op.f("ck_upper_place_upper_level")),
        sa.PrimaryKeyConstraint("level", "code", name=op.f("pk_upper_place")),
    )
    op.create_table(
        "place_membership",
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("parent_level", sa.String(length=12), nullable=False),
        sa.Column("parent_code", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(PAIRS, name=op.f("ck_place_membership_pair")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_place_membership_period")
        ),
        sa.PrimaryKeyConstraint(
            *("level", "code", "parent_level", "parent_code", "valid_from"), name=op.f("pk_place_membership")
        ),
    )
    op.create_index(op.f("ix_place_membership_parent_code"), "place_membership", ["parent_code"])


def _files() -> None:
    op.create_table(
        "source_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.String(length=254), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(length=254), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('levels', 'vulnerable', 'series')", name=op.f("ck_source_file_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_file")),
    )


def _series() -> None:
    op.create_table(
        "source_series",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("period_kind", sa.String(length=8), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.CheckConstraint(AUDIENCES, name=op.f("ck_source_series_audience")),
        sa.CheckConstraint(
            "period_kind IN ('month', 'quarter', 'tertial', 'year')",
            name=op.f("ck_source_series_period_kind"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_source_series")),
    )
    op.create_table(
        "source_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_code", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        *_kept_from_files("source_value"),
        sa.ForeignKeyConstraint(
            ["series_code"], ["source_series.code"], name=op.f("fk_source_value_series_code_source_series")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_value")),
    )
    _one_holds("source_value", ["series_code", "level", "code", "period"])
    op.create_index("ix_source_value_place", "source_value", ["level", "code"])


def _vulnerable() -> None:
    op.create_table(
        "vulnerable_listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("official_class", sa.String(length=24), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("district_code", sa.String(length=16), nullable=True),
        sa.Column("area_codes", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        *_kept_from_files("vulnerable_listing"),
        sa.CheckConstraint(
            "official_class IN ('utsatt område', 'riskområde', 'särskilt utsatt område')",
            name=op.f("ck_vulnerable_listing_official_class"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_code"],
            ["municipality.code"],
            name=op.f("fk_vulnerable_listing_municipality_code_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["district_code"],
            ["police_district.code"],
            name=op.f("fk_vulnerable_listing_district_code_police_district"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vulnerable_listing")),
    )
    _one_holds("vulnerable_listing", ["year", "municipality_code", "name"])
    op.create_index(
        op.f("ix_vulnerable_listing_municipality_code"), "vulnerable_listing", ["municipality_code"]
    )


def _events() -> None:
    op.create_table(
        "place_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("written_by", sa.String(length=254), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=254), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('incident', 'police', 'measure', 'surroundings', 'media', 'other')",
            name=op.f("ck_place_event_kind"),
        ),
        sa.CheckConstraint(AUDIENCES, name=op.f("ck_place_event_audience")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_place_event_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_event")),
    )
    op.create_index("ix_place_event_place", "place_event", ["level", "code"])


def _kept_from_files(table: str) -> tuple[sa.Column | sa.ForeignKeyConstraint, ...]:
    """The file a row came from, and the later one that says otherwise."""
    return (
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], ["source_file.id"], name=op.f(f"fk_{table}_{column}_source_file")
            )
            for column in ("file_id", "replaced_by")
        ),
    )


def _one_holds(table: str, columns: list[str]) -> None:
    op.create_index(
        f"ux_{table}_current", table, columns, unique=True, sqlite_where=HOLDS, postgresql_where=HOLDS
    )
