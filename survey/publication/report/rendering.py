"""A frozen report becomes a PDF: the template only places what the report says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from survey.config import ROOT
from survey.languages import SOURCE
from survey.publication import numbers
from survey.publication.changed_parts import part_rows
from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport, TopicResult
from survey.publication.downloads.tables import Download
from survey.publication.drawings import charts
from survey.publication.drawings.area_maps import report_maps
from survey.publication.drawings.area_matrix import Matrix, areas_apart, draw_matrix
from survey.publication.drawings.chart_rows import Chart
from survey.publication.drawings.maps import MapDrawing
from survey.publication.report.layout import (
    AREAS_TOPIC,
    LIST_LENGTH,
    choose_charts,
    has_area_chart,
    has_groups,
    has_profile_room,
    matrix_parts,
    measures,
    topic_pages,
)
from survey.publication.speech import say, speaking
from survey.publication.summary import PROFILE_TOPIC
from survey.typesetting import Enclosure, Stylesheet, load_stylesheet, missing_characters, typeset

TEMPLATES = ROOT / "templates"
WARMING = """<html lang="sv"><head><title>Prov</title></head><body><section class="page"><h1>Rubrik</h1>
<p>Text <strong>med vikt</strong> ▲ ▼</p><table class="figures"><caption>Tabell</caption><thead><tr>
<th class="first">Mått</th></tr></thead><tbody><tr><td class="now">37 %</td></tr></tbody></table>
<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" font-family="Inter" font-size="9">
<title>Bild</title><path d="M0 0H9" stroke="#0B3C5D"/><text x="0" y="9">1</text></svg></section></body>
</html>"""
TABLE_WORDS = "Alla siffror i rapporten och deras osäkerhet, en rad per mått och grupp"
# An interval is not broken after its dash; in drawings and in cells of figures nothing is.
KEPT_LINES = r"<(?P<drawn>svg|title)\b.*?</(?P=drawn)>|<td\b[^>]*>[\d.–+−▲▼][^<]*</td>"
BREAKABLE = re.compile(rf"{KEPT_LINES}|(?<=\d)–(?=\d)", re.DOTALL)
JOINER = "\u2060"
PAGE_WORDS = ("Sida ", " av ")  # of the style sheet
UNKNOWN = "■"  # stands for a character that no font of ours can show


@dataclass(frozen=True)
class Section:
    """An entry of the contents."""

    id: str
    title: str


@dataclass(frozen=True)
class AreaRow:
    """The headline figures of one area."""

    name: str
    n: str
    groups: tuple[GroupFigures, ...]


@dataclass(frozen=True)
class Charts:
    """The charts, and the tables that need room, of a report by where they stand."""

    profile: Chart | None
    changes: Chart | None
    response: Chart
    topics: dict[str, Chart]
    groups: dict[str, Chart]
    genders: dict[str, Chart]
    crossed: dict[str, IndicatorResult]
    parts: dict[str, Chart]
    areas: Chart | None
    matrices: tuple[Matrix, ...]
    maps: tuple[MapDrawing, ...]


def render(report: MunicipalityReport, table: Download) -> bytes:
    """The report as PDF with the table it rests on inside; the same of both gives the same bytes."""
    released_on = date.fromisoformat(report.release.released_on_iso)
    with speaking(report.language):
        words = say(TABLE_WORDS)
    enclosed = Enclosure(table.file_name, table.content, words, released_on)
    return typeset(compose(report), stylesheet(report.language), enclosed=[enclosed])


def compose(report: MunicipalityReport) -> str:
    """The report as the page that is typeset."""
    text = place(report, "report/frame.html", for_phones=None)
    for character in missing_characters(text):
        text = text.replace(character, UNKNOWN)
    return BREAKABLE.sub(lambda found: f"–{JOINER}" if found[0] == "–" else found[0], text)


def place(report: MunicipalityReport, template: str, **more: object) -> str:
    """What a report says in one of its templates."""
    with speaking(report.language):
        pages = topic_pages(report)
        drawn = _charts(report, pages)
        return (
            _environment()
            .get_template(template)
            .render(
                report=report,
                charts=drawn,
                topic_pages=pages,
                sections=_sections(report, drawn),
                area_rows=_area_rows(report),
                has_areas=_has_areas(report),
                has_groups=has_groups,
                list_length=LIST_LENGTH,
                areas_apart=areas_apart(report),
                part_rows=part_rows(report.changed_parts),
                nbsp=numbers.NBSP,
                **more,
            )
        )


def warm_up() -> None:
    """Load fonts, styles and templates and use each once, so that those who come after find them ready."""
    _environment().get_template("report/frame.html")
    typeset(WARMING, stylesheet(SOURCE.code))


@cache
def stylesheet(language: str) -> Stylesheet:
    """The style and fonts of reports in a language, loaded once in a process."""
    style = (TEMPLATES / "report" / "report.css").read_text(encoding="utf-8")
    with speaking(language):
        for word in PAGE_WORDS:
            style = style.replace(f'"{word}"', f'"{say(word)}"')
    return load_stylesheet(style)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    i18n: Any = environment
    i18n.install_gettext_callables(gettext=say, ngettext=_counted, newstyle=True)
    environment.filters["measures"] = measures
    environment.filters["number"] = numbers.number
    return environment


def _counted(singular: str, plural: str, count: int) -> str:
    return say(singular if count == 1 else plural)


def _charts(report: MunicipalityReport, pages: tuple[tuple[TopicResult, ...], ...]) -> Charts:
    problems = next((topic for topic in report.topics if topic.id == PROFILE_TOPIC), report.topics[0])
    maps = report_maps(report) if _has_areas(report) else ()
    chosen = frozenset[tuple[str, str]]().union(*(choose_charts(report, page) for page in pages))
    return Charts(
        profile=charts.profile_chart(report, problems) if has_profile_room(report) else None,
        changes=charts.changes_chart(report),
        response=charts.response_chart(report),
        topics={
            topic.id: charts.topic_chart(report, topic)
            for topic in report.topics
            if (topic.id, "topic") in chosen
        },
        groups={
            result.topic: charts.groups_chart(report, result)
            for result in report.headlines
            if (result.topic, "groups") in chosen
        },
        genders={
            topic.id: charts.gender_chart(report, topic)
            for topic in report.topics
            if (topic.id, "genders") in chosen
        },
        crossed={result.topic: result for result in report.headlines if (result.topic, "crossed") in chosen},
        parts={
            result.topic: charts.area_chart(report, result)
            for result in report.headlines
            if (result.topic, "areas") in chosen and not _is_on_map(result, maps)
        },
        areas=_area_chart(report, maps),
        matrices=(
            tuple(draw_matrix(report, part) for part in matrix_parts(report)) if areas_apart(report) else ()
        ),
        maps=maps,
    )


def _area_chart(report: MunicipalityReport, maps: Sequence[MapDrawing]) -> Chart | None:
    """Unsafe evenings by area, when there are areas to compare, not too many, and no map shows the same."""
    evening = next((result for result in report.headlines if result.topic == AREAS_TOPIC), None)
    if evening is None or not has_area_chart(evening) or _is_on_map(evening, maps):
        return None
    return charts.area_chart(report, evening)


def _is_on_map(result: IndicatorResult, maps: Sequence[MapDrawing]) -> bool:
    return any(drawing.id == f"karta-{result.id}" for drawing in maps)


def _sections(report: MunicipalityReport, drawn: Charts) -> list[Section]:
    changes = [Section("changes", say("Alla förändringar"))] if drawn.changes else []
    areas = [Section("areas", say("Delområden"))] if _has_areas(report) else []
    promises = [Section("promises", say("Det här lovade vi – så gick det"))] if report.receipts else []
    return [
        Section("summary", say("Det viktigaste")),
        Section("known", say("Vad vi vet och inte vet")),
        *changes,
        *(Section(topic.id, topic.title) for topic in report.topics),
        *areas,
        *promises,
        Section("response", say("Vilka svarade")),
        Section("quality", say("Kvalitetsdeklaration")),
        Section("method", say("Så är rapporten gjord")),
        Section("questions", say("Frågorna och hur måtten räknas")),
    ]


def _has_areas(report: MunicipalityReport) -> bool:
    """A municipality that is one area only has nothing to show by area."""
    return bool(report.headlines) and len(report.headlines[0].areas) > 1


def _area_rows(report: MunicipalityReport) -> list[AreaRow]:
    columns = [result.areas for result in report.headlines]
    return [
        AreaRow(groups[0].label, groups[0].now.n or groups[0].now.text, groups)
        for groups in zip(*columns, strict=True)
    ]
