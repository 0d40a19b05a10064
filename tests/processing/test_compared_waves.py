"""With which wave, and beside whom, a wave's figures are compared; and when they are not."""

import pytest
from sqlalchemy import func, select, update

from survey.models.municipality import Municipality
from survey.models.release import Change, Comparison, Estimate
from survey.models.wave import WaveStatus
from survey.processing.comparisons import unions_of_a_kind
from survey.processing.datasets import build_bundle
from survey.processing.releases import process
from survey.questionnaire import indicators as library

pytestmark = pytest.mark.usefixtures("computed_once")

BY = "analyst@example.se"


def test_each_municipality_stands_beside_the_region_and_others_of_its_kind(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    sqlite_session.execute(update(Municipality).values(skr_group="Pendlingskommun"))
    done = process(sqlite_session, "2022", by=BY)
    kept = sqlite_session.scalars(select(Comparison).where(Comparison.release_id == done.release_id)).all()
    whole = {(row.geography, row.against_geography) for row in kept}
    assert whole == {("municipality", "all"), ("municipality", "skr_group"), ("area", "municipality")}
    sensitive = {one.id for one in library.indicators() if one.sensitive}
    with_points = {row.indicator for row in kept if row.difference is not None}
    assert with_points
    assert not with_points & sensitive
    assert {row.verdict for row in kept if row.indicator in sensitive and row.released} >= {
        "no_certain_difference"
    }
    kinds = select(func.count()).where(Estimate.geography == "skr_group")
    assert sqlite_session.scalar(kinds) == 0


def test_two_of_a_kind_are_not_compared_by_kind(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    strata = build_bundle(sqlite_session, {"2022": ["0114", "0180", "0187"]}).bundle.strata
    sqlite_session.execute(
        update(Municipality).where(Municipality.code != "0187").values(skr_group="Storstad")
    )
    assert unions_of_a_kind(sqlite_session, strata) is None


def test_each_municipality_is_compared_with_the_last_wave_it_took_part_in(three_sqlite_waves):
    done = process(three_sqlite_waves, "2022", by=BY)
    assert done.compared_with == {"2019": ("0114", "0180"), "2018": ("0187",)}
    pairs = three_sqlite_waves.execute(
        select(Change.code, Change.previous_wave).where(Change.geography == "municipality").distinct()
    )
    assert {tuple(pair) for pair in pairs} == {("0114", "2019"), ("0180", "2019"), ("0187", "2018")}
    assert set(three_sqlite_waves.scalars(select(Change.wave).distinct())) == {"2022"}
    earlier = (
        select(Estimate.wave).where(Estimate.geography == "municipality", Estimate.code == "0187").distinct()
    )
    assert set(three_sqlite_waves.scalars(earlier)) == {"2018", "2022"}


def test_a_union_is_compared_only_on_the_municipalities_in_both_waves(three_sqlite_waves):
    process(three_sqlite_waves, "2022", by=BY)
    region = select(Change.previous_wave).where(Change.geography == "all").distinct()
    assert three_sqlite_waves.scalars(region).all() == ["2019"]
    shown = select(Change.reason).where(Change.geography == "all", Change.released).distinct()
    assert "common_municipalities" in set(three_sqlite_waves.scalars(shown))
    assert set(three_sqlite_waves.scalars(select(Estimate.wave).where(Estimate.geography == "all"))) == {
        "2022"
    }


def test_all_is_compared_when_everybody_took_part_both_times(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022")
    process(sqlite_session, "2022", by=BY)
    assert set(sqlite_session.scalars(select(Change.previous_wave).where(Change.geography == "all"))) == {
        "2019"
    }


def test_the_region_is_compared_without_a_municipality_that_has_fallen_silent(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022", silent=("0180",))
    done = process(sqlite_session, "2022", by=BY)
    compared = set(sqlite_session.scalars(select(Change.geography).distinct()))
    assert {"municipality", "all"} <= compared
    assert "2022, hela regionen: Jämförs med 2019 utan 0180." in done.remarks


def test_a_wave_of_one_municipality_after_a_wave_of_all_compares_it_with_itself_alone(
    sqlite_session, add_wave
):
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022", municipalities=("0180",))
    process(sqlite_session, "2022", by=BY)
    estimates = sqlite_session.execute(select(Estimate.geography, Estimate.code).distinct())
    assert {code for geography, code in estimates if geography == "municipality"} == {"0180"}
    figures = {
        geography: sqlite_session.scalars(
            select(Change.change)
            .where(Change.geography == geography, Change.gender == "all", Change.age_group == "all")
            .order_by(Change.indicator, Change.statistic)
        ).all()
        for geography in ("all", "municipality")
    }
    assert figures["all"] == figures["municipality"]


def test_real_and_simulated_waves_are_never_compared(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019", synthetic=True)
    add_wave(sqlite_session, "2022", synthetic=False)
    assert process(sqlite_session, "2022", by=BY).compared_with == {}


def test_a_wave_still_open_is_no_previous_wave(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019", status=WaveStatus.OPEN)
    add_wave(sqlite_session, "2022")
    assert process(sqlite_session, "2022", by=BY).compared_with == {}


def test_a_changed_questionnaire_is_a_break_and_is_not_compared(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019", questionnaire_hash="0" * 64)
    add_wave(sqlite_session, "2022")
    process(sqlite_session, "2022", by=BY)
    rows = sqlite_session.execute(select(Change.verdict, Change.reason, Change.change).distinct()).all()
    assert rows == [("not_comparable", "break", None)]


def test_a_wave_of_other_ages_is_a_break_and_is_not_compared(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019").age_max = 79
    add_wave(sqlite_session, "2022")
    process(sqlite_session, "2022", by=BY)
    assert set(sqlite_session.scalars(select(Change.verdict).distinct())) <= {"not_comparable"}
    assert set(sqlite_session.scalars(select(Estimate.wave).where(Estimate.released))) == {"2022"}
