"""Sums over domains: everything an estimate, its variance or a covariance is made of, before any division.

A domain is a mask over fine cells x reported gender, never a filtered table: persons outside it stay in the
strata and in the calibration. All sums add over municipalities, so a county is its municipalities added up.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis import checks
from analysis.design import Design, Floats, Frame, Ints, reporting_groups
from analysis.indicators import Variables, measure
from analysis.keys import AREA, MUNICIPALITY, TOTAL
from analysis.parallel import Progress, in_order
from analysis.schema import GENDERS
from analysis.variance import Forms, quadratic_forms
from analysis.weights import CellWeights, Weighted

Key = tuple[str, str, str]  # wave, geography, code
# Order of the first axis of `Block.values`.
N, YES, POPULATION, SUM, SQUARES, WEIGHTS2, V_YY, V_YM, V_MM = range(9)
# Order of the first axis of `Block.between`: woman x man.
C_YY, C_YM, C_MY, C_MM = range(4)


@dataclass(frozen=True)
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
        inside: 4 x variables: the covariance forms of an area's total with its municipality's; else None.
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
    inside: Floats | None = None


def combined(key: Key, blocks: Collection[Block]) -> Block:
    """The same domains of several municipalities, or of several waves, as one block.

    Args:
        key: wave, geography and code of the whole.
        blocks: at least one; independent of each other.
    """
    first = next(iter(blocks))
    between = [block.between for block in blocks if block.between is not None]
    return Block(
        *key,
        first.gender,
        first.age,
        np.sum([block.values for block in blocks], axis=0),
        np.sum([block.members for block in blocks], axis=0),
        np.sum([block.df for block in blocks], axis=0),
        np.sum(between, axis=0) if len(between) == len(blocks) else None,
    )


@dataclass(frozen=True)
class Sums:
    """All blocks of a weighted bundle, with what their axes mean.

    Attributes:
        variables: meaning of the variables' axis.
        genders, ages: names of the positions in `Block.gender` and `Block.age`.
        blocks: by wave: all, municipalities, areas, unions.
        parts: of `all` and each union, by wave, geography and code: the block of each municipality in it.
    """

    variables: Variables
    genders: tuple[str, ...]
    ages: tuple[str, ...]
    blocks: tuple[Block, ...]
    parts: Mapping[Key, Mapping[str, Block]]


def sum_domains(weighted: Weighted, progress: Progress | None = None, jobs: int = 1) -> Sums:
    """Sum every indicator over every domain of a weighted bundle.

    Args:
        weighted: the weights.
        progress: called with ("estimates", done, total) after each municipality.
        jobs: processes to use; the sums do not depend on it.
    """
    ages, age_of_band = reporting_ages(weighted)
    variables = measure(weighted.bundle)
    unions = union_strata(weighted)

    def work(part: CellWeights) -> list[Block]:
        design = part.design
        forms = quadratic_forms(part, weighted.settings)
        local = local_sums(weighted.frame, design, variables, forms, age_of_band, len(ages))
        inside = unions.get((design.wave, design.municipality_code), {})
        return list(_blocks(design, local, inside, weighted.settings.areas))

    found: dict[Key, Block] = {}
    parts: dict[Key, dict[str, Block]] = {}
    for number, blocks in enumerate(in_order(work, weighted.municipalities, jobs), start=1):
        for block in blocks:
            key = (block.wave, block.geography, block.code)
            if block.geography in ("municipality", "area"):
                found[key] = block
            else:
                parts.setdefault(key, {})[blocks[0].code] = block
        if progress:
            progress("estimates", number, len(weighted.municipalities))
    found |= {key: combined(key, of.values()) for key, of in parts.items()}
    return Sums(variables, (TOTAL, *GENDERS), (TOTAL, *ages), tuple(_ordered(found)), parts)


def municipality_sums(
    weighted: Weighted, variables: Variables, wave: str
) -> "dict[str, tuple[CellWeights, LocalSums]]":
    """Weights and counts of each municipality with respondents in a wave, by its code."""
    ages, age_of_band = reporting_ages(weighted)
    found = {}
    for part in weighted.municipalities:
        if part.design.wave == wave:
            forms = quadratic_forms(part, weighted.settings)
            counted = local_sums(weighted.frame, part.design, variables, forms, age_of_band, len(ages))
            found[part.design.municipality_code] = (part, counted)
    return found


def _blocks(
    design: Design, local: "LocalSums", unions: dict[tuple[str, str, str], npt.NDArray[np.bool_]], areas: bool
) -> Iterator[Block]:
    """What one municipality adds: itself first, then to all, its areas, and the unions it has strata in."""
    whole = local.block(
        (design.wave, "municipality", design.municipality_code), np.arange(len(design.stratum))
    )
    yield whole
    yield replace(whole, geography=TOTAL, code=TOTAL)
    if areas:
        yield from _area_blocks(design, local)
    for key, inside in unions.items():
        cells = np.flatnonzero(inside[design.stratum])
        if len(cells):
            covered = bool(inside[design.stratum_respondents > 0].all())
            wave, geography, code = key
            yield (
                replace(whole, wave=wave, geography=geography, code=code)
                if covered
                else local.block(key, cells)
            )


def _area_blocks(design: Design, local: "LocalSums") -> list[Block]:
    """The areas in which somebody answered."""
    answers = np.bincount(design.area, weights=design.stratum_respondents, minlength=len(design.area_codes))
    answered = np.flatnonzero(answers).tolist()
    keys = [(design.wave, "area", design.area_codes[at]) for at in answered]
    cells = [np.flatnonzero(design.area[design.stratum] == at) for at in answered]
    return local.blocks(keys, cells, crossed=False) if keys else []


def reporting_ages(weighted: Weighted) -> tuple[tuple[str, ...], Ints]:
    """Reporting age groups, youngest first, and the group of each band."""
    groups = reporting_groups(weighted.bundle, weighted.settings)
    ages = tuple(dict.fromkeys(groups.values()))
    return ages, np.array([ages.index(groups[band]) for band in weighted.frame.bands], dtype=np.int64)


def _ordered(found: dict[Key, Block]) -> Iterator[Block]:
    """By wave; all first, then municipalities, areas and unions, each in the order they came."""
    rank = {TOTAL: 0, MUNICIPALITY: 1, AREA: 2}
    for key in sorted(found, key=lambda key: (key[0], rank.get(key[1], 3), "" if key[1] in rank else key[1])):
        yield found[key]


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
    frame: Frame, design: Design, variables: Variables, forms: Forms, age_of_band: Ints, ages: int
) -> "LocalSums":
    """Count one municipality; `age_of_band` is the reporting age group of each band."""
    counts, members = local_counts(frame, design, variables)
    return LocalSums(forms, variables, counts, members, age_of_band[design.band], ages, age_of_band)


@dataclass(frozen=True)
class _Values:
    """Cells x domains x variables (m: x indicators): sums, sums of squares, persons answering, members."""

    y: Floats
    y2: Floats
    m: Floats
    members: Floats

    def at(self, cells: Ints, domains: slice) -> "_Values":
        """Some cells, some of the domains: `cells` as an array of any shape takes the place of its axis."""
        return _Values(*(part[cells, domains] for part in (self.y, self.y2, self.m, self.members)))


@dataclass(frozen=True)
class _Places:
    """Some places of a municipality, each a set of its cells, side by side: places x cells.

    Attributes:
        cells: cell of each position; a place with fewer cells than the largest repeats its first ...
        held: ... at positions that do not count.
    """

    cells: Ints
    held: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, groups: list[Ints]) -> "_Places":
        """From the cells of each place, at least one each."""
        width = max(map(len, groups))
        cells = np.array([np.r_[group, np.full(width - len(group), group[0])] for group in groups])
        return cls(cells, np.arange(width) < np.array([[len(group)] for group in groups]))


class LocalSums:
    """One municipality's counts and quadratic form, ready to be summed over any of its cells."""

    def __init__(
        self,
        forms: Forms,
        variables: Variables,
        counts: Floats,
        members: Floats,
        age: Ints,
        ages: int,
        age_of_band: Ints,
    ) -> None:
        self.forms, self.variables, self.age, self.ages = forms, variables, age, ages
        self.age_of_band = age_of_band
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
        return self.blocks([key], [cells], crossed=True)[0]

    def blocks(self, keys: list[tuple[str, str, str]], groups: list[Ints], crossed: bool) -> list[Block]:
        """The blocks of several places: total, genders and ages, and woman and man by age when `crossed`.

        Args:
            keys: wave, geography and code of each place.
            groups: the cells of each place, at least one.
            crossed: also the covariance of women and men; a small area is not split that far.
        """
        places = _Places.of(groups)
        genders, split = len(GENDERS) + 1, 3 if crossed else 1
        whole = self._sum(places, slice(0, genders), np.zeros_like(places.cells), 1)
        by_age = self._sum(places, slice(0, split), self.age[places.cells], self.ages)
        gender = np.r_[np.arange(genders), np.tile(np.arange(split), self.ages)]
        age = np.r_[np.zeros(genders, dtype=np.int64), np.repeat(np.arange(1, self.ages + 1), split)]
        values, members, df = (
            np.concatenate(pair, axis=-2 if part == 0 else -1)
            for part, pair in enumerate(zip(whole, by_age, strict=True))
        )
        pieces = [places.cells[at][places.held[at]] for at in range(len(keys))]
        return [
            Block(
                *key,
                gender,
                age,
                values[:, at],
                members[at],
                df[at],
                between=self._between(pieces[at]) if crossed else None,
                inside=None if crossed else self._inside(pieces[at]),
            )
            for at, key in enumerate(keys)
        ]

    def _sum(self, places: _Places, domains: slice, group: Ints, groups: int) -> tuple[Floats, Ints, Ints]:
        """Sum over the cells of each place and group: the arrays of a `Block`, places before domains.

        Args:
            group: of each cell of each place; a domain is then a group x one of `domains`.

        A sum over a group's cells only, whatever the form, is the form with zeros between the groups.
        """
        forms, item, cells = self.forms, self.variables.of_indicator, places.cells
        values = self.values.at(cells, domains)
        inside = ((group[:, None, :] == np.arange(groups)[:, None]) & places.held[:, None, :]).astype(
            np.float64
        )
        w, v0 = (inside * part[cells][:, None, :] for part in (forms.weight, forms.v0))
        together = (
            (group[:, :, None] == group[:, None, :]) & places.held[:, :, None] & places.held[:, None, :]
        )
        Q = forms.Q[cells[:, :, None], cells[:, None, :]] * together
        Qy, Qm = _apply(Q, values.y), _apply(Q, values.m)
        persons, weights, squares, own = (
            _apply(by, values.m) for by in (inside, w, w * forms.weight[cells][:, None, :], v0)
        )
        stacked = [
            persons[..., item],
            _apply(inside, values.y),
            weights[..., item],
            _apply(w, values.y),
            _apply(w, values.y2),
            squares[..., item],
            _apply(v0, values.y2) + _apply(inside, values.y * Qy),
            _apply(v0, values.y) + _apply(inside, values.m[..., item] * Qy),
            (own + _apply(inside, values.m * Qm))[..., item],
        ]
        size = len(cells), groups * values.y.shape[2]
        counted = np.stack([part.reshape(*size, -1) for part in stacked])
        count, df = self._freedom(places, inside, values.members)
        return counted, count.reshape(size), df.reshape(size)

    def _freedom(self, places: _Places, inside: Floats, members: Floats) -> tuple[Ints, Ints]:
        """Members of each domain, and the members less the variance strata they occur in."""
        stratum = self.forms.stratum[places.cells]
        occupied = np.zeros((len(stratum), inside.shape[1], members.shape[2]), dtype=np.int64)
        for number in range(int(self.forms.stratum.max()) + 1):
            occupied += _apply(inside * (stratum == number)[:, None, :], members) > 0
        count = _apply(inside, members).astype(np.int64)
        return count, count - occupied

    def _between(self, cells: Ints) -> Floats:
        """Covariance forms (yy, ym, my, mm) of the women with the men of some cells."""
        item, woman, man = self.variables.of_indicator, 1, 2
        y, m = self.values.y[cells], self.values.m[cells]
        Q = self.forms.Q[np.ix_(cells, cells)]
        Qy, Qm = Q @ y[:, man], (Q @ m[:, man])[:, item]
        base = m[:, woman][:, item]
        products = (y[:, woman] * Qy, y[:, woman] * Qm, base * Qy, base * Qm)
        return np.stack([product.sum(axis=0) for product in products])

    @cached_property
    def _fits(self) -> tuple[Floats, Floats]:
        """Q times the sums and the bases of the municipality's total, cells x variables (indicators)."""
        return self.forms.Q @ self.values.y[:, 0], self.forms.Q @ self.values.m[:, 0]

    def _inside(self, cells: Ints) -> Floats:
        """Covariance forms (yy, ym, my, mm) of the total of some cells with that of the municipality."""
        item, v0 = self.variables.of_indicator, self.forms.v0[cells]
        y, y2, m = (part[cells, 0] for part in (self.values.y, self.values.y2, self.values.m))
        Qy, Qm = (fit[cells] for fit in self._fits)
        own = v0 @ y
        return np.stack(
            [
                v0 @ y2 + (y * Qy).sum(axis=0),
                own + (y * Qm[:, item]).sum(axis=0),
                own + (m[:, item] * Qy).sum(axis=0),
                (v0 @ m + (m * Qm).sum(axis=0))[item],
            ]
        )


def _apply(matrix: Floats, values: Floats) -> Floats:
    """For each place, the matrix product over its cells, whatever axes come after."""
    flat = values.reshape(*values.shape[:2], -1)
    product: Floats = (matrix @ flat).reshape(*matrix.shape[:2], *values.shape[2:])
    return product
