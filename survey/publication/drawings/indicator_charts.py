"""The charts of one measure's page: over time, by gender and age, by area, beside other municipalities."""

from collections.abc import Sequence
from dataclasses import replace

from survey.publication import wording
from survey.publication.content import Figure, GroupFigures, IndicatorResult, MunicipalityReport, Standing
from survey.publication.drawings.axes import share_axis
from survey.publication.drawings.chart_rows import PLOT, Chart, Frame, Mark, dot, draw_rows, source_line
from survey.publication.drawings.chart_words import people
from survey.publication.drawings.charts import area_chart, crossed_chart, groups_chart
from survey.publication.drawings.drawing import WIDTH
from survey.publication.drawings.timeline import Timeline, draw_timeline
from survey.publication.wave_series import SeriesPoint

NAMED = 2  # so many groups are named in a title; of more only the number is told


def series_chart(
    report: MunicipalityReport, result: IndicatorResult, series: Sequence[SeriesPoint], width: float = WIDTH
) -> Timeline:
    """The measure in every wave so far."""
    title = series_title(result, report.since)
    shown = [f"{point.figure.text} {point.name}" for point in series if point.figure.shown]
    between = f"{series[0].name} till {series[-1].name}" if len(series) > 1 else series[0].name
    told = f"Tidslinje för {wording.lower(result.label)}: {wording.enumeration(shown)}. {title}."
    frame = Frame(title, _subtitle(report, result, between), told, ())
    return draw_timeline(report, series, frame, _source(report, result.total.now), width)


def groups_drawing(report: MunicipalityReport, result: IndicatorResult) -> Chart:
    """Gender and age, under a title that says which groups have certainly changed."""
    groups = (*result.genders, *result.ages)
    drawn = groups_chart(report, result)
    return _retitled(drawn, report, result, groups_title(groups, report.previous is not None))


def crossed_drawing(
    report: MunicipalityReport, result: IndicatorResult, groups: Sequence[GroupFigures]
) -> Chart:
    """Women and men in each age group, under a title that says which of them have certainly changed."""
    title = groups_title(groups, report.previous is not None, "kön och ålder tillsammans")
    return _retitled(crossed_chart(report, result), report, result, title)


def areas_drawing(report: MunicipalityReport, result: IndicatorResult) -> Chart:
    """Every area, under a title that says how many certainly differ from the municipality."""
    return _retitled(
        area_chart(report, result), report, result, areas_title([area.standing for area in result.areas])
    )


def neighbours_chart(
    report: MunicipalityReport,
    result: IndicatorResult,
    neighbours: Sequence[GroupFigures],
) -> Chart:
    """The municipalities of the wave by name, never by size; the own one is drawn otherwise."""
    axis = share_axis([group.now for group in neighbours], PLOT)

    def marks(group: GroupFigures, y: float) -> list[Mark]:
        own = group.key == report.municipality_code
        return dot("now" if own else "before", group.now, axis, y)

    title = neighbours_title(report, result.total.standing)
    chart = draw_rows(
        report,
        [(group.label, group) for group in neighbours],
        axis,
        marks,
        _share,
        Frame(
            title,
            f"{result.label}. Andel i procent {report.method.with_interval}, invånare {report.wave.ages} år, "
            f"{report.wave.name}",
            f"Prickdiagram över {len(neighbours)} områden i bokstavsordning, "
            f"{report.municipality} först: {wording.lower(result.label)}. {title}.",
            (("now", report.municipality), ("before", "andra, i bokstavsordning")),
        ),
    )
    return replace(chart, source=_source(report, result.total.now))


def series_title(result: IndicatorResult, since: str) -> str:
    """What the verdict lets us say of the change."""
    verdict = result.total.change.verdict
    if not result.total.now.shown:
        return "Andelen visas inte"
    return {
        "up": f"Andelen har ökat {since}",
        "down": f"Andelen har minskat {since}",
        "unchanged": f"I stort sett oförändrat {since}",
        "too_uncertain": "Går inte att säga om andelen har ändrats",
        "not_comparable": "Kan inte jämföras med mätningen innan",
    }.get(verdict, "Ingen mätning att jämföra med" if not since else "Förändringen visas inte")


def groups_title(groups: Sequence[GroupFigures], has_previous: bool, by: str = "kön eller ålder") -> str:
    """Which groups have certainly changed, by name when they are few."""
    if not any(group.now.shown for group in groups):
        return f"Kan inte visas efter {by}"
    if not has_previous:
        return f"{wording.capital(by)}: nivåer utan jämförelse bakåt"
    changed = {
        verb: [wording.lower(group.label) for group in groups if group.change.verdict == verdict]
        for verdict, verb in (("up", "ökat"), ("down", "minskat"))
    }
    parts = [f"{verb} {_named(labels)}" for verb, labels in changed.items() if labels]
    return wording.capital(", ".join(parts)) or f"Ingen säker förändring efter {by}"


def areas_title(standings: Sequence[Standing]) -> str:
    """How many areas certainly differ from their municipality."""
    if not any(one.verdict for one in standings):
        return "Delområden: ingen jämförelse med kommunen"
    parts = [
        f"{count} {word}"
        for verdict, word in (("above", "högre"), ("below", "lägre"))
        if (count := sum(one.verdict == verdict for one in standings))
    ]
    if not parts:
        return "Inget delområde skiljer sig säkert från kommunen"
    return f"Delområden mot kommunen: {' och '.join(parts)}"


def neighbours_title(report: MunicipalityReport, standing: Standing) -> str:
    """How the municipality stands beside its region; never beside another municipality."""
    if not standing.verdict:
        return f"{report.municipality} och andra kommuner"
    if standing.certain:
        return wording.capital(f"{standing.text} än i hela regionen")
    return "Ingen säker skillnad mot hela regionen"


def _named(labels: Sequence[str]) -> str:
    return f"bland {wording.enumeration(labels)}" if len(labels) <= NAMED else f"i {len(labels)} grupper"


def _retitled(chart: Chart, report: MunicipalityReport, result: IndicatorResult, title: str) -> Chart:
    return replace(
        chart,
        title=title,
        subtitle=f"{result.label}. {chart.subtitle}",
        source=_source(report, result.total.now),
    )


def _subtitle(report: MunicipalityReport, result: IndicatorResult, time: str) -> str:
    return f"{result.label}. Andel i procent {report.method.with_interval}, {people(report)}, {time}"


def _source(report: MunicipalityReport, figure: Figure) -> str:
    return f"{figure.n} svar. {source_line(report)}" if figure.shown else source_line(report)


def _share(group: GroupFigures) -> tuple[str, str]:
    if not group.now.shown:
        return "value", group.now.text
    return "value", f"{group.now.text} ({group.now.interval})"
