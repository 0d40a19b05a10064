"""Series known only as published figures: as given, compared, and tested only when that is possible."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from small_surveys import as_text, binary, even_people, even_population, random_survey, row, survey

from analysis import comparability, pipeline
from analysis.errors import InputError
from analysis.schema import COLUMNS as COLUMNS_OF
from analysis.schema import validate_bundle
from analysis.settings import Settings

COLUMNS = ["wave", "geography", "code", "gender", "age_group", "indicator", "statistic", "estimate", "source"]
BEFORE = {"previous_wave": "2020", "code": "0180", "indicator": "q"}


def figure(estimate, wave="2020", code="0180", gender="all", **more):
    key = (wave, "municipality", code, gender, "all", "q", "proportion", str(estimate), "Rapport 2020")
    return {**dict(zip(COLUMNS, key, strict=True)), **{name: str(value) for name, value in more.items()}}


def with_published(bundle, *figures):
    return validate_bundle(replace(bundle, published=pd.DataFrame(figures)))


@pytest.fixture(scope="module")
def bundle():
    return random_survey(4)


def run(bundle, *figures, **options):
    found = pipeline.run(
        with_published(bundle, *figures) if figures else bundle, Settings.default(), **options
    )
    return as_text(found.estimates), as_text(found.changes)


def test_a_published_figure_is_listed_as_given(bundle):
    estimates, _ = run(bundle, figure(0.4, n=812), figure(0.4, gender="woman", n=400, lower=0.36, upper=0.44))
    of_women = row(estimates, wave="2020", code="0180", indicator="q", gender="woman")
    assert of_women[["estimate", "lower", "upper"]].tolist() == [0.4, 0.36, 0.44]
    assert round(of_women["se"], 4) == 0.0204  # the worked number of METHODS.md M-32
    given = row(estimates, wave="2020", code="0180", indicator="q")
    assert (given["estimate"], given["n"], given["released"], given["reason"]) == (0.4, 812, 1, "published")
    assert given[["se", "df", "n_eff", "lower", "upper", "population"]].isna().all()


def test_without_uncertainty_there_is_a_difference_and_no_test_and_no_word(bundle):
    estimates, changes = run(bundle, figure(0.9, n=812))
    now = row(estimates, wave="2026", code="0180", indicator="q")
    change = row(changes, **BEFORE)
    assert change["change"] == now["estimate"] - 0.9
    assert (change["verdict"], change["reason"], change["released"]) == (
        "not_comparable",
        "published_only",
        1,
    )
    assert change["n_previous"] == 812
    empty = [
        "se",
        "df",
        "p",
        "p_bh",
        "p_adjusted",
        "lower",
        "upper",
        "equivalence_margin",
        "detectable_change",
    ]
    assert change[empty].isna().all()


@pytest.mark.parametrize(
    "known",
    [{"se": 0.02}, {"lower": 0.4 - 0.02 * 1.959963984540054, "upper": 0.4 + 0.02 * 1.959963984540054}],
)
def test_with_uncertainty_it_is_tested_as_by_hand(bundle, known):
    estimates, changes = run(bundle, figure(0.4, n=812, **known))
    now = row(estimates, wave="2026", code="0180", indicator="q")
    change = row(changes, **BEFORE)
    se = np.hypot(now["se"], 0.02)
    df = now["df"] + 811
    difference = now["estimate"] - 0.4
    half = stats.t.ppf(0.975, df) * se
    assert change["se"] == pytest.approx(se, rel=1e-9)
    assert change["p"] == pytest.approx(2 * stats.t.sf(abs(difference) / se, df), rel=1e-9)
    assert (change["lower"], change["upper"]) == pytest.approx((difference - half, difference + half))
    assert change["verdict"] in ("up", "down", "unchanged", "too_uncertain")
    assert (change["reason"], change["released"]) == ("published", 1)


def test_a_change_since_a_published_figure_has_no_standardised_one(bundle):
    one = with_published(bundle, figure(0.4, n=812, se=0.02))
    found = pipeline.run(one, Settings.default(), protected=False, standardised=True)
    assert as_text(found.changes)["previous_wave"].eq("2020").any()
    assert found.standardised_changes.empty


def test_a_large_certain_change_since_a_figure_with_limits_is_marked(bundle):
    _, changes = run(bundle, figure(0.9, se=0.01))
    assert row(changes, **BEFORE)["verdict"] == "down"


def test_published_figures_change_nothing_of_the_figures_from_answers(bundle):
    with_it, _ = run(bundle, figure(0.4), figure(0.3, gender="woman"))
    without, none = run(bundle)
    pd.testing.assert_frame_equal(with_it[with_it["wave"].eq("2026")].reset_index(drop=True), without)
    assert none.empty


def test_only_cells_that_both_have_are_compared(bundle):
    _, changes = run(bundle, figure(0.4), figure(0.3, gender="woman"))
    assert sorted(changes["gender"]) == ["all", "woman"]
    assert set(changes["code"]) == {"0180"}


def test_the_last_published_wave_before_is_the_previous_one(bundle):
    _, changes = run(bundle, figure(0.4, wave="2018"), figure(0.5, wave="2020"), figure(0.6, wave="2027"))
    assert set(changes["previous_wave"]) == {"2020"}
    _, chosen = run(bundle, figure(0.4, wave="2018"), figure(0.5, wave="2020"), waves=("2018", "2026"))
    assert set(chosen["previous_wave"]) == {"2018"}


def two_waves():
    people = [
        even_people("0180-1", 200, 100, yes).assign(wave=wave) for wave, yes in (("2022", 30), ("2026", 60))
    ]
    population = even_population({("0180", "1"): 8000})
    both = pd.concat([population.assign(wave=wave) for wave in ("2022", "2026")])
    return survey(pd.concat(people), both, binary("q"))


def test_figures_that_stand_beside_nothing_are_warned_of_by_reason(bundle):
    odd = [{"code": "0999"}, {"code": "0998"}, {"wave": "2030"}, {"age_group": "0-15"}]
    given = with_published(bundle, figure(0.4), *({**figure(0.4), **one} for one in odd))
    found = pipeline.run(given, Settings.default(), protected=False)
    told = [one for one in found.remarks if one.kind == "published_unused"]
    assert [one.persons for one in told] == [1, 2, 1]
    assert "2030" in told[0].cell
    assert "2 published figures are compared with nothing, such as 2020 municipality 0999" in str(told[1])


def test_a_code_with_an_earlier_wave_of_answers_is_compared_with_that():
    _, changes = run(two_waves(), figure(0.4, wave="2024"))
    assert set(changes["previous_wave"]) == {"2022"}
    _, chosen = run(two_waves(), figure(0.4, wave="2024"), waves=("2024", "2026"))
    assert set(chosen["previous_wave"]) == {"2024"}


def test_a_break_holds_for_published_figures_too(bundle):
    since = bundle.indicators.assign(comparable_since="2025")
    _, changes = run(replace(bundle, indicators=since), figure(0.4, se=0.02))
    change = row(changes, **BEFORE)
    assert (change["verdict"], change["reason"]) == ("not_comparable", "break")
    assert np.isnan(change["change"])


@pytest.mark.parametrize(("earlier", "reason"), [("v1", "published"), ("v0", "break"), (None, "break")])
def test_a_published_wave_has_its_definitions_in_items_csv_as_any(bundle, earlier, reason):
    items = [("2026", "q", "v1"), ("2026", "r", "v1"), *([("2020", "q", earlier)] if earlier else [])]
    definitions = pd.DataFrame(items, columns=["wave", "item", "definition"])
    _, changes = run(replace(bundle, definitions=definitions), figure(0.4, se=0.02))
    assert row(changes, **BEFORE)["reason"] == reason


def test_a_break_may_lie_before_a_published_wave(bundle):
    line = ("2020", "q", "", "mode", "0.1", "0.01")
    breaks = pd.DataFrame([line], columns=COLUMNS_OF["breaks"])
    told = with_published(replace(bundle, breaks=breaks), figure(0.4), figure(0.3, wave="2018"))
    ways = pd.DataFrame({"previous_wave": ["2018", "2020"], "wave": "2026", "indicator": "q"})
    ways = ways.assign(geography="municipality", code="0180", statistic="proportion")
    assert comparability.passage(ways, told).bridge.tolist() == [0.1, 0.0]


def test_a_hidden_figure_is_not_given_away_by_its_change_since_a_published_one():
    few = survey(
        even_people("0180-1", 60, 20, 6),
        even_population({("0180", "1"): 8000}),
        binary("q"),
    )
    _, changes = run(few, figure(0.4, n=500))
    change = row(changes, **BEFORE)
    assert (change["released"], change["reason"], change["verdict"]) == (0, "few_answers", "not_comparable")
    assert change[["change", "n", "n_previous"]].isna().all()


def test_an_untested_change_belongs_to_no_family(bundle):
    _, alone = run(bundle, figure(0.4, se=0.02))
    _, beside = run(bundle, figure(0.4, se=0.02), figure(0.3, gender="woman"))
    assert row(beside, **BEFORE)["family_size"] == row(alone, **BEFORE)["family_size"]
    assert row(beside, **BEFORE)["p_adjusted"] == row(alone, **BEFORE)["p_adjusted"]


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_nobody_or_everybody_is_a_result(bundle, p):
    estimates, changes = run(bundle, figure(p, se=0.0, n=200))
    assert row(estimates, wave="2020", code="0180", indicator="q")["n_eff"] == 200
    change = row(changes, **BEFORE)
    assert change[["change", "lower", "upper", "detectable_change"]].notna().all()


@pytest.mark.parametrize(
    ("wrong", "column", "expected"),
    [
        ({"estimate": "40"}, "estimate", "not per cent"),
        ({"estimate": ""}, "estimate", "a value"),
        ({"estimate": "x"}, "estimate", "a number"),
        ({"indicator": "z"}, "indicator", "one of"),
        ({"statistic": "mean"}, "statistic", "a statistic of this indicator"),
        ({"gender": "female"}, "gender", "one of"),
        ({"wave": "2026"}, "wave", "a wave without answers"),
        ({"n": "-3"}, "n", "a whole number"),
        ({"n": "3.5"}, "n", "a whole number"),
        ({"n": "many"}, "n", "a number, or empty"),
        ({"se": "-0.1"}, "se", "above 0"),
        ({"se": "0"}, "se", "above 0"),
        ({"lower": "0.3"}, "lower, upper", "both limits"),
        ({"lower": "0.45", "upper": "0.5"}, "lower", "not above"),
        ({"lower": "0.3", "upper": "0.35"}, "upper", "not below"),
        ({"source": ""}, "source", "a value"),
    ],
)
def test_a_malformed_figure_is_told_with_line_and_column(bundle, wrong, column, expected):
    with pytest.raises(InputError) as error:
        with_published(bundle, figure(0.4, gender="man"), {**figure(0.4), **wrong})
    assert (error.value.file, error.value.line, error.value.column) == ("published.csv", 3, column)
    assert expected in error.value.expected


def test_the_command_line_reads_published_figures_and_repeats_itself(bundle, tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in ("strata", "population", "sample", "responses", "indicators"):
        getattr(bundle, name).to_csv(folder / f"{name}.csv", index=False)
    pd.DataFrame([figure(0.4, n=812)]).to_csv(folder / "published.csv", index=False)
    for out in ("one", "two"):
        command = [sys.executable, "-m", "analysis", str(folder), "--out", str(tmp_path / out)]
        done = subprocess.run([*command, "--waves", "2020,2026"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for name in ("estimates.csv", "changes.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    lines = (tmp_path / "one" / "estimates.csv").read_text().splitlines()
    assert "2020,municipality,0180,all,all,q,proportion,812,,0.4,,,,,,1,published" in lines
