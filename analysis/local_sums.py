"""One municipality's answers counted in cells, and the sums over any of its domains.

Whatever the domain, only the cells in which it has members take part, and only their part of the quadratic
form. Domains of about the same number of cells are summed side by side.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.arrays import Floats, Ints, Mask
from analysis.blocks import (
    POPULATION,
    SQUARES,
    SUM,
    V_MM,
    V_YM,
    V_YY,
    WEIGHTS2,
    YES,
    Block,
    Key,
    N,
)
from analysis.design import Design, Frame
from analysis.indicators import Variables
from analysis.schema import GENDERS
from analysis.variance import Forms

WOMAN, MAN = 1, 2  # places among the genders, of which the first is everybody


@dataclass(frozen=True)
class CountedCells:
    """The persons of one cell and reported gender, for every cell and gender that has any, cell by cell.

    Attributes:
        cell, gender: of each group; gender is a position in `GENDERS`, one past the last when not stated.
        members: persons.
        counts: groups x stacked levels, persons.
    """

    cell: Ints
    gender: Ints
    members: Ints
    counts: Floats


def count_cells(frame: Frame, design: Design, variables: Variables) -> CountedCells:
    """Count the answers of one municipality."""
    rows = frame.order[design.rows]
    genders, cells = len(GENDERS) + 1, design.cells.stop - design.cells.start
    place = (frame.cell[rows] - design.cells.start) * genders + frame.gender[rows]
    members = np.bincount(place, minlength=genders * cells)
    there = np.flatnonzero(members)
    group = np.cumsum(members > 0) - 1
    width = int(variables.offsets[-1]) + 1  # the last one holds who is outside the base
    keys = np.add(variables.stacked[rows], (group[place] * width)[:, None], dtype=np.int64)
    counts = np.bincount(keys.ravel(), minlength=len(there) * width).reshape(len(there), width)
    return CountedCells(there // genders, there % genders, members[there], counts[:, :-1].astype(np.float64))


@dataclass(frozen=True)
class _Domains:
    """Domains side by side.

    Attributes:
        gender: of each, the first one everybody.
        at: domains x positions: cell; a domain of fewer cells than the largest has no cell at its end ...
        held: ... where this is False.
    """

    gender: Ints
    at: Ints
    held: Mask

    @classmethod
    def of(cls, gender: Ints, chosen: Mask, sizes: Ints) -> "_Domains":
        """From the chosen cells, domains x cells, and how many they are."""
        at = np.zeros((len(chosen), sizes.max()), dtype=np.int64)
        held = np.arange(at.shape[1]) < sizes[:, None]
        at[held] = np.nonzero(chosen)[1]
        return cls(gender, at, held)


class LocalSums:
    """One municipality's counts and quadratic form, ready to be summed over any of its cells.

    Attributes:
        forms, variables: its quadratic form and what is summed.
        members: genders (everybody first) x cells.
        age: reporting age group of each cell, 0 to `ages` - 1; `age_of_band` of each band.
    """

    def __init__(
        self,
        frame: Frame,
        design: Design,
        variables: Variables,
        forms: Forms,
        age_of_band: Ints,
        ages: int,
    ) -> None:
        self.forms, self.variables = forms, variables
        self.age, self.age_of_band, self.ages = age_of_band[design.band], age_of_band, ages
        groups = count_cells(frame, design, variables)
        known = np.flatnonzero(groups.gender < len(GENDERS))  # who did not state it is in the total alone
        first = np.flatnonzero(np.r_[True, np.diff(groups.cell) > 0])
        gender = np.r_[np.zeros(len(first), dtype=np.int64), groups.gender[known] + 1]
        cell = np.r_[groups.cell[first], groups.cell[known]]
        self.members = np.zeros((len(GENDERS) + 1, len(design.band)), dtype=np.int64)
        self.members[gender, cell] = np.r_[np.add.reduceat(groups.members, first), groups.members[known]]
        counts = np.concatenate([np.add.reduceat(groups.counts, first, axis=0), groups.counts[known]])
        self._row = np.full_like(self.members, -1)  # of each gender and cell in the columns
        self._row[gender, cell] = np.arange(len(cell))
        self._columns = variables.columns(counts)
        w, v0 = forms.weight, forms.v0
        self._factors = np.stack([np.ones_like(w), w, w**2, v0], axis=1)

    def sums_of(self, gender: int, variables: Ints) -> tuple[Floats, Floats, Floats]:
        """Sums, sums of squares and bases of some variables, cells x variables."""
        of, row = self.variables, self._row[gender]
        columns = np.where((row >= 0)[:, None], self._columns[row], 0.0)
        return columns[:, variables], columns[:, of.square[variables]], columns[:, of.base[variables]]

    def block(self, key: Key, cells: Mask) -> Block:
        """Total, genders, ages, and woman and man by age, of some cells."""
        domains = [(sex, 0) for sex in range(len(self.members))]
        domains += [(sex, age) for age in range(1, self.ages + 1) for sex in (0, WOMAN, MAN)]
        (block,) = self._blocks([key], cells[None], domains)
        return replace(block, between=self._between(cells))

    def area_blocks(self, keys: list[Key], cells: Mask) -> list[Block]:
        """Total, genders and ages of some areas (areas x cells): too small to be split further."""
        domains = [(sex, 0) for sex in range(len(self.members))]
        domains += [(0, age) for age in range(1, self.ages + 1)]
        blocks = self._blocks(keys, cells, domains)
        return [replace(block, inside=form) for block, form in zip(blocks, self._inside(cells), strict=True)]

    def _blocks(self, keys: list[Key], cells: Mask, domains: list[tuple[int, int]]) -> Iterator[Block]:
        """The blocks of some places (places x cells), all of the same domains (gender, age group)."""
        gender, age = (np.array(axis, dtype=np.int64) for axis in zip(*domains, strict=True))
        inside = (self.members[gender] > 0) & ((age[:, None] == 0) | (age[:, None] == self.age + 1))
        chosen = (cells[:, None] & inside).reshape(-1, cells.shape[1])
        genders = np.tile(gender, len(keys))
        values = self._sums(genders, chosen).reshape(9, len(keys), len(domains), -1)
        counted = chosen * self.members[genders]
        squares = self.forms.weight**2
        powers = np.stack([counted @ squares, counted @ squares**2]).reshape(2, *values.shape[1:3])
        members = counted.sum(axis=1)
        strata = (self.forms.stratum[:, None] == np.arange(self.forms.stratum.max() + 1)).astype(np.float64)
        df = members - (chosen @ strata > 0).sum(axis=1)
        members, df = members.reshape(values.shape[1:3]), df.reshape(values.shape[1:3])
        for at, key in enumerate(keys):
            yield Block(*key, gender, age, values[:, at], members[at], df[at], powers[:, at])

    def _sums(self, gender: Ints, chosen: Mask) -> Floats:
        """The sums of every domain, 9 x domains x variables, from its cells (domains x cells)."""
        sums = np.zeros((9, len(chosen), len(self.variables.statistic)))
        sizes = chosen.sum(axis=1)
        magnitude = np.ceil(np.log2(np.maximum(sizes, 0.5))).astype(np.int64)
        for like in np.unique(magnitude[sizes > 0]):
            some = np.flatnonzero(magnitude == like)
            sums[:, some] = self._sum(_Domains.of(gender[some], chosen[some], sizes[some]))
        return sums

    def _sum(self, domains: _Domains) -> Floats:
        """The sums of some domains: 9 x domains x variables."""
        of, variables = self.variables, len(self.variables.statistic)
        columns = self._columns[self._row[domains.gender[:, None], domains.at]]
        factors = self._factors[domains.at] * domains.held[:, :, None]
        persons, weighted, squared, own = np.moveaxis(factors.swapaxes(1, 2) @ columns, 1, 0)
        counted = columns[..., : variables + len(of.measured)]
        fitted = self._form(domains) @ counted
        form = np.einsum("dcv,dcv->dv", counted, fitted)
        mixed = np.einsum("dcv,dcv->dv", counted[..., :variables], fitted[..., of.base])
        sums = np.empty((9, len(columns), variables))
        sums[N], sums[YES] = persons[:, of.base], persons[:, :variables]
        sums[POPULATION], sums[SUM] = weighted[:, of.base], weighted[:, :variables]
        sums[SQUARES], sums[WEIGHTS2] = weighted[:, of.square], squared[:, of.base]
        sums[V_YY] = own[:, of.square] + form[:, :variables]
        sums[V_YM] = own[:, :variables] + mixed
        sums[V_MM] = own[:, of.base] + form[:, of.base]
        return sums

    def _form(self, domains: _Domains) -> Floats:
        """The part of the quadratic form between the cells of each domain, 0 outside it."""
        part = self.forms.Q[domains.at[:, :, None], domains.at[:, None, :]]
        if not domains.held.all():
            part *= domains.held[:, :, None] & domains.held[:, None, :]
        return part

    @cached_property
    def _headline(self) -> Floats:
        """Rows of the columns x (sum, base) x indicators, of the headline statistics."""
        first = self.variables.headline
        return self._columns[:, np.stack([first, self.variables.base[first]])]

    def _between(self, cells: Mask) -> Floats:
        """Covariance forms (yy, ym, my, mm) of the women with the men of some cells."""
        women, men = (np.flatnonzero(cells & (self.members[sex] > 0)) for sex in (WOMAN, MAN))
        hers, his = self._headline[self._row[WOMAN, women]], self._headline[self._row[MAN, men]]
        return _products(hers, np.tensordot(self.forms.Q[np.ix_(women, men)], his, 1))

    def _inside(self, cells: Mask) -> Iterator[Floats]:
        """Covariance forms (yy, ym, my, mm) of the total of each place with that of the municipality."""
        of, first = self.variables, self.variables.headline
        everywhere = np.flatnonzero(self.members[0])
        everybody = self._headline[self._row[0, everywhere]]
        form = self.forms.Q[np.ix_(everywhere, everywhere)]
        fitted = np.tensordot(form, everybody, 1)
        own = (cells * self.forms.v0)[:, everywhere] @ self._columns[self._row[0, everywhere]]
        alone = own[:, np.stack([of.square[first], first, first, of.base[first]])]
        for inside, added in zip(cells[:, everywhere], alone, strict=True):
            yield _products(everybody[inside], fitted[inside]) + added


def _products(one: Floats, two: Floats) -> Floats:
    """Over cells: sum x sum, sum x base, base x sum and base x base of two (cells x 2 x indicators)."""
    products: Floats = np.einsum("cki,cli->kli", one, two).reshape(4, one.shape[2])
    return products
