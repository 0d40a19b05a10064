"""A municipality proposes other areas and pays for an extra sample in some; the operator decides."""

from datetime import date, timedelta

import pytest
from invited_wave import BY, LISTING, OWN, POPULATION_DATE, WAVE
from sqlalchemy.orm import Session

from analysis.precision import expected_precision
from survey.errors import Faults, UserError
from survey.models.area import Area
from survey.models.participation import AreaChoice
from survey.models.wave import Stratum, Wave
from survey.preparation import (
    completeness,
    extra_samples,
    new_waves,
    participation,
    recuts,
)
from survey.preparation.completeness import Part
from survey.preparation.geography import areas_on
from survey.preparation.plan_checks import PlanSettings
from survey.preparation.plans import set_plan
from survey.preparation.wave_settings import WaveSettings


def test_a_proposal_changes_no_area_until_the_operator_applies_it(accepted: Session) -> None:
    before = areas_on(accepted, POPULATION_DATE)
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    assert areas_on(accepted, POPULATION_DATE) == before
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)
    assert recuts.apply(accepted, WAVE, OWN, BY) == ("0187-03", "0187-04", "0187-05")
    assert list(areas_on(accepted, POPULATION_DATE)) == ["0187-03", "0187-04", "0187-05"]
    assert Part.AREAS not in completeness.missing(accepted, WAVE, OWN)


def test_a_re_cut_ends_the_old_areas_the_day_before_and_leaves_the_past_as_it_was(accepted: Session) -> None:
    before = areas_on(accepted, POPULATION_DATE - timedelta(days=1))
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert areas_on(accepted, POPULATION_DATE - timedelta(days=1)) == before
    old = accepted.get_one(Area, "0187-01")
    assert (old.valid_from, old.valid_to) == (date(2018, 1, 1), POPULATION_DATE - timedelta(days=1))
    assert recuts.register_keys(accepted, ("0187-03",)) == {"0187A0010": "0187-03", "0187A0020": "0187-03"}


def test_a_re_cut_that_begins_after_a_day_that_was_moved_is_to_be_decided_again(accepted: Session) -> None:
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert Part.AREAS not in completeness.missing(accepted, WAVE, OWN)
    accepted.get_one(Wave, WAVE).population_date = POPULATION_DATE - timedelta(days=30)
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)


def test_a_second_re_cut_before_the_frame_replaces_the_first_and_reuses_no_code(accepted: Session) -> None:
    for _ in range(2):
        recuts.propose(accepted, WAVE, OWN, LISTING, BY)
        codes = recuts.apply(accepted, WAVE, OWN, BY)
    assert codes == ("0187-06", "0187-07", "0187-08")
    assert accepted.get(Area, "0187-03") is None
    assert list(areas_on(accepted, POPULATION_DATE)) == list(codes)


def test_areas_that_a_wave_already_uses_after_that_day_are_not_ended(accepted: Session) -> None:
    later = WaveSettings(
        "2028", "Annan omgång", POPULATION_DATE, date(2028, 2, 1), date(2028, 3, 1), synthetic=True
    )
    new_waves.create_wave(accepted, later, BY)
    accepted.add(Stratum(wave_code="2028", area_code="0187-01", municipality_code=OWN, population=900))
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    with pytest.raises(UserError, match="används redan i omgång 2028"):
        recuts.apply(accepted, WAVE, OWN, BY)
    assert accepted.get_one(Area, "0187-01").valid_to is None


def test_a_refused_proposal_tells_why_and_leaves_the_areas_undecided(accepted: Session) -> None:
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.refuse(accepted, WAVE, OWN, "Öarna har för få invånare.", BY)
    found = recuts.find_proposal(accepted, WAVE, OWN)
    assert found is not None
    assert (found.choice, found.decided_because) == (AreaChoice.REFUSED, "Öarna har för få invånare.")
    assert Part.AREAS in completeness.missing(accepted, WAVE, OWN)
    with pytest.raises(UserError, match="inget förslag"):
        recuts.apply(accepted, WAVE, OWN, BY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "har 0 delområden"),
        ("Vaxön", "Rad 1: Vaxön saknar nycklar"),
        ("Vaxön;0186A0010", "Rad 1: nyckeln '0186A0010' ska börja med kommunens kod, 0187"),
        ("Vaxön;0187A0010\nvaxön;0187A0020", "Namnet 'vaxön' står 2 gånger"),
        ("Vaxön;0187A0010\nResarö;0187A0010", "Nyckeln '0187A0010' står 2 gånger"),
        (";0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("a\u202eb;0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("x" * 81 + ";0187A0010", "Rad 1: delområdet ska ha ett namn"),
        ("\n".join(f"Område {i};0187{i:03d}" for i in range(100)), "har 100 delområden"),
    ],
)
def test_a_listing_that_cannot_be_used_is_told_by_line(accepted: Session, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        recuts.propose(accepted, WAVE, OWN, text, BY)
    assert recuts.find_proposal(accepted, WAVE, OWN) is None


def test_areas_are_shown_with_the_inhabitants_of_the_newest_frame(accepted: Session) -> None:
    for code, day, persons in (("2020", date(2020, 9, 30), 800), ("2022", date(2022, 9, 30), 900)):
        past = WaveSettings(code, code, day, date(2030, 1, 1), date(2030, 2, 1), synthetic=True)
        new_waves.create_wave(accepted, past, BY)
        accepted.add(Stratum(wave_code=code, area_code="0187-01", municipality_code=OWN, population=persons))
    accepted.flush()
    first, second = recuts.current_areas(accepted, WAVE, OWN)
    assert (first.population, first.counted_in) == (900, "2022")
    assert (second.population, second.counted_in) == (None, None)


def test_the_extra_sample_is_kept_by_area_with_what_it_buys(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300", "0187-02": ""}, BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {"0187-01": 300}
    first, second = extra_samples.area_sizes(accepted, WAVE, OWN)
    assert (first.planned, first.extra, second.extra) == (300, 300, 0)
    assert first.now == expected_precision(300, 0.45, 0.3, 1.3)
    assert first.then == expected_precision(600, 0.45, 0.3, 1.3)
    assert second.then == second.now
    assert first.then.detectable_change < first.now.detectable_change
    # By a plan that draws more in some areas nobody knows yet how many an area has.
    set_plan(accepted, WAVE, PlanSettings(rule="proportional"), None, BY)
    first, second = extra_samples.area_sizes(accepted, WAVE, OWN)
    assert (first.planned, first.extra, first.now, second.then) == (None, 300, None, None)
    assert extra_samples.steps(accepted, WAVE) == []
    assert PlanSettings(rule="proportional").mean == 300
    assert not PlanSettings(area_factors={"0187-01": 2.0}).equal
    extra_samples.set_extra(accepted, WAVE, OWN, {}, BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {}


def test_who_takes_no_part_has_no_extra_sample(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300"}, BY)
    participation.answer(accepted, WAVE, OWN, False, "", BY)
    assert extra_samples.extra_per_area(accepted, WAVE) == {}


def test_an_extra_sample_that_cannot_be_drawn_is_told_at_its_area(accepted: Session) -> None:
    past = WaveSettings("2022", "2022", date(2022, 9, 30), date(2030, 1, 1), date(2030, 2, 1), synthetic=True)
    new_waves.create_wave(accepted, past, BY)
    accepted.add(Stratum(wave_code="2022", area_code="0187-01", municipality_code=OWN, population=400))
    accepted.flush()
    with pytest.raises(Faults) as refused:
        extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "101", "0187-02": "många"}, BY)
    assert "bor 400 personer" in refused.value.by_field["0187-01"]
    assert "heltal" in refused.value.by_field["0187-02"]
    assert extra_samples.extra_per_area(accepted, WAVE) == {}
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "100"}, BY)


def test_a_re_cut_takes_the_extra_sample_of_the_areas_that_end(accepted: Session) -> None:
    extra_samples.set_extra(accepted, WAVE, OWN, {"0187-01": "300"}, BY)
    recuts.propose(accepted, WAVE, OWN, LISTING, BY)
    recuts.apply(accepted, WAVE, OWN, BY)
    assert [size.extra for size in extra_samples.area_sizes(accepted, WAVE, OWN)] == [0, 0, 0]
