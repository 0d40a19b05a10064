"""Year one was collected elsewhere, year two here: the change is between the right two, breaks are kept."""

import json

import pytest
from imported_bundle import import_settings, write_bundle
from sqlalchemy import select, update

from analysis import pipeline
from analysis.schema import read_bundle, validate_bundle
from analysis.settings import Settings
from survey.clock import today
from survey.collection.imports import import_wave
from survey.errors import UserError
from survey.models.imported_wave import ImportedWave
from survey.models.release import Change, Diagnostic, Estimate, Release
from survey.processing.datasets import build_bundle
from survey.processing.releases import process, release
from survey.processing.sources import answers_sha256

pytestmark = pytest.mark.usefixtures("computed_once")

BY = "analyst@example.se"
ALL = ("0114", "0180", "0187")
# Indicators of ours that are made of the questions mapped as comparable, by their items.
COMPARABLE = {"problem_drugs": "drugs", "problem_litter": "litter", "victim_violence": "hit"}


def add_two(session, add_wave, folder, **changes):
    add_wave(session, "2022")
    import_wave(session, write_bundle(folder), import_settings(**changes), BY, today())
    return session


@pytest.fixture
def two_years(session, add_wave, tmp_path):
    return add_two(session, add_wave, tmp_path / "bundle")


@pytest.fixture
def two_sqlite_years(sqlite_session, add_wave, tmp_path):
    return add_two(sqlite_session, add_wave, tmp_path / "bundle")


def test_the_wave_after_is_compared_with_the_imported_one(two_years):
    done = process(two_years, "2022", by=BY)
    assert done.compared_with == {"2021": ALL}
    rows = two_years.execute(
        select(Change.previous_wave, Change.verdict, Change.p).where(
            Change.geography == "municipality",
            Change.indicator == "problem_drugs",
            Change.gender == "all",
            Change.age_group == "all",
        )
    ).all()
    assert {row.previous_wave for row in rows} == {"2021"}
    assert {row.verdict for row in rows} == {"up"}  # from 20 to 50 percent, in every municipality
    assert all(row.p < 0.05 for row in rows)


def test_only_what_was_declared_comparable_is_compared(two_sqlite_years):
    process(two_sqlite_years, "2022", by=BY)
    tested = set(
        two_sqlite_years.scalars(select(Change.indicator).where(Change.change.is_not(None)).distinct())
    )
    assert COMPARABLE.keys() <= tested
    broken = two_sqlite_years.execute(
        select(Change.verdict, Change.reason).where(Change.indicator == "worry_burglary").distinct()
    ).all()
    assert broken == [("not_comparable", "break")]
    # Reported crime needs all four kinds of crime; only one was asked about.
    assert "reported_any" not in tested


def test_the_year_before_has_the_figures_that_its_files_give(two_sqlite_years, tmp_path):
    """Two routes: through our tables, and the files straight through the statistics."""
    process(two_sqlite_years, "2022", by=BY)
    direct = pipeline.run(read_bundle(tmp_path / "bundle"), Settings.default(), protected=False).estimates
    key = ["geography", "code", "gender", "age_group"]
    for ours, theirs in COMPARABLE.items():
        rows = two_sqlite_years.execute(
            select(Estimate.geography, Estimate.code, Estimate.gender, Estimate.age_group)
            .add_columns(Estimate.estimate, Estimate.se, Estimate.n)
            .where(Estimate.wave == "2021", Estimate.indicator == ours, Estimate.released)
        ).all()
        expected = direct[direct["indicator"].eq(theirs)].set_index(key)
        assert len(rows) > 10
        for *cell, estimate, se, n in rows:
            found = expected.loc[tuple(cell)]
            assert (estimate, se, n) == (
                pytest.approx(found["estimate"], abs=1e-12),
                pytest.approx(found["se"], abs=1e-12),
                found["n"],
            )


def test_response_rates_of_the_imported_wave_count_its_drawn(two_sqlite_years):
    process(two_sqlite_years, "2022", by=BY)
    row = two_sqlite_years.scalars(
        select(Diagnostic).where(Diagnostic.wave == "2021", Diagnostic.municipality_code == "0180")
    ).one()
    assert (row.sampled, row.responded) == (320, 160)


def test_a_question_that_has_changed_since_the_import_is_no_longer_compared(two_sqlite_years):
    origin = two_sqlite_years.get(ImportedWave, "2021")
    items = json.loads(origin.items)
    hashes = {item["question"]: item["question_hash"] for item in items}
    old = origin.items.replace(hashes["problem_drugs"], "0" * 64)
    two_sqlite_years.expunge(origin)
    two_sqlite_years.connection().exec_driver_sql("DROP TRIGGER imported_wave_not_changed")
    two_sqlite_years.execute(update(ImportedWave).values(items=old))
    since = build_bundle(two_sqlite_years, {"2021": ALL, "2022": ALL}).bundle.indicators.set_index(
        "indicator"
    )["comparable_since"]
    assert since["problem_drugs"] == "2022"
    assert since["problem_litter"] == "2021"


def test_real_and_simulated_are_not_compared_when_one_of_them_was_imported(
    sqlite_session, add_wave, tmp_path
):
    add_two(sqlite_session, add_wave, tmp_path / "bundle", synthetic=False)
    assert process(sqlite_session, "2022", by=BY).compared_with == {}


def test_a_municipality_is_compared_with_its_own_last_wave_imported_or_not(
    sqlite_session, add_wave, tmp_path
):
    add_wave(sqlite_session, "2020")
    add_wave(sqlite_session, "2022")
    folder = write_bundle(tmp_path / "bundle", ("0114", "0180"))
    import_wave(sqlite_session, folder, import_settings(), BY, today())
    assert process(sqlite_session, "2022", by=BY).compared_with == {
        "2021": ("0114", "0180"),
        "2020": ("0187",),
    }


def test_an_imported_wave_is_not_computed_by_itself(two_sqlite_years):
    with pytest.raises(UserError, match="är importerad och räknas inte för sig"):
        process(two_sqlite_years, "2021", by=BY)


def test_a_corrected_import_takes_the_place_of_the_first(two_sqlite_years, tmp_path):
    path = tmp_path / "bundle" / "mapping.csv"
    path.write_text(path.read_text().replace("litter,problem_litter,,,1", "litter,problem_litter,,,0"))
    import_wave(two_sqlite_years, path.parent, import_settings(code="2021-2"), BY, today())
    assert process(two_sqlite_years, "2022", by=BY).compared_with == {"2021-2": ALL}
    litter = select(Change.reason).where(Change.indicator == "problem_litter").distinct()
    assert two_sqlite_years.scalars(litter).all() == ["break"]


def test_a_result_against_an_imported_wave_can_be_released(two_sqlite_years):
    done = process(two_sqlite_years, "2022", by=BY)
    release(two_sqlite_years, "2022", by=BY)
    manifest = json.loads(two_sqlite_years.get(Release, done.release_id).manifest)
    assert manifest["fingerprints"]["2021"]["answers"] == answers_sha256(two_sqlite_years, "2021", ALL)
    assert len(manifest["fingerprints"]["2021"]["register"]) == 64


def test_finer_age_groups_before_than_now_are_reported_in_the_same_bands(sqlite_session, add_wave, tmp_path):
    folder = write_bundle(tmp_path / "bundle")
    for name, old, new in (("sample.csv", "16-29", "16-19"), ("population.csv", "16-29", "16-19")):
        text = (folder / name).read_text().replace(old, new)
        if name == "population.csv":
            rows = [line.replace("16-19", "20-29") for line in text.splitlines() if "16-19" in line]
            text += "\n".join(row.rsplit(",", 1)[0] + ",10" for row in rows) + "\n"
            text = text.replace("16-19,250", "16-19,240").replace("16-19,500", "16-19,490")
        (folder / name).write_text(text)
    add_wave(sqlite_session, "2022")
    import_wave(sqlite_session, folder, import_settings(), BY, today())
    validate_bundle(build_bundle(sqlite_session, {"2021": ALL, "2022": ALL}).bundle)
    process(sqlite_session, "2022", by=BY)
    groups = set(sqlite_session.scalars(select(Change.age_group).where(Change.change.is_not(None))))
    assert groups >= {"all", "16-29", "30-44", "45-64", "65-84"}
    assert groups <= {"all", "16-29", "30-44", "45-64", "65-84"}
