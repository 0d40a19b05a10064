"""What was published of a measure before there were answers to count: shown as given, never tested."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Any

import pandas as pd

from survey.publication import numbers
from survey.publication.content import ZERO, Figure
from survey.publication.figures import NO_CHANGE
from survey.publication.released import records
from survey.publication.wave_series import SeriesPoint


def with_published(series: Sequence[SeriesPoint], published: pd.DataFrame) -> tuple[SeriesPoint, ...]:
    """The series with the published figures in their places; a wave that was counted here stands by that."""
    counted = {point.wave for point in series}
    given = [_point(row) for row in records(published) if row["wave"] not in counted]
    last = max((point.start for point in series), default=date.max)
    return tuple(
        sorted([*series, *(one for one in given if one.start <= last)], key=lambda point: point.start)
    )


def _point(row: dict[Hashable, Any]) -> SeriesPoint:
    code = str(row["wave"])
    note = f"Som publicerat ({row['source']}), inte räknat här och inte prövat"
    return SeriesPoint(
        code,
        name=code,
        short=code,
        start=_start(code),
        figure=_figure(row),
        change=NO_CHANGE,
        since="",
        joined=False,
        broken=False,
        note=note,
        published=True,
    )


def _figure(row: dict[Hashable, Any]) -> Figure:
    """The share as it was given: without interval or number of answers where none was published."""
    value = numbers.whole_percent(row["estimate"])
    known = not (pd.isna(row["lower"]) or pd.isna(row["upper"]))
    lower, upper = (numbers.whole_percent(row[name]) if known else None for name in ("lower", "upper"))
    interval = numbers.span(lower, upper) if lower is not None and upper is not None else ""
    answers = None if pd.isna(row["n"]) else int(row["n"])
    n = "" if answers is None else numbers.number(answers)
    text = numbers.percent(value) if row["estimate"] else ZERO
    return Figure(text, interval, n, value, lower, upper, "", answers)


def _start(code: str) -> date:
    """A day to place the wave by: its code begins with a year, and may go on with a month."""
    year, _, month = code.partition("-")
    return date(int(year[:4]), int(month) if month.isdecimal() and 1 <= int(month) <= 12 else 1, 1)
