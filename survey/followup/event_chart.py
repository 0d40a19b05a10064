"""Events on a line of time beside the field period of a wave: each has a number, which the table explains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from survey.publication import numbers
from survey.publication.drawings.drawing import WIDTH

LEFT, RIGHT, TOP, BOTTOM, LANE = 12.0, 12.0, 26.0, 26.0, 26.0
BEFORE, AFTER = timedelta(days=60), timedelta(days=14)  # of the field period that are shown with it
ROOM = 72.0  # for the name of a month


class Lasting(Protocol):
    """Something of a day, or of the days from one to another."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


@dataclass(frozen=True)
class EventMark:
    """An event by its number: a dot for a day, a bar for a time."""

    number: int
    start: float
    end: float
    y: float


@dataclass(frozen=True)
class EventChart:
    """A drawing of events, ready to be inked."""

    alt: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    field: tuple[float, float]  # from the first day of answers to the last
    months: tuple[tuple[float, str], ...]
    marks: tuple[EventMark, ...]


def reach(field_start: date, field_end: date) -> tuple[date, date]:
    """The days that are drawn around a field period."""
    return field_start - BEFORE, field_end + AFTER


def draw_events(
    found: Sequence[Lasting], field_start: date, field_end: date, width: float = WIDTH
) -> EventChart:
    """The events of the days around a field period, in their order, one below the other."""
    first, last = reach(field_start, field_end)
    days = (last - first).days

    def place(day: date) -> float:
        inside = min(max(day, first), last)
        return round(LEFT + (width - LEFT - RIGHT) * (inside - first).days / days, 1)

    height = TOP + LANE * max(len(found), 1) + BOTTOM
    return EventChart(
        alt=_alt(found, field_start, field_end),
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        bottom=height - BOTTOM,
        field=(place(field_start), place(field_end)),
        months=tuple(_named([(place(day), day) for day in _firsts(first, last)], width)),
        marks=tuple(
            EventMark(
                number, place(one.starts_on), place(one.ends_on or one.starts_on), TOP + LANE * (number - 0.5)
            )
            for number, one in enumerate(found, start=1)
        ),
    )


def _firsts(first: date, last: date) -> Iterator[date]:
    """The first day of each month between two days."""
    day = date(first.year, first.month, 1)
    while day <= last:
        if day >= first:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _named(months: Sequence[tuple[float, date]], width: float) -> Iterator[tuple[float, str]]:
    """Months whose names have room beside each other and inside the drawing."""
    free = 0.0
    for x, day in months:
        if x >= free and x + ROOM <= width:
            yield x, numbers.short_month(day)
            free = x + ROOM


def _alt(found: Sequence[Lasting], field_start: date, field_end: date) -> str:
    during = sum(
        one.starts_on <= field_end and (one.ends_on or one.starts_on) >= field_start for one in found
    )
    words = "händelse" if len(found) == 1 else "händelser"
    return (
        f"{len(found)} {words} runt svarstiden {numbers.period(field_start, field_end)}, varav {during} "
        "under den. Varje händelse står i tabellen."
    )
