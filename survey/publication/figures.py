"""Released rows as figures: the only place where a number is rounded and a hidden one becomes two dots."""

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd

from survey.publication import numbers, wording
from survey.publication.content import HIDDEN, ZERO, ChangeFigure, Figure, GroupFigures, Standing
from survey.publication.released import ALL, records
from survey.publication.speech import say
from survey.publication.standings import SKR_GROUP, STATISTIC, Standings

KEY = ("geography", "code", "gender", "age_group", "indicator")

NO_FIGURE = Figure("", "", "", None, None, None)
NO_CHANGE = ChangeFigure("", "", "", "", None, None, None)


class Figures:
    """The estimates and changes of one municipality, found by wave and group."""

    def __init__(
        self, estimates: pd.DataFrame, changes: pd.DataFrame, comparisons: pd.DataFrame, wave: str
    ) -> None:
        self.wave = wave
        self._standings = Standings(comparisons, wave)
        self._estimates = _index(estimates, ("wave", *KEY))
        self._changes = _index(changes[changes["wave"].astype(str) == wave], KEY)

    def previous_wave(self, code: str) -> str | None:
        """The wave that a municipality, an area or the region is compared with."""
        found = [row["previous_wave"] for key, row in self._changes.items() if key[1] == code]
        return str(found[0]) if found else None

    def group(self, label: str, indicator: str, direction: str, **where: str) -> GroupFigures:
        """This wave, the wave before, the change and the standing of one group of people."""
        place = (where["geography"], where["code"], where.get("gender", ALL), where.get("age_group", ALL))
        change = self._changes.get((*place, indicator))
        before = NO_FIGURE
        if change is not None:
            before = figure(self._estimates.get((str(change["previous_wave"]), *place, indicator)))
        now = figure(self._estimates.get((self.wave, *place, indicator)))
        key = next((part for part in (*place[2:], place[1]) if part != ALL), ALL)
        beside = self._standings.of(place, indicator, direction)
        return GroupFigures(key, label, now, before, change_figure(change, direction), beside)

    @property
    def certain(self) -> tuple[tuple[str, ...], ...]:
        """The keys of the released changes that are certain, in the order of KEY."""
        return tuple(
            key
            for key, row in self._changes.items()
            if row["verdict"] in wording.MARKS and change_figure(row, "").certain
        )

    @property
    def kind(self) -> str:
        """The kind of municipality whose others are compared with; empty when none are."""
        return self._standings.kind(SKR_GROUP)

    def beside_kind(self, code: str, indicator: str, direction: str) -> Standing:
        """A municipality's total beside that of the others of its kind."""
        return self._standings.of(("municipality", code, ALL, ALL), indicator, direction, SKR_GROUP)

    def present(self, column: str, **where: str) -> list[str]:
        """The groups of a column that the figures of this wave hold, sorted, without the total."""
        position = 1 + KEY.index(column)
        wanted = {1 + KEY.index(name): value for name, value in where.items()}
        found = {
            key[position]
            for key in self._estimates
            if key[0] == self.wave and all(key[at] == value for at, value in wanted.items())
        }
        return sorted(found - {ALL})


def figure(row: dict[Hashable, Any] | None) -> Figure:
    """A released estimate in whole percent; anything else is two dots."""
    if row is None or not bool(row["released"]) or pd.isna(row["estimate"]):
        return Figure(HIDDEN, "", "", None, None, None, wording.reason("" if row is None else row["reason"]))
    value, lower, upper = (numbers.whole_percent(row[name]) for name in ("estimate", "lower", "upper"))
    text = ZERO if row["estimate"] == 0 else numbers.percent(value)
    note = wording.reason(row["reason"]) if row["reason"] == "small_base" else ""
    answers = None if pd.isna(row["n"]) else int(row["n"])
    n = HIDDEN if answers is None else numbers.number(answers)
    return Figure(text, numbers.span(lower, upper), n, value, lower, upper, note, answers)


def change_figure(row: dict[Hashable, Any] | None, direction: str) -> ChangeFigure:
    """A released change with the mark, tone and words of its verdict; without an earlier wave, nothing."""
    if row is None:
        return NO_CHANGE
    if not bool(row["released"]) or pd.isna(row["change"]):
        return _without_figures(str(row["reason"]))
    verdict = str(row["verdict"])
    value, lower, upper = (numbers.points(row[name]) for name in ("change", "lower", "upper"))
    tone = ""
    if verdict in ("up", "down"):
        tone = "better" if verdict == direction else "worse"
    seen = None if pd.isna(row["detectable_change"]) else numbers.points(row["detectable_change"])
    return ChangeFigure(
        verdict,
        tone,
        wording.MARKS.get(verdict, ""),
        say(wording.SHORT[verdict]) if verdict in wording.SHORT else numbers.signed(value),
        value,
        lower,
        upper,
        detectable="" if seen is None else numbers.points_in_words(seen),
        detectable_points=seen,
    )


def _without_figures(reason: str) -> ChangeFigure:
    """A hidden change keeps no verdict; a break in the series is said aloud."""
    verdict = "not_comparable" if reason == wording.BREAK else ""
    text = say(wording.SHORT[verdict]) if verdict in wording.SHORT else HIDDEN
    return ChangeFigure(verdict, "", "", text, None, None, None, note=wording.reason(reason))


def _index(table: pd.DataFrame, names: Sequence[str]) -> dict[tuple[str, ...], dict[Hashable, Any]]:
    rows = records(table[table["statistic"].astype(str) == STATISTIC])
    return {tuple(str(row[name]) for name in names): row for row in rows}
