"""A series over time as a drawing: a line between periods in a row, a gap where one is missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from survey.followup.series.lookup import SourceSeries
from survey.followup.series.periods import Period, parse
from survey.models.source import PeriodKind
from survey.publication import numbers
from survey.publication.drawings.drawing import WIDTH

HEIGHT = 240.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 24.0, 24.0, 32.0
LINES = 4  # about so many on the scale
ROOM = 64.0  # for the name of a period
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # periods between two names
MOST_DECIMALS = 3
Point = tuple[float, float]


@dataclass(frozen=True)
class SeriesChart:
    """A drawing of a series, ready to be inked."""

    alt: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    rules: tuple[tuple[float, str, bool], ...]  # height, text, whether it is zero
    columns: tuple[tuple[float, str], ...]  # place, name of the period
    line: str
    dots: tuple[Point, ...]
    last: tuple[float, float, str] | None


def draw(series: SourceSeries, place_name: str, width: float = WIDTH) -> SeriesChart | None:
    """The drawing of a series at a place; None when it has not two values to draw."""
    shown = [(parse(point.period), point.value) for point in series.values if point.value is not None]
    if len(shown) < 2:
        return None
    scale = _Scale([value for _, value in shown])
    first, last = parse(series.values[0].period), parse(series.values[-1].period)
    span = max(_number(last) - _number(first), 1)

    def place(period: Period) -> float:
        share = (_number(period) - _number(first)) / span
        return round(LEFT + share * (width - LEFT - RIGHT), 1)

    points = [(place(period), scale.height(value)) for period, value in shown]
    return SeriesChart(
        alt=_alt(series, place_name, shown),
        width=width,
        height=HEIGHT,
        left=LEFT,
        right=width - RIGHT,
        bottom=HEIGHT - BOTTOM,
        rules=tuple((scale.height(step), scale.text(step), step == 0) for step in scale.steps),
        columns=_columns([parse(point.period) for point in series.values], place, width),
        line=_line([period for period, _ in shown], points),
        dots=tuple(points) if len(points) <= width / 16 else (),
        last=(*points[-1], value_text(shown[-1][1])),
    )


def value_text(value: float | None) -> str:
    """A value as it is written in a table: as many decimals as it has, at most three."""
    if value is None:
        return "–"
    decimals = next(
        (number for number in range(MOST_DECIMALS) if round(value, number) == value), MOST_DECIMALS
    )
    return numbers.number(value, decimals)


class _Scale:
    """From zero, or below it, to a round number above the highest value."""

    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(0.0, *values), max(0.0, *values)
        step = _round_step((high - low or 1.0) / LINES)
        self._low, self._high = floor(low / step) * step, ceil((high or step) / step) * step
        count = round((self._high - self._low) / step)
        self.steps = [self._low + number * step for number in range(count + 1)]
        self._decimals = max(0, -floor(log10(step)))

    def height(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def text(self, step: float) -> str:
        return numbers.number(step, self._decimals)


def _round_step(reach: float) -> float:
    size = 10.0 ** floor(log10(reach))
    return next(size * nice for nice in (1, 2, 5, 10) if size * nice >= reach * 0.999)


def _number(period: Period) -> int:
    """Periods of one kind counted in months."""
    return period.first.year * 12 + period.first.month


def _columns(
    periods: Sequence[Period], place: Callable[[Period], float], width: float
) -> tuple[tuple[float, str], ...]:
    """Names under the drawing, as many as there is room for; months by their first in a year if they can."""
    fit = max(int((width - LEFT - RIGHT) / ROOM), 1)
    step = next((one for one in STEPS if len(periods) / one <= fit), STEPS[-1])
    named = periods[::step]
    if step >= 12 and periods[0].kind is PeriodKind.MONTH:
        named = [one for one in periods if one.number == 1][:: step // 12]
    return tuple((place(one), one.words) for one in named)


def _line(periods: Sequence[Period], points: Sequence[Point]) -> str:
    parts = []
    for number, (x, y) in enumerate(points):
        joined = number > 0 and periods[number].follows(periods[number - 1])
        parts.append(f"{'L' if joined else 'M'}{x} {y}")
    return "".join(parts)


def _alt(series: SourceSeries, place_name: str, shown: Sequence[tuple[Period, float]]) -> str:
    (first, _), (last, value) = shown[0], shown[-1]
    missing = len(series.values) - len(shown)
    gaps = f" {missing} perioder saknar värde." if missing else ""
    return (
        f"{series.title}, {place_name}, {first.words}–{last.words}. Senast, {last.words}: "
        f"{value_text(value)} {series.unit}.{gaps} Alla värden står i tabellen."
    )
