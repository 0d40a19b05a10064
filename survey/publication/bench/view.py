"""What a choice shows: released rows with their changes, and the guard against fishing."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from survey.notice import NOTICE
from survey.publication import wording
from survey.publication.bench.choice import Choice
from survey.publication.bench.fishing import Fishing, count_comparisons
from survey.publication.bench.options import Options, Place
from survey.publication.content import ChangeFigure, Figure
from survey.publication.extracts import Viewer, read_extract
from survey.publication.figures import change_figure, figure
from survey.publication.pages.neighbours import alphabetical
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave
from survey.publication.wave_series import BROKEN
from survey.questionnaire.indicators import Indicator

Row = dict[Hashable, Any]
Key = tuple[str, ...]  # wave, geography, code, gender, age group
MOST_ROWS = 1000  # of the table on the page; the files hold all


@dataclass(frozen=True)
class BenchRow:
    """One group in one place and wave."""

    wave: ReleasedWave
    place: Place
    place_name: str
    group: str
    gender: str
    age: str
    figure: Figure
    change: ChangeFigure
    since: str  # the title of the wave compared with
    note: str  # why something is hidden, or that the measure has changed
    survives: bool  # the change is left when all of the view are tested together
    estimate: Row
    moved: Row | None

    @property
    def name(self) -> str:
        """Who and where, as short as it can be."""
        return (
            self.place_name if self.group == wording.EVERYBODY else f"{self.place_name}: {self.group.lower()}"
        )


@dataclass(frozen=True)
class View:
    """A choice and its rows, places by the alphabet and the newest wave first."""

    choice: Choice
    measure: Indicator
    waves: tuple[ReleasedWave, ...]
    rows: tuple[BenchRow, ...]
    fishing: Fishing

    @property
    def synthetic(self) -> bool:
        return any(wave.synthetic for wave in self.waves)

    @property
    def notice(self) -> str:
        return NOTICE if self.synthetic else ""

    @property
    def source(self) -> str:
        releases = wording.enumeration([f"{one.title}, utgåva {one.version}" for one in self.waves])
        return f"Källa: {releases}."

    def of_wave(self, code: str) -> tuple[BenchRow, ...]:
        return tuple(row for row in self.rows if row.wave.code == code)

    @property
    def newest(self) -> tuple[BenchRow, ...]:
        return self.of_wave(self.waves[0].code)


def read_view(session: Session, viewer: Viewer, options: Options, choice: Choice) -> View:
    """The rows of a choice out of the newest releases that the reader may see."""
    filters = choice.filters(options)
    estimates = _rows(session, viewer, "estimates", filters)
    changes = _rows(session, viewer, "changes", filters)
    keys = sorted(estimates, key=lambda key: _order(key, options))
    moved = [changes.get(key) for key in keys]
    p = [None if row is None or not row["released"] else row["p"] for row in moved]
    measure = options.measures[choice.measure]
    certain = [change_figure(row, measure.direction).certain for row in moved]
    fishing = count_comparisons(p, len({key[1:] for key in keys}), certain)
    rows = tuple(
        _bench_row(key, estimates[key], change, survives, measure, options)
        for key, change, survives in zip(keys, moved, fishing.survive, strict=True)
    )
    return View(choice, measure, tuple(options.waves[code] for code in choice.waves), rows, fishing)


def _rows(
    session: Session, viewer: Viewer, table: str, filters: Mapping[str, Sequence[str]]
) -> dict[Key, Row]:
    found = read_extract(session, viewer, table, filters)
    rows: list[Row] = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    return {
        tuple(str(row[name]) for name in ("wave", "geography", "code", "gender", "age_group")): row
        for row in rows
    }


def _order(key: Key, options: Options) -> tuple[Any, ...]:
    wave, geography, code, gender, age = key
    genders, ages, waves = list(options.genders), list(options.ages), list(options.waves)
    name = options.names.get((geography, code), code)
    return (
        geography != ALL,
        alphabetical(name),
        code,
        genders.index(gender) if gender in genders else len(genders),
        ages.index(age) if age in ages else len(ages),
        waves.index(wave),
    )


def _bench_row(
    key: Key, estimate: Row, moved: Row | None, survives: bool, measure: Indicator, options: Options
) -> BenchRow:
    wave, geography, code, gender, age = key
    shown, change = figure(estimate), change_figure(moved, measure.direction)
    reason = "" if moved is None else str(moved["reason"])
    previous = "" if moved is None else str(moved["previous_wave"])
    broken = wording.reason(reason) if reason in BROKEN else ""
    notes = [part for part in (shown.note, broken or change.note) if part]
    return BenchRow(
        wave=options.waves[wave],
        place=(geography, code),
        place_name=options.names.get((geography, code), code),
        group=wording.group(gender, age),
        gender=gender,
        age=age,
        figure=shown,
        change=change,
        since=options.waves[previous].title if previous in options.waves else previous,
        note=wording.capital("; ".join(dict.fromkeys(notes))),
        survives=survives,
        estimate=estimate,
        moved=moved,
    )
