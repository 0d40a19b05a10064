"""What people may have answered instead, and what all that is shown leaves of it. METHODS.md M-42.

Persons of one group and one weight may stand otherwise than they said: some answers gain whom others lose.
Every shown figure stays as it is printed, and above the rule that let it be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from analysis.arrays import Floats, Ints, Mask
from analysis.errors import QuestionError
from analysis.told_figures import Figure, Persons

MOST_SHIFTS = 20_000  # in one linear programme
ROUNDED = 1e6  # weights that differ by less are one
SLACK = 1e-7


@dataclass(frozen=True)
class Statements:
    """Shown figures as columns, with the sums that they print. See `Figure`.

    Attributes:
        inside: who is counted by each.
        base, yes: figures x combinations.
        below, above, slack, limit, cell: as in `Figure`.
        n, count: persons in the base and at the level.
        size, share: the weighted sum of the base, and the part at the level.
    """

    inside: tuple[Persons, ...]
    base: Mask
    yes: Mask
    below: Floats
    above: Floats
    slack: Floats
    limit: Ints
    cell: Ints
    n: Floats
    count: Floats
    size: Floats
    share: Floats

    @classmethod
    def of(cls, figures: Sequence[Figure], of_row: Ints, weight: Floats, states: int) -> "Statements":
        """Those of some figures; `of_row` and `weight` are of each respondent."""
        inside = tuple(one.inside for one in figures)
        persons, weighted = np.zeros((2, len(figures), states))
        sums: dict[Persons, tuple[Floats, Floats]] = {}
        for at, one in enumerate(inside):
            if one not in sums:
                found = of_row[one.rows]
                sums[one] = (
                    np.bincount(found, minlength=states).astype(np.float64),
                    np.bincount(found, weights=weight[one.rows], minlength=states).astype(np.float64),
                )
            persons[at], weighted[at] = sums[one]
        base = np.array([one.base for one in figures], dtype=bool).reshape(-1, states)
        yes = np.array([one.yes for one in figures], dtype=bool).reshape(-1, states)
        size, above = (weighted * base).sum(axis=1), (weighted * yes).sum(axis=1)
        return cls(
            inside,
            base,
            yes,
            np.array([one.below for one in figures], dtype=np.float64),
            np.array([one.above for one in figures], dtype=np.float64),
            np.array([one.slack for one in figures], dtype=np.float64),
            np.array([one.limit for one in figures], dtype=np.int64),
            np.array([one.cell for one in figures], dtype=np.int64),
            (persons * base).sum(axis=1),
            (persons * yes).sum(axis=1),
            size,
            np.divide(above, size, out=np.zeros(len(size)), where=size > 0),
        )

    def chosen(self, keep: Mask) -> "Statements":
        """Some of them."""
        inside, *columns = (getattr(self, field.name) for field in fields(self))
        some = tuple(inside[at] for at in np.flatnonzero(keep).tolist())
        return Statements(some, *(column[keep] for column in columns))


@dataclass(frozen=True)
class Shifts:
    """Persons who may have answered otherwise: more or fewer with some answers than there were.

    Those of one group and one weight of whom the same is known are a block; what one answer gains another of
    the block loses. `other` is the answer that takes up what the rest of the block leaves.

    Attributes:
        group, block, state, other: of each shift; `state` and `other` are combinations.
        least, most: persons the answer can lose (negative) and gain.
        weight: of each person.
        rest: persons of each block with the answer that takes up the rest.
    """

    group: Ints
    block: Ints
    state: Ints
    other: Ints
    least: Floats
    most: Floats
    weight: Floats
    rest: Floats

    @classmethod
    def of(cls, group: Ints, state: Ints, weight: Floats, known: Ints, alike: Floats) -> "Shifts":
        """Every shift that somebody could make.

        Args:
            group: of each respondent.
            state: combination of answers of each.
            weight: of each.
            known: what is known of each combination.
            alike: two marks for each group and combination; where both are equal, nothing that counts the
                group tells the combinations apart, and they are one.
        """
        kind, first, _ = numbered(group, np.rint(weight * ROUNDED))
        states, own = len(known), group[first]
        there = np.bincount(kind * states + state, minlength=len(own) * states)
        each = np.repeat(np.arange(len(own)), states), np.tile(known, len(own))
        place, at, start = numbered(*each, *alike[:, own].reshape(2, -1), prefix=2)
        of_kind, block = each[0][at], np.cumsum(np.bincount(start, minlength=len(at))) - 1
        persons = np.bincount(place, weights=there).astype(np.float64)
        whole = np.add.reduceat(persons, start)
        order = np.lexsort((-persons, block))
        rest = order[start]
        moves = whole[block] > 0
        moves[rest] = False
        if moves.sum() > MOST_SHIFTS:
            raise too_sensitive()
        used, number = np.unique(block[moves], return_inverse=True)
        combination = at % states
        return cls(
            own[of_kind[moves]],
            number,
            combination[moves],
            combination[rest[block[moves]]],
            -persons[moves],
            (whole[block] - persons)[moves],
            weight[first[of_kind[moves]]],
            persons[rest[used]],
        )

    def effect(self, member: Mask, value: Floats | Mask, weighted: bool = False) -> Floats:
        """What each shift adds to sums over the members of values of their combinations: sums x shifts."""
        value = np.asarray(value, dtype=np.float64)
        moved = np.where(member[:, self.group], value[:, self.state] - value[:, self.other], 0.0)
        return moved * self.weight if weighted else moved

    def strains(self, effects: Floats, least: Floats, most: Floats) -> Mask:
        """Which of some sums everybody shifting could bring out of their room."""
        if not len(self.block):
            return np.zeros(len(effects), dtype=bool)
        start = np.flatnonzero(np.r_[True, np.diff(self.block) != 0])
        whole = self.rest - np.add.reduceat(self.least, start)
        now = effects @ self.least
        up = np.maximum(np.maximum.reduceat(effects, start, axis=1), 0.0) @ whole + now
        down = np.minimum(np.minimum.reduceat(effects, start, axis=1), 0.0) @ whole + now
        found: Mask = (up > most) | (down < least)
        return found

    def outflow(self) -> tuple[Floats, Floats]:
        """The answers that take up the rest can lose nobody they do not have: rows, and the most of each."""
        several = np.flatnonzero(np.bincount(self.block) > 1)
        return (several[:, None] == self.block).astype(np.float64), self.rest[several]


@dataclass(frozen=True)
class Rules:
    """Sums that stay in their room: effect of each shift, least, most, and the cell each is of."""

    rows: Floats
    least: Floats
    most: Floats
    cell: Ints

    def chosen(self, keep: Mask | Ints) -> "Rules":
        """Some of them."""
        return Rules(self.rows[keep], self.least[keep], self.most[keep], self.cell[keep])


def rules_of(said: Statements, member: Mask, shifts: Shifts) -> Rules:
    """Every shown figure stays as it is printed, and above the rule that let it be shown."""
    outflow, most = shifts.outflow()
    yes = said.yes - said.share[:, None] * said.base
    bands = said.size * (said.below - SLACK), said.size * (said.above + SLACK)
    left = Rules(outflow, np.full(len(most), -np.inf), most, np.full(len(most), -1))
    found = [
        Rules(shifts.effect(member, yes, weighted=True), *bands, said.cell),
        Rules(shifts.effect(member, said.base), -said.slack, said.slack, said.cell),
    ]
    ruled = said.limit > 0
    for value, there in ((said.yes, said.count), (said.base & ~said.yes, said.n - said.count)):
        least = np.where(there <= said.limit, 0.0, said.limit + 1.0 - there)
        ceiling = np.where(there == 0, 0.0, np.inf)
        effect = shifts.effect(member[ruled], value[ruled])
        found.append(Rules(effect, least[ruled], ceiling[ruled], said.cell[ruled]))
    # What nobody could bring out of its room holds nothing back; that holds where nobody answers twice.
    telling = [one.chosen(shifts.strains(one.rows, one.least, one.most)) for one in found]
    return _joined([left, _telling(_joined(telling))])


def _joined(parts: Sequence[Rules]) -> Rules:
    columns = ([getattr(one, field.name) for one in parts] for field in fields(Rules))
    return Rules(*(np.concatenate(column) for column in columns))


def _telling(rules: Rules) -> Rules:
    """Each row once, and none of the table at hand that says no more than what is told already."""
    told: dict[bytes, int] = {}
    least, most, keep = rules.least.copy(), rules.most.copy(), np.ones(len(rules.cell), dtype=bool)
    for at in np.argsort(rules.cell >= 0, kind="stable").tolist():
        key = rules.rows[at].tobytes()
        first = told.setdefault(key, at)
        if first == at:
            continue
        if rules.cell[at] < 0:
            least[first], most[first] = max(least[first], least[at]), min(most[first], most[at])
            keep[at] = False
        elif rules.cell[first] < 0:
            keep[at] = least[first] < least[at] - SLACK or most[first] > most[at] + SLACK
    return Rules(rules.rows, least, most, rules.cell).chosen(keep)


def numbered(*keys: Floats | Ints, prefix: int = 0) -> tuple[Ints, Ints, Ints]:
    """Numbers of combinations of keys, in the order of the keys, the first of them leading.

    Returns:
        The number of each entry; an entry of each number; and the first number of every combination of the
        first `prefix` keys.
    """
    order = np.lexsort(keys[::-1])
    moved = np.stack([key[order[1:]] != key[order[:-1]] for key in keys])
    new = np.r_[True, moved.any(axis=0)]
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    start = np.r_[True, moved[:prefix].any(axis=0)]
    return number, order[new], np.asarray(number[order[start]])


def too_sensitive() -> QuestionError:
    """The refusal of a table that cannot be judged beside what is told already."""
    return QuestionError(
        "too_sensitive",
        "The table is about too many sensitive answers at once to be checked beside releases. "
        "Ask for fewer categories, or for one municipality.",
    )
