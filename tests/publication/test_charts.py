"""Charts show what the report says: within the frame, coloured only where certain, never a hidden figure."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from golden_reports import Golden, golden_case
from jinja2 import Environment, FileSystemLoader

from survey.config import ROOT
from survey.publication.content import Figure, MunicipalityReport
from survey.publication.drawings import charts
from survey.publication.drawings.axes import share_axis
from survey.publication.drawings.chart_rows import Chart
from survey.publication.payload import build_payload
from survey.publication.report.rendering import compose


def every_chart(report: MunicipalityReport) -> Iterator[Chart]:
    for topic in report.topics:
        yield charts.topic_chart(report, topic)
        yield charts.profile_chart(report, topic)
        yield charts.gender_chart(report, topic)
    for result in report.headlines:
        yield charts.groups_chart(report, result)
        yield charts.area_chart(report, result)
    if changes := charts.changes_chart(report):
        yield changes
    yield charts.response_chart(report)


def drawn(chart: Chart) -> str:
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    module = environment.get_template("components/charts.html").module
    return str(module.chart(chart))  # type: ignore[attr-defined]


def test_every_chart_has_title_source_and_a_text_of_at_most_300_characters(case: Golden) -> None:
    for chart in every_chart(case.report):
        assert chart.title
        assert chart.source.endswith(f"utgåva {case.report.release.version}.")
        assert 0 < len(chart.alt) <= 300
        assert chart.notice == case.report.notice
        assert chart.alt.startswith(case.report.notice)


def test_nothing_is_drawn_outside_the_frame(case: Golden) -> None:
    for chart in every_chart(case.report):
        for mark in chart.marks:
            assert 0 <= mark.x_from <= mark.x <= mark.x_to <= chart.width
            assert 0 <= mark.y <= chart.height
        for label in chart.labels:
            assert 0 <= label.x <= chart.width
            assert 0 <= label.y <= chart.height


def test_only_certain_changes_are_coloured(case: Golden) -> None:
    chart = charts.changes_chart(case.report)
    if chart is None:  # nothing to draw: no earlier wave, or every change is hidden
        assert all(result.total.change.value is None for result in case.report.indicators)
        return
    expected = [result.total.change.tone for result in case.report.indicators if result.total.change.tone]
    found = [
        mark.kind for mark in chart.marks if mark.kind in ("better", "worse") and mark.x_from < mark.x_to
    ]
    assert sorted(found) == sorted(expected)
    words = [label.text for label in chart.labels if label.kind in ("better", "worse")]
    assert all(re.search("[▲▼].*(bättre|sämre)$", text) for text in words)
    assert len(words) == len(expected)


def test_hidden_figures_are_not_drawn() -> None:
    report = golden_case("hidden").report
    problems = report.topics[0]
    keys = {mark.y for mark in charts.topic_chart(report, problems).marks}
    assert len(keys) == 1  # the explanation on top is all there is
    assert not charts.profile_chart(report, problems).marks


def test_a_report_whose_changes_are_all_hidden_has_no_chart_of_them() -> None:
    released = golden_case("typical").released
    empty = dict.fromkeys(("change", "lower", "upper"), float("nan"))
    changes = released.changes.assign(released=False, verdict="not_comparable", **empty)
    report = build_payload(replace(released, changes=changes))
    assert report.previous is not None
    assert charts.changes_chart(report) is None
    assert 'id="changes"' not in compose(report)


def test_a_share_scale_starts_at_zero_and_ends_at_a_round_number() -> None:
    axis = share_axis([Figure("", "", "", 41, 37, 44)], (0.0, 100.0))
    assert (axis.low, axis.high) == (0.0, 50.0)
    assert share_axis([Figure("", "", "", 100, 98, 100)], (0.0, 100.0)).high == 100.0


def test_text_on_a_chart_is_escaped() -> None:
    chart = charts.response_chart(golden_case("first").report)
    hostile = Chart(**{**chart.__dict__, "alt": "<b>&</b>", "title": "<i>"})
    assert "<b>" not in drawn(hostile)
    assert "<i>" not in drawn(hostile)


@pytest.mark.parametrize("name", ["typical", "extremes"])
def test_every_label_of_a_chart_is_drawn(name: str) -> None:
    for chart in every_chart(golden_case(name).report):
        text = drawn(chart)
        assert all(f">{label.text}</text>" in text for label in chart.labels)
        assert text.count("<text") == len(chart.labels) + len(chart.ticks)
