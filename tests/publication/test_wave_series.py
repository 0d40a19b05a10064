"""A series holds what was released: gaps stay gaps, a break is drawn, no line where nothing is compared."""

from dataclasses import replace
from datetime import date
from math import nan

import golden
import pandas as pd
import pytest

from survey.publication.drawings.indicator_charts import series_chart
from survey.publication.drawings.timeline import Timeline
from survey.publication.pages.indicator_totals import IndicatorTotals, build_series
from survey.publication.pages.published_series import with_published
from survey.publication.payload import build_payload
from survey.publication.released import Wave
from survey.publication.wave_series import SeriesPoint

NACKA, VAXHOLM, EVENING = "0182", "0187", "unsafe_evening"
YEARS = ("2017", "2018", "2019", "2022")


def wave(code: str) -> Wave:
    start = date(int(code), 9, 2)
    return Wave(code, f"Trygghetsmätning {code}", start, start, start, 16, 84, 300, False)


def row(code: str, place: str, p: float) -> golden.Row:
    return golden.estimate_row(code, ("municipality", place), ("all", "all"), EVENING, p, 900)


def totals(
    own: dict[str, float], breaks: dict[str, str] | None = None, compared: dict[str, str] | None = None
) -> IndicatorTotals:
    """Nacka's shares by wave and Vaxholm's in every wave; nan is hidden; changes by wave: the wave before."""
    estimates = [row(code, NACKA, 0.4 if p != p else p) for code, p in own.items()]
    for one, p in zip(estimates, own.values(), strict=True):
        if p != p:
            one.update(released=0, estimate=nan, lower=nan, upper=nan, reason="few_answers")
    changes = []
    for code, previous in (compared or {}).items():
        now, before = (row(one, NACKA, own[one]) for one in (code, previous))
        change = golden.change_row(now, before, own[code] - own[previous], "too_uncertain")
        if reason := (breaks or {}).get(code):
            change.update(reason=reason)
            if reason == "break":
                change.update(released=0, verdict="not_comparable", change=nan)
        changes.append(change)
    names = list(golden.change_row(row("2019", NACKA, 0.4), row("2018", NACKA, 0.4), 0.0, ""))
    return IndicatorTotals(
        pd.DataFrame([*estimates, *(row(code, VAXHOLM, 0.2) for code in YEARS)]),
        pd.DataFrame(changes, columns=names),
        tuple(wave(code) for code in YEARS),
        {NACKA: "Nacka", VAXHOLM: "Vaxholm"},
    )


def drawn(points: tuple[SeriesPoint, ...]) -> Timeline:
    report = build_payload(golden.release(areas=1))
    result = next(result for result in report.indicators if result.id == EVENING)
    return series_chart(report, result, points)


def test_a_wave_without_the_municipality_is_a_gap_that_no_line_crosses() -> None:
    points = build_series(
        totals({"2017": 0.4, "2019": 0.3, "2022": 0.35}, compared={"2019": "2017", "2022": "2019"}),
        NACKA,
        "down",
    )
    assert [point.figure.text for point in points] == ["40\xa0%", "", "30\xa0%", "35\xa0%"]
    assert [point.joined for point in points] == [False, False, False, True]
    assert points[1].note == "Inga svar från kommunen"
    assert [point.since for point in points] == ["", "", "september 2017", "september 2019"]
    chart = drawn(points)
    assert len(chart.lines) == 1
    assert [column.note for column in chart.columns] == ["", "inga svar", "", ""]


def test_a_hidden_figure_keeps_its_place_and_says_why() -> None:
    points = build_series(totals({"2018": 0.4, "2019": nan, "2022": 0.3}), NACKA, "down")
    assert points[0].wave == "2018"  # the series begins with the municipality's first wave
    assert points[1].note == "För få svar"
    chart = drawn(points)
    assert [column.note for column in chart.columns] == ["", "visas inte", ""]
    assert len(chart.marks) == 2
    assert chart.lines == ()


@pytest.mark.parametrize("reason", ["break", "bridged"])
def test_a_break_is_drawn_and_told_and_no_line_crosses_it(reason: str) -> None:
    points = build_series(
        totals(
            {"2018": 0.4, "2019": 0.3, "2022": 0.3},
            breaks={"2019": reason},
            compared={"2019": "2018", "2022": "2019"},
        ),
        NACKA,
        "down",
    )
    assert [point.joined for point in points] == [False, False, True]
    assert "ändrat" in points[1].note
    chart = drawn(points)
    (place,) = chart.breaks
    assert chart.columns[0].x < place < chart.columns[1].x


def test_figures_stand_at_their_height_and_date() -> None:
    chart = drawn(build_series(totals({"2018": 0.0, "2019": 0.25, "2022": 0.5}), NACKA, "down"))
    heights = [mark.y for mark in chart.marks]
    assert heights[0] == chart.bottom
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    xs = [column.x for column in chart.columns]
    assert (xs[2] - xs[1]) / (xs[1] - xs[0]) == pytest.approx(3, rel=0.05)  # three years beside one
    assert all(mark.y_high <= mark.y <= mark.y_low for mark in chart.marks)
    assert [mark.last for mark in chart.marks] == [False, False, True]


def test_what_is_known_only_as_published_is_drawn_apart_and_joined_to_nothing() -> None:
    counted = replace(
        totals({"2018": 0.3, "2019": 0.35}, compared={"2019": "2018"}), waves=tuple(map(wave, YEARS[1:3]))
    )
    series = build_series(counted, NACKA, "down")
    names = ("wave", "estimate", "n", "lower", "upper", "source")
    given = [("2016", 0.6, nan, nan, nan, "Rapport"), ("2017-05", 0.0, 100, 0.0, 0.04, "Rapport")]
    given.append(("2018", 0.9, nan, nan, nan, "Rapport"))
    points = with_published(series, pd.DataFrame(given, columns=names))
    assert [point.wave for point in points] == ["2016", "2017-05", "2018", "2019"]
    assert [point.joined for point in points] == [False, False, False, True]
    assert [point.figure.text for point in points][:2] == ["60\xa0%", "–"]
    assert points[2].figure == series[0].figure  # what was counted here stands
    timeline = drawn(points)
    assert [mark.published for mark in timeline.marks] == [True, True, False, False]
    assert timeline.marks[0].y_high == timeline.marks[0].y_low
    assert timeline.marks[1].y_high < timeline.marks[1].y_low
    assert [column.note for column in timeline.columns] == ["publicerat", "publicerat", "", ""]
    assert len(timeline.lines) == 1
