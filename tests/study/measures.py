"""From a bundle to sums: what happened, counted cell by cell, so that batches and processes add up.

A cell is place x gender x age group x item x class of n. Every measure of the tables is a ratio of these.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import changes, disclosure, domains, estimates, weights
from analysis.gaps import compare_gaps
from analysis.indicators import headline_statistics
from analysis.schema import Bundle
from analysis.settings import Settings
from analysis.variance import proportion_interval, student_quantile, wilson
from tests.study.plan import WAVES
from tests.study.populations import DOMAIN_AGES, DOMAIN_GENDERS, Floats, Ints, Population

Sums = dict[str, Floats]
Flags = npt.NDArray[np.bool_]
Values = npt.NDArray[np.generic]

N_EDGES = (20, 30, 50, 100, 200, 500, 1000)  # classes of n: below 20, 20 to 29, 30 to 49, ...
VERDICTS = ("up", "down", "unchanged", "too_uncertain", "not_comparable")
# Kinds of families (headline: Holm; the rest: Benjamini-Hochberg), and all those of one code together.
KINDS = ("all", "gender", "age", "gender and age", "headline", "everything")
NORMAL = 1.959964

DEFAULT = Settings.default()
# R's method on the product's age groups: both are judged on the same cells. Its intervals are made below.
IN_R = replace(Settings.reference(), reporting_age_groups=DEFAULT.reporting_age_groups, interval="wald")
FEWER = replace(DEFAULT, degrees="satterthwaite")
BY_SATTERTHWAITE = "satterthwaite."  # before the names of what is counted with these degrees of freedom
R_INTERVALS = ("logit", "wald", "korn-graubard")


def measure(population: Population, bundle: Bundle, with_r: bool = False) -> Sums:
    """Everything counted on one bundle; names begin with the table they belong to.

    Args:
        population: the truth.
        bundle: samples of it, as `fieldwork.ask` gives them.
        with_r: measure R's method beside the default.
    """
    weighted = weights.weigh(bundle, DEFAULT)
    sums = domains.sum_domains(weighted)
    table = disclosure.screen(estimates.estimate(weighted, sums=sums), bundle, DEFAULT)
    pairs = changes.previous_waves(table)
    compared = changes.compare(table, bundle, DEFAULT, pairs)
    gaps = compare_gaps(estimates.gender_gaps(weighted, sums), bundle, pairs)
    found = {
        **_weights(weighted),
        **_estimates(population, bundle, table),
        **_changes(population, bundle, compared),
        **_families(population, bundle, compared),
        **_gaps(population, disclosure.protect_gaps(gaps, table)),
        **_by_satterthwaite(population, replace(weighted, settings=FEWER), sums, pairs),
    }
    if with_r:
        found.update(_in_r(population, bundle))
    return found


def add(total: Sums, part: Sums) -> Sums:
    """Sums of two batches."""
    return {name: total[name] + values for name, values in part.items()} if total else part


def shape_of(population: Population) -> tuple[int, ...]:
    """Places, genders, ages, items, classes of n."""
    return (*population.truth.shape[1:], len(N_EDGES) + 1)


def _by_satterthwaite(
    population: Population, weighted: weights.Weighted, sums: domains.Sums, pairs: pd.DataFrame
) -> Sums:
    """Coverage, tests and marks with the other degrees of freedom."""
    bundle = weighted.bundle
    table = disclosure.screen(estimates.estimate(weighted, sums=sums), bundle, FEWER)
    compared = changes.compare(table, bundle, FEWER, pairs)
    cells = _Cells(population, bundle, table)
    covered = cells.covered(cells.numbers("lower"), cells.numbers("upper"))
    found = {
        **cells.add_up({"covered": covered}, "estimates"),
        **_changes(population, bundle, compared),
        **_families(population, bundle, compared),
    }
    return {BY_SATTERTHWAITE + name: values for name, values in found.items()}


def _in_r(population: Population, bundle: Bundle) -> Sums:
    weighted = weights.weigh(bundle, IN_R)
    table = disclosure.screen(estimates.estimate(weighted), bundle, IN_R)
    compared = changes.compare(table, bundle, IN_R, changes.previous_waves(table))
    return {
        **_estimates_in_r(population, bundle, table),
        **_changes_in_r(population, bundle, compared),
    }


class _Cells:
    """The rows of a table that are headline statistics of a known domain, and the cell of each."""

    def __init__(
        self, population: Population, bundle: Bundle, table: pd.DataFrame, by_default: bool = True
    ) -> None:
        self.by_default = by_default
        headline = headline_statistics(bundle)
        place = _place(table["code"])
        gender, age = _position(table["gender"], DOMAIN_GENDERS), _position(table["age_group"], DOMAIN_AGES)
        names = [item.name for item in population.items]
        item = _position(table["indicator"], names)
        statistic = _position(table["statistic"], ("proportion", "mean"))
        wanted = np.array([("proportion", "mean").index(headline[name]) for name in names])
        # A domain that few belong to may have nobody in it: no answers, no figure, no row here.
        keep = (place >= 0) & (gender >= 0) & (age >= 0) & (statistic == wanted[item])
        keep &= (table["n"] > 0).to_numpy()
        if "n_previous" in table:
            keep &= (table["n_previous"] > 0).to_numpy()
        self.table = table[keep]
        place, gender, age, item = (part[keep] for part in (place, gender, age, item))
        n = self.table["n"].to_numpy()
        if "n_previous" in table:
            n = np.minimum(n, self.table["n_previous"].to_numpy())
        self.shape = shape_of(population)
        self.cell = np.ravel_multi_index(
            (place, gender, age, item, np.searchsorted(N_EDGES, n, side="right")), self.shape
        )
        wave = _position(self.table["wave"], WAVES)
        self.truth = population.truth[wave, place, gender, age, item]
        self.true_change = self.truth - population.truth[0, place, gender, age, item]
        self.true_change[np.abs(self.true_change) < 1e-12] = 0.0
        self.kind = (gender > 0) + 2 * (age > 0)
        declared = np.array([one.headline for one in population.items])
        self.kind = np.where(declared[item] & (self.kind == 0), 4, self.kind)
        self.area = (place > 0).astype(np.int64)
        self.share: Flags = (self.table["statistic"] == "proportion").to_numpy()

    def numbers(self, name: str) -> Floats:
        """A column as numbers."""
        return self.table[name].to_numpy(dtype=np.float64)

    def covered(self, lower: Floats, upper: Floats) -> Flags:
        """Whether limits hold the true figure; missing limits hold nothing."""
        inside: Flags = (lower <= self.truth) & (self.truth <= upper)
        return inside

    def add_up(self, values: dict[str, Values], prefix: str) -> Sums:
        """The sum of each array over every cell."""
        size = int(np.prod(self.shape))
        return {
            f"{prefix}.{name}": np.bincount(self.cell, weights=part.astype(float), minlength=size)
            for name, part in values.items()
        }


def _position(column: pd.Series, names: tuple[str, ...] | list[str]) -> Ints:
    """Position of each value among the names, -1 when it is none of them."""
    packed = column.astype("category")
    known = {name: number for number, name in enumerate(names)}
    of_category = np.array([known.get(str(one), -1) for one in packed.cat.categories], dtype=np.int64)
    found: Ints = of_category[packed.cat.codes.to_numpy()]
    return found


def _place(code: pd.Series) -> Ints:
    """0 for a municipality (k00012), the number of the area for an area (k00012-3), -1 for everything."""
    packed = code.astype("category")
    names = [str(one) for one in packed.cat.categories]
    of_category = [int(one.partition("-")[2] or 0) if one.startswith("k") else -1 for one in names]
    found: Ints = np.array(of_category, dtype=np.int64)[packed.cat.codes.to_numpy()]
    return found


def _moments(cells: _Cells, figure: str) -> dict[str, Values]:
    value, se = cells.numbers(figure), cells.numbers("se")
    return {"count": np.ones(len(se)), "value": value, "squares": value**2, "variance": se**2}


def _estimates(population: Population, bundle: Bundle, table: pd.DataFrame) -> Sums:
    """Intervals of the default profile, with Korn-Graubard on the same weights and variances beside."""
    cells = _Cells(population, bundle, table)
    n, lower, upper = (cells.numbers(name) for name in ("n", "lower", "upper"))
    shown, covered = cells.numbers("released") == 1, cells.covered(lower, upper)
    values = {
        **_moments(cells, "estimate"),
        "n": n,
        "covered": covered,
        "too_low": upper < cells.truth,
        "too_high": lower > cells.truth,
        "width": upper - lower,
        "shown": shown,
        "shown_covered": shown & covered,
        "shown_value": np.where(shown, cells.numbers("estimate"), 0.0),
        **_alternatives(cells, {"korn-graubard": replace(DEFAULT, interval="korn-graubard")}),
        **_unbounded(cells),
    }
    return cells.add_up(values, "estimates")


def _alternatives(cells: "_Cells", methods: dict[str, Settings]) -> dict[str, Values]:
    """Other intervals of the same figures; R has none at 0 and 1, where the default has one."""
    figures = (cells.numbers(name) for name in ("estimate", "se", "n", "n_eff", "df"))
    p, se, n, n_eff, df = (part[cells.share] for part in figures)
    given = np.ones(len(p), dtype=bool) if cells.by_default else (p > 0) & (p < 1) & (se > 0)
    rows = np.flatnonzero(cells.share)[given]
    there = np.isin(np.arange(len(cells.share)), rows)
    values: dict[str, Values] = {"given": there, "missing": cells.share & ~there}
    for name, settings in methods.items():
        limits = proportion_interval(*(part[given] for part in (p, se, n, n_eff, df)), settings)
        lower, upper = np.full(len(cells.share), np.nan), np.full(len(cells.share), np.nan)
        lower[rows], upper[rows] = limits
        values[f"{name}_covered"] = cells.covered(lower, upper)
        values[f"{name}_width"] = np.nan_to_num(upper - lower)
    return values


def _unbounded(cells: "_Cells") -> dict[str, Values]:
    """The default's intervals, were n_eff never limited by the weights."""
    lower, upper = cells.numbers("lower").copy(), cells.numbers("upper").copy()
    p, se, n, df = (cells.numbers(name) for name in ("estimate", "se", "n", "df"))
    rows = np.flatnonzero(cells.share & (se > 0))
    p, se, n, df = (part[rows] for part in (p, se, n, df))
    quantile = student_quantile(df, DEFAULT.confidence)
    lower[rows], upper[rows] = wilson(p, np.minimum(n, p * (1 - p) / se**2), quantile)
    return {"unbounded_covered": cells.covered(lower, upper), "unbounded_width": upper - lower}


def _estimates_in_r(population: Population, bundle: Bundle, table: pd.DataFrame) -> Sums:
    """R's three intervals; at 0 and 1 there is none, or one of width 0: missing, not missed."""
    cells = _Cells(population, bundle, table, by_default=False)
    methods = {name: replace(IN_R, interval=name) for name in R_INTERVALS}
    means = ~cells.share & cells.covered(cells.numbers("lower"), cells.numbers("upper"))
    values = {**_moments(cells, "estimate"), "mean_covered": means, **_alternatives(cells, methods)}
    return cells.add_up(values, "estimates_r")


def _changes(population: Population, bundle: Bundle, table: pd.DataFrame) -> Sums:
    """Tests, intervals and verdicts; `shown` where both figures may be shown."""
    cells = _Cells(population, bundle, table)
    lower, upper, p = (cells.numbers(name) for name in ("lower", "upper", "p"))
    shown, tested = cells.numbers("released") == 1, ~np.isnan(p)
    rejected = tested & (np.nan_to_num(p, nan=1.0) <= DEFAULT.thresholds.alpha)
    covered = (lower <= cells.true_change) & (cells.true_change <= upper)
    verdict = _position(cells.table["verdict"], VERDICTS)
    rare = cells.share & ~tested  # no t test: MOVER-Wilson
    values = {
        **_moments(cells, "change"),
        "tested": tested,
        "rejected": rejected,
        "covered": covered,
        "rare": rare,
        "rare_covered": rare & covered,
        "width": upper - lower,
        "shown": shown,
        "shown_covered": shown & covered,
        "shown_tested": shown & tested,
        "shown_rejected": shown & rejected,
        "detectable": np.where(shown, cells.numbers("detectable_change"), 0.0),
        **{name: shown & (verdict == number) for number, name in enumerate(VERDICTS)},
        **{f"any_{name}": verdict == number for number, name in enumerate(VERDICTS)},
    }
    return cells.add_up(values, "changes")


def _changes_in_r(population: Population, bundle: Bundle, table: pd.DataFrame) -> Sums:
    """A t test everywhere, before and after Benjamini-Hochberg over the whole table."""
    cells = _Cells(population, bundle, table)
    lower, upper, p, adjusted = (cells.numbers(name) for name in ("lower", "upper", "p", "p_adjusted"))
    values = {
        **_moments(cells, "change"),
        "tested": ~np.isnan(p),
        "rejected": np.nan_to_num(p, nan=1.0) <= DEFAULT.thresholds.alpha,
        "marked": np.nan_to_num(adjusted, nan=1.0) <= DEFAULT.thresholds.alpha,
        "covered": (lower <= cells.true_change) & (cells.true_change <= upper),
    }
    return cells.add_up(values, "changes_r")


def _families(population: Population, bundle: Bundle, table: pd.DataFrame) -> Sums:
    """Marks and false marks of each family (code x kind), summed by area or not, and kind."""
    cells = _Cells(population, bundle, table)
    shown = (cells.numbers("released") == 1) & ~np.isnan(cells.numbers("p"))
    marked = shown & cells.table["verdict"].isin(["up", "down"]).to_numpy()
    false = marked & (cells.true_change == 0)
    code = pd.factorize(cells.table["code"])[0]
    total = {}
    for kind in (cells.kind, np.full(len(code), KINDS.index("everything"))):
        part = _family_sums(code * len(KINDS) + kind, cells.area * len(KINDS) + kind, shown, marked, false)
        total = add(total, part)
    return total


def _family_sums(family: Ints, group: Ints, shown: Flags, marked: Flags, false: Flags) -> Sums:
    """Sums over the families of each group (municipality or area x kind)."""
    size = int(family.max(initial=-1)) + 1
    rows, marks, wrong = (np.bincount(family[part], minlength=size) for part in (shown, marked, false))
    of_family = np.zeros(size, dtype=np.int64)
    of_family[family] = group
    values = {
        "families": rows > 0,
        "rows": rows,
        "marks": marks,
        "false": wrong,
        "any_mark": marks > 0,
        "any_false": wrong > 0,
        "false_share": wrong / np.maximum(marks, 1),
    }
    groups = 2 * len(KINDS)
    return {
        f"families.{name}": np.bincount(of_family, weights=part.astype(float), minlength=groups)
        for name, part in values.items()
    }


def _weights(weighted: weights.Weighted) -> Sums:
    """Weighted municipalities and what weighting did to them."""
    table = weighted.summary
    values = {
        "count": len(table),
        "responded": table["responded"].sum(),
        "deff": table["deff_after"].sum(),
        "trimmed": (table["trimmed_share"] > 0).sum(),
        "bounded": (table["method"] == "logit").sum(),
        "one_margin": (table["method"] == "poststratification").sum(),
    }
    return {f"weights.{name}": np.array([float(value)]) for name, value in values.items()}


def _gaps(population: Population, gaps: pd.DataFrame) -> Sums:
    """Gaps of the municipality that may be shown, those of them with a standard error, and their change."""
    shown = gaps[(gaps["geography"] == "municipality").to_numpy() & gaps["gap"].notna().to_numpy()]
    names = [one.name for one in population.items]
    size = len(names)
    here = shown[shown["se"].notna()]
    item = _position(here["indicator"], names)
    wave = _position(here["wave"], WAVES)
    sides = population.truth[wave, 0, :, 0, item]
    gap, se, p = (here[name].to_numpy(dtype=np.float64) for name in ("gap", "se", "p"))
    truth = sides[:, DOMAIN_GENDERS.index("woman")] - sides[:, DOMAIN_GENDERS.index("man")]
    values = {
        "count": np.ones(len(gap)),
        "value": gap,
        "squares": gap**2,
        "variance": se**2,
        "covered": np.abs(gap - truth) <= NORMAL * se,
        "tested": ~np.isnan(p),
        "rejected": np.nan_to_num(p, nan=1.0) <= DEFAULT.thresholds.alpha,
    }
    found = {
        f"gaps.{name}": np.bincount(item, weights=part.astype(float), minlength=size)
        for name, part in values.items()
    }
    every = np.bincount(_position(shown["indicator"], names), minlength=size)
    return {**found, "gaps.shown": every.astype(float)}
