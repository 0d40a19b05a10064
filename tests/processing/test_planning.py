"""What a plan promises before it is decided, from a small survey whose earlier wave is known."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.release import Estimate, Release
from survey.models.response import Response
from survey.models.wave import Stratum, Wave
from survey.preparation.plan_checks import PlanSettings, plan_of
from survey.preparation.plans import basis_of, decided_allocation
from survey.processing import planning
from survey.questionnaire import indicators

BY = "test"
PLACE, OTHER = "0180", "0187"
AREA = 8 * 250  # persons in the first area; twice as many in the second


@pytest.fixture
def framed(sqlite_session, add_wave):
    """A wave with a frame and without a sample, after one where half of 160 in each area answered."""
    add_wave(sqlite_session, "2021", (PLACE,))
    add_wave(sqlite_session, "2022", (PLACE, OTHER))
    for table in (Case, Response):
        sqlite_session.execute(delete(table).where(table.wave_code == "2022"))
    sqlite_session.execute(update(Stratum).where(Stratum.wave_code == "2022").values(sampled=0))
    wave = sqlite_session.get_one(Wave, "2022")
    wave.status, wave.seed = "framed", 8
    sqlite_session.flush()
    return sqlite_session


def sampled(outlook):
    return {unit.code: unit.prospect.sampled for unit in outlook.units}


def test_the_plan_of_a_new_wave_promises_what_equal_samples_give(framed):
    found = planning.decided(framed, "2022")
    assert sampled(found) == {
        "all": 640,
        PLACE: 320,
        "0180-01": 160,
        "0180-02": 160,
        OTHER: 320,
        "0187-01": 160,
        "0187-02": 160,
    }
    assert found.based_on == "2021"
    assert found.region.answers == pytest.approx(320)
    area = found.units[2].prospect
    assert area.n_eff == pytest.approx(80 / (1 - 80 / AREA))
    assert area.compared
    assert not found.units[5].prospect.compared


def test_a_form_without_one_answer_is_no_answer_to_expect(framed):
    """As in the result: 10 of the 80 answers from the first area hold nothing."""
    there = Response.wave_code == "2021", Response.area_code == "0180-01"
    for response in framed.scalars(select(Response).where(*there).order_by(Response.id).limit(10)):
        response.answers = '{"gender":"","worry_burglary":""}'
    framed.flush()
    planning.decide(framed, "2022", PlanSettings("answers", answers=100), BY)
    assert basis_of(framed, "2022").rates.overall == pytest.approx(150 / 320)


def test_trying_an_alternative_stores_nothing(framed):
    found = planning.alternative(framed, "2022", PlanSettings("answers", answers=100))
    assert sampled(found)["0180-01"] == 200  # half of them answer
    assert found.units[2].prospect.answers == pytest.approx(100)
    assert plan_of(framed, framed.get_one(Wave, "2022")) == PlanSettings(sample_per_area=160)


def test_a_decided_plan_is_kept_with_what_it_expected_and_noted(framed):
    plan = PlanSettings("answers", answers=100, area_factors={"0187-02": 1.5})
    planning.decide(framed, "2022", plan, BY)
    # Later withdrawals change what a new plan would expect, not what this one draws.
    framed.execute(delete(Response).where(Response.wave_code == "2021", Response.area_code == "0180-01"))
    wave = framed.get_one(Wave, "2022")
    assert plan_of(framed, wave) == plan
    assert basis_of(framed, "2022").rates.overall == 0.5
    assert decided_allocation(framed, wave).sizes["0180-01"] == 200
    assert decided_allocation(framed, wave).sizes["0187-02"] == 300
    event = framed.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    told = json.loads(event.detail)
    assert (event.actor, event.subject, told["based_on"]) == (BY, "2022", "2021")
    assert (told["before"]["rule"], told["after"]["rule"]) == ("per_area", "answers")


def test_a_plan_can_be_changed_until_the_sample_is_drawn(framed):
    planning.decide(framed, "2022", PlanSettings("proportional", 120, floor=20), BY)
    planning.decide(framed, "2022", PlanSettings(sample_per_area=90), BY)
    assert sampled(planning.decided(framed, "2022"))["0180-02"] == 90
    framed.get_one(Wave, "2022").status = "sampled"
    with pytest.raises(UserError, match="har läget ”urval draget”, men steget kräver"):
        planning.decide(framed, "2022", PlanSettings(), BY)


def test_a_plan_by_population_costs_as_much_and_shows_more_of_the_whole(framed):
    equal = planning.alternative(framed, "2022", PlanSettings(sample_per_area=150))
    shared = planning.alternative(framed, "2022", PlanSettings("proportional", 150, floor=10))
    assert shared.region.sampled == equal.region.sampled == 600
    assert sampled(shared)["0180-01"] == 100
    margins = [one.region.by_proportion[0.5].margin for one in (shared, equal)]
    assert margins[0] < margins[1]


def test_an_earlier_wave_with_the_same_draw_is_told_by_chance(framed):
    overlap = planning.decided(framed, "2022").overlaps[0]
    # 160 of 2,000 and of 4,000 persons, twice, in the municipality that was there both times.
    assert overlap.persons == pytest.approx(160 * 160 / 2000 + 160 * 160 / 4000)
    assert overlap.share == pytest.approx(19.2 / 640)
    framed.get_one(Wave, "2022").seed = framed.get_one(Wave, "2021").seed
    assert planning.decided(framed, "2022").overlaps[0].persons is None


def test_without_an_earlier_wave_the_rate_is_the_one_that_is_assumed(framed):
    framed.execute(delete(Response).where(Response.wave_code == "2021"))
    found = planning.alternative(framed, "2022", PlanSettings(sample_per_area=100, expected_rate=0.4))
    assert found.based_on is None
    assert found.units[2].prospect.answers == pytest.approx(40)
    assert not found.region.compared


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (PlanSettings("neyman"), "behöver ett resultat"),
        (PlanSettings("random"), "Välj en fördelning"),  # type: ignore[arg-type]
        (PlanSettings(sample_per_area=0), "minst 1"),
        (PlanSettings("answers", answers=0), "Önskat antal svar"),
        (PlanSettings("proportional", 50, floor=60), "Minsta antal"),
        (PlanSettings(expected_rate=0.0), "Väntad svarsfrekvens"),
        (PlanSettings(young_factor=99.0), "De ungas faktor"),
        (PlanSettings(young_factor=2.0, young_until=27), "19, 24, 29"),
        (PlanSettings(young_factor=2.0, young_until=84), "19, 24, 29"),
        (PlanSettings(area_factors={"0180-01": 0.0}), "Faktorn för 0180-01"),
        (PlanSettings(area_factors={"9999-01": 2.0}), "9999-01, som inte hör till omgången"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_told_and_not_kept(framed, plan, told):
    for attempt in (planning.alternative, lambda *given: planning.decide(*given, BY)):
        with pytest.raises(UserError, match=told):
            attempt(framed, "2022", plan)
    assert plan_of(framed, framed.get_one(Wave, "2022")).rule == "per_area"


def test_a_wave_without_a_frame_has_nothing_to_show_but_may_have_a_plan(framed):
    framed.get_one(Wave, "2022").status = "planned"
    with pytest.raises(UserError, match="ingen urvalsram än"):
        planning.decided(framed, "2022")
    plan = replace(PlanSettings(), rule="proportional")
    planning.decide(framed, "2022", plan, BY)
    assert plan_of(framed, framed.get_one(Wave, "2022")) == plan


def release_of(session, *, released=True):
    """A released result of 2021: two areas, the first with twice the design effect."""
    moment = datetime(2021, 12, 1, tzinfo=UTC)
    release = Release(
        wave_code="2021",
        version=1,
        synthetic=True,
        created_at=moment,
        created_by=BY,
        manifest="{}",
    )
    session.add(release)
    session.flush()
    headlines = [one.id for one in indicators.indicators() if one.headline]
    place = {"wave": "2021", "geography": "area", "gender": "all", "age_group": "all"}
    for code, share, n_eff in (("0180-01", 0.5, 40.0), ("0180-02", 0.1, 80.0)):
        for indicator, estimate in zip(headlines, (share, 0.7, 0.7), strict=False):
            session.add(
                Estimate(
                    release_id=release.id,
                    **place,
                    code=code,
                    indicator=indicator,
                    statistic="proportion",
                    n=80,
                    estimate=estimate,
                    n_eff=n_eff,
                    released=True,
                    reason="",
                )
            )
    session.flush()
    release.released_at = moment if released else None
    session.flush()


def test_the_result_of_an_earlier_wave_gives_design_effects_and_neymans_spread(framed):
    plain = planning.decided(framed, "2022")
    release_of(framed)
    found = planning.decided(framed, "2022")
    areas = [[unit.prospect.n_eff for unit in one.of("area")] for one in (plain, found)]
    # Effects of 2 and 1; an area that was not there has their median, 1.5.
    assert [a / b for a, b in zip(*areas, strict=True)] == pytest.approx([2, 1, 1.5, 1.5])
    neyman = sampled(planning.alternative(framed, "2022", PlanSettings("neyman", 200, floor=1)))
    # N x sqrt(p(1-p)): 2,000 x 0.5 and 4,000 x 0.3 in the first municipality.
    assert neyman["0180-02"] / neyman["0180-01"] == pytest.approx(1.2, rel=0.01)
    assert neyman["all"] == 800


def test_a_draft_is_nothing_to_plan_by(framed):
    release_of(framed, released=False)
    with pytest.raises(UserError, match="behöver ett resultat"):
        planning.alternative(framed, "2022", PlanSettings("neyman"))
    rules = [one.plan.rule for one in planning.compare(framed, "2022", PlanSettings()).others]
    assert rules == ["per_area", "answers", "proportional"]
