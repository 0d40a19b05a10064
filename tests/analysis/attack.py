"""The attack: what somebody can work out of hidden counts who has nothing but what an audience is shown.

Written without a look at how rows are hidden, so that it can find what the hiding forgot. It takes the rows
as printed, of one release or of several, and public knowledge: who was asked and answered (group sizes), the
weights, the publication rules, and how wide intervals of such figures are. For one item it sets up a linear
programme over all waves and municipalities at once: the persons at each level of every group of the sample no
row divides; each printed percentage, limit and change as an interval around a weighted sum. The tightest
bounds of a hidden row are the solution's extremes. METHODS.md M-21.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, sparse

from analysis.keys import TOTAL

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

CELL = ("wave", "geography", "code", "gender", "age_group")
ROW = (*CELL, "statistic")
GROUP = ("wave", "municipality", "stratum", "gender", "age_group", "weight")
ROUNDED = 0.5  # of the last printed digit
MARGIN_KNOWN_WITHIN = 0.10  # of how far a limit lies from its figure
SLACK = 1e-9  # of a share


@dataclass(frozen=True)
class Knowledge:
    """What the attacker knows of the sample and of one item.

    Attributes:
        groups: the columns `GROUP` (weight in persons per respondent) and n (respondents in the base): groups
            of respondents, in any number.
        unions: (wave, geography, code) -> strata of each published union.
        levels: statistic -> the levels it is the share of.
        hidden_persons, hidden_persons_municipality: the rule's limits, as published.
    """

    groups: pd.DataFrame
    unions: Mapping[tuple[str, str, str], frozenset[str]]
    levels: Mapping[str, frozenset[str]]
    hidden_persons: int
    hidden_persons_municipality: int

    def members(self, key: Sequence[str]) -> Booleans:
        """The groups a row is about, by the values of `ROW`."""
        wave, geography, code, gender, age, *_ = key
        has = self._texts
        inside = has["wave"] == wave
        if geography == "municipality":
            inside = inside & (has["municipality"] == code)
        elif geography == "area":
            inside = inside & (has["stratum"] == code)
        elif geography != TOTAL:
            inside = inside & np.isin(has["stratum"], sorted(self.unions[wave, geography, code]))
        if gender == "rest":
            inside = inside & ~np.isin(has["gender"], ("woman", "man"))
        elif gender != TOTAL:
            inside = inside & (has["gender"] == gender)
        if age != TOTAL:
            inside = inside & (has["age_group"] == age)
        found: Booleans = np.asarray(inside, dtype=bool)
        return found

    def share(self, inside: Booleans) -> Floats:
        """The weighted share of some groups, as a factor for each person of each group."""
        weight = self.groups["weight"].to_numpy(float)
        size = (weight * self.groups["n"].to_numpy(float))[inside].sum()
        share: Floats = np.where(inside, weight, 0.0) / size
        return share

    @cached_property
    def _texts(self) -> Mapping[str, npt.NDArray[np.object_]]:
        return {name: self.groups[name].astype(str).to_numpy(object) for name in GROUP}

    @cached_property
    def level_names(self) -> tuple[str, ...]:
        """Every level some statistic is about."""
        return tuple(sorted(frozenset[str]().union(*self.levels.values())))


@dataclass(frozen=True)
class Further:
    """A printed figure of another output: a sum over persons, and the interval it must lie in.

    Attributes:
        of_group: factor of each person at a level of the statistic, one per row of `Knowledge.groups`.
        statistic: whose levels count.
        least, most: the interval, in the units of the sum.
    """

    of_group: Floats
    statistic: str
    least: float
    most: float


def groups_of(respondents: pd.DataFrame, base: Booleans, further: Sequence[str] = ()) -> pd.DataFrame:
    """The groups of an item's respondents.

    Args:
        respondents: the columns `GROUP`, one row per respondent.
        base: whether each answered the item.
        further: more columns that divide them.

    Returns:
        The columns `GROUP`, `further` and n.
    """
    columns = [*GROUP, *further]
    table = respondents.loc[base, columns].copy()
    table["weight"] = table["weight"].to_numpy(float).round(9)
    return table.groupby(columns, sort=True).size().rename("n").reset_index()


def bounds(
    shown: pd.DataFrame, known: Knowledge, hidden: pd.DataFrame, further: Sequence[Further] = ()
) -> pd.DataFrame:
    """The tightest bounds of the persons counted by some hidden rows.

    Args:
        shown: shown rows of one item as an audience gets them, of any waves: the columns `ROW`, percent
            (whole); where printed lower and upper (whole percent), previous_wave, change, change_lower and
            change_upper (points); and the known size of margins: margin_lower and margin_upper (the distance
            from figure to limit as a multiple of sqrt(q (1 - q)) at the limit q), change_margin_lower and
            change_margin_upper (points). Missing is not printed, or not known.
        known: the sample.
        further: figures of other outputs.
        hidden: the columns `ROW` of the rows to attack. A gender of `rest` means everybody who is neither
            woman nor man.

    Returns:
        `hidden` with n, least and most (persons). Rows nobody belongs to are left out.

    Raises:
        ArithmeticError: no table agrees with everything shown.
    """
    return _bounds(_Programme(shown, known, further), hidden, np.inf)


def exposed(
    shown: pd.DataFrame,
    known: Knowledge,
    hidden: pd.DataFrame,
    width: float,
    further: Sequence[Further] = (),
) -> pd.DataFrame:
    """The hidden rows that are bounded more tightly than a rule allows.

    Args:
        shown, known, hidden, further: as in `bounds`.
        width: persons between the tightest bounds; all of a row's persons when they are fewer.

    Returns:
        As `bounds`, of the rows that are narrower. A row for which two tables that agree with everything
        shown lie far enough apart needs no programmes of its own.
    """
    found = _bounds(_Programme(shown, known, further), hidden, width)
    narrow = found["most"] - found["least"] < np.minimum(width, found["n"]) - 1e-6
    return found[narrow].reset_index(drop=True)


def _bounds(programme: "_Programme", hidden: pd.DataFrame, enough: float) -> pd.DataFrame:
    """Bounds of each row; of rows wider than `enough`, bounds that lie inside the tightest."""
    keys = list(hidden[list(ROW)].itertuples(index=False, name=None))
    counts = [programme.count(key) for key in keys]
    possible: list[Floats] = []
    rows = []
    for key, count in zip(keys, counts, strict=True):
        n = programme.size(key)
        if n == 0:
            continue
        seen = [float(table @ count) for table in possible]
        if not seen or max(seen) - min(seen) < min(enough, n):
            possible += programme.extremes(count)
            seen = [float(table @ count) for table in possible]
        rows.append((*key, n, min(seen), max(seen)))
    return pd.DataFrame(rows, columns=[*ROW, "n", "least", "most"])


class _Programme:
    """The constraints of one item. A table is an array groups x levels, flattened."""

    def __init__(self, shown: pd.DataFrame, known: Knowledge, further: Sequence[Further]) -> None:
        self.known = known
        self.n = known.groups["n"].to_numpy(float)
        rules = [*self._of_rows(shown), *self._of_changes(shown), *self._of_groups()]
        rules += [(self._spread(one.of_group, one.statistic), one.least, one.most) for one in further]
        self.rules = []
        if rules:
            rows = sparse.csr_array(np.array([row for row, _, _ in rules]))
            least, most = (np.array([rule[side] for rule in rules], dtype=np.float64) for side in (1, 2))
            self.rules.append(optimize.LinearConstraint(rows, least, most))

    def extremes(self, count: Floats) -> list[Floats]:
        """Two tables that agree with everything shown: of the fewest and of the most persons counted."""
        box = optimize.Bounds(np.zeros(len(count)), np.repeat(self.n, len(self.known.level_names)))
        tables = []
        for sign in (1.0, -1.0):
            found = optimize.milp(sign * count, constraints=self.rules, bounds=box)
            if found.x is None:
                raise ArithmeticError(f"what is shown contradicts itself: {found.message}")
            tables.append(found.x)
        return tables

    def count(self, key: Sequence[str]) -> Floats:
        """The persons a row counts, as a sum over a table."""
        return self._spread(self.known.members(key).astype(np.float64), key[-1])

    def size(self, key: Sequence[str]) -> float:
        """Persons in the base of a row."""
        return float(self.n[self.known.members(key)].sum())

    def _spread(self, of_group: Floats, statistic: str) -> Floats:
        """A sum over the persons of a statistic's levels, each group with its own factor."""
        levels = [float(name in self.known.levels[statistic]) for name in self.known.level_names]
        return np.outer(of_group, levels).ravel()

    def _share(self, key: Sequence[str]) -> Floats:
        return self._spread(self.known.share(self.known.members(key)), key[-1])

    def _of_rows(self, shown: pd.DataFrame) -> Iterator[tuple[Floats, float, float]]:
        """The printed percentage and its limits, and the rule."""
        for row in shown.to_dict("records"):
            key = [str(row[name]) for name in ROW]
            share, percent = self._share(key), float(row["percent"])
            yield share, (percent - ROUNDED) / 100.0 - SLACK, (percent + ROUNDED) / 100.0 + SLACK
            for name, sign in (("lower", 1.0), ("upper", -1.0)):
                limit, margin = row.get(name, np.nan), row.get(f"margin_{name}", np.nan)
                if not np.isnan([limit, margin]).any():
                    yield share, *behind_limit(float(limit), float(margin), sign)
            yield self._rule(key, percent)

    def _of_changes(self, shown: pd.DataFrame) -> Iterator[tuple[Floats, float, float]]:
        """The printed change since another wave and its limits."""
        if "change" not in shown:
            return
        for row in shown[shown["change"].notna()].to_dict("records"):
            key = [str(row[name]) for name in ROW]
            moved = self._share(key) - self._share([str(row["previous_wave"]), *key[1:]])
            yield moved, *as_printed(row["change"], 0.0, 1.0)
            for name, sign in (("lower", 1.0), ("upper", -1.0)):
                limit, margin = (row.get(f"change_{part}{name}", np.nan) for part in ("", "margin_"))
                if not np.isnan([limit, margin]).any():
                    yield moved, *as_printed(limit, margin, sign)

    def _of_groups(self) -> Iterator[tuple[Floats, float, float]]:
        """Nobody stands on two levels of one item."""
        if len(self.known.level_names) > 1:
            for number, n in enumerate(self.n):
                table = np.zeros((len(self.n), len(self.known.level_names)))
                table[number] = 1.0
                yield table.ravel(), -np.inf, n

    def _rule(self, key: Sequence[str], percent: float) -> tuple[Floats, float, float]:
        """A shown figure is above the rule's limit on both sides, unless it may be nobody or everybody."""
        large = key[1] in (TOTAL, "municipality") and key[3] == TOTAL and key[4] == TOTAL
        limit = self.known.hidden_persons_municipality if large else self.known.hidden_persons
        n = self.size(key)
        return (
            self.count(key),
            limit + 1.0 if percent >= 1 else 0.0,
            n - limit - 1.0 if percent <= 99 else n,
        )


def behind_limit(limit: float, margin: float, sign: float) -> tuple[float, float]:
    """The interval of a share whose limit is printed as so many percent."""
    first, last = (limit - ROUNDED) / 100.0, (limit + ROUNDED) / 100.0
    near, far = (margin * np.sqrt(max(end, 0.0) * max(1.0 - end, 0.0)) for end in (first, last))
    least = first + sign * near - MARGIN_KNOWN_WITHIN * near - SLACK if first > 0 else -np.inf
    most = last + sign * far + MARGIN_KNOWN_WITHIN * far + SLACK if last < 1 else np.inf
    return least, most


def as_printed(points: float, margin: float, sign: float) -> tuple[float, float]:
    """The interval of a change, from itself or a limit in points and the known distance between them."""
    unit = 1.0 if float(points).is_integer() and abs(points) >= 1 else 0.1
    middle, slack = points + sign * margin, ROUNDED * unit + MARGIN_KNOWN_WITHIN * margin
    return (middle - slack) / 100.0 - SLACK, (middle + slack) / 100.0 + SLACK
