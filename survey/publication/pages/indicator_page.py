"""All that is said of one measure in one municipality: its page, and the charts that can be saved from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport, TopicResult
from survey.publication.drawings import indicator_charts
from survey.publication.drawings.area_maps import drawn_map, drawn_region
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.drawing import PHONE
from survey.publication.drawings.maps import MapDrawing
from survey.publication.drawings.narrow_charts import narrow
from survey.publication.drawings.timeline import MOST_ON_PHONE, Timeline
from survey.publication.embargo import Reader
from survey.publication.local_questions import NONE_OWN, LocalMeasures, local_measures, local_topic
from survey.publication.pages.indicator_totals import IndicatorTotals, build_series, read_totals
from survey.publication.pages.neighbours import build_neighbours
from survey.publication.pages.published_series import with_published
from survey.publication.payload import build_payload
from survey.publication.questions import questionnaire_of
from survey.publication.released import Released
from survey.publication.results import read_released
from survey.publication.standing_out import Beside, beside_kind, beside_region, change_words
from survey.publication.wave_series import SeriesPoint, untested_since
from survey.questionnaire import indicators as library
from survey.questionnaire.definition import Questionnaire
from survey.questionnaire.indicators import Indicator

SERIES, GROUPS, CROSSED, AREAS, NEIGHBOURS = "serie", "grupper", "kon-alder", "delomraden", "kommuner"
AREA_MAP, REGION_MAP = "karta", "karta-kommuner"


@dataclass(frozen=True)
class AskedOption:
    """An answer of the question, and whether it counts as yes, only in the base, or not at all."""

    text: str
    counts: str  # yes, base, outside


@dataclass(frozen=True)
class MeasureQuestion:
    """A question as it was put."""

    text: str
    options: tuple[AskedOption, ...]


@dataclass(frozen=True)
class IndicatorPage:
    """A measure in every wave, group, area and municipality that the reader may see."""

    report: MunicipalityReport
    topic: TopicResult
    result: IndicatorResult
    questions: tuple[MeasureQuestion, ...]  # none when the questionnaire of the wave is not at hand
    series: tuple[SeriesPoint, ...]
    untested_since: str  # when the row of waves begins that is not tested as a whole; empty for two waves
    crossed: tuple[GroupFigures, ...]  # women and men in each age group; empty where none is shown
    neighbours: tuple[GroupFigures, ...]
    standings: tuple[Beside, ...]  # the total beside region and kind
    change_beside: str  # the change beside the region's, in words
    previous: IndicatorResult | None
    next: IndicatorResult | None
    charts: Mapping[str, Chart | Timeline]
    narrow_charts: Mapping[str, Chart | Timeline]  # the same for a phone
    area_map: MapDrawing | None  # where every area has a border
    region_map: MapDrawing | None  # where every municipality has one
    own: LocalMeasures  # the questions of the municipality's own
    local: bool  # whether this is one of them

    @property
    def drawings(self) -> Mapping[str, Chart | Timeline | MapDrawing]:
        """All that can be saved, by the name it is saved under."""
        maps = {AREA_MAP: self.area_map, REGION_MAP: self.region_map}
        return {**self.charts, **{name: drawing for name, drawing in maps.items() if drawing}}


def read_indicator_page(
    session: Session, wave_code: str, municipality_code: str, indicator_id: str, reader: Reader
) -> IndicatorPage | None:
    """The page of a measure; None when there is no such measure."""
    released = _only(read_released(session, wave_code, municipality_code, reader), indicator_id)
    own = local_measures(session, wave_code, municipality_code, reader)
    indicator = library.indicator(indicator_id) or own.measure(indicator_id)
    if indicator is None:
        return None
    totals = read_totals(session, released, indicator_id, reader)
    return build_indicator_page(build_payload(released), released, totals, indicator, own)


def build_indicator_page(
    report: MunicipalityReport,
    released: Released,
    totals: IndicatorTotals,
    indicator: Indicator,
    own: LocalMeasures = NONE_OWN,
) -> IndicatorPage:
    """The page of a measure out of its municipality's report and the totals of the others.

    A question of the municipality's own stands beside no earlier wave and nobody else.
    """
    topic = local_topic(released, own) if own.measure(indicator.id) else None
    local = topic is not None
    if local:
        report = replace(report, previous=None, since="", region_label="", region_note="")
    results = topic.indicators if topic else report.indicators
    result = next(one for one in results if one.id == indicator.id)
    series = with_published(build_series(totals, released.place.code, result.direction), totals.published)
    crossed = crossed_groups(result)
    neighbours = () if local else build_neighbours(totals, released.wave.code, released.place.code, result)
    before, after = _beside(results, result)
    drawn = _charts(report, result, series, crossed, neighbours)
    return IndicatorPage(
        report=report,
        topic=topic or next(topic for topic in report.topics if topic.id == result.topic),
        result=result,
        questions=asked(indicator, own.questionnaire if local else questionnaire_of(released.wave)),
        series=series,
        untested_since=untested_since(series),
        crossed=crossed,
        neighbours=neighbours,
        standings=(beside_region(result), beside_kind(result)),
        change_beside=change_words(released, result),
        previous=before,
        next=after,
        charts=drawn,
        narrow_charts={name: _on_phone(chart, report, result, series) for name, chart in drawn.items()},
        area_map=None if local else drawn_map(report, result),
        region_map=drawn_region(
            report, result, [one for one in neighbours if one.key in totals.names], totals.borders
        ),
        own=own,
        local=local,
    )


def crossed_groups(result: IndicatorResult) -> tuple[GroupFigures, ...]:
    """Women and men in each age group under a name of their own; empty where no figure is shown."""
    groups = [
        replace(group, label=f"{group.label} {age.label}")
        for row in result.crossed
        for age, group in zip(result.ages, row, strict=True)
    ]
    return tuple(groups) if any(group.now.shown for group in groups) else ()


def _only(released: Released, indicator_id: str) -> Released:
    """The rows of one measure: of the others the page needs no more than their names."""
    estimates, changes, comparisons = (
        table[table["indicator"].eq(indicator_id)]
        for table in (released.estimates, released.changes, released.comparisons)
    )
    return replace(released, estimates=estimates, changes=changes, comparisons=comparisons)


def asked(indicator: Indicator, questionnaire: Questionnaire | None) -> tuple[MeasureQuestion, ...]:
    """The questions a measure is made of, with what each answer counts as; none without a questionnaire."""
    if questionnaire is None:
        return ()
    found = [question for item in indicator.items if (question := questionnaire.question(item))]
    return tuple(
        MeasureQuestion(
            " ".join(part for part in (question.stem, question.text) if part),
            tuple(AskedOption(option.text, _counts(indicator, option.code)) for option in question.options),
        )
        for question in found
    )


def _charts(
    report: MunicipalityReport,
    result: IndicatorResult,
    series: Sequence[SeriesPoint],
    crossed: Sequence[GroupFigures],
    neighbours: Sequence[GroupFigures],
) -> dict[str, Chart | Timeline]:
    """A chart is there when it has something to show."""
    found: dict[str, Chart | Timeline] = {}
    if any(point.figure.shown for point in series):
        found[SERIES] = indicator_charts.series_chart(report, result, series)
    if any(group.now.shown for group in (*result.genders, *result.ages)):
        found[GROUPS] = indicator_charts.groups_drawing(report, result)
    if crossed:
        found[CROSSED] = indicator_charts.crossed_drawing(report, result, crossed)
    if len(result.areas) > 1 and any(area.now.shown for area in result.areas):
        found[AREAS] = indicator_charts.areas_drawing(report, result)
    if any(group.now.shown for group in neighbours):
        found[NEIGHBOURS] = indicator_charts.neighbours_chart(report, result, neighbours)
    return found


def _on_phone(
    chart: Chart | Timeline,
    report: MunicipalityReport,
    result: IndicatorResult,
    series: Sequence[SeriesPoint],
) -> Chart | Timeline:
    if isinstance(chart, Chart):
        return narrow(chart)
    if len(series) > MOST_ON_PHONE:
        return chart
    return indicator_charts.series_chart(report, result, series, PHONE)


def _counts(indicator: Indicator, code: str) -> str:
    if code in indicator.yes:
        return "yes"
    return "base" if code in indicator.levels else "outside"


def _beside(
    results: Sequence[IndicatorResult], result: IndicatorResult
) -> tuple[IndicatorResult | None, IndicatorResult | None]:
    """The measures before and after this one in the order of the report."""
    position = results.index(result)
    before = results[position - 1] if position else None
    return before, results[position + 1] if position + 1 < len(results) else None
