"""The quick look after a run."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_surveys import REFERENCE

from analysis.pipeline import run
from analysis.remarks import Remark
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.summary import MOST_LINES, summarise


@pytest.fixture(scope="module")
def bundle():
    table = read_bundle(REFERENCE / "bundle")
    headline = table.indicators["indicator"].isin(["q01", "q06", "q21"])
    return replace(table, indicators=table.indicators.assign(headline=headline))


@pytest.fixture(scope="module")
def results(bundle):
    return run(bundle, replace(Settings.default(), areas=False))


def lines(bundle, results):
    return summarise(bundle, results, {"a.csv": 1200, "b.csv": 34}, Path("results"), 1.25).splitlines()


def test_it_tells_response_deff_and_repairs_of_each_wave(bundle, results):
    wave = next(line for line in lines(bundle, results) if line.startswith("2025"))
    row = results.diagnostics.query("municipality_code == 'all' and wave == '2025'").iloc[0]
    assert wave.split()[1:3] == [str(row["sampled"]), str(row["responded"])]
    assert f"{100 * row['response_rate']:.1f} %" in wave
    assert f"{row['deff_kish']:.2f}" in wave
    assert row["collapsed"] in wave


def test_it_tells_the_headlines_with_interval_change_and_verdict(bundle):
    # What is sensitive in the reference survey is hidden even for everybody.
    open_bundle = replace(bundle, indicators=bundle.indicators.assign(sensitive=False))
    results = run(open_bundle, Settings.default())
    text = next(line for line in lines(bundle, results) if line.strip().startswith("q01"))
    total = "geography == 'all' and gender == 'all' and age_group == 'all' and wave == '2025'"
    total += " and indicator == 'q01'"
    estimate, change = results.estimates.query(total).iloc[0], results.changes.query(total).iloc[0]
    assert f"{100 * estimate['estimate']:.1f} % ({100 * estimate['lower']:.1f}-" in text
    assert f"{100 * change['change']:+.1f} (" in text
    assert text.endswith(f"since 2024: {change['verdict']}")


def test_a_mean_is_no_percentage_and_a_hidden_headline_says_why(bundle, results):
    by_name = {line.split()[0]: line for line in lines(bundle, results) if line.startswith("  q")}
    assert "%" not in by_name["q21"]
    hidden = results.estimates.query("geography == 'all' and indicator == 'q06' and wave == '2025'").iloc[0]
    assert hidden["released"] == 0
    assert f".. ({hidden['reason']})" in by_name["q06"]


def test_it_counts_what_is_hidden_by_reason(bundle, results):
    text = "\n".join(lines(bundle, results))
    for table in (results.estimates, results.changes):
        for reason, count in table.loc[table["released"].eq(0), "reason"].astype(str).value_counts().items():
            assert f"{count:,} {reason}" in text


def test_it_is_short_names_the_folder_and_says_when_there_is_no_headline(bundle, results):
    text = lines(bundle, results)
    assert len(text) <= MOST_LINES
    assert text[-1] == "1,234 rows in 2 files, manifest.json; all under results; 1.2 CPU s"
    without = replace(bundle, indicators=bundle.indicators.assign(headline=False))
    assert any("no headline indicator is declared" in line for line in lines(without, results))


def test_it_tells_what_is_shown_and_what_is_hidden_apart_and_nothing_hidden_as_a_verdict(bundle, results):
    text = "\n".join(lines(bundle, results))
    for name, table in (("estimates", results.estimates), ("changes", results.changes)):
        shown = int(table["released"].sum())
        assert f"{len(table):,} {name}: {shown:,} may be shown" in text
        assert f"  {len(table) - shown:,} may not be shown: " in text
    verdicts = results.changes.query("released == 1")["verdict"].value_counts()
    for verdict in ("up", "unchanged", "not_comparable"):
        assert f"{verdicts.get(verdict, 0):,} {verdict}" in text
    assert int(results.changes["verdict"].eq("not_comparable").sum()) > verdicts.get("not_comparable", 0)


def test_it_names_the_municipalities_where_everybody_stands_for_equally_many(bundle, results):
    one = next(line for line in lines(bundle, results) if line.startswith("one response group"))
    groups = results.weights.assign(
        factor=results.weights["nonresponse_weight"] / results.weights["design_weight"]
    ).groupby(["wave", "municipality_code"], observed=True)["factor"]
    single = [place for place, factors in groups if factors.round(9).nunique() == 1]
    assert ("2025", "0140") in single
    assert f"in {len(single)} of {len(groups)} municipalities and waves" in one
    assert "2025 0140" in one


def test_weights_of_zero_or_less_have_a_line_of_their_own(bundle, results):
    assert not any("0 OR LESS" in line for line in lines(bundle, results))
    remark = Remark("2025", "0140", "calibration", "weights_not_positive", "0140", 3)
    told = lines(bundle, replace(results, remarks=(*results.remarks, remark)))
    assert "WEIGHTS OF 0 OR LESS for 3 respondents, by linear calibration: 2025 0140" in told


def test_warnings_of_merged_cells_say_whose_they_are(results):
    merged = [one for one in results.warnings if "calibration_cell: " in one or "response_group: " in one]
    assert "2025 0980 calibration_cell: Merged man 16-24 25-34." in merged
    assert "2025 0980 response_group: One response group: woman 55-64, woman 65-84." in merged
    assert all("man " in one for one in merged)
