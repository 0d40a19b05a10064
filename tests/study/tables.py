"""The tables of the page, from the sums of the runs: plain values with the form each column is printed in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.study.counted import DOMAINS, Counted, Mask
from tests.study.plan import SHAPES

Value = str | float | int | None
# Expected persons on the smaller side, n x min(p, 1 - p).
COUNT_CLASSES = ((0, 1), (1, 2), (2, 5), (5, 10), (10, 20), (20, 50), (50, math.inf))
USUAL = 5.0  # the expected count from which coverage has a target
EVEN_SHAPES = tuple(shape.name for shape in SHAPES if shape.name != "unequal")
LEAST = 200  # a ratio of fewer repetitions than this is not printed


@dataclass(frozen=True)
class Table:
    """columns: title and form (text, count, percent, points, ratio); rows: values, None for none."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, title: str) -> list[Value]:
        """The values of one column."""
        place = [name for name, _ in self.columns].index(title)
        return [row[place] for row in self.rows]


def table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Value]]) -> Table:
    """A table with its numbers rounded to what is stored."""
    return Table(tuple(columns), tuple(tuple(_stored(value) for value in row) for row in rows))


def _stored(value: Value) -> Value:
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value


def percent_of(shapes: Sequence[str]) -> list[tuple[str, str]]:
    """A column of percents for each shape."""
    return [(shape, "percent") for shape in shapes]


def class_name(low: float, high: float) -> str:
    return f"{low:g} or more" if math.isinf(high) else f"{low:g}–{high:g}"


def between(run: Counted, low: float, high: float) -> Mask:
    """Cells of proportions with an expected count in [low, high)."""
    inside: Mask = (run.expected >= low) & (run.expected < high)
    return inside


def pooled(
    runs: Sequence[Counted], over: str, under: str, masks: Sequence[Mask], least: float = LEAST
) -> float:
    """Sum of one measure over that of another over several runs; NaN where the latter is small."""
    below = sum(float(run.per_cell(under)[mask].sum()) for run, mask in zip(runs, masks, strict=True))
    if below < least:
        return math.nan
    return sum(float(run.per_cell(over)[mask].sum()) for run, mask in zip(runs, masks, strict=True)) / below


def every_domain(run: Counted) -> Mask:
    """Cells of all domains that are reported."""
    found: Mask = np.logical_or.reduce([run.domain(kind) for kind in DOMAINS])
    return found


def of_level(run: Counted, level: float, kind: str = "municipality") -> Mask:
    """Items of one level in the municipality, in domains of one kind."""
    found: Mask = run.domain(kind) & (run.levels == level)
    return found


def mean_variance_ratio(run: Counted, prefix: str, mask: Mask) -> float:
    """Mean over cells of estimated over true variance."""
    ratios = run.variance_ratios(prefix)[mask]
    return float(np.nanmean(ratios)) if np.isfinite(ratios).any() else math.nan
