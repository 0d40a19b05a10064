"""What has been shown of an answer, and must stay hidden of it, as sums over respondents. METHODS.md M-42.

A figure counts respondents by two things. Who they are (`inside`) is taken as known to everybody: place,
gender, age, whatever a table is by that is not sensitive. What they answered is not: `States` holds each
combination of sensitive answers that occurs, and a figure says which of them it counts.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.answer_states import States, TableQuestion, counts_sensitive, level_of
from analysis.arrays import Floats, Ints, Mask
from analysis.backgrounds import background
from analysis.bands import bands
from analysis.disclosure import BASE_ROUNDED_TO, largest_hidden, of_sensitive_base
from analysis.keys import AREA, ESTIMATE, MUNICIPALITY, TOTAL
from analysis.packed import find_rows
from analysis.settings import Settings
from analysis.weights import Weighted

REST = "rest"  # who are neither woman nor man: no row shows them, total less women less men does


@dataclass(frozen=True)
class Told:
    """What earlier releases and approved tables have said of a wave.

    Attributes:
        estimates: rows of released estimates of the wave: the key columns, n, estimate, df, n_eff, lower,
            upper and released (0/1), one for each release that has them; figures missing where hidden.
        changes: rows of released changes from or to the wave, as in changes.csv.
        tables: approved tables with their rows: a column per background variable, statistic, n (missing where
            hidden), released and reason.
    """

    estimates: pd.DataFrame
    changes: pd.DataFrame
    tables: tuple[tuple[TableQuestion, pd.DataFrame], ...] = ()


class Persons:
    """Some respondents."""

    def __init__(self, rows: Ints, everybody: int) -> None:
        """From their rows of responses.csv, ascending, and how many rows there are."""
        self.rows = rows
        self._everybody = everybody

    @classmethod
    def of(cls, mask: Mask) -> "Persons":
        """From an entry for each row of responses.csv."""
        return cls(np.flatnonzero(mask), len(mask))

    @cached_property
    def mask(self) -> Mask:
        """An entry for each row of responses.csv."""
        found = np.zeros(self._everybody, dtype=bool)
        found[self.rows] = True
        return found


@dataclass(frozen=True)
class Figure:
    """A shown share.

    Attributes:
        inside: who is counted at all.
        base, yes: combinations that are in the base, and at the level.
        below, above: the share may be so much lower (at most 0) or higher, in [0, 1].
        slack: persons by which n may be another; 0 where it is shown exactly.
        limit: so few persons at the level or beside it would not have been shown; 0 for no rule.
        cell: of the table at hand; -1 for what is told already.
    """

    inside: Persons
    base: Mask
    yes: Mask
    below: float
    above: float
    slack: float
    limit: int
    cell: int = -1


@dataclass(frozen=True)
class Target:
    """A count that must not be known.

    Attributes:
        name: geography, code, gender and age group, or the categories of a cell.
        inside, counted: as in `Figure`.
        persons: those who are known to be in its base.
    """

    name: tuple[str, ...]
    inside: Persons
    counted: Mask
    persons: int


class Places:
    """Who stands in a row of the estimates."""

    def __init__(self, weighted: Weighted, wave: str) -> None:
        """Place everybody who answered in a wave."""
        self.here: Mask = (weighted.table["wave"] == wave).to_numpy(dtype=bool)
        self._weighted, self._wave = weighted, wave
        self._stratum = weighted.table["stratum"].astype(str).to_numpy()
        self.municipality = weighted.table["municipality_code"].astype(str).to_numpy()
        designs = weighted.frame.designs
        of_cell = np.concatenate(
            [np.array(one.area_codes, dtype=object)[one.area[one.stratum]] for one in designs]
        )
        self._area = of_cell[weighted.frame.cell]
        self._groups = {name: background(weighted, name, wave) for name in ("gender", "age_group")}
        self._known: dict[tuple[str, ...], Persons] = {}

    def of_key(self, geography: str, code: str, gender: str, age_group: str) -> Persons:
        """The respondents of a row."""
        key = (geography, code, gender, age_group)
        if key not in self._known:
            self._known[key] = self._of_key(*key)
        return self._known[key]

    def _of_key(self, geography: str, code: str, gender: str, age_group: str) -> Persons:
        place = (geography, code)
        if place not in self._known:
            self._known[place] = Persons.of(self.here & self._of_place(geography, code))
        rows = self._known[place].rows
        for name, value in (("gender", gender), ("age_group", age_group)):
            one = self._groups[name]
            wanted = [value] if value != REST else ["woman", "man"]
            if value != TOTAL:
                codes = [at for at, category in enumerate(one.categories) if category in wanted]
                rows = rows[np.isin(one.of_row[rows], codes, invert=value == REST)]
        return Persons(rows, len(self.here))

    def _of_place(self, geography: str, code: str) -> Mask:
        if geography == TOTAL:
            return np.ones(len(self.here), dtype=bool)
        if geography == MUNICIPALITY:
            return np.asarray(self.municipality == code)
        if geography == AREA:
            return np.asarray(self._area == code)
        table = self._weighted.bundle.domains
        if table is None:
            return np.zeros(len(self.here), dtype=bool)
        mine = table[
            (table["geography"] == geography) & (table["code"] == code) & (table["wave"] == self._wave)
        ]
        return np.isin(self._stratum, mine["stratum"].astype(str).to_numpy())


def shown_rows(states: States, told: Told) -> pd.DataFrame:
    """The rows of releases that show something of the answers, the same figure once."""
    rows = told.estimates[
        told.estimates["indicator"].astype(str).isin(list(states.measured))
        & told.estimates["statistic"].astype(str).ne("mean")
        & told.estimates["released"].eq(1)
    ]
    return rows.drop_duplicates([*ESTIMATE, "n", "estimate"]).reset_index(drop=True)


def released_figures(weighted: Weighted, places: Places, states: States, told: Told) -> list[Figure]:
    """What releases have shown of the answers, with the band of each figure."""
    shown = shown_rows(states, told)
    if shown.empty:
        return []
    keys = [*ESTIMATE]
    first = shown.drop_duplicates(keys).reset_index(drop=True)
    others = shown[shown.duplicated(keys)].reset_index(drop=True)
    nothing = told.changes.iloc[:0]
    sensitive = {name: counts_sensitive(weighted, name) for name in states.measured}
    found: list[Figure] = []
    for table, changes in ((first, told.changes), (others, nothing)):
        if table.empty:
            continue
        below, above = _bands(table, changes, weighted.settings)
        slack = np.where(of_sensitive_base(table, weighted.bundle), BASE_ROUNDED_TO / 2.0, 0.0)
        limit = largest_hidden(table, weighted.settings.thresholds)
        names = zip(*(table[name].astype(str).tolist() for name in keys), strict=True)
        for at, (_, *place, indicator, statistic) in enumerate(names):
            base, yes = level_of(states, indicator, statistic)
            found.append(
                Figure(
                    places.of_key(*place),
                    base,
                    yes,
                    float(below[at]),
                    float(above[at]),
                    float(slack[at]),
                    int(limit[at]) if sensitive[indicator] else 0,
                )
            )
    return found


def _bands(table: pd.DataFrame, changes: pd.DataFrame, settings: Settings) -> tuple[Floats, Floats]:
    """The band of each row: as printed itself, and by every change printed of it."""
    known = changes[find_rows(changes, ESTIMATE, table) >= 0]
    first = bands(table, known.iloc[:0], settings)
    below, above = first.below, first.above
    for _, part in known.groupby(known.groupby(ESTIMATE, observed=True).cumcount()):
        found = bands(table, part, settings)
        below, above = np.maximum(below, found.below), np.minimum(above, found.above)
    return np.asarray(below, dtype=np.float64), np.asarray(above, dtype=np.float64)


def released_targets(weighted: Weighted, places: Places, states: States, told: Told) -> list[Target]:
    """What releases hide of the sensitive answers, and those who are neither woman nor man."""
    sensitive = [name for name in states.measured if counts_sensitive(weighted, name)]
    rows = told.estimates[
        told.estimates["indicator"].astype(str).isin(sensitive)
        & told.estimates["statistic"].astype(str).ne("mean")
    ]
    keys = list(zip(*(rows[name].astype(str).tolist() for name in ESTIMATE), strict=True))
    shown = {key for key, told_one in zip(keys, rows["released"].eq(1), strict=True) if told_one}
    every = dict.fromkeys(keys)
    hidden = [key for key in every if key not in shown]
    rest = [(*key[:3], REST, *key[4:]) for key in every if key[3] == "woman"]
    levels = {pair: level_of(states, *pair) for pair in dict.fromkeys(key[5:7] for key in every)}
    found = []
    for key in (*hidden, *rest):
        base, yes = levels[key[5:7]]
        inside = places.of_key(*key[1:5])
        persons = int(base[states.of_row[inside.rows]].sum())
        if persons:
            found.append(Target(key[1:6], inside, yes, persons))
    return found


def as_later(changes: pd.DataFrame, wave: str) -> pd.DataFrame:
    """Changes to and from a wave, each as one of the wave itself: the other figure is taken as known.

    Args:
        changes: released rows as in changes.csv, in which the wave is `wave` or `previous_wave`.
        wave: which wave.
    """
    own = changes[changes["wave"].astype(str).eq(wave)]
    later = changes[changes["previous_wave"].astype(str).eq(wave)]
    turned = later.assign(
        wave=wave,
        previous_wave=later["wave"],
        change=-later["change"],
        lower=-later["upper"],
        upper=-later["lower"],
    )
    return pd.concat([own, turned], ignore_index=True)
