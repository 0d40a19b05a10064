"""Collapsing of small cells, always in one direction and always logged. METHODS.md M-2 and M-3.

The rule: go through the categories in order and merge a category that has too few respondents with the next,
until there are enough; a remainder at the end joins the group before it. Source: the rule of the reference
figures; the reason for it, Särndal & Lundström 2005, ch. 10 (small groups make unstable weights).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.design import Design
from analysis.remarks import Value, sentence
from analysis.schema import LEGAL_GENDERS
from analysis.settings import Settings

Enough = Callable[[Floats], bool]


@dataclass
class Log:
    """What was done that the plain method did not ask for; one row per action.

    Columns: wave, municipality_code, step, cell (name of the result), respondents (int), action (a sentence),
    kind and values (what the sentence is made of, see `remarks`).
    """

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, design: Design, step: str, cell: str, respondents: int, kind: str, **values: Value) -> None:
        """Write one action down."""
        self.rows.append(
            {
                "wave": design.wave,
                "municipality_code": design.municipality_code,
                "step": step,
                "cell": cell,
                "respondents": int(respondents),
                "action": sentence(kind, cell, int(respondents), values),
                "kind": kind,
                "values": values,
            }
        )


@dataclass(frozen=True)
class Groups:
    """Named groups of fine cells.

    Attributes:
        of_cell: group of each cell.
        names: name of each group.
        shares: cells x groups, how much of a person of each cell counts in each group; None when everybody
            counts wholly in the group of the cell.
    """

    of_cell: Ints
    names: tuple[str, ...]
    shares: Floats | None = None

    @property
    def membership(self) -> Floats:
        """Cells x groups: the shares, or 0 and 1."""
        if self.shares is not None:
            return self.shares
        whole: Floats = (self.of_cell[:, None] == np.arange(len(self.names))).astype(np.float64)
        return whole

    def sums(self, values: Floats | Ints) -> Floats:
        """Sum of a cell quantity over each group."""
        total: Floats = np.bincount(self.of_cell, weights=values, minlength=len(self.names)).astype(
            np.float64
        )
        return total


def collapse(sizes: Floats | Ints, enough: Enough) -> Ints:
    """Group consecutive categories until each group is large enough.

    Args:
        sizes: categories x quantities that add over categories.
        enough: whether the summed quantities of a group suffice.

    Returns:
        Group number of each category, from 0. One group in all when even everything together is not enough.
    """
    rows = np.asarray(sizes, dtype=np.float64).reshape(len(sizes), -1)
    groups = np.zeros(len(rows), dtype=np.int64)
    current, reached = 0, np.zeros(rows.shape[1])
    for position, row in enumerate(rows):
        groups[position] = current
        reached = reached + row
        if enough(reached):
            current, reached = current + 1, np.zeros(rows.shape[1])
    remainder = groups == current
    if current and remainder.any():
        groups[remainder] = current - 1
    return groups


def _members(groups: Ints) -> list[list[int]]:
    """The categories of each group, in their order; -1 is no group."""
    found: list[list[int]] = [[] for _ in range(int(groups.max(initial=-1)) + 1)]
    for position, number in enumerate(groups.tolist()):
        if number >= 0:
            found[number].append(position)
    return found


def at_least(minimum: float) -> Enough:
    """Enough when the first quantity reaches the minimum."""
    return lambda reached: bool(reached[0] >= minimum)


def calibration_cells(
    design: Design, bands: Sequence[str], settings: Settings, log: Log
) -> tuple[Groups, Floats]:
    """Margin A: register sex x age, ages merged from the youngest until each has `cell_minimum` respondents.

    Returns:
        The cells and the population of each.

    A sex without any respondent shares its cells with the other: no weights could fill its population. Where
    membership is as reported, persons count in the cells of both sexes by `Design.woman_share`.
    """
    counts = np.zeros((len(LEGAL_GENDERS), len(bands)))
    np.add.at(counts, (design.gender, design.band), design.respondents)
    enough = at_least(settings.cell_minimum)
    empty = (counts.sum(axis=1) == 0) & (design.population.sum(axis=1) > 0)
    if empty.any():
        group = np.vstack([collapse(counts.sum(axis=0), enough)] * 2)
        labels = ["+".join(LEGAL_GENDERS)] * 2
    else:
        group = np.vstack([collapse(row, enough) for row in counts])
        group[1] += group[0].max() + 1
        labels = list(LEGAL_GENDERS)
    names = [""] * (int(group.max()) + 1)
    together, told = bool(empty.any()), set[int]()
    for sex, numbers in enumerate(group.tolist()):
        for number in sorted(set(numbers)):
            span = [band for band, own in zip(bands, numbers, strict=True) if own == number]
            names[number] = f"{design.municipality_code}:{labels[sex]}:{_ages(span)}"
            if number not in told and (len(span) > 1 or together):
                told.add(number)  # a cell of both sexes comes twice
                size = int(counts[group == number].sum())
                log.add(
                    design,
                    "calibration_cell",
                    names[number],
                    size,
                    "ages_merged",
                    sex=labels[sex],
                    ages=" ".join(span),
                )
    population = np.zeros(len(names))
    np.add.at(population, group, design.population)
    cells = Groups(group[design.gender, design.band], tuple(names))
    return replace(cells, shares=_reported_shares(design, group, cells, population, log)), population


def _reported_shares(
    design: Design, group: Ints, cells: Groups, population: Floats, log: Log
) -> Floats | None:
    """Shares in the cells of both sexes; None when they are those of the register, or cannot be used.

    A cell nobody reports to belong to could not be filled: the municipality then keeps the register's sex.
    """
    if (design.woman_share == (design.gender == 0)).all():
        return None
    shares = np.zeros((len(design.band), len(cells.names)))
    everyone = np.arange(len(design.band))
    for sex, share in enumerate((design.woman_share, 1.0 - design.woman_share)):
        np.add.at(shares, (everyone, group[sex][design.band]), share)
    unfilled = np.flatnonzero((design.respondents @ shares == 0) & (population > 0))
    if len(unfilled):
        log.add(design, "calibration_cell", cells.names[unfilled[0]], 0, "nobody_reports")
        return None
    return shares


def calibration_areas(design: Design, settings: Settings, log: Log) -> tuple[Groups, Floats]:
    """Margin B: areas, merged in order until each has `area_minimum` respondents; and their population."""
    respondents = np.bincount(design.area, weights=design.stratum_respondents)
    group = collapse(respondents, at_least(settings.area_minimum))
    names = tuple(f"{design.municipality_code}-c{number + 1}" for number in range(int(group.max()) + 1))
    for name, members in zip(names, _members(group), strict=True):
        if len(members) > 1:
            size = int(respondents[members].sum())
            merged = " ".join(design.area_codes[i] for i in members)
            log.add(design, "calibration_area", name, size, "areas_merged", areas=merged)
    population = np.zeros(len(names))
    np.add.at(population, group[design.area], design.stratum_total)
    return Groups(group[design.area][design.stratum], names), population


def response_groups(design: Design, cells: Groups, settings: Settings, log: Log) -> Groups:
    """Response homogeneity groups: calibration cells, merged further when small or hard to reach.

    Within each sex, cells are merged from the youngest until a group has `response_group_minimum` respondents
    and an adjustment of at most `response_factor_limit`; when the whole of a sex is not enough, both sexes
    are one group. The adjustment is the design-weighted sample over the design-weighted respondents.
    """
    d = design.design_weight
    sizes = np.column_stack(
        [cells.sums(design.respondents), cells.sums(d * design.sampled), cells.sums(d * design.respondents)]
    )

    enough = enough_response(settings)
    sexes = _by_sex(cells)
    short = [sex for sex in sexes if not enough(sizes[sex].sum(axis=0))]
    group = np.zeros(len(cells.names), dtype=np.int64)
    if not short:
        start = 0
        for sex in sexes:
            group[sex] = start + collapse(sizes[sex], enough)
            start = int(group[sex].max()) + 1
    names = []
    for members in _members(group):
        names.append("/".join(cells.names[i] for i in members))
        if len(members) > 1:
            size = int(sizes[members, 0].sum())
            merged = ", ".join(cells.names[i].partition(":")[2].replace(":", " ") for i in members)
            log.add(design, "response_group", names[-1], size, "response_groups_merged", cells=merged)
    return Groups(group[cells.of_cell], tuple(names))


def enough_response(settings: Settings) -> Enough:
    """Enough respondents (first quantity) for the weighted sample (second over third) they stand for."""
    return lambda reached: bool(
        reached[0] >= max(settings.response_group_minimum, 1)
        and reached[1] <= settings.response_factor_limit * reached[2]
    )


def variance_strata(design: Design, settings: Settings, log: Log) -> Ints:
    """Stratum used by the variance for each stratum; -1 for strata without respondents.

    A stratum with one respondent has no variance of its own: it is collapsed with its neighbour (the next one
    with respondents, the last one with the previous), or left alone and taken uncentred.
    """
    with_answers = np.flatnonzero(design.stratum_respondents > 0)
    groups = np.full(len(design.areas), -1, dtype=np.int64)
    counts = design.stratum_respondents[with_answers]
    minimum = 2 if settings.singletons == "collapse" else 1
    if len(with_answers):
        groups[with_answers] = collapse(counts, at_least(minimum))
    for members in _members(groups):
        if len(members) > 1:
            name = "/".join(design.areas[i] for i in members)
            size = int(design.stratum_respondents[members].sum())
            log.add(design, "variance_stratum", name, size, "strata_collapsed")
    for position in np.flatnonzero(design.stratum_respondents == 0):
        name = design.areas[position]
        log.add(design, "nonresponse", name, 0, "stratum_empty")
    return groups


def _by_sex(cells: Groups) -> list[Ints]:
    """Calibration cells of each sex, youngest first."""
    sexes = [name.split(":")[1] for name in cells.names]
    return [np.flatnonzero([sex == wanted for sex in sexes]) for wanted in dict.fromkeys(sexes)]


def _ages(bands: Sequence[str]) -> str:
    """`16-24`, `25-34` as `16-34`."""
    return bands[0] if len(bands) == 1 else f"{bands[0].split('-')[0]}-{bands[-1].split('-')[-1]}"
