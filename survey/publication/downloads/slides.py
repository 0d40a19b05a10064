"""What the slides of a municipality's deck say: titles by verdict, charts from the report's own figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey.publication import wording
from survey.publication.content import (
    ChangeFigure,
    Figure,
    GroupFigures,
    IndicatorResult,
    MunicipalityReport,
    ResponseGroup,
)
from survey.publication.downloads import slide_words
from survey.publication.downloads.slide_words import MOST_LINES, Words
from survey.publication.drawings import charts
from survey.publication.drawings.axes import change_axis, share_axis
from survey.publication.drawings.chart_rows import PLOT, source_line
from survey.publication.drawings.chart_words import change_text, people
from survey.publication.summary import PROFILE_TOPIC

MOST_BARS = 14  # on one slide
MOST_PAIRS = 9  # of this wave and the wave before
MOST_AREAS = 2 * MOST_BARS
Value = tuple[float, float, float] | None  # the figure and its interval; None when it is not shown


@dataclass(frozen=True)
class Series:
    """The bars of one colour; `tones` colours single bars by their verdict."""

    name: str
    values: tuple[Value, ...]
    kind: str  # now before woman man change
    tones: tuple[str, ...] = ()


@dataclass(frozen=True)
class BarChart:
    """Bars with intervals; each label holds the figure in words, as in the report."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    scale: tuple[float, float]  # from and to, every interval within
    is_change: bool = False
    has_intervals: bool = True


@dataclass(frozen=True)
class Slide:
    """A title that says what was found, lines or a chart below it, and notes for the speaker."""

    title: str
    lines: tuple[str, ...] = ()
    chart: BarChart | None = None
    caption: str = ""
    alt: str = ""
    notes: str = ""
    is_cover: bool = False


def municipality_slides(report: MunicipalityReport) -> tuple[Slide, ...]:
    """The cover, what matters, what changed, where and for whom, what was promised, who answered."""
    return (
        _cover(report),
        _summary(report),
        *_changes(report),
        *_profile(report),
        _headlines(report),
        *_told(report, slide_words.beside_region(report)),
        *_groups(report),
        *_told(report, slide_words.where(report)),
        *_told(report, slide_words.changed_where(report)),
        *_areas(report),
        *_told(report, slide_words.promised(report)),
        _response(report),
        _how_to_read(report),
    )


def _cover(report: MunicipalityReport) -> Slide:
    total = report.response.total
    lines = (
        f"{report.wave.title}, {report.wave.period}",
        f"{total.responded} svar, {total.rate} av de tillfrågade",
    )
    return Slide(report.title, lines, notes=_notes(report), is_cover=True)


def _summary(report: MunicipalityReport) -> Slide:
    found = [(result.label, result.total.change) for result in report.indicators]
    whole = wording.WHOLES["municipality"]
    title = wording.changes_heading(found, whole) if report.previous else wording.NO_COMPARISON
    return Slide(title or wording.NO_COMPARISON, report.summary.sentences, notes=_notes(report))


def _told(report: MunicipalityReport, words: Words | None) -> Iterator[Slide]:
    if words:
        yield Slide(*words, notes=_notes(report))


def _changes(report: MunicipalityReport) -> Iterator[Slide]:
    """The changes that are certain, then the headlines'; what is certain in words; what is not known."""
    if report.previous is None:
        return
    shown = [result for result in report.indicators if result.total.change.value is not None]
    drawn = charts.changes_chart(report)
    if drawn:
        first = sorted(shown, key=lambda result: (not result.total.change.certain, not result.headline))
        kept = first[:MOST_BARS]
        rows = [result for result in sorted(shown, key=charts.change_size) if result in kept]
        series = Series(
            "Förändring, procentenheter",
            tuple(_change(result.total.change) for result in rows),
            "change",
            tuple(result.total.change.tone for result in rows),
        )
        labels = tuple(f"{result.label}: {change_text(result.total.change)}" for result in rows)
        left = f" {len(rows)} av dem, de säkerställda först." if len(rows) < len(shown) else ""
        axis = change_axis([result.total.change for result in rows], PLOT)
        chart = BarChart(labels, (series,), (axis.low, axis.high), is_change=True)
        yield Slide(drawn.title, (), chart, f"{drawn.subtitle}{left}", drawn.alt, _notes(report))
    certain = [("Bättre", report.summary.better), ("Sämre", report.summary.worse)]
    lines = [f"{word}: {entry}" for word, entries in certain for entry in entries[:MOST_LINES]]
    if lines:
        yield Slide(f"Säkert förändrat {report.since}", tuple(lines), notes=_notes(report))
    yield from _told(report, slide_words.unknown(report))


def _profile(report: MunicipalityReport) -> Iterator[Slide]:
    topic = next((topic for topic in report.topics if topic.id == PROFILE_TOPIC), None)
    if topic is None or not topic.indicators:
        return
    drawn = charts.profile_chart(report, topic)
    if not any(result.total.now.shown for result in topic.indicators):
        yield Slide(
            drawn.title,
            tuple(result.level_sentence for result in topic.indicators[:MOST_LINES]),
            notes=_notes(report),
        )
        return
    rows = sorted(topic.indicators, key=lambda result: -(result.total.now.value or -1))[:MOST_BARS]
    series = Series(report.wave.name, tuple(_share(result.total.now) for result in rows), "now")
    labels = tuple(_label(result.label, result.total.now) for result in rows)
    chart = BarChart(labels, (series,), _scale([result.total.now for result in rows]))
    yield Slide(drawn.title, (), chart, drawn.subtitle, drawn.alt, _notes(report))


def _headlines(report: MunicipalityReport) -> Slide:
    rows = [(result.label, result.total) for result in report.headlines][:MOST_PAIRS]
    changes = [(label, group.change) for label, group in rows]
    heading = wording.changes_heading(changes, wording.WHOLES["municipality"])
    title = f"Nyckeltal: {wording.lower(heading)}" if heading else "Nyckeltal"
    return _pairs(report, title, rows)


def _groups(report: MunicipalityReport) -> Iterator[Slide]:
    for result in _shown(report)[:2]:
        parts = (*result.genders, *result.ages)
        title = _with_finding(charts.groups_chart(report, result).title, parts, result.total)
        rows = [(group.label, group) for group in (result.total, *parts)][:MOST_PAIRS]
        if any(group.now.shown for group in parts):
            yield _pairs(report, title, rows)
        else:  # one bar alone is no picture of groups
            lines = tuple(_label(label, group.now) for label, group in rows)
            yield Slide(title, lines, notes=_notes(report))


def _areas(report: MunicipalityReport) -> Iterator[Slide]:
    """A headline in every area, one in which an area stands out if there is such, over two slides at most."""
    ordered = sorted(_shown(report), key=lambda one: not any(area.standing.certain for area in one.areas))
    for result in ordered[:1]:
        heading = slide_words.areas_heading(result.areas)
        title = charts.area_chart(report, result).title + (f": {heading}" if heading else "")
        rows = [(group.label, group) for group in (*result.areas, result.total)]
        if not result.areas:
            return
        if len(rows) > MOST_AREAS:
            line = f"{len(result.areas)} delområden är för många för en bild. Alla tal står i arbetsboken."
            yield Slide(title, (line,), notes=_notes(report))
            return
        for start in range(0, len(rows), MOST_BARS):
            yield _single(report, title, rows[start : start + MOST_BARS])


def _shown(report: MunicipalityReport) -> list[IndicatorResult]:
    return [result for result in report.headlines if result.total.now.shown]


def _pairs(report: MunicipalityReport, title: str, rows: Sequence[tuple[str, GroupFigures]]) -> Slide:
    """This wave beside the wave before."""
    series = [Series(report.wave.name, tuple(_share(group.now) for _, group in rows), "now")]
    if report.previous:
        before = tuple(_share(group.before) for _, group in rows)
        series.append(Series(report.previous.name, before, "before"))
    return _shares(report, title, rows, series)


def _single(report: MunicipalityReport, title: str, rows: Sequence[tuple[str, GroupFigures]]) -> Slide:
    series = Series(report.wave.name, tuple(_share(group.now) for _, group in rows), "now")
    return _shares(report, title, rows, [series])


def _shares(
    report: MunicipalityReport, title: str, rows: Sequence[tuple[str, GroupFigures]], series: Sequence[Series]
) -> Slide:
    labels = tuple(_label(label, group.now) for label, group in rows)
    when = " och ".join(found.name for found in series)
    caption = f"Andel i procent {report.method.with_interval}, {people(report)}, {when}"
    alt = f"Stapeldiagram över {len(rows)} andelar, {when}. {title}. Alla värden finns i diagrammets data."
    figures = [figure for _, group in rows for figure in (group.now, group.before)]
    chart = BarChart(labels, tuple(series), _scale(figures))
    return Slide(title, (), chart, caption, alt, _notes(report))


def _with_finding(title: str, parts: Sequence[GroupFigures], whole: GroupFigures) -> str:
    """Which changes are certain among the groups, from their verdicts; where none is, also in the whole."""
    told = parts if any(part.change.certain for part in parts) else (*parts, whole)
    heading = wording.changes_heading([(group.label, group.change) for group in told])
    return f"{title}: {wording.lower(heading)}" if heading else title


def _response(report: MunicipalityReport) -> Slide:
    response = report.response
    pairs = list(zip(response.women, response.men, strict=True))
    drawn = charts.response_chart(report)
    labels = tuple(f"{women.label}: {women.rate} / {men.rate}" for women, men in pairs)
    series = tuple(
        Series(name, tuple(_rate(pair[at]) for pair in pairs), kind)
        for at, (name, kind) in enumerate((("Kvinnor", "woman"), ("Män", "man")))
    )
    chart = BarChart(labels, series, (0.0, 1.0), has_intervals=False) if pairs else None
    title = f"{response.total.rate} av de tillfrågade svarade"
    lines = () if chart else (response.sentence,)
    return Slide(title, lines, chart, drawn.subtitle, drawn.alt, f"{response.sentence}\n{_notes(report)}")


def _how_to_read(report: MunicipalityReport) -> Slide:
    lines = (
        f"Andelar är hela procent {report.method.with_interval}. Strecken i diagrammen visar intervallen.",
        "En förändring är säkerställd bara när utfallet säger det. Annars vet vi inte, eller den är liten.",
        "Två punkter (..) betyder att talet inte visas: för få har svarat, eller så är det för osäkert.",
        report.region_note,
        source_line(report),
    )
    return Slide("Så läses siffrorna", tuple(line for line in lines if line), notes=_notes(report))


def _notes(report: MunicipalityReport) -> str:
    asked = f"{report.response.total.responded} svar av {report.response.total.sampled} tillfrågade."
    return "\n".join(part for part in (report.notice, asked, source_line(report)) if part)


def _label(label: str, figure: Figure) -> str:
    if not figure.shown:
        return f"{label}: visas inte ({figure.note})" if figure.note else f"{label}: {figure.text}"
    return f"{label}: {figure.text} ({figure.interval})"


def _scale(figures: Sequence[Figure]) -> tuple[float, float]:
    """The scale that the same figures have in the report, as shares."""
    axis = share_axis(figures, PLOT)
    return axis.low / 100, axis.high / 100


def _share(figure: Figure) -> Value:
    if figure.value is None or figure.lower is None or figure.upper is None:
        return None
    return figure.value / 100, figure.lower / 100, figure.upper / 100


def _change(change: ChangeFigure) -> Value:
    if change.value is None or change.lower is None or change.upper is None:
        return None
    return change.value, change.lower, change.upper


def _rate(group: ResponseGroup) -> Value:
    return None if group.value is None else (group.value / 100,) * 3
