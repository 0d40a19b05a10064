"""Measures by area: a mark only where an area certainly differs from its own municipality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from survey.publication import wording
from survey.publication.content import GroupFigures, IndicatorResult, MunicipalityReport
from survey.publication.drawings.chart_rows import ALT_LIMIT, Label, Mark, fitting, source_line
from survey.publication.drawings.drawing import WIDTH, Drawing
from survey.publication.speech import say

LABELS = 168.0
ROW = 13.4
GAP = 7.0  # between topics
LETTER = 5.4
LONGEST = 26  # letters of an area's name that have room
WIDEST = 30.0  # of a column
FOOT = 24.0


@dataclass(frozen=True)
class Matrix(Drawing):
    """A matrix ready to be drawn; `columns` are written upwards, dots stand where nothing is certain."""

    columns: tuple[Label, ...]
    rows: tuple[Label, ...]
    keys: tuple[Label, ...]
    lines: tuple[float, ...]  # heights of the lines between topics
    marks: tuple[Mark, ...]
    runs: tuple[tuple[float, float, float], ...]  # from, to and height of a row of dots, `step` apart
    step: float


@dataclass(frozen=True)
class AreaApart:
    """An area with the measures in which it certainly differs from its municipality."""

    name: str
    better: str
    worse: str


def areas_apart(report: MunicipalityReport) -> tuple[AreaApart, ...]:
    """The areas with a certain difference, in the order of the survey."""
    rows = [
        AreaApart(name, _labels(report, number, "better"), _labels(report, number, "worse"))
        for number, name in enumerate(area_names(report))
    ]
    return tuple(row for row in rows if row.better or row.worse)


def area_names(report: MunicipalityReport) -> tuple[str, ...]:
    return tuple(area.label for area in report.indicators[0].areas) if report.indicators else ()


def draw_matrix(report: MunicipalityReport, part: slice) -> Matrix:
    """Every measure in all areas; in a part of many, the measures in which any area certainly differs."""
    names = area_names(report)
    shown = names[part]
    several = len(shown) < len(names)
    top = 8.0 + LETTER * min(LONGEST, max(len(name) for name in shown))
    step = round(min(WIDEST, (WIDTH - LABELS) / len(shown)), 2)
    places = [round(LABELS + step * (number + 0.5), 1) for number in range(len(shown))]
    rows: list[Label] = []
    lines: list[float] = []
    marks: list[Mark] = []
    runs: list[tuple[float, float, float]] = []
    y = top
    for topic in report.topics:
        results = [result for result in topic.indicators if not several or _is_apart(result)]
        if not results:
            continue
        lines.append(round(y + GAP / 2, 1))
        y += GAP
        for result in results:
            middle = round(y + ROW / 2, 1)
            rows.append(Label("row", LABELS - 10, middle, "end", fitting(result.label)))
            groups = result.areas[part]
            marks += [
                Mark(group.standing.tone, x, middle, x, x)
                for group, x in zip(groups, places, strict=True)
                if group.standing.tone
            ]
            runs += [(places[first], places[last], middle) for first, last in _tested(groups)]
            y += ROW
    certain = len(marks)
    title = _title(certain, report.municipality, several)
    which = say("%(count)s delområden", count=len(shown))
    if several:
        which = say("%(first)s till %(last)s, mått med säkra skillnader", first=shown[0], last=shown[-1])
    notice = f"{report.notice}. " if report.notice else ""
    return Matrix(
        title=title,
        subtitle=say(
            "Varje delområde prövat mot %(place)s som helhet, %(when)s, %(which)s",
            place=report.municipality,
            when=report.wave.name,
            which=which,
        ),
        alt=f"{notice}{_described(len(rows), len(shown), title)}"[:ALT_LIMIT],
        source=source_line(report),
        notice=report.notice,
        width=WIDTH,
        height=round(y + FOOT, 1),
        columns=tuple(
            Label("column", x, top, "start", _short(name)) for x, name in zip(places, shown, strict=True)
        ),
        rows=tuple(rows),
        keys=_keys(round(y + FOOT / 2 + 2, 1)),
        lines=tuple(lines),
        marks=(*marks, *_key_marks(round(y + FOOT / 2 + 2, 1))),
        runs=(*runs, (_KEY_PLACES[2], _KEY_PLACES[2], round(y + FOOT / 2 + 2, 1))),
        step=step,
    )


_KEY_PLACES = (LABELS + 6, LABELS + 132, LABELS + 258)
_KEY_TEXTS = ("säkert bättre", "säkert sämre", "ingen säker skillnad (tomt: visas inte)")


def _keys(y: float) -> tuple[Label, ...]:
    return tuple(
        Label("key", x + 9, y, "start", say(text)) for x, text in zip(_KEY_PLACES, _KEY_TEXTS, strict=True)
    )


def _key_marks(y: float) -> tuple[Mark, ...]:
    better, worse, _ = _KEY_PLACES
    return Mark("better", better, y, better, better), Mark("worse", worse, y, worse, worse)


def _is_apart(result: IndicatorResult) -> bool:
    return any(area.standing.tone for area in result.areas)


def _tested(groups: Sequence[GroupFigures]) -> Iterator[tuple[int, int]]:
    """First and last of each unbroken run of areas that are compared."""
    for compared, run in groupby(enumerate(groups), key=lambda item: bool(item[1].standing.verdict)):
        if compared:
            first, *others = [number for number, _ in run]
            yield first, others[-1] if others else first


def _described(rows: int, areas: int, title: str) -> str:
    return say(
        "Rutmönster över %(count)s mått i %(areas)s delområden. %(title)s. "
        "De säkra skillnaderna står i tabellen.",
        count=rows,
        areas=areas,
        title=title,
    )


def _title(certain: int, municipality: str, several: bool) -> str:
    """What the marks say; of a part of many areas nothing is said of those in the other parts."""
    if not certain and several:
        return say(
            "Inget av delområdena här skiljer sig säkert från %(place)s som helhet", place=municipality
        )
    if not certain:
        return say("Inget delområde skiljer sig säkert från %(place)s som helhet", place=municipality)
    told = "%(count)s säker skillnad mot kommunen som helhet"
    if certain > 1:
        told = "%(count)s säkra skillnader mot kommunen som helhet"
    return say(told, count=certain)


def _labels(report: MunicipalityReport, area: int, tone: str) -> str:
    labels = [
        f"{wording.lower(result.label)} ({result.areas[area].standing.text})"
        for result in report.indicators
        if result.areas[area].standing.tone == tone
    ]
    return wording.capital(", ".join(labels))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
