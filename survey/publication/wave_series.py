"""One measure of one group in every wave so far, with the gaps and the breaks."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from survey.publication import numbers, wording
from survey.publication.content import ChangeFigure, Figure
from survey.publication.figures import NO_CHANGE, NO_FIGURE, change_figure, figure

Row = dict[Hashable, Any]
ABSENT = "inga svar från kommunen"
BROKEN = ("break", "bridged")


@dataclass(frozen=True)
class SeriesPoint:
    """A wave in the series; without a figure it is a gap."""

    wave: str
    name: str  # "september 2019"
    short: str  # "sep 2019"
    start: date
    figure: Figure
    change: ChangeFigure  # since the wave it is compared with
    since: str  # "september 2018"; empty when it is compared with none
    joined: bool  # compared with the point beside it: a line may go between the two
    broken: bool  # the question, the measure or the method changed since the wave compared with
    note: str
    published: bool = False  # known only as published: not counted here


MANY = 3  # figures, from which readers see a development


def untested_since(points: Sequence[SeriesPoint]) -> str:
    """The first of three figures or more: each wave is tested against one before it, never the whole row."""
    shown = [point for point in points if point.figure.shown]
    return shown[0].name if len(shown) >= MANY else ""


class Dated(Protocol):
    """A wave and the first day of its fieldwork."""

    @property
    def code(self) -> str: ...

    @property
    def field_start(self) -> date: ...


def series_of(
    waves: Sequence[Dated], figures: dict[str, Row], changes: dict[str, Row], direction: str
) -> tuple[SeriesPoint, ...]:
    """One group's rows by wave as points, from the first wave with a row."""
    names = {wave.code: numbers.month(wave.field_start) for wave in waves}
    points: list[SeriesPoint] = []
    for wave in waves:
        if points or wave.code in figures:
            points.append(_point(wave, figures, changes, names, points[-1] if points else None, direction))
    return tuple(points)


def _point(
    wave: Dated,
    figures: dict[str, Row],
    changes: dict[str, Row],
    names: dict[str, str],
    before: SeriesPoint | None,
    direction: str,
) -> SeriesPoint:
    there = wave.code in figures
    shown = figure(figures[wave.code]) if there else NO_FIGURE
    row = changes.get(wave.code) if there else None
    reason = "" if row is None else str(row["reason"])
    since = "" if row is None else names.get(str(row["previous_wave"]), "")
    broken = reason in BROKEN
    beside = before is not None and row is not None and str(row["previous_wave"]) == before.wave
    both = beside and before is not None and shown.shown and before.figure.shown
    return SeriesPoint(
        wave.code,
        numbers.month(wave.field_start),
        numbers.short_month(wave.field_start),
        wave.field_start,
        shown,
        NO_CHANGE if row is None else change_figure(row, direction),
        since,
        joined=both and not broken,
        broken=broken,
        note=_note(shown, there, reason if broken else ""),
    )


def _note(shown: Figure, there: bool, reason: str) -> str:
    if not there:
        return wording.capital(ABSENT)
    parts = [part for part in (shown.note, wording.reason(reason) if reason else "") if part]
    return wording.capital("; ".join(parts))
