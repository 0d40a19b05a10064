"""A chart over time: a figure and its interval for each wave, a line only between waves that are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from survey.publication.content import Figure
from survey.publication.drawings.axes import Axis, share_axis
from survey.publication.drawings.chart_rows import ALT_LIMIT, TABLE_HINT, Frame, Tick
from survey.publication.drawings.drawing import WIDTH, Drawing
from survey.publication.wave_series import ABSENT, SeriesPoint

HEIGHT = 260.0
MOST_ON_PHONE = 6  # more waves than this keep the width and scroll
LEFT, RIGHT = 44.0, 8.0  # room for the scale
TOP, BOTTOM = 34.0, 44.0
CLOSEST = 50.0  # waves nearer than this are set out evenly instead of by date


@dataclass(frozen=True)
class TimeMark:
    """A wave's figure: a dot, its interval from high to low, and the figure in text."""

    x: float
    y: float
    y_high: float
    y_low: float
    text: str
    last: bool
    published: bool = False


@dataclass(frozen=True)
class TimeColumn:
    """The name of a wave under the chart, and why it has no figure."""

    x: float
    text: str
    note: str


@dataclass(frozen=True)
class Timeline(Drawing):
    """A chart over time, ready to be drawn."""

    left: float
    right: float
    top: float
    bottom: float
    rules: tuple[Tick, ...]  # heights of the scale
    columns: tuple[TimeColumn, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    marks: tuple[TimeMark, ...]
    breaks: tuple[float, ...]


class Noticed(Protocol):
    """What a chart is drawn out of: it says whether the answers are simulated."""

    @property
    def notice(self) -> str: ...


def draw_timeline(
    report: Noticed,
    points: Sequence[SeriesPoint],
    frame: Frame,
    source: str,
    width: float = WIDTH,
) -> Timeline:
    """The series of one measure; a wave without a figure keeps its place and says why it is empty."""
    axis = share_axis([point.figure for point in points], (HEIGHT - BOTTOM, TOP))
    places = _places(points, width)
    marks = _marks(points, places, axis)
    notice = f"{report.notice}. " if report.notice else ""
    return Timeline(
        title=frame.title,
        subtitle=frame.subtitle,
        alt=f"{notice}{frame.alt} {TABLE_HINT}"[:ALT_LIMIT],
        source=source,
        notice=report.notice,
        width=width,
        height=HEIGHT,
        left=LEFT,
        right=width - RIGHT,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        rules=tuple(Tick(axis.place(step), axis.text(step), step == 0) for step in axis.steps),
        columns=tuple(
            TimeColumn(x, point.short, _empty(point)) for x, point in zip(places, points, strict=True)
        ),
        lines=tuple(
            (marks[number - 1].x, marks[number - 1].y, marks[number].x, marks[number].y)
            for number, point in enumerate(points)
            if point.joined
        ),
        marks=tuple(marks.values()),
        breaks=tuple(
            round((places[number - 1] + places[number]) / 2, 1)
            for number, point in enumerate(points)
            if number and point.broken
        ),
    )


def _marks(points: Sequence[SeriesPoint], places: Sequence[float], axis: Axis) -> dict[int, TimeMark]:
    """The figures that are shown, by their number in the series."""
    shown = {number: point.figure for number, point in enumerate(points) if point.figure.shown}
    return {
        number: TimeMark(
            places[number],
            axis.place(float(figure.value or 0)),
            axis.place(float(_end(figure.upper, figure))),
            axis.place(float(_end(figure.lower, figure))),
            figure.text,
            number == max(shown),
            points[number].published,
        )
        for number, figure in shown.items()
    }


def _places(points: Sequence[SeriesPoint], width: float) -> list[float]:
    """By date between the edges; evenly when two waves lie too close to be told apart."""
    first, reach = LEFT + 24, width - LEFT - RIGHT - 48
    if len(points) < 2:
        return [round(first + reach / 2, 1)] * len(points)
    days = [(point.start - points[0].start).days for point in points]
    places = [round(first + reach * day / max(days[-1], 1), 1) for day in days]
    if min(after - before for before, after in pairwise(places)) >= CLOSEST:
        return places
    return [round(first + reach * number / (len(points) - 1), 1) for number in range(len(points))]


def _end(end: int | None, figure: Figure) -> int:
    """The end of the interval; the figure itself where none was published."""
    return end if end is not None else figure.value or 0


def _empty(point: SeriesPoint) -> str:
    if point.figure.shown:
        return "publicerat" if point.published else ""
    return "visas inte" if point.figure.text else ABSENT.removesuffix(" från kommunen")
