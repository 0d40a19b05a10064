"""Sums over domains: everything an estimate, its variance or a covariance is made of, before any division.

A domain is a mask over fine cells x reported gender, never a filtered table: persons outside it stay in the
strata and in the calibration. All sums add over municipalities, so a county is its municipalities added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis import checks
from analysis.design import Design, Floats, Frame, Ints, reporting_groups
from analysis.indicators import Variables, measure
from analysis.schema import GENDERS
from analysis.variance import Forms, quadratic_forms
from analysis.weights import Progress, Weighted

TOTAL = "all"
# Order of the first axis of `Block.values`.
N, YES, POPULATION, SUM, SQUARES, WEIGHTS2, V_YY, V_YM, V_MM = range(9)
# Order of the first axis of `Block.between`: woman x man.
C_YY, C_YM, C_MY, C_MM = range(4)


@dataclass
class Block:
    """The domains of one geography.

    Attributes:
        wave, geography, code: which.
        gender, age: positions in `Sums.genders` and `Sums.ages` of each domain; 0 is the total.
        values: 9 x domains x variables: persons who answered (n), persons counted as yes, sum of weights, of
            weight x value, of weight x value squared, of squared weights; and the variance forms of the value
            with itself, of the value with the base, and of the base with itself.
        members: respondents of each domain, whether they answered or not.
        df: members less variance strata they occur in.
        between: 4 x variables: the covariance forms between women and men; None for areas.
    """

    wave: str
    geography: str
    code: str
    gender: Ints
    age: Ints
    values: Floats
    members: Ints
    df: Ints
    between: Floats | None = None

    def add(self, other: "Block") -> None:
        """Add the same domains of other strata."""
        self.values = self.values + other.values
        self.members = self.members + other.members
        self.df = self.df + other.df
        if self.between is not None and other.between is not None:
            self.between = self.between + other.between


@dataclass(frozen=True)
class Sums:
    """All blocks of a weighted bundle, with what their axes mean.

    Attributes:
        variables: meaning of the variables' axis.
        genders, ages: names of the positions in `Block.gender` and `Block.age`.
        blocks: by wave: all, municipalities, areas, unions.
    """

    variables: Variables
    genders: tuple[str, ...]
    ages: tuple[str, ...]
    blocks: tuple[Block, ...]


def sum_domains(weighted: Weighted, progress: Progress | None = None) -> Sums:
    """Sum every indicator over every domain of a weighted bundle.

    Args:
        weighted: the weights.
        progress: called with ("estimates", done, total) after each municipality.
    """
    ages, age_of_band = reporting_ages(weighted)
    variables = measure(weighted.bundle)
    unions = union_strata(weighted)
    found: dict[tuple[str, str, str], Block] = {}
    for number, part in enumerate(weighted.municipalities, start=1):
        design, wave = part.design, part.design.wave
        forms = quadratic_forms(part, weighted.settings)
        local = local_sums(weighted.frame, design, variables, forms, age_of_band[design.band], len(ages))
        everything = np.arange(len(design.stratum))
        whole = local.block((wave, "municipality", design.municipality_code), everything)
        found[wave, "municipality", design.municipality_code] = whole
        _add(found, (wave, TOTAL, TOTAL), whole)
        for position, area in enumerate(design.areas):
            cells = np.flatnonzero(design.stratum == position)
            if design.stratum_respondents[position]:
                found[wave, "area", area] = local.area((wave, "area", area), cells)
        for key, inside in unions.get((wave, design.municipality_code), {}).items():
            cells = np.flatnonzero(inside[design.stratum])
            covered = bool(inside[design.stratum_respondents > 0].all())
            if len(cells):
                _add(found, key, whole if covered else local.block(key, cells))
        if progress:
            progress("estimates", number, len(weighted.municipalities))
    return Sums(variables, (TOTAL, *GENDERS), (TOTAL, *ages), tuple(_ordered(found)))


def reporting_ages(weighted: Weighted) -> tuple[tuple[str, ...], Ints]:
    """Reporting age groups, youngest first, and the group of each band."""
    groups = reporting_groups(weighted.bundle, weighted.settings)
    ages = tuple(dict.fromkeys(groups.values()))
    return ages, np.array([ages.index(groups[band]) for band in weighted.frame.bands], dtype=np.int64)


def _ordered(found: dict[tuple[str, str, str], Block]) -> Iterator[Block]:
    """By wave; all first, then municipalities, areas and unions, each in the order they came."""
    rank = {TOTAL: 0, "municipality": 1, "area": 2}
    for key in sorted(found, key=lambda key: (key[0], rank.get(key[1], 3), "" if key[1] in rank else key[1])):
        yield found[key]


def _add(found: dict[tuple[str, str, str], Block], key: tuple[str, str, str], block: Block) -> None:
    """Add a block to a union."""
    if key in found:
        found[key].add(block)
    else:
        found[key] = Block(
            *key, block.gender, block.age, block.values, block.members, block.df, block.between
        )


def union_strata(
    weighted: Weighted,
) -> dict[tuple[str, str], dict[tuple[str, str, str], npt.NDArray[np.bool_]]]:
    """For each wave and municipality: the unions that touch it, and which of its strata they hold."""
    table = weighted.bundle.domains
    if table is None:
        return {}
    held: dict[tuple[str, str, str], set[str]] = {}
    for wave, geography, code, stratum in zip(
        *(checks.text(table, name) for name in ("wave", "geography", "code", "stratum")), strict=True
    ):
        held.setdefault((wave, geography, code), set()).add(stratum)
    unions: dict[tuple[str, str], dict[tuple[str, str, str], npt.NDArray[np.bool_]]] = {}
    for part in weighted.municipalities:
        design = part.design
        for key, strata in held.items():
            inside = np.array([area in strata for area in design.areas])
            if key[0] == design.wave and inside.any():
                unions.setdefault((design.wave, design.municipality_code), {})[key] = inside
    return unions


def local_counts(frame: Frame, design: Design, variables: Variables) -> tuple[Floats, Floats]:
    """Persons by cell x reported gender x stacked level, and members by cell x reported gender."""
    rows = frame.order[design.rows]
    genders = len(GENDERS) + 1
    cells = design.cells.stop - design.cells.start
    place = (frame.cell[rows] - design.cells.start) * genders + frame.gender[rows]
    members = np.bincount(place, minlength=cells * genders).reshape(cells, genders).astype(np.float64)
    width = int(variables.offsets[-1])
    levels = np.vstack([one.level[rows] for one in variables.measured]).astype(np.int64)
    keys = place * width + variables.offsets[:-1, None] + levels
    counts = np.bincount(keys[levels >= 0], minlength=cells * genders * width)
    return counts.reshape(cells, genders, width).astype(np.float64), members


def local_sums(
    frame: Frame, design: Design, variables: Variables, forms: Forms, age: Ints, ages: int
) -> "LocalSums":
    """Count one municipality; `age` is the reporting age group of each cell."""
    counts, members = local_counts(frame, design, variables)
    return LocalSums(forms, variables, counts, members, age, ages)


@dataclass(frozen=True)
class _Values:
    """Cells x domains x variables (m: x indicators): sums, sums of squares, persons answering, members."""

    y: Floats
    y2: Floats
    m: Floats
    members: Floats

    def at(self, cells: Ints, domains: slice) -> "_Values":
        """Some cells, some of the domains."""
        return _Values(
            self.y[cells, domains],
            self.y2[cells, domains],
            self.m[cells, domains],
            self.members[cells, domains],
        )


class LocalSums:
    """One municipality's counts and quadratic form, ready to be summed over any of its cells."""

    def __init__(
        self, forms: Forms, variables: Variables, counts: Floats, members: Floats, age: Ints, ages: int
    ) -> None:
        self.forms, self.variables, self.age, self.ages = forms, variables, age, ages
        y, y2, m = variables.sums(counts)
        known = slice(0, len(GENDERS))  # persons who did not state a gender are in the total alone
        self.values = _Values(
            *(
                np.concatenate([part.sum(axis=1, keepdims=True), part[:, known]], axis=1)
                for part in (y, y2, m, members)
            )
        )

    def block(self, key: tuple[str, str, str], cells: Ints) -> Block:
        """Total, genders, ages, and woman and man by age."""
        genders = len(GENDERS) + 1
        parts, between = self._sum(cells, self.values.at(cells, slice(0, genders)), with_gap=True)
        pieces = [parts]
        gender, age = [np.arange(genders)], [np.zeros(genders, dtype=np.int64)]
        for group in range(self.ages):
            inside = cells[self.age[cells] == group]
            pieces.append(self._sum(inside, self.values.at(inside, slice(0, 3)))[0])
            gender.append(np.arange(3))
            age.append(np.full(3, group + 1, dtype=np.int64))
        values, members, df = (
            np.concatenate(part, axis=-2 if i == 0 else -1)
            for i, part in enumerate(zip(*pieces, strict=True))
        )
        return Block(*key, np.concatenate(gender), np.concatenate(age), values, members, df, between)

    def area(self, key: tuple[str, str, str], cells: Ints) -> Block:
        """Total, genders and ages: a small area is not split further."""
        whole = self.values.at(cells, slice(0, len(GENDERS) + 1))
        total = whole.at(np.arange(len(cells)), slice(0, 1))
        inside = (self.age[cells][:, None] == np.arange(self.ages)).astype(np.float64)
        ages = _Values(
            total.y * inside[:, :, None],
            total.y2 * inside[:, :, None],
            total.m * inside[:, :, None],
            total.members * inside,
        )
        joined = _Values(
            *(
                np.concatenate([getattr(whole, name), getattr(ages, name)], axis=1)
                for name in ("y", "y2", "m", "members")
            )
        )
        (values, members, df), _ = self._sum(cells, joined)
        genders = len(GENDERS) + 1
        gender = np.r_[np.arange(genders), np.zeros(self.ages, dtype=np.int64)]
        age = np.r_[np.zeros(genders, dtype=np.int64), np.arange(1, self.ages + 1)]
        return Block(*key, gender, age, values, members, df)

    def _sum(
        self, cells: Ints, values: _Values, with_gap: bool = False
    ) -> tuple[tuple[Floats, Ints, Ints], Floats | None]:
        """Sum over cells; the arrays of a `Block`."""
        forms, item = self.forms, self.variables.of_indicator
        w, v0 = forms.weight[cells], forms.v0[cells]
        y, m = values.y, values.m
        Q = forms.Q[np.ix_(cells, cells)]
        Qy, Qm = _apply(Q, y), _apply(Q, m)
        base = m[:, :, item]
        persons, weights, squares, own = _apply(np.vstack([np.ones_like(w), w, w**2, v0]), m)
        yes, total, own_y = _apply(np.vstack([np.ones_like(w), w, v0]), y)
        second, own_y2 = _apply(np.vstack([w, v0]), values.y2)
        stacked = np.stack(
            [
                persons[:, item],
                yes,
                weights[:, item],
                total,
                second,
                squares[:, item],
                own_y2 + (y * Qy).sum(axis=0),
                own_y + (base * Qy).sum(axis=0),
                (own + (m * Qm).sum(axis=0))[:, item],
            ]
        )
        between = None
        if with_gap:
            woman, man = 1, 2
            Qm_of = Qm[:, man][:, item]
            between = np.stack(
                [
                    (y[:, woman] * Qy[:, man]).sum(axis=0),
                    (y[:, woman] * Qm_of).sum(axis=0),
                    (base[:, woman] * Qy[:, man]).sum(axis=0),
                    (base[:, woman] * Qm_of).sum(axis=0),
                ]
            )
        return (stacked, *self._freedom(cells, values.members)), between

    def _freedom(self, cells: Ints, members: Floats) -> tuple[Ints, Ints]:
        """Members of each domain, and the members less the variance strata they occur in."""
        stratum = self.forms.stratum[cells]
        inside = stratum[:, None] == np.arange(int(self.forms.stratum.max()) + 1)
        occupied = (inside.T.astype(np.float64) @ members > 0).sum(axis=0)
        count = members.sum(axis=0).astype(np.int64)
        return count, count - occupied


def _apply(matrix: Floats, values: Floats) -> Floats:
    """Matrix product over the first axis of `values`, whatever the others are."""
    product: Floats = (matrix @ values.reshape(len(values), -1)).reshape(len(matrix), *values.shape[1:])
    return product
