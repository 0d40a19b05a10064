"""From a plan to the number drawn from each stratum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import SamplingError
from analysis.expected_rates import Rates, expected_rates
from analysis.plans import RULES, Plan, sizes
from analysis.strata import stratify

FRAME = {
    "0180-01": {"16-19": 500, "20-29": 1500, "30-84": 8000},
    "0180-02": {"16-19": 100, "20-29": 0, "30-84": 900},
    "0186-01": {"16-19": 0, "20-29": 0, "30-84": 200},
}
YOUNG = ("16-19", "20-29")
HALF = Rates(0.5)


def test_equally_many_are_drawn_from_every_area_or_everybody():
    assert sizes(Plan(size=300), FRAME, HALF) == {"0180-01": 300, "0180-02": 300, "0186-01": 200}


def test_expected_answers_follow_the_rates_of_ages_and_areas():
    rates = Rates(0.5, {"16-19": 0.2, "20-29": 0.4, "30-84": 0.5}, {"0180-02": 0.5})
    # 0180-01: 0.05 x 0.2 + 0.15 x 0.4 + 0.8 x 0.5 = 0.47, so 94 / 0.47 = 200 are drawn;
    # 0180-02: 0.5 x (0.1 x 0.2 + 0.9 x 0.5) = 0.235, so 400; 0186-01: 0.5, so 188.
    plan = Plan("answers", answers=94)
    assert sizes(plan, FRAME, rates) == {"0180-01": 200, "0180-02": 400, "0186-01": 188}


def test_a_proportional_plan_draws_the_mean_size_in_all_within_its_floor():
    # 300 in all over 10,000, 1,000 and 200 persons: the smallest is lifted from 5.4 to its floor of 20, and
    # 280 are left for the others: 254.5 and 25.5.
    assert sizes(Plan("proportional", 100, floor=20), FRAME, HALF) == {
        "0180-01": 255,
        "0180-02": 25,
        "0186-01": 20,
    }


def test_neymans_plan_draws_more_where_the_figure_is_nearer_half():
    frame = {area: {"16-84": 10_000} for area in ("a", "b")}
    # Standard deviations 0.5 and 0.3: 5/8 and 3/8 of 800.
    assert sizes(Plan("neyman", 400), frame, HALF, {"a": 0.5, "b": 0.1}) == {"a": 500, "b": 300}
    with pytest.raises(SamplingError, match="needs the proportions of an earlier wave"):
        sizes(Plan("neyman", 400), frame, HALF)


def test_an_area_without_a_figure_is_given_the_mean_of_the_others():
    frame = {area: {"16-84": 10_000} for area in ("a", "b", "c")}
    found = sizes(Plan("neyman", 400), frame, HALF, {"a": 0.5, "b": 0.1})
    assert found["a"] > found["c"] > found["b"]
    assert sum(found.values()) == 1200


def test_chosen_areas_get_their_factor_and_then_what_is_added():
    plan = Plan(size=100, area_factors={"0180-01": 1.5, "0186-01": 3})
    assert sizes(plan, FRAME, HALF, extra={"0180-01": 50, "0180-02": 7}) == {
        "0180-01": 200,
        "0180-02": 107,
        "0186-01": 200,  # everybody
    }


def test_the_young_are_drawn_as_many_times_more_densely_and_the_area_keeps_its_number():
    plan = Plan(size=300, young=YOUNG, young_factor=2.0)
    # 0180-01: 300 over 2 x 2,000 and 8,000; 0180-02: over 2 x 100 and 900; nobody is young in 0186-01.
    assert sizes(plan, FRAME, HALF) == {
        "0180-01:young": 100,
        "0180-01:older": 200,
        "0180-02:young": 55,
        "0180-02:older": 245,
        "0186-01": 200,
    }


def test_more_are_drawn_for_the_same_answers_when_the_sample_holds_more_who_answer_seldom():
    rates = Rates(0.5, {"16-19": 0.2, "20-29": 0.2, "30-84": 0.5})
    plan = Plan("answers", answers=100, young=YOUNG, young_factor=2.0)
    found = sizes(plan, {"0180-01": FRAME["0180-01"]}, rates)
    assert found == {"0180-01:young": 83, "0180-01:older": 167}  # 100 / (1/3 x 0.2 + 2/3 x 0.5) = 250
    expected = found["0180-01:young"] * 0.2 + found["0180-01:older"] * 0.5
    assert expected == pytest.approx(100, abs=0.5)


def test_strata_are_areas_until_the_young_are_set_apart():
    assert stratify(FRAME).population == {"0180-01": 10000, "0180-02": 1000, "0186-01": 200}
    strata = stratify(FRAME, YOUNG)
    assert strata.of_cell["0180-01", "20-29"] == "0180-01:young"
    assert strata.of_cell["0180-01", "30-84"] == "0180-01:older"
    assert strata.of_cell["0186-01", "30-84"] == strata.of_cell["0186-01", "16-19"] == "0186-01"
    assert strata.by_area(strata.population) == stratify(FRAME).population


@settings(max_examples=60, deadline=None)
@given(
    rule=st.sampled_from(RULES),
    size=st.integers(1, 400),
    persons=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 900)), min_size=1, max_size=8),
    young_factor=st.sampled_from([0.5, 1.0, 3.0]),
    area_factor=st.floats(0.1, 5.0),
    extra=st.integers(0, 200),
)
def test_every_stratum_gets_somebody_and_nobody_is_drawn_twice(
    rule, size, persons, young_factor, area_factor, extra
):
    frame = {f"0180-{i:02}": {"16-29": young, "30-84": rest} for i, (young, rest) in enumerate(persons)}
    plan = Plan(rule, size, size, 1, ("16-29",), young_factor, {"0180-00": area_factor})
    strata = plan.strata(frame)
    found = sizes(plan, frame, Rates(0.4), {"0180-00": 0.3}, {"0180-00": extra})
    assert found.keys() == strata.population.keys()
    assert all(1 <= n <= strata.population[code] for code, n in found.items())
    # The classes of an area add up to what the same plan draws from the area as one stratum.
    if rule != "answers":
        whole = Plan(rule, size, size, 1, (), 1.0, {"0180-00": area_factor})
        undivided = sizes(whole, frame, Rates(0.4), {"0180-00": 0.3}, {"0180-00": extra})
        assert all(n - undivided[area] in (0, 1) for area, n in strata.by_area(found).items())


@pytest.mark.parametrize(
    ("plan", "extra", "message"),
    [
        (Plan(size=0), {}, "at least 1"),
        (Plan("answers", answers=0), {}, "at least 1"),
        (Plan("proportional", 10, floor=11), {}, "from 1 to the mean size, 10"),
        (Plan(area_factors={"0180-01": 0.0}), {}, "factor of area 0180-01"),
        (Plan(area_factors={"9999-01": 2.0}), {}, "no area 9999-01"),
        (Plan(), {"9999-01": 2}, "no area 9999-01"),
        (Plan(), {"0180-01": -1}, "0 is the least"),
        (Plan(young=YOUNG, young_factor=-1.0), {}, "factor of age class young"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_its_reason(plan, extra, message):
    with pytest.raises(SamplingError, match=message):
        sizes(plan, FRAME, HALF, extra=extra)


def test_an_area_where_nobody_lives_is_refused():
    with pytest.raises(SamplingError, match="area x has no persons"):
        sizes(Plan(), {"x": {"16-84": 0}}, HALF)


def test_expected_rates_keep_the_answers_of_areas_and_the_pattern_of_ages():
    drawn = {(area, age): 100 for area in "ab" for age in ("16-29", "30-84")}
    answered = {("a", "16-29"): 40, ("a", "30-84"): 80, ("b", "16-29"): 20, ("b", "30-84"): 40}
    rates = expected_rates(drawn, answered)
    # 60 of 200 young and 120 of 200 older answered; area a had 120 where its ages promise 90.
    assert rates.overall == 0.45
    assert rates.by_age == {"16-29": 0.3, "30-84": 0.6}
    assert rates.of_area == pytest.approx({"a": 4 / 3, "b": 2 / 3})
    assert sum(100 * rates.of("a", age) for age in ("16-29", "30-84")) == pytest.approx(120)
    assert rates.of("elsewhere", "16-29") == 0.3
    assert rates.of("elsewhere", "unknown") == 0.45


def test_few_drawn_give_no_rates_of_their_own():
    drawn = {("a", "16-84"): 100, ("b", "16-84"): 10}
    rates = expected_rates(drawn, {("a", "16-84"): 50, ("b", "16-84"): 9})
    assert "b" not in rates.of_area
    assert expected_rates({("b", "16-84"): 10}, {("b", "16-84"): 9}) is None
    assert expected_rates({("a", "16-84"): 100}, {}) is None


def test_more_answers_than_drawn_are_refused():
    with pytest.raises(SamplingError, match="3 answered of 2 drawn in a 16-84"):
        expected_rates({("a", "16-84"): 2}, {("a", "16-84"): 3})
