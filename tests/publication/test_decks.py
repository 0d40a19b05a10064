"""A deck says what the verdicts say; its charts hold the released rows, on the slide and in the workbook."""

import colorsys
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import golden
import pytest
from golden_reports import PROMISE
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn

from survey.notice import NOTICE
from survey.publication import numbers
from survey.publication.content import MunicipalityReport
from survey.publication.downloads import decks
from survey.publication.downloads.native_charts import COLOURS
from survey.publication.downloads.slides import municipality_slides
from survey.publication.payload import build_payload
from survey.publication.released import Released
from survey.publication.report.rendering import TEMPLATES
from survey.questionnaire import indicators as library

CASES = ("typical", "hidden", "first", "extremes", "large")
IDS = {indicator.label: indicator.id for indicator in library.indicators()}
AGES = {f"{age.replace('-', '–')} år": age for age in golden.AGES}
GENDERS = {"Kvinnor": "woman", "Män": "man"}
Values = dict[str, list[float | None]]


@cache
def made(case: str) -> tuple[Released, MunicipalityReport, bytes]:
    released = golden.CASES[case]()
    report = build_payload(released)
    return released, report, decks.report_deck(report).content


def opened(case: str) -> Any:
    return Presentation(BytesIO(made(case)[2]))


def charts(deck: Any) -> Iterator[tuple[str, Any]]:
    for page in deck.slides:
        for shape in page.shapes:
            if shape.has_chart:
                yield page.shapes.title.text_frame.text, shape


def cached(chart: Any) -> Values:
    """The figures of each series as the slide shows them."""
    return {series.name: list(series.values) for series in chart.plots[0].series}


def reaches(chart: Any, side: str) -> list[list[float | None]]:
    """How far the error bars of each series go to one side."""
    found = []
    for bars in chart._chartSpace.iter(qn("c:errBars")):
        cache = bars.find(f"{qn(f'c:{side}')}/{qn('c:numRef')}/{qn('c:numCache')}")
        values: list[float | None] = [None] * int(cache.find(qn("c:ptCount")).get("val"))
        for point in cache.iter(qn("c:pt")):
            values[int(point.get("idx"))] = float(point.find(qn("c:v")).text)
        found.append(values)
    return found


def row_of(released: Released, table: str, wave: str, group: tuple[str, str, str, str], label: str) -> Any:
    frame = getattr(released, table)
    place, code, gender, age = group
    found = frame[
        frame["wave"].eq(wave)
        & frame["geography"].eq(place)
        & frame["code"].eq(code)
        & frame["gender"].eq(gender)
        & frame["age_group"].eq(age)
        & frame["indicator"].eq(IDS[label])
    ]
    return found.iloc[0] if len(found) else None


def group_of(released: Released, title: str, label: str) -> tuple[tuple[str, str, str, str], str]:
    """Which released group and measure a bar stands for, from the words of its slide."""
    own = ("municipality", released.place.code)
    for words in (" efter kön och ålder", " efter delområde"):
        if words in title:
            measure = title.split(words)[0]
            areas = {name: code for code, name in released.place.areas.items()}
            if label in areas:
                return ("area", areas[label], "all", "all"), measure
            return (*own, GENDERS.get(label, "all"), AGES.get(label, "all")), measure
    return (*own, "all", "all"), label


def share(row: Any, name: str = "estimate") -> float | None:
    return numbers.whole_percent(row[name]) / 100 if row is not None and row["released"] else None


@pytest.mark.parametrize("case", CASES)
def test_every_bar_and_interval_is_its_released_row(case: str) -> None:
    released, report, _ = made(case)
    compared = 0
    waves = {report.wave.name: released.wave.code}
    if report.previous:
        waves[report.previous.name] = report.previous.code
    for title, shape in charts(opened(case)):
        chart = shape.chart
        if "av de tillfrågade svarade" in title:
            continue
        labels = [str(label).rsplit(": ", 1)[0] for label in chart.plots[0].categories]
        above, below = reaches(chart, "plus"), reaches(chart, "minus")
        for at, (name, values) in enumerate(cached(chart).items()):
            for label, value, plus, minus in zip(labels, values, above[at], below[at], strict=True):
                label = label.split(": visas inte")[0]
                group, measure = group_of(released, title, label)
                if name in waves:
                    row = row_of(released, "estimates", waves[name], group, measure)
                    want = [share(row, column) for column in ("estimate", "lower", "upper")]
                else:
                    row = row_of(released, "changes", released.wave.code, group, measure)
                    want = [numbers.points(row[column]) for column in ("change", "lower", "upper")]
                found = [
                    value,
                    None if minus is None else value - minus,
                    None if plus is None else value + plus,
                ]
                assert (
                    found == pytest.approx(want, abs=1e-9, nan_ok=False)
                    if value is not None
                    else (found == want == [None, None, None])
                ), (title, label)
                compared += 1
    assert compared >= 7


@pytest.mark.parametrize("case", ["typical", "hidden"])
def test_the_workbook_behind_each_chart_holds_what_the_slide_shows(case: str) -> None:
    """Otherwise "edit data" in PowerPoint would change the figures."""
    for _, shape in charts(opened(case)):
        chart = shape.chart
        page = load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob))["Sheet1"]
        head, *rows = page.iter_rows(values_only=True)
        series = cached(chart)
        assert list(head[1 : 1 + len(series)]) == list(series)
        assert [row[0] for row in rows] == [str(label) for label in chart.plots[0].categories]
        sides = zip(reaches(chart, "plus"), reaches(chart, "minus"), strict=True)
        columns = [*series.values(), *(side for pair in sides for side in pair)]
        for at, values in enumerate(columns, start=1):
            assert [row[at] for row in rows] == values
        for reference in chart._chartSpace.iter(qn("c:f")):
            cells = page[str(reference.text).split("!")[1].replace("$", "")]
            values = [cell.value for (cell,) in cells] if isinstance(cells, tuple) else [cells.value]
            shown = {
                int(point.get("idx")): point.find(qn("c:v")).text
                for point in reference.getparent().iter(qn("c:pt"))
            }
            assert {at: value for at, value in enumerate(values) if value is not None} == {
                at: text if isinstance(values[at], str) else float(text) for at, text in shown.items()
            }


@pytest.mark.parametrize("case", CASES)
def test_every_slide_has_title_source_mark_notes_and_words_for_its_picture(case: str) -> None:
    released, report, _ = made(case)
    deck = opened(case)
    assert 9 <= len(deck.slides) <= 15
    for page in deck.slides:
        text = "\n".join(shape.text_frame.text for shape in page.shapes if shape.has_text_frame)
        notes = page.notes_slide.notes_text_frame.text
        assert page.shapes.title.text_frame.text.strip()
        assert f"utgåva {report.release.version}." in text
        assert f"{report.response.total.responded} svar" in notes
        assert "Källa:" in notes
        assert (NOTICE in text) is (NOTICE in notes) is released.wave.synthetic
        for run in page._element.iter(qn("a:r")):
            assert run.find(qn("a:rPr")).get("lang") == "sv-SE"
        for shape in page.shapes:
            if shape.has_chart:
                described = shape._element._nvXxPr.cNvPr.get("descr")
                subject = page.shapes.title.text_frame.text.split(":")[0]
                # The title of the response is a finding.
                assert subject in described or ("svarade" in subject and "svarsfrekvensen" in described)
                assert shape.chart._chartSpace.find(qn("c:lang")).get("val") == "sv-SE"
    assert deck.core_properties.language == "sv-SE"
    assert deck.core_properties.title == f"Trygghet i {released.place.name}, {released.wave.title}"


def titles(case: str) -> list[str]:
    return [page.shapes.title.text_frame.text for page in opened(case).slides]


def test_titles_claim_a_change_only_where_a_verdict_is_certain() -> None:
    for case in ("hidden", "extremes"):
        assert not [title for title in titles(case) if "har ökat" in title or "har minskat" in title]
        assert any("Inga säkerställda förändringar" in title for title in titles(case))
    assert "Nivåer utan jämförelse bakåt" in titles("first")
    assert not any("ändr" in title.lower() for title in titles("first") if "jämförelse" not in title)
    certain = sum(result.total.change.certain for result in made("typical")[1].indicators)
    assert any(title.startswith(f"{certain} av ") for title in titles("typical"))


def test_bars_are_coloured_only_where_the_change_is_certain() -> None:
    report = made("typical")[1]
    tones = {result.label: result.total.change.tone for result in report.indicators}
    shape = next(shape for title, shape in charts(opened("typical")) if "förändringar" in title)
    plot = shape.chart.plots[0]
    coloured = {
        int(point.find(qn("c:idx")).get("val")): point.find(f".//{qn('a:srgbClr')}").get("val")
        for point in plot.series[0]._element.iter(qn("c:dPt"))
    }
    for at, label in enumerate(plot.categories):
        tone = tones[str(label).rsplit(": ", 1)[0]]
        assert coloured.get(at) == {"better": "4A93D6", "worse": "E0713C", "": None}[tone]


def test_the_scale_lies_below_the_rows_and_groups_that_are_all_hidden_are_told_in_words() -> None:
    for _, shape in charts(opened("typical")):
        below = shape.chart.value_axis._element.find(qn("c:crosses")).get("val") == "max"
        assert below and shape.chart.category_axis.reverse_order
    groups = [page for page in opened("hidden").slides if "efter kön" in page.shapes.title.text_frame.text]
    for page in groups:
        assert not any(shape.has_chart for shape in page.shapes)
        assert "Kvinnor: visas inte (för få svar)" in page.placeholders[1].text_frame.text
    assert groups


def test_a_slide_of_areas_says_which_differ_and_a_slide_of_words_what_is_certain_where() -> None:
    """The bars are of one wave: a title about changes would not be of what they show."""
    found = municipality_slides(made("uncertain")[1])
    words = next(one for one in found if "delområden skiljer sig" in one.title)
    assert words.title == "I 3 av 3 delområden skiljer sig något mått säkert från Gotland som helhet"
    assert "Område 3: högre än hela kommunen: otrygg ute sent på kvällen" in words.lines
    assert "Otrygg ute sent på kvällen efter delområde: Område 1 och Område 3 högre än hela kommunen" in [
        one.title for one in found
    ]
    assert not set(found[1].lines) & set(found[3].lines)
    typical = municipality_slides(replace(made("typical")[1], receipts=(PROMISE,) * 7))
    told = next(one for one in typical if one.title.startswith("Det här lovade vi"))
    assert told.lines[0] == "Ljusare vägar: går inte att säga. Andelen ska vara högst 30 procent."
    assert told.lines[-1] == "och 1 till"
    changed = next(one for one in typical if one.title == "Säkert förändrat i delområden sedan året innan")
    assert changed.lines[0].startswith("Område 1: narkotika utomhus ▲\u00a0+6")
    assert not [one for one in found if one.title.startswith("Säkert förändrat i delområden")]


@pytest.mark.parametrize("case", ["typical", "large", "rising", "long"])
def test_the_words_of_a_slide_end_above_its_foot(case: str) -> None:
    """Room is reckoned in letters, wide ones: a machine without our fonts takes others."""
    for slide in municipality_slides(made(case)[1]):
        size, space = (decks.SMALL_BODY, 6) if decks.is_full(slide) else (decks.BODY_SIZE, 10)
        wide = decks.BODY_BOX[2].pt / (0.6 * size)
        rows = sum(-(-len(line) // int(wide)) for line in slide.lines)
        if not slide.is_cover:
            assert rows * 1.2 * size + len(slide.lines) * space < decks.BODY_BOX[3].pt, slide.title


def test_women_and_men_have_the_hues_of_the_report() -> None:
    """Else the orange of women in the report would be that of men on a slide."""
    drawn = (TEMPLATES / "components" / "charts.html").read_text(encoding="utf-8")
    for kind in ("woman", "man"):
        (other,) = re.findall(rf'"{kind}": "#(\w+)"', drawn)
        hues = [colorsys.rgb_to_hls(*bytes.fromhex(one))[0] for one in (COLOURS[kind], other)]
        assert hues[0] == pytest.approx(hues[1], abs=0.02)


def test_the_same_release_gives_the_same_file() -> None:
    _, report, first = made("hidden")
    assert decks.report_deck(report).content == first
    assert {entry.date_time[0] for entry in ZipFile(BytesIO(first)).infolist()} == {1980}
