"""The payload holds the released figures, rounded and marked, and nothing that is hidden."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from math import nan

import golden
import pandas as pd
import pytest
from golden_reports import Golden

from survey.publication import numbers
from survey.publication.content import HIDDEN, ZERO
from survey.publication.payload import build_payload
from survey.publication.released import Drawn

GoldenCase = Callable[[str], Golden]


def row_of(table: pd.DataFrame, **where: str) -> pd.Series:
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_every_figure_equals_its_released_row(case: Golden) -> None:
    released, report = case.released, case.report
    rows = released.estimates[released.estimates["wave"] == released.wave.code]
    rows = rows.set_index(["indicator", "code", "gender", "age_group"]).sort_index()
    assert rows.index.is_unique
    here = released.place.code
    for result in report.indicators:
        cells = [(here, "all", "all", result.total), *((here, "all", age.key, age) for age in result.ages)]
        cells += [(here, gender.key, "all", gender) for gender in result.genders]
        cells += [(area.key, "all", "all", area) for area in result.areas]
        for gender, row in zip(result.genders, result.crossed, strict=False):
            cells += [(here, gender.key, age.key, group) for age, group in zip(result.ages, row, strict=True)]
        for *cell, group in cells:
            row = rows.loc[(result.id, *cell)]
            if row["released"]:
                ends = (numbers.whole_percent(row["lower"]), numbers.whole_percent(row["upper"]))
                assert (group.now.lower, group.now.upper) == ends
                assert re.findall(r"\d+", group.now.interval) == list(map(str, ends))
            else:
                assert (group.now.lower, group.now.upper, group.now.interval) == (None, None, "")
            if row["released"] and row["estimate"] > 0:
                assert group.now.text == f"{numbers.whole_percent(row['estimate'])}\u00a0%"
                assert group.now.n == numbers.number(row["n"])
            elif row["released"]:
                assert group.now.text == ZERO
            else:
                assert (group.now.text, group.now.value, group.now.n) == (HIDDEN, None, "")


def test_every_change_equals_its_released_row(case: Golden) -> None:
    here = {
        "geography": "municipality",
        "code": case.released.place.code,
        "gender": "all",
        "age_group": "all",
    }
    for result in case.report.indicators:
        change = result.total.change
        if case.report.previous is None:
            assert change.text == ""
            continue
        row = row_of(case.released.changes, indicator=result.id, **here)
        if row["released"]:
            assert change.value == numbers.points(row["change"])
            assert change.verdict == row["verdict"]
        else:
            assert (change.verdict, change.value, change.text) == ("", None, HIDDEN)


def test_a_mark_and_a_tone_need_a_certain_verdict(case: Golden) -> None:
    for result in case.report.indicators:
        for group in (result.total, *result.genders, *result.ages, *result.areas):
            change = group.change
            assert bool(change.mark) == bool(change.tone) == (change.verdict in ("up", "down"))
            if change.certain:
                assert change.mark == {"up": "▲", "down": "▼"}[change.verdict]
                assert (change.tone == "better") == (change.verdict == result.direction)


def test_a_hidden_change_keeps_no_trace_of_its_verdict() -> None:
    released = golden.release(areas=0)
    changes = released.changes.copy()
    row = (
        changes["indicator"].eq("problem_drugs")
        & changes["gender"].eq("all")
        & changes["age_group"].eq("all")
    )
    changes.loc[row, "released"] = 0
    changes.loc[row, ["change", "lower", "upper", "detectable_change"]] = nan
    changes.loc[row, "verdict"] = "up"
    changes.loc[row, "reason"] = "few_answers"
    report = build_payload(replace(released, changes=changes))
    drugs = next(result for result in report.indicators if result.id == "problem_drugs")
    assert (drugs.total.change.text, drugs.total.change.verdict) == (HIDDEN, "")
    assert "ökat" not in drugs.change_sentence


def test_a_broken_series_is_said_and_not_compared() -> None:
    released = golden.release(areas=0)
    changes = released.changes.copy()
    changes["released"], changes["reason"], changes["verdict"] = 0, "break", "not_comparable"
    changes[["change", "lower", "upper", "detectable_change"]] = nan
    report = build_payload(replace(released, changes=changes))
    assert report.indicators[0].total.change.text == "jämförs inte"
    assert "frågan eller måttet har ändrats" in report.indicators[0].change_sentence


def test_without_an_earlier_wave_nothing_is_compared(one_case: GoldenCase) -> None:
    report = one_case("first").report
    assert report.previous is None
    assert report.since == ""
    assert report.summary.sentences[-1] == "Det finns ingen tidigare mätning att jämföra med."


def test_the_earlier_wave_is_the_one_the_changes_name() -> None:
    report = build_payload(golden.release(areas=0, current="2022", earlier="2018"))
    assert report.previous is not None
    assert report.previous.code == "2018"
    assert report.since == "sedan september 2018"


def test_the_region_is_never_compared_over_time_in_a_municipalitys_report(one_case: GoldenCase) -> None:
    region = one_case("typical").report.indicators[0].region
    assert region is not None
    assert region.now.shown
    assert not region.before.text
    assert not region.change.text


def test_a_wave_of_one_municipality_has_no_region() -> None:
    released = golden.release(areas=0)
    report = build_payload(replace(released, participants=("Nacka",)))
    assert report.region_label == ""
    assert all(result.region is None for result in report.indicators)


def test_a_municipality_without_answers_still_has_a_report() -> None:
    released = golden.release(areas=2, judge=None)
    none = released.estimates.head(0)
    report = build_payload(replace(released, estimates=none, response_rates=released.response_rates.head(0)))
    assert all(result.total.now.text == HIDDEN for result in report.indicators)
    assert report.response.sentence == "Uppgifter om svarsfrekvensen saknas."


@pytest.mark.parametrize("flagged", ["wave", "release"])
def test_the_synthetic_flag_of_wave_or_release_is_enough(flagged: str) -> None:
    released = golden.release(areas=0)
    changed = replace(getattr(released, flagged), synthetic=True)
    assert build_payload(replace(released, **{flagged: changed})).notice


def test_the_payload_is_plain_data(one_case: GoldenCase) -> None:
    import json

    report = one_case("typical").report
    assert json.loads(json.dumps(asdict(report)))["municipality"] == "Nacka"


def test_the_method_tells_how_a_plan_shared_the_sample_out():
    released = golden.release(areas=2)
    assert build_payload(released).wave.sample_per_area == "300"
    place = replace(released.place, drawn=Drawn(120, 1400, 29, 1.5))
    wave = build_payload(replace(released, place=place)).wave
    assert wave.sample_per_area == "mellan 120 och 1\u00a0400"
    assert "till och med 29 år har valts 1,5 gånger så tätt" in wave.young
    alike = replace(released.place, drawn=Drawn(200, 200, 29, 1.0))
    wave = build_payload(replace(released, place=alike)).wave
    assert (wave.sample_per_area, wave.young) == ("200", "")
