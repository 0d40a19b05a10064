"""Counts of a small municipality by day as they are shown, and an attacker who solves for what they hide."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from survey.collection.counts_in_tens import STEP, in_tens, shown_groups, sums_tell

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
KINDS = ("started", "submitted")
Shown = dict[tuple[str, int, int], tuple[int, int]]  # (group, kind, day) -> least and most it can stand for


@dataclass(frozen=True)
class Table:
    """Persons drawn by area x group, and by day how many of each cell had begun and handed in."""

    drawn: Ints
    days: list[tuple[Ints, Ints]]

    def groups(self) -> dict[str, Ints]:
        """Every group that may be shown, as a mask over the cells."""
        areas, groups = np.indices(self.drawn.shape)
        found = {"all": np.ones(self.drawn.size, dtype=bool)}
        found |= {f"area {number}": (areas == number).ravel() for number in range(self.drawn.shape[0])}
        found |= {f"group {number}": (groups == number).ravel() for number in range(self.drawn.shape[1])}
        return found

    def size(self, group: str) -> int:
        return int(self.drawn.ravel()[self.groups()[group]].sum())

    def count(self, group: str, kind: int, day: int) -> int:
        return int(self.days[day][kind].ravel()[self.groups()[group]].sum())


def cap_room(shown: int, drawn: int) -> int:
    """By how much a true count can exceed the shown one, as an attacker reasons who knows the rule."""
    return drawn - shown if shown + STEP > drawn - STEP else STEP - 1


def thresholded_in_tens(table: Table, *, careless: bool = False) -> Shown:
    """What is shown by the rule; the careless one does not look at the sums."""
    found: Shown = {}
    for day in range(len(table.days)):
        for variable in ("all", "area", "group"):
            sizes = {name: table.size(name) for name in table.groups() if name.split()[0] == variable}
            names = shown_groups(sizes)
            left_out = sum(sizes.values()) - sum(sizes[name] for name in names)
            now = {
                (name, kind): in_tens(table.count(name, kind, day), sizes[name])
                for name in names
                for kind in range(len(KINDS))
            }
            if variable != "all" and not careless and _tells(table, now, sizes, left_out, day):
                continue  # the parts wait for another day
            for (name, kind), shown in now.items():
                found[name, kind, day] = (shown, shown + cap_room(shown, sizes[name]))
    return found


def _tells(
    table: Table, now: dict[tuple[str, int], int], sizes: dict[str, int], left_out: int, day: int
) -> bool:
    for kind in range(len(KINDS)):
        whole = in_tens(table.count("all", kind, day), table.size("all"))
        parts = [(shown, sizes[name]) for (name, of), shown in now.items() if of == kind]
        if sums_tell(whole, parts, left_out):
            return True
    return False


def plain_threshold(table: Table) -> Shown:
    """Counts shown as they are as soon as they are ten."""
    found: Shown = {}
    for name in table.groups():
        for kind in range(len(KINDS)):
            for day in range(len(table.days)):
                count = table.count(name, kind, day)
                found[name, kind, day] = (count, count) if count >= STEP else (0, STEP - 1)
    return found


class Attack:
    """Everything consistent with what is shown: cells by kind and day as unknown whole numbers."""

    def __init__(self, table: Table, shown: Shown) -> None:
        self.table, self.shown = table, shown
        self.cells, self.days = table.drawn.size, len(table.days)
        masks = table.groups()
        rows = [self._row(masks[name], kind, day) for name, kind, day in shown]
        low, high = [float(least) for least, _ in shown.values()], [float(most) for _, most in shown.values()]
        for kind in range(len(KINDS)):  # what has happened stays so
            for day in range(1, self.days):
                for cell in np.eye(self.cells, dtype=bool):
                    rows.append(self._row(cell, kind, day) - self._row(cell, kind, day - 1))
                    low.append(0.0)
                    high.append(np.inf)
        for day in range(self.days):  # who has handed in has begun
            for cell in np.eye(self.cells, dtype=bool):
                rows.append(self._row(cell, 0, day) - self._row(cell, 1, day))
                low.append(0.0)
                high.append(np.inf)
        self.known = LinearConstraint(np.array(rows), np.array(low), np.array(high))
        self.bounds = Bounds(0.0, np.tile(table.drawn.ravel().astype(float), len(KINDS) * self.days))

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """The least and the most of every count shown."""
        masks = self.table.groups()
        for name, kind, day in self.shown:
            yield f"{name} {KINDS[kind]}, day {day}", *self._range(self._row(masks[name], kind, day))

    def differences(self) -> Iterator[tuple[str, Floats, int]]:
        """Every difference of a group between days, and between steps of the way, and what it really is."""
        for name, mask in self.table.groups().items():
            for day in range(self.days):
                row = self._row(mask, 0, day) - self._row(mask, 1, day)
                true = self.table.count(name, 0, day) - self.table.count(name, 1, day)
                yield f"{name} begun and not handed in, day {day}", row, true
                for kind, before in ((kind, day - 1) for kind in range(len(KINDS)) if day):
                    row = self._row(mask, kind, day) - self._row(mask, kind, before)
                    true = self.table.count(name, kind, day) - self.table.count(name, kind, before)
                    yield f"{name} {KINDS[kind]}, day {day} less day {before}", row, true

    def is_known(self, row: Floats) -> bool:
        """Whether all that is shown leaves one value only."""
        return round(self._best(row)) == round(-self._best(-row))

    def _row(self, mask: Ints, kind: int, day: int) -> Floats:
        row = np.zeros((self.days, len(KINDS), self.cells))
        row[day, kind, mask] = 1.0
        return row.ravel()

    def _range(self, objective: Floats) -> tuple[int, int]:
        least, most = (self._best(sign * objective) * sign for sign in (1.0, -1.0))
        return round(least), round(most)

    def _best(self, objective: Floats) -> float:
        solved = milp(
            objective, constraints=self.known, bounds=self.bounds, integrality=np.ones(len(objective))
        )
        assert solved.success, solved.message
        return float(solved.fun)
