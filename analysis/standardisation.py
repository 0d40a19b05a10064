"""The change there would have been, had the composition by sex and age stayed as it was. METHODS.md M-22.

Direct standardisation: both waves are weighted to the population of the previous wave by register sex x age
group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Ints, Mask
from analysis.collapse import collapse
from analysis.comparability import passage
from analysis.differences import t_test
from analysis.domains import Sums, municipality_sums
from analysis.keys import MUNICIPALITY, PLACE, TOTAL
from analysis.local_sums import LocalSums
from analysis.packed import equals, find_rows
from analysis.schema import LEGAL_GENDERS, Bundle
from analysis.settings import Settings
from analysis.unions import FEWEST, common_municipalities
from analysis.variance import student_quantile
from analysis.weights import CellWeights, Weighted

KEY = ["wave", "previous_wave", *PLACE, "indicator", "statistic"]
TAKEN = ["n", "n_previous", "df", "p", "change", "released", "reason"]
COLUMNS = [
    *[*KEY, "n", "n_previous", "standardised_previous", "standardised", "change", "se", "df", "p"],
    *["lower", "upper", "plain_change", "composition", "released", "reason"],
]
EMPTY_CELL = "empty_cell"  # nobody of a sex and age in the base: there is nothing to standardise with
Part = tuple[CellWeights, LocalSums]


def standardised_changes(
    weighted: Weighted, sums: Sums, changes: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Changes of the totals at the composition of the previous wave. METHODS.md M-22.

    Args:
        weighted: the weights.
        sums: the domain sums.
        changes: the table of `changes.compare`, nothing emptied: it says what is compared and may be shown.
        settings: level of significance, and the fewest respondents of a cell.

    Returns:
        The columns `COLUMNS`, a row per code (all, municipalities, unions of whole municipalities) and
        indicator, its headline statistic: the two standardised figures, their change with se, df, p, lower
        and upper (p and limits empty where the plain change has no t test), plain_change, and composition
        (plain less standardised change: what the composition did). `released` is 0 where the plain change may
        not be shown, with its reason, and where a sex and age has no answers, with `empty_cell`.
    """
    headline = sums.variables.headline
    totals = changes[equals(changes["gender"], TOTAL) & equals(changes["age_group"], TOTAL)]
    totals = totals.astype(dict.fromkeys(KEY, "str"))
    waves = set(totals["wave"]) | set(totals["previous_wave"])
    parts = {wave: municipality_sums(weighted, sums.variables, wave) for wave in waves}
    tables = []
    codes = totals[[*PLACE, "previous_wave", "wave"]].drop_duplicates()
    for row in codes.itertuples(index=False, name=None):
        geography, code, previous, wave = (str(value) for value in row)
        members = _members(sums, weighted.bundle, geography, code, (previous, wave))
        if members:
            sides = [[parts[one][name] for name in members] for one in (previous, wave)]
            keys = {"geography": geography, "code": code, "previous_wave": previous, "wave": wave}
            tables.append(_standardised(sides, sums, headline, settings).assign(**keys))
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(tables, ignore_index=True)
    table = table.merge(totals[[*KEY, *TAKEN]].rename(columns={"change": "plain_change"}), on=KEY)
    return _tested(table, weighted.bundle, settings)


def hidden_cells(table: pd.DataFrame, estimates: pd.DataFrame) -> Mask:
    """Rows of which a woman's or man's age group is not shown in either wave: the figure would tell of it.

    Args:
        table: the table of `standardised_changes`.
        estimates: what the changes rest on, after `suppression.suppress`.
    """
    cells = estimates[~equals(estimates["gender"], TOTAL) & ~equals(estimates["age_group"], TOTAL)]
    hidden = cells.loc[cells["released"].eq(0), ["wave", *KEY[2:]]].drop_duplicates()
    found = np.zeros(len(table), dtype=bool)
    for wave in ("wave", "previous_wave"):
        found |= find_rows(table, [wave, *KEY[2:]], hidden, ["wave", *KEY[2:]]) >= 0
    return found


def _members(sums: Sums, bundle: Bundle, geography: str, code: str, waves: Sequence[str]) -> tuple[str, ...]:
    """The municipalities of a code in both waves; none when it is not made of whole ones.

    Nor when a wave is known only as published.
    """
    whole = {(block.wave, block.code): block for block in sums.blocks if block.geography == MUNICIPALITY}
    if geography == MUNICIPALITY:
        return (code,) if all((wave, code) in whole for wave in waves) else ()
    for wave in waves:
        inside = sums.parts.get((wave, geography, code), {})
        if any(block.values is not whole[wave, name].values for name, block in inside.items()):
            return ()
    common, left_out = common_municipalities(sums, bundle, geography, code, waves)
    return tuple(sorted(common)) if not left_out or len(common) >= FEWEST else ()


def _standardised(sides: list[list[Part]], sums: Sums, headline: Ints, settings: Settings) -> pd.DataFrame:
    """Both waves of one code at the previous one's composition: an entry per indicator."""
    group, population = _composition(sides, len(sums.ages) - 1, settings)
    share = population / population.sum()
    figures = [_Wave(parts, group, headline) for parts in sides]
    (before, variance_before), (now, variance) = (one.figures(share) for one in figures)
    names = [one.indicator for one in sums.variables.measured]
    return pd.DataFrame(
        {
            "indicator": names,
            "statistic": [sums.variables.statistic[at] for at in headline],
            "standardised_previous": before,
            "standardised": now,
            "change": now - before,
            "se": np.sqrt(np.maximum(variance + variance_before, 0.0)),
        }
    )


def _composition(sides: list[list[Part]], ages: int, settings: Settings) -> tuple[Ints, Floats]:
    """Group of each register sex x age group, and the previous wave's population of the groups.

    Within each sex, age groups join the next older until they hold `cell_minimum` respondents in both waves.
    """
    sexes = len(LEGAL_GENDERS)
    people = np.zeros((sexes * ages, len(sides)))
    for number, parts in enumerate(sides):
        for part, local in parts:
            place = part.design.gender * ages + local.age
            people[:, number] += np.bincount(place, part.design.respondents, minlength=sexes * ages)
    groups = [
        collapse(
            people[sex * ages : (sex + 1) * ages], lambda reached: reached.min() >= settings.cell_minimum
        )
        for sex in range(sexes)
    ]
    first = np.r_[0, np.cumsum([group.max() + 1 for group in groups])]
    group = np.concatenate([one + first[sex] for sex, one in enumerate(groups)]).astype(np.int64)
    population = np.zeros(first[-1])
    for part, local in sides[0]:
        known = _population(part, local, ages)
        population += np.bincount(group, known, minlength=len(population))
    return group, population


def _population(part: CellWeights, local: LocalSums, ages: int) -> Floats:
    """Known persons of a municipality by register sex x reporting age group."""
    counted = np.zeros(len(LEGAL_GENDERS) * ages)
    age_of_band = local.age_of_band
    for sex, by_band in enumerate(part.design.population):
        counted[sex * ages : (sex + 1) * ages] = np.bincount(age_of_band, by_band, minlength=ages)
    return counted


@dataclass(frozen=True)
class _Wave:
    """One wave of a code: its municipalities, the group of each sex x age group, the variables wanted."""

    parts: list[Part]
    group: Ints
    headline: Ints

    def figures(self, share: Floats) -> tuple[Floats, Floats]:
        """Standardised figure and its variance, of each variable; missing where a group has no answers."""
        cells = list(self._cells())
        size = np.sum([membership @ (w[:, None] * m) for membership, w, _, _, m, _ in cells], axis=0)
        total = np.sum([membership @ (w[:, None] * y) for membership, w, y, _, _, _ in cells], axis=0)
        size = np.where(size > 0, size, np.nan)
        p = total / size
        variance = np.zeros(len(self.headline))
        for membership, _, y, y2, m, local in cells:
            scale = membership.T @ np.nan_to_num(share[:, None] / size)
            level = membership.T @ np.nan_to_num(p)
            u = scale * (y - level * m)
            u2 = scale**2 * (y2 - 2 * level * y + level**2 * m)
            variance += local.forms.v0 @ u2 + (u * (local.forms.Q @ u)).sum(axis=0)
        figure: Floats = share @ p
        return figure, np.where(np.isnan(figure), np.nan, variance)

    def _cells(self) -> Iterator[tuple[Floats, Floats, Floats, Floats, Floats, LocalSums]]:
        """Of each municipality: groups x cells membership, weights, sums, sums of squares, bases."""
        ages = len(self.group) // len(LEGAL_GENDERS)
        count = int(self.group.max()) + 1
        for part, local in self.parts:
            mine = self.group[part.design.gender * ages + local.age]
            membership = (np.arange(count)[:, None] == mine).astype(np.float64)
            yield membership, local.forms.weight, *local.sums_of(0, self.headline), local


def _tested(table: pd.DataFrame, bundle: Bundle, settings: Settings) -> pd.DataFrame:
    """Bridges, t test and limits, and what may be shown; nothing across a break."""
    way = passage(table, bundle)
    table.loc[way.broken, ["standardised_previous", "standardised", "change", "se"]] = np.nan
    table["standardised_previous"] += way.bridge
    table["change"] -= way.bridge
    table["se"] = np.sqrt(table["se"].to_numpy(float) ** 2 + way.bridge_se**2)
    empty = table["change"].isna() & table["released"].eq(1)
    table["reason"] = table["reason"].astype("str").where(~empty, EMPTY_CELL)
    table["released"] = table["released"].where(~empty, 0)
    df, se, change = (table[name].to_numpy(float) for name in ("df", "se", "change"))
    tested = table["p"].notna().to_numpy() & (se > 0)
    half = student_quantile(df, settings.confidence) * se
    table["p"] = t_test(change, se, df, tested)
    table["lower"], table["upper"] = (
        np.where(tested, change - half, np.nan),
        np.where(tested, change + half, np.nan),
    )
    table["composition"] = table["plain_change"] - table["change"]
    return table[COLUMNS]
