"""Tables of the first whole wave, and the guards on what must not change."""

import sqlalchemy as sa
from alembic import op

revision = "survey_0001"
down_revision = None
branch_labels = None
depends_on = None


# (trigger, table, event, condition that forbids it, what is said)
GUARDS = [
    (
        "wave_stays_synthetic",
        "wave",
        "UPDATE",
        "OLD.synthetic <> NEW.synthetic",
        "the synthetic flag of a wave is fixed",
    ),
    ("audit_not_changed", "audit_event", "UPDATE", None, "the audit log is append-only"),
    ("audit_not_deleted", "audit_event", "DELETE", None, "the audit log is append-only"),
    ("release_not_changed", "release", "UPDATE", "OLD.released_at IS NOT NULL", "a release is immutable"),
    ("release_not_deleted", "release", "DELETE", "OLD.released_at IS NOT NULL", "a release is immutable"),
    *(
        (f"{table}_not_{word}", table, event, condition, "a release is immutable")
        for table in ("estimate", "change", "diagnostic", "response_rate")
        for event, word, condition in (
            ("UPDATE", "changed", None),
            (
                "DELETE",
                "deleted",
                "EXISTS (SELECT 1 FROM release r WHERE r.id = OLD.release_id AND r.released_at IS NOT NULL)",
            ),
            (
                "INSERT",
                "added",
                "EXISTS (SELECT 1 FROM release r WHERE r.id = NEW.release_id AND r.released_at IS NOT NULL)",
            ),
        )
    ),
]


def guard(name: str, table: str, event: str, condition: str | None, words: str) -> None:
    """Forbid an event on a table, in the dialect at hand."""
    when = f"WHEN ({condition})" if condition else ""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        return
    # PostgreSQL's WHEN takes no subquery, so the condition goes into the function.
    test = condition or "TRUE"
    row = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {test} THEN RAISE EXCEPTION '{words}'; END IF; RETURN {row}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def drop_guard(name: str, table: str) -> None:
    """Take a guard away, with its function where there is one."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "municipality",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("county_code", sa.String(length=2), nullable=False),
        sa.Column("county", sa.String(length=80), nullable=False),
        sa.Column("police_region", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_municipality")),
    )
    op.create_table(
        "wave",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("questionnaire", sa.String(length=40), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.Column("population_date", sa.Date(), nullable=False),
        sa.Column("field_start", sa.Date(), nullable=False),
        sa.Column("field_end", sa.Date(), nullable=False),
        sa.Column("age_min", sa.Integer(), nullable=False),
        sa.Column("age_max", sa.Integer(), nullable=False),
        sa.Column("sample_per_area", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("frame_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "status IN ('planned', 'framed', 'sampled', 'open', 'closed')", name=op.f("ck_wave_status")
        ),
        sa.CheckConstraint("age_max >= age_min", name=op.f("ck_wave_age_window")),
        sa.CheckConstraint("field_end >= field_start", name=op.f("ck_wave_field_period")),
        sa.CheckConstraint("sample_per_area > 0", name=op.f("ck_wave_sample_per_area")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_wave")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=True),
        sa.Column("password_hash", sa.String(length=120), nullable=True),
        sa.Column("activation_hash", sa.String(length=64), nullable=True),
        sa.Column("activation_expires", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role = 'municipality') = (municipality_code IS NOT NULL)",
            name=op.f("ck_account_municipality_of_role"),
        ),
        sa.CheckConstraint("role IN ('municipality', 'analyst')", name=op.f("ck_account_role")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_account_municipality_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("activation_hash", name=op.f("uq_account_activation_hash")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "area",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_area_municipality_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area")),
    )
    op.create_index(op.f("ix_area_municipality_code"), "area", ["municipality_code"], unique=False)
    op.create_table(
        "participation",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_participation_municipality_code")
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_participation_wave_code")),
        sa.PrimaryKeyConstraint("wave_code", "municipality_code", name=op.f("pk_participation")),
    )
    op.create_table(
        "population_count",
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.CheckConstraint("population >= 0", name=op.f("ck_population_count_not_negative")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_population_count_municipality_code")
        ),
        sa.PrimaryKeyConstraint(
            "reference_date",
            "municipality_code",
            "legal_gender",
            "age_group",
            name=op.f("pk_population_count"),
        ),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=254), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=254), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_release_wave_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("wave_code", "version", name=op.f("uq_release_wave_code")),
    )
    op.create_table(
        "response",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("questionnaire_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("area_code", sa.String(length=16), nullable=True),
        sa.Column("legal_gender", sa.String(length=8), nullable=True),
        sa.Column("age_group", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "submitted_on IS NULL OR "
            "(area_code IS NOT NULL AND legal_gender IS NOT NULL AND age_group IS NOT NULL)",
            name=op.f("ck_response_design_copied"),
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_response_wave_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_response_submitted", "response", ["wave_code", "submitted_on"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_case_area_code")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_case_wave_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_reference")),
    )
    op.create_index(
        "ix_case_design", "case", ["wave_code", "area_code", "legal_gender", "age_group"], unique=False
    )
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("previous_wave", sa.String(length=16), nullable=False),
        sa.Column("geography", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("gender", sa.String(length=12), nullable=False),
        sa.Column("age_group", sa.String(length=12), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("statistic", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("n_previous", sa.Integer(), nullable=True),
        sa.Column("change", sa.Double(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("df", sa.Double(), nullable=True),
        sa.Column("p", sa.Double(), nullable=True),
        sa.Column("p_bh", sa.Double(), nullable=True),
        sa.Column("p_holm", sa.Double(), nullable=True),
        sa.Column("p_adjusted", sa.Double(), nullable=True),
        sa.Column("family_size", sa.Integer(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("equivalence_margin", sa.Double(), nullable=True),
        sa.Column("detectable_change", sa.Double(), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_change_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_code", "change", ["release_id", "geography", "code"], unique=False)
    op.create_table(
        "diagnostic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("responded", sa.Integer(), nullable=False),
        sa.Column("response_rate", sa.Double(), nullable=True),
        sa.Column("r_indicator", sa.Double(), nullable=True),
        sa.Column("deff_kish", sa.Double(), nullable=True),
        sa.Column("n_eff", sa.Double(), nullable=True),
        sa.Column("weight_min", sa.Double(), nullable=True),
        sa.Column("weight_median", sa.Double(), nullable=True),
        sa.Column("weight_max", sa.Double(), nullable=True),
        sa.Column("weight_cv2", sa.Double(), nullable=True),
        sa.Column("trimmed_share", sa.Double(), nullable=True),
        sa.Column("collapsed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_diagnostic_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnostic")),
    )
    op.create_index(op.f("ix_diagnostic_release_id"), "diagnostic", ["release_id"], unique=False)
    op.create_table(
        "estimate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("geography", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("gender", sa.String(length=12), nullable=False),
        sa.Column("age_group", sa.String(length=12), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("statistic", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("population", sa.Double(), nullable=True),
        sa.Column("estimate", sa.Double(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("df", sa.Double(), nullable=True),
        sa.Column("n_eff", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_estimate_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
    )
    op.create_index("ix_estimate_code", "estimate", ["release_id", "geography", "code"], unique=False)
    op.create_table(
        "frame_count",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_frame_count_area_code")),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_frame_count_wave_code")),
        sa.PrimaryKeyConstraint(
            "wave_code", "area_code", "legal_gender", "age_group", name=op.f("pk_frame_count")
        ),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_report_municipality_code")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_report_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("release_id", "municipality_code", name=op.f("uq_report_release_id")),
    )
    op.create_table(
        "response_rate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("legal_gender", sa.String(length=8), nullable=False),
        sa.Column("age_group", sa.String(length=8), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("responded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_response_rate_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_rate")),
    )
    op.create_index(op.f("ix_response_rate_release_id"), "response_rate", ["release_id"], unique=False)
    op.create_table(
        "stratum",
        sa.Column("wave_code", sa.String(length=16), nullable=False),
        sa.Column("area_code", sa.String(length=16), nullable=False),
        sa.Column("municipality_code", sa.String(length=4), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.CheckConstraint("sampled >= 0 AND sampled <= population", name=op.f("ck_stratum_sampled")),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"], name=op.f("fk_stratum_area_code")),
        sa.ForeignKeyConstraint(
            ["municipality_code"], ["municipality.code"], name=op.f("fk_stratum_municipality_code")
        ),
        sa.ForeignKeyConstraint(["wave_code"], ["wave.code"], name=op.f("fk_stratum_wave_code")),
        sa.PrimaryKeyConstraint("wave_code", "area_code", name=op.f("pk_stratum")),
    )
    op.create_index(op.f("ix_stratum_municipality_code"), "stratum", ["municipality_code"], unique=False)
    op.create_table(
        "browser_session",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("seen_pages", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (account_id IS NULL)", name=op.f("ck_browser_session_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_browser_session_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_browser_session")),
    )
    op.create_index(op.f("ix_browser_session_account_id"), "browser_session", ["account_id"], unique=False)
    op.create_index(op.f("ix_browser_session_case_id"), "browser_session", ["case_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_event_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_case_event_case_id")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("selector", sa.String(length=4), nullable=False),
        sa.Column("secret_hash", sa.String(length=120), nullable=False),
        sa.Column("qr_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_invitation_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("qr_hash", name=op.f("uq_invitation_qr_hash")),
        sa.UniqueConstraint("selector", name=op.f("uq_invitation_selector")),
    )
    op.create_index(op.f("ix_invitation_case_id"), "invitation", ["case_id"], unique=False)
    op.create_table(
        "response_link",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_response_link_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_response_link_response_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_response_link")),
        sa.UniqueConstraint("response_id", name=op.f("uq_response_link_response_id")),
    )
    for name, table, event, condition, words in GUARDS:
        guard(name, table, event, condition, words)


def downgrade() -> None:
    for name, table, *_ in reversed(GUARDS):
        drop_guard(name, table)
    op.drop_table("response_link")
    op.drop_index(op.f("ix_invitation_case_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("case_event")
    op.drop_index(op.f("ix_browser_session_case_id"), table_name="browser_session")
    op.drop_index(op.f("ix_browser_session_account_id"), table_name="browser_session")
    op.drop_table("browser_session")
    op.drop_index(op.f("ix_stratum_municipality_code"), table_name="stratum")
    op.drop_table("stratum")
    op.drop_index(op.f("ix_response_rate_release_id"), table_name="response_rate")
    op.drop_table("response_rate")
    op.drop_table("report")
    op.drop_table("frame_count")
    op.drop_index("ix_estimate_code", table_name="estimate")
    op.drop_table("estimate")
    op.drop_index(op.f("ix_diagnostic_release_id"), table_name="diagnostic")
    op.drop_table("diagnostic")
    op.drop_index("ix_change_code", table_name="change")
    op.drop_table("change")
    op.drop_index("ix_case_design", table_name="case")
    op.drop_table("case")
    op.drop_index("ix_response_submitted", table_name="response")
    op.drop_table("response")
    op.drop_table("release")
    op.drop_table("population_count")
    op.drop_table("participation")
    op.drop_index(op.f("ix_area_municipality_code"), table_name="area")
    op.drop_table("area")
    op.drop_table("account")
    op.drop_table("wave")
    op.drop_table("municipality")
    op.drop_table("audit_event")
