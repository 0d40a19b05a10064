"""What a municipality sees first: what matters, what has certainly changed, what stands out, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from survey.publication import wording
from survey.publication.changed_parts import ChangedPart, changed_in
from survey.publication.content import IndicatorResult, MunicipalityReport, TopicResult
from survey.publication.drawings import charts
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.narrow_charts import narrow
from survey.publication.embargo import Reader
from survey.publication.local_questions import local_measures, local_topic
from survey.publication.payload import build_payload
from survey.publication.questions import questionnaire_of
from survey.publication.released import Released
from survey.publication.results import read_released
from survey.publication.standing_out import (
    AreaStanding,
    StandingOut,
    areas_standing_out,
    stand_out,
)
from survey.publication.summary import PROFILE_TOPIC

MOST_CHANGED = 8  # so many areas and groups the page names
PROFILE, CHANGES = "problem", "forandringar"


@dataclass(frozen=True)
class Overview:
    """The report of a municipality with what stands out in it; charts by the name they are saved under."""

    report: MunicipalityReport
    problems: tuple[IndicatorResult, ...]  # the largest share first, the hidden last
    standing_out: tuple[StandingOut, ...]
    areas: tuple[AreaStanding, ...]
    changed: Mapping[str, tuple[ChangedPart, ...]]  # certain changes by the area or group they are of
    changed_left: int  # so many areas and groups more have changed
    alone: bool  # the only municipality of its region
    unknown: str  # of how many measures nothing can be said
    hidden: int  # measures whose figure is not shown
    charts: Mapping[str, Chart]
    narrow_charts: Mapping[str, Chart]  # the same for a phone
    own: TopicResult | None = None  # the municipality's own questions
    free_texts: bool = False  # whether anything was asked to answer in one's own words


def read_overview(session: Session, wave_code: str, municipality_code: str, reader: Reader) -> Overview:
    """The overview of one municipality after one wave."""
    released = read_released(session, wave_code, municipality_code, reader)
    own = local_measures(session, wave_code, municipality_code, reader)
    asked = own.questionnaire or questionnaire_of(released.wave)
    overview = build_overview(released, local_topic(released, own))
    return replace(overview, free_texts=bool(asked and asked.free_texts))


def build_overview(released: Released, own: TopicResult | None = None) -> Overview:
    """The overview out of a municipality's released rows."""
    report = build_payload(released)
    drawn = _charts(report)
    # A group within an area comes last: it is the smallest of the parts.
    changed = changed_in(sorted(report.changed_parts, key=lambda one: bool(one.area and one.groups)))
    return Overview(
        report=report,
        problems=_problems(report),
        standing_out=stand_out(report),
        areas=areas_standing_out(report),
        changed=dict(list(changed.items())[:MOST_CHANGED]),
        changed_left=max(0, len(changed) - MOST_CHANGED),
        alone=len(released.participants) == 1,
        unknown=wording.unknown_heading(
            [result.total.change for result in report.indicators],
            wording.WHOLES["municipality"],
        ),
        hidden=sum(not result.total.now.shown for result in report.indicators),
        charts=drawn,
        narrow_charts={name: narrow(chart) for name, chart in drawn.items()},
        own=own,
    )


def _problems(report: MunicipalityReport) -> tuple[IndicatorResult, ...]:
    found = [result for result in report.indicators if result.topic == PROFILE_TOPIC]
    return tuple(sorted(found, key=lambda result: -_value(result)))


def _value(result: IndicatorResult) -> int:
    return -1 if result.total.now.value is None else result.total.now.value


def _charts(report: MunicipalityReport) -> dict[str, Chart]:
    found = {
        topic.id: charts.topic_chart(report, topic)
        for topic in report.topics
        if any(result.total.now.shown for result in topic.indicators)
    }
    problems = next((topic for topic in report.topics if topic.id == PROFILE_TOPIC), None)
    if problems is not None and PROFILE_TOPIC in found:
        found[PROFILE] = charts.profile_chart(report, problems)
    if changes := charts.changes_chart(report):
        found[CHANGES] = changes
    return found
