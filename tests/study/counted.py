"""The sums of one run as an array over its cells, and the ratios the tables are made of."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tests.study.measures import KINDS, Sums, shape_of
from tests.study.plan import Item, Plan, Run
from tests.study.populations import Floats, Population, build

Mask = npt.NDArray[np.bool_]
# Kinds of domains: which places (0 the municipality), genders (0 both) and ages (0 all) they are.
DOMAINS = ("municipality", "gender", "age", "gender and age", "area", "area by gender or age")


@lru_cache(maxsize=32)
def _population(run: Run, plan: Plan) -> Population:
    return build(run, plan)


class Counted:
    """One run.

    Attributes:
        run, plan, items: what was done.
        truth: places x genders x ages x items in the first wave; `truth_after` in the second.
        expected: mean number of persons on the smaller side of each cell, n x min(p, 1 - p); NaN for means.
    """

    def __init__(self, run: Run, plan: Plan, sums: Sums) -> None:
        population = _population(run, plan)
        self.run, self.plan, self.sums = run, plan, sums
        self.shape = shape_of(population)
        self.items: tuple[Item, ...] = population.items
        self.truth, self.truth_after = population.truth
        self.binary = np.array([item.binary for item in self.items])
        self.levels = np.array([item.before[-1] if item.binary else np.nan for item in self.items])
        mean_n = self.per_cell("estimates.n") / np.maximum(self.per_cell("estimates.count"), 1)
        smaller = np.minimum(self.truth, 1 - self.truth)
        self.expected = np.where(self.binary, mean_n * smaller, np.nan)

    def by_n(self, name: str) -> Floats:
        """A sum over every cell: places x genders x ages x items x classes of n."""
        return self.sums[name].reshape(self.shape)

    def per_cell(self, name: str) -> Floats:
        """A sum over every cell, all n together."""
        return self.by_n(name).sum(axis=-1)

    def domain(self, kind: str) -> Mask:
        """Cells of one kind of domain: places x genders x ages x items."""
        place, gender, age, _ = np.indices(self.shape[:4])
        total = {
            "municipality": (place == 0) & (gender == 0) & (age == 0),
            "gender": (place == 0) & (gender > 0) & (age == 0),
            "age": (place == 0) & (gender == 0) & (age > 0),
            "gender and age": (place == 0) & (gender > 0) & (age > 0),
            "area": (place > 0) & (gender == 0) & (age == 0),
            "area by gender or age": (place > 0) & ((gender > 0) ^ (age > 0)),
        }
        found: Mask = total[kind]
        return found

    def ratio(self, over: str, under: str, where: Mask) -> float:
        """Sum of one measure over that of another, over some cells; NaN when there is nothing."""
        below = float(self.per_cell(under)[where].sum())
        return float(self.per_cell(over)[where].sum()) / below if below else float("nan")

    def families(self, kind: str, areas: bool = False, way: str = "") -> dict[str, float]:
        """Of the families of one kind: share with any (false) mark, mean share of false marks among marks,
        and false marks per tested row; NaN where there is none. `way` stands before the names of the sums."""
        at = KINDS.index(kind) + areas * len(KINDS)
        part = {
            name: float(self.sums[f"{way}families.{name}"][at])
            for name in ("families", "rows", "false", "any_mark", "any_false", "false_share")
        }
        count, rows = part["families"] or np.nan, part["rows"] or np.nan
        shares = {name: part[name] / count for name in ("any_mark", "any_false", "false_share")}
        return {**shares, "false_rows": part["false"] / rows, "families": part["families"]}

    def variance_ratios(self, table: str) -> Floats:
        """Mean estimated variance over the variance seen between repetitions, of every cell."""
        count, value = self.per_cell(f"{table}.count"), self.per_cell(f"{table}.value")
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = (self.per_cell(f"{table}.squares") - value**2 / count) / (count - 1)
            ratios: Floats = np.where(count > 30, self.per_cell(f"{table}.variance") / count / seen, np.nan)
        return ratios
