"""The titles of a measure's charts say what the verdict lets them say, in ten words or fewer."""

from dataclasses import replace
from io import BytesIO

import golden
import pandas as pd
import pytest
from compared import comparisons
from PIL import Image

from survey.publication.content import MunicipalityReport, Standing
from survey.publication.drawings import chart_files
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.indicator_charts import (
    areas_title,
    groups_title,
    neighbours_title,
    series_title,
)
from survey.publication.drawings.timeline import Timeline
from survey.publication.pages.indicator_page import IndicatorPage, asked, build_indicator_page
from survey.publication.pages.indicator_totals import IndicatorTotals
from survey.publication.pages.neighbours import alphabetical
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import load

OTHERS = {"0114": "Österåker", "0187": "Vaxholm", "0192": "Älvsbyn", "0125": "Ekerö"}


def page_of(
    released: Released,
    indicator_id: str,
    others: dict[str, str] | None = None,
    report: MunicipalityReport | None = None,
) -> IndicatorPage:
    """A measure's page with other municipalities beside."""
    others = OTHERS if others is None else others
    estimates, changes = (
        table[
            table["geography"].eq("municipality")
            & table["gender"].eq("all")
            & table["age_group"].eq("all")
            & table["indicator"].eq(indicator_id)
        ]
        for table in (released.estimates, released.changes)
    )
    waves = (*released.earlier.values(), released.wave)
    moved = [estimates.assign(code=code) for code in others]
    indicator = library.indicator(indicator_id)
    assert indicator is not None
    names = {released.place.code: released.place.name, **others}
    totals = IndicatorTotals(pd.concat([estimates, *moved]), changes, waves, names)
    return build_indicator_page(report or build_payload(released), released, totals, indicator)


@pytest.mark.parametrize("name", ["uncertain", "hidden", "first", "extremes", "long", "rising"])
def test_every_chart_of_every_case_has_a_short_title_a_source_and_the_mark(name: str) -> None:
    made = golden.CASES[name]()
    released = replace(made, comparisons=comparisons(made))
    report = build_payload(released)
    for indicator in ("problem_drugs", "reported_any", "unsafe_evening"):
        page = page_of(released, indicator, report=report)
        shown = page.result.total.now.shown
        assert shown == any(
            "Källa" in chart.source and " svar." in chart.source for chart in page.charts.values()
        )
        for chart in page.charts.values():
            assert len(chart.title.split()) <= 10, chart.title
            assert page.result.label in chart.subtitle
            assert (chart.notice == "SIMULERADE SVAR – INGET RESULTAT") == released.wave.synthetic
        if not shown:
            assert "serie" not in page.charts


def test_titles_follow_the_verdict() -> None:
    page = page_of(golden.release(areas=2), "unsafe_evening")
    total = page.result.total
    words = {
        "up": "Andelen har ökat sedan året innan",
        "down": "Andelen har minskat sedan året innan",
        "unchanged": "I stort sett oförändrat sedan året innan",
        "too_uncertain": "Går inte att säga om andelen har ändrats",
        "not_comparable": "Kan inte jämföras med mätningen innan",
        "": "Förändringen visas inte",
    }
    woman, man = page.result.genders
    for verdict, title in words.items():
        change = replace(total.change, verdict=verdict)
        result = replace(page.result, total=replace(total, change=change))
        assert series_title(result, page.report.since) == title
        groups = (replace(woman, change=change), replace(man, change=replace(change, verdict="unchanged")))
        expected = {"up": "Ökat bland kvinnor", "down": "Minskat bland kvinnor"}
        assert groups_title(groups, True) == expected.get(
            verdict, "Ingen säker förändring efter kön eller ålder"
        )
    standing = Standing("above", "worse", "högre")
    for verdict, title in {
        "above": "Högre än i hela regionen",
        "below": "Lägre än i hela regionen",
        "no_certain_difference": "Ingen säker skillnad mot hela regionen",
        "": "Nacka och andra kommuner",
    }.items():
        text = {"above": "högre", "below": "lägre"}.get(verdict, "")
        assert neighbours_title(page.report, replace(standing, verdict=verdict, text=text)) == title
    one = replace(standing, verdict="above")
    assert (
        areas_title([one, one, replace(one, verdict="below")])
        == "Delområden mot kommunen: 2 högre och 1 lägre"
    )
    assert areas_title([replace(one, verdict="no_certain_difference")]) == (
        "Inget delområde skiljer sig säkert från kommunen"
    )


def test_municipalities_stand_by_name_and_never_by_size() -> None:
    page = page_of(golden.release(areas=2), "unsafe_evening")
    assert [group.label for group in page.neighbours] == [
        *("Nacka", "Hela regionen", "Ekerö", "Vaxholm", "Älvsbyn", "Österåker"),
    ]
    assert sorted(["Öckerö", "Åre", "Ale", "Älmhult", "Örebro"], key=alphabetical) == [
        *("Ale", "Åre", "Älmhult", "Öckerö", "Örebro"),
    ]
    alone = page_of(golden.release(areas=2), "unsafe_evening", {})
    assert alone.neighbours == ()
    assert "kommuner" not in alone.charts


def test_the_question_is_told_with_what_each_answer_counts_as() -> None:
    for indicator in library.indicators():
        questions = asked(indicator, load(library.load().questionnaire))
        assert len(questions) == len(indicator.items)
        counted = [option.counts for question in questions for option in question.options]
        assert set(counted) == {"yes", "base", "outside"}, indicator.id
    assert asked(library.indicators()[0], None) == ()


def test_a_saved_picture_has_the_size_of_its_sheet_and_is_not_empty() -> None:
    page = page_of(golden.release(areas=2, synthetic=True), "unsafe_evening")
    chart = page.charts["serie"]
    assert isinstance(chart, Timeline)
    sheet = chart_files.lay_out(chart)
    texts = [line.text for line in sheet.lines]
    assert texts[0] == chart.notice
    assert texts[1] == chart.title
    assert " ".join(texts).endswith(chart.source)
    box = f'<rect x="0" y="0" width="{sheet.width / 2}" height="{sheet.height}" fill="#0B3C5D"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width}" height="{sheet.height}">'
        f"<title>Prov</title>{box}</svg>"
    )
    picture = Image.open(BytesIO(chart_files.as_png(svg, sheet)))
    assert picture.width == chart_files.PNG_WIDTH
    assert picture.height / picture.width == pytest.approx(sheet.height / sheet.width, abs=0.002)
    assert picture.convert("RGB").getpixel((10, 10)) == (11, 60, 93)
    assert picture.convert("RGB").getpixel((picture.width - 10, 10)) == (255, 255, 255)


def test_the_chart_of_a_phone_has_the_same_figures_each_under_its_own_name() -> None:
    page = page_of(golden.CASES["long"](), "unsafe_evening")
    for name in ("grupper", "delomraden", "kommuner"):
        wide, phone = page.charts[name], page.narrow_charts[name]
        assert isinstance(wide, Chart)
        assert isinstance(phone, Chart)
        for kind in ("row", "key", "strong", "value"):
            texts = [[one.text for one in chart.labels if one.kind == kind] for chart in (wide, phone)]
            assert [text[:20] for text in texts[0]] == [text[:20] for text in texts[1]], (name, kind)
        rows, heights = ([one.y for one in phone.labels if one.kind == kind] for kind in ("row", "strong"))
        assert heights in (rows, [])
        assert len(phone.marks) == len(wide.marks)
        assert all(0 <= mark.x_from <= mark.x <= mark.x_to <= phone.width for mark in phone.marks)
        shown = [mark for mark in phone.marks if mark.kind != "before" and mark.y > phone.top]
        below = zip(rows, [*rows[1:], phone.bottom], strict=True)
        assert sum(any(y < mark.y < after for mark in shown) for y, after in below) == len(shown)
    series = page.narrow_charts["serie"]
    assert isinstance(series, Timeline)
    assert series.width < page.charts["serie"].width
    assert all(0 < mark.x < series.width for mark in series.marks)


def test_verdicts_reach_the_page_from_the_comparisons() -> None:
    made = golden.release(areas=2)
    page = page_of(replace(made, comparisons=comparisons(made)), "unsafe_evening")
    assert [one.against for one in page.standings] == ["hela regionen", "andra kommuner av samma slag"]
    assert [one.standing.verdict for one in page.standings] == ["above", "no_certain_difference"]
    assert page.charts["kommuner"].title == "Högre än i hela regionen"
