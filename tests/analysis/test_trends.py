"""Trends by generalised least squares: against R, by hand, and under simulation."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text, random_survey, row
from test_changes import bundle as recipes
from test_changes import cell
from test_comparability import BREAK_COLUMNS
from test_overlap import twice
from test_unions import without

from analysis import pipeline
from analysis.keys import CELL
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings
from analysis.trends import trends

DEFAULT = Settings.default()
YEARS = ("2019", "2021", "2022", "2024", "2025")
LEVELS, ERRORS = (0.30, 0.33, 0.31, 0.37, 0.40), (0.02, 0.025, 0.02, 0.03, 0.02)


def waves_of(waves=YEARS, names=("theft",), breaks=(), **options) -> Bundle:
    """Recipes and the waves of a survey: no more is needed of a bundle."""
    table = pd.DataFrame(breaks, columns=BREAK_COLUMNS) if breaks else None
    strata = pd.DataFrame({"wave": waves, "stratum": "s", "municipality_code": "0180"})
    return replace(recipes(names, **options), strata=strata, breaks=table)


def series(levels=LEVELS, errors=ERRORS, waves=YEARS, **other) -> list[dict[str, object]]:
    return [cell(wave, p, 500, se=se, **other) for wave, p, se in zip(waves, levels, errors, strict=True)]


def followed(*cells, of=None, covariances=None) -> pd.DataFrame:
    return trends(pd.DataFrame(cells), of or waves_of(), DEFAULT, covariances)


def overlapping() -> pd.DataFrame:
    key = {name: series()[0][name] for name in CELL}
    pairs = [("2019", "2021", 0.0002), ("2024", "2025", 0.0003)]
    return pd.DataFrame([{**key, "previous_wave": one, "wave": two, "cov": cov} for one, two, cov in pairs])


# Reference: tests/reference/gls_trend.R


def test_the_slope_with_overlapping_waves_equals_r() -> None:
    found = followed(*series(), covariances=overlapping()).iloc[0]
    assert found["scale"] == "identity"
    assert found["last"] == pytest.approx(0.38704855591878368, rel=1e-10)
    assert found["slope"] == pytest.approx(0.01681822271541254, rel=1e-10)
    assert found["se"] == pytest.approx(0.00468547046157593, rel=1e-10)
    assert found["p_linearity"] == pytest.approx(0.41778727814512462, rel=1e-9)
    assert found["first"] == pytest.approx(found["last"] - 6 * found["slope"])


def test_the_step_at_a_break_equals_r_and_the_line_is_todays() -> None:
    broken = waves_of(breaks=[("2024", "theft", "", "wording", "", "")])
    found = followed(*series(), of=broken, covariances=overlapping()).iloc[0]
    assert found["break_wave"] == "2024"
    assert found["slope"] == pytest.approx(0.00910237014624308, rel=1e-10)
    assert found["se"] == pytest.approx(0.00805928612153111, rel=1e-10)
    assert found["step"] == pytest.approx(0.04825012607160870, rel=1e-10)
    assert found["se_step"] == pytest.approx(0.04100539305022240, rel=1e-10)
    assert found["last"] == pytest.approx(0.39701462430660583, rel=1e-10)


def test_rare_figures_are_followed_on_the_logit_scale_as_in_r() -> None:
    found = followed(*series((0.05, 0.06, 0.055, 0.08, 0.09), (0.01, 0.012, 0.01, 0.015, 0.012))).iloc[0]
    assert found["scale"] == "logit"
    assert found["slope"] == pytest.approx(0.1109353710959430, rel=1e-10)
    assert found["se"] == pytest.approx(0.0385460088909059, rel=1e-10)
    assert found["last"] == pytest.approx(1 / (1 + np.exp(2.3476874914161319)), rel=1e-10)
    assert found["p_linearity"] == pytest.approx(0.8197709125755120, rel=1e-9)


# Identities and invariants


def test_a_line_without_error_is_found_exactly() -> None:
    levels = [0.3 + 0.01 * (int(year) - 2019) for year in YEARS]
    found = followed(*series(levels)).iloc[0]
    assert found["slope"] == pytest.approx(0.01)
    assert found["first"] == pytest.approx(0.30)
    assert found["p_linearity"] == pytest.approx(1.0)


def test_years_that_were_left_out_count_as_time_and_other_codes_as_places() -> None:
    places = dict(zip(YEARS, ("w1", "w2", "w3", "w4", "w5"), strict=True))
    years = followed(*series([0.3 + 0.01 * k for k in range(5)])).iloc[0]
    named = [{**one, "wave": places[one["wave"]]} for one in series([0.3 + 0.01 * k for k in range(5)])]
    steps = followed(*named, of=waves_of(tuple(places.values()))).iloc[0]
    assert steps["slope"] == pytest.approx(0.01)
    assert years["slope"] < 0.01


def test_the_order_of_the_rows_does_not_matter() -> None:
    ours, other = followed(*series()), followed(*series()[::-1])
    pd.testing.assert_frame_equal(ours, other)


def test_a_hidden_figure_is_not_used() -> None:
    cells = series()
    cells[1] = {**cells[1], "estimate": 0.9, "released": 0}
    rest = [one for one in series() if one["wave"] != "2021"]
    found, without_it = followed(*cells).iloc[0], followed(*rest, of=waves_of()).iloc[0]
    assert found["waves"] == "2019 2022 2024 2025"
    assert found["slope"] == without_it["slope"]


def test_a_bridge_moves_the_earlier_figures_together_and_makes_the_slope_less_certain() -> None:
    bridged = waves_of(breaks=[("2022", "theft", "", "wording", "0.05", "0.02")])
    moved = series([p + 0.05 * (year < "2022") for p, year in zip(LEVELS, YEARS, strict=True)])
    certain = waves_of(breaks=[("2022", "theft", "", "wording", "0.05", "0")])
    found = followed(*series(), of=bridged).iloc[0]
    assert followed(*series(), of=certain).iloc[0]["slope"] == pytest.approx(
        followed(*moved).iloc[0]["slope"]
    )
    assert found["se"] > followed(*moved).iloc[0]["se"]
    assert found["break_wave"] == ""


def test_a_wave_alone_between_breaks_has_no_part_in_the_line() -> None:
    """Its step would take all that it says, and the slope of the others be drawn out over it."""
    early = waves_of(breaks=[("2021", "theft", "", "wording", "", "")])
    since = waves_of(since="2022")
    middle = waves_of(breaks=[(wave, "theft", "", "mode", "", "") for wave in ("2021", "2022")])
    others = followed(*series()[1:], of=waves_of(YEARS[1:])).iloc[0]
    for bundle, left in ((early, YEARS[1:]), (since, YEARS[2:]), (middle, YEARS[2:])):
        found = followed(*series(), of=bundle).iloc[0]
        assert found["waves"] == " ".join(left)
        assert found["break_wave"] == ""
        if left == YEARS[1:]:
            pd.testing.assert_series_equal(found, others)
    three = waves_of(YEARS[:3], breaks=[("2021", "theft", "", "wording", "", "")])
    two = followed(*series((0.30, 0.30, 0.35), (0.01,) * 3, YEARS[:3]), of=three).iloc[0]
    assert (two["reason"], two["verdict"]) == ("few_waves", "not_comparable")


def test_a_break_just_before_the_last_wave_is_told_not_followed_to_the_wave_before_it() -> None:
    """The line of the others would rise to 2024 and be read as today's."""
    late = waves_of(names=("theft", "other"), breaks=[("2025", "theft", "", "wording", "", "")])
    found = followed(*series(), *series(indicator="other"), of=late)
    broken, other = (found[found["indicator"].eq(name)].iloc[0] for name in ("theft", "other"))
    assert (broken["wave"], broken["waves"], broken["break_wave"]) == ("2025", "2025", "2025")
    assert (broken["reason"], broken["verdict"]) == ("short_since_break", "not_comparable")
    assert broken[["slope", "change", "first", "last"]].isna().all()
    assert (other["waves"], other["reason"]) == (" ".join(YEARS), "")
    since = followed(*series(), of=waves_of(since="2025")).iloc[0]
    pd.testing.assert_series_equal(since, broken)


def test_waves_on_either_side_of_one_left_out_are_of_one_series_when_their_items_are() -> None:
    words = {"2022": "other"}
    items = [(wave, "theft", words.get(wave, "the same")) for wave in YEARS]
    definitions = pd.DataFrame(items, columns=["wave", "item", "definition"])
    found = followed(*series(), of=replace(waves_of(), definitions=definitions)).iloc[0]
    rest = followed(*[one for one in series() if one["wave"] != "2022"], of=waves_of()).iloc[0]
    pd.testing.assert_series_equal(found, rest)


# Reasons and words


def test_two_waves_are_no_trend() -> None:
    assert followed(*series()[:2]).empty


def test_what_cannot_be_followed_says_why() -> None:
    hidden = [{**one, "released": int(one["wave"] > "2021")} for one in series()[:4]]
    zero = series((0.0, *LEVELS[1:]), (0.0, *ERRORS[1:]))
    torn = waves_of(waves=YEARS[:3], breaks=[(year, "theft", "", "mode", "", "") for year in YEARS[1:3]])
    found = [followed(*hidden), followed(*zero), followed(*series()[:3], of=torn)]
    assert [one.iloc[0]["reason"] for one in found] == ["few_waves", "no_standard_error", "short_since_break"]
    for one in found:
        assert one.iloc[0]["verdict"] == "not_comparable"
        assert one.iloc[0][["slope", "se", "p", "first", "last"]].isna().all()


@pytest.mark.parametrize(
    ("levels", "error", "word"),
    [
        ((0.30, 0.32, 0.33, 0.35, 0.36), 0.01, "rising"),
        ((0.36, 0.34, 0.33, 0.31, 0.30), 0.01, "falling"),
        ((0.30, 0.301, 0.299, 0.30, 0.30), 0.01, "steady"),
        ((0.30, 0.32, 0.33, 0.35, 0.36), 0.05, "too_uncertain"),
        ((0.30, 0.40, 0.30, 0.40, 0.30), 0.01, "not_linear"),
        ((0.300, 0.302, 0.304, 0.306, 0.308), 0.0005, "steady"),  # certain, but smaller than 2 points
    ],
)
def test_the_verdict_by_hand(levels, error, word) -> None:
    assert followed(*series(levels, (error,) * 5)).iloc[0]["verdict"] == word


@pytest.mark.parametrize("level", [0.3, 0.06])
def test_a_trend_that_is_not_there_is_found_in_three_to_seven_percent_of_tests(level: float) -> None:
    random, names, n = np.random.default_rng(81), [f"i{k}" for k in range(3000)], 500
    cells = [
        cell(wave, count / n, n, indicator=name)
        for wave in YEARS
        for name, count in zip(names, random.binomial(n, level, len(names)), strict=True)
    ]
    found = followed(*cells, of=waves_of(names=names))
    assert 0.03 <= (found["p"] < 0.05).mean() <= 0.07
    assert 0.03 <= (found["p_linearity"] < 0.05).mean() <= 0.07


# Through the pipeline, with pooling


def three_waves(panel: bool = False) -> Bundle:
    seeds = (91, 91, 91) if panel else (91, 92, 93)
    bundles = [random_survey(seed, municipalities=3, drawn=200) for seed in seeds]
    both = twice(bundles[0], panel, bundles[1])
    tables = {}
    for name in ("strata", "population", "sample", "responses"):
        third = getattr(bundles[2], name).assign(wave="2028")
        if name == "sample" and panel:
            third = third.assign(person_id=third["case_id"])
        tables[name] = pd.concat([getattr(both, name), third], ignore_index=True)
    return validate_bundle(replace(both, **tables))


def run(bundle: Bundle, **options) -> pipeline.Results:
    return pipeline.run(bundle, DEFAULT, protected=False, **options)


def test_the_trend_of_three_waves_by_hand() -> None:
    results = run(three_waves(), trend=True)
    estimates = as_text(results.estimates)
    estimates = estimates[estimates["indicator"].eq("q")]
    three = [row(estimates, wave=wave, code="0180") for wave in ("2026", "2027", "2028")]
    y, w = np.array([one["estimate"] for one in three]), np.array([one["se"] for one in three]) ** -2
    t = np.array([-2.0, -1.0, 0.0])
    centre = (w * t).sum() / w.sum()
    found = row(results.trends[results.trends["indicator"].eq("q")], code="0180")
    assert found["slope"] == pytest.approx((w * (t - centre) * y).sum() / (w * (t - centre) ** 2).sum())
    assert found["se"] == pytest.approx((w * (t - centre) ** 2).sum() ** -0.5)


def test_the_trend_of_a_union_rests_on_the_municipalities_it_had_in_every_wave() -> None:
    bundle = three_waves()
    found = run(without(bundle, "0181", ("2027",)), trend=True).trends
    never = run(without(bundle, "0181", ("2026", "2027", "2028")), trend=True).trends
    ours, theirs = (one[one["geography"].eq("all")]["slope"].to_numpy(float) for one in (found, never))
    assert len(ours) > 0
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_union_that_holds_other_parts_of_a_municipality_is_not_compared_followed_or_pooled_with_it() -> (
    None
):
    """Not even when its municipalities are the same: the figure is about other persons."""
    bundle = three_waves()
    held = {
        "same": lambda wave: ["0180-0", "0180-1"],
        "grown": lambda wave: ["0180-0", "0180-1", *["0180-2"] * (wave == "2028")],
        "part": lambda wave: ["0180-0", *["0180-1"] * (wave == "2028"), "0181-", "0182-"],
        "rest": lambda wave: ["0181-", "0182-"],
    }
    rows = bundle.strata[["wave", "stratum"]].itertuples(index=False)
    table = [
        (wave, "union", code, stratum)
        for wave, stratum in rows
        for code, parts in held.items()
        if stratum.startswith(tuple(parts(wave)))
    ]
    domains = pd.DataFrame(table, columns=["wave", "geography", "code", "stratum"])
    found = run(validate_bundle(replace(bundle, domains=domains)), trend=True, pool=2)
    tables = {
        name: one[one["geography"].eq("union") & one["gender"].eq("all") & one["age_group"].eq("all")]
        .query("indicator == 'q'")
        .set_index("code")
        for name, one in (
            ("changes", as_text(found.changes)),
            ("trends", found.trends),
            ("pooled", as_text(found.pooled)),
        )
    }
    reasons = tables["changes"]["reason"].to_dict()
    assert reasons == {
        "same": "",
        "grown": "other_municipalities",
        "part": "common_municipalities",
        "rest": "",
    }
    assert tables["changes"]["change"].isna().to_dict() == {code: code == "grown" for code in held}
    assert set(tables["trends"].index) == set(tables["pooled"].index) == {"same", "part", "rest"}
    for name, figure in (("changes", "change"), ("trends", "slope"), ("pooled", "estimate")):
        assert tables[name].loc["part", figure] == pytest.approx(tables[name].loc["rest", figure])


def test_pooled_waves_are_their_weighted_mean_with_independent_variances() -> None:
    results = run(three_waves(), pool=3)
    estimates = as_text(results.estimates)
    estimates = estimates[estimates["indicator"].eq("q")]
    parts = [row(estimates, wave=wave, code="0180") for wave in ("2026", "2027", "2028")]
    pooled = as_text(results.pooled)
    found = row(pooled[pooled["indicator"].eq("q")], code="0180", wave="2026+2027+2028")
    share = np.array([one["population"] for one in parts])
    assert found["n"] == sum(one["n"] for one in parts)
    assert found["population"] == pytest.approx(share.mean())
    assert found["estimate"] == pytest.approx(np.average([one["estimate"] for one in parts], weights=share))
    by_hand = np.sqrt(sum((s / share.sum() * one["se"]) ** 2 for s, one in zip(share, parts, strict=True)))
    # The levels differ between the waves, and the sizes of the base are fixed by the totals.
    assert found["se"] == pytest.approx(by_hand, rel=1e-6)


def test_a_panel_that_answers_the_same_gains_nothing_from_pooling() -> None:
    results = run(three_waves(panel=True), pool=2, trend=True)
    estimates, pooled = as_text(results.estimates), as_text(results.pooled)
    one = row(estimates[estimates["indicator"].eq("q")], code="0180", wave="2028")
    both = row(pooled[pooled["indicator"].eq("q")], code="0180", wave="2027+2028")
    assert both["estimate"] == pytest.approx(one["estimate"])
    assert both["se"] == pytest.approx(one["se"], rel=0.02)


@pytest.mark.parametrize("bridge", [("", ""), ("0.02", "0.01")])
def test_nothing_is_pooled_across_a_break(bridge: tuple[str, str]) -> None:
    breaks = pd.DataFrame([("2028", "q", "", "mode", *bridge)], columns=BREAK_COLUMNS)
    pooled = as_text(run(validate_bundle(replace(three_waves(), breaks=breaks)), pool=2).pooled)
    assert set(pooled.loc[pooled["indicator"].eq("q"), "reason"]) == {"break"}
    assert pooled.loc[pooled["indicator"].eq("q"), "released"].eq(0).all()
    assert not pooled.loc[pooled["indicator"].eq("r"), "reason"].eq("break").any()
