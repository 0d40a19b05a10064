"""Tables about weights, variances and intervals."""

from collections.abc import Mapping

import numpy as np

from tests.study.counted import DOMAINS, Counted, Mask
from tests.study.measures import N_EDGES
from tests.study.plan import LEVELS, SHAPES
from tests.study.tables import (
    COUNT_CLASSES,
    EVEN_SHAPES,
    LEAST,
    USUAL,
    Table,
    between,
    class_name,
    every_domain,
    mean_variance_ratio,
    of_level,
    percent_of,
    pooled,
    table,
)

Runs = Mapping[str, Counted]
NAMES = tuple(shape.name for shape in SHAPES)
INTERVALS = (
    ("default", "estimates.covered", "estimates.count"),
    ("R logit", "estimates_r.logit_covered", "estimates_r.given"),
    ("R Wald", "estimates_r.wald_covered", "estimates_r.given"),
    ("R Korn–Graubard", "estimates_r.korn-graubard_covered", "estimates_r.given"),
    ("default with Korn–Graubard", "estimates.korn-graubard_covered", "estimates.count"),
    ("without the bound", "estimates.unbounded_covered", "estimates.count"),
    ("R: no interval", "estimates_r.missing", "estimates_r.count"),
)


def build_interval_tables(runs: Runs) -> dict[str, Table]:
    """Every table of the first half of the page; `runs` by name of the run."""
    plain = {name: runs[f"{name}/register/no_change"] for name in NAMES}
    return {
        "shapes": _shapes(plain),
        "coverage_by_level": _by_level(plain),
        "coverage_by_count": _by_count(plain),
        "coverage_by_n": _by_n(plain),
        "variance": _variance(plain),
        "widths": _widths(plain),
        "shown": _shown(plain),
        "response": _response(runs),
    }


def _shapes(plain: Runs) -> Table:
    columns = [("shape", "text"), ("what it is", "text"), ("inhabitants", "count"), ("drawn", "count")]
    columns += [("answered", "count"), ("Kish deff", "ratio"), ("cut", "percent"), ("bounded", "percent")]
    columns += [("repetitions", "count")]
    rows = []
    for shape in SHAPES:
        run = plain[shape.name]
        count = float(run.sums["weights.count"][0])
        part = {
            name: float(run.sums[f"weights.{name}"][0]) / count
            for name in ("responded", "deff", "trimmed", "bounded")
        }
        drawn = len(shape.areas) * shape.drawn
        repetitions = run.plan.repetitions_of(run.run)
        size = (shape.name, shape.title, sum(shape.areas), drawn, round(part["responded"]))
        rows.append((*size, part["deff"], part["trimmed"], part["bounded"], repetitions))
    return table(columns, rows)


def _by_level(plain: Runs) -> Table:
    """Municipality totals: the default by shape, then each method over all shapes."""
    columns = [("true level", "percent"), *percent_of(NAMES)]
    columns += [(f"all: {name}", "percent") for name, _, _ in INTERVALS]
    rows = []
    for level in LEVELS:
        masks = [of_level(run, level) for run in plain.values()]
        own = [
            run.ratio("estimates.covered", "estimates.count", mask)
            for run, mask in zip(plain.values(), masks, strict=True)
        ]
        every = [pooled(list(plain.values()), over, under, masks) for _, over, under in INTERVALS]
        rows.append((level, *own, *every))
    return table(columns, rows)


def _by_count(plain: Runs) -> Table:
    """All domains, by how many are expected on the smaller side."""
    even = [plain[name] for name in EVEN_SHAPES]
    groups = (("", even), ("unequal: ", [plain["unequal"]]))
    chosen = [INTERVALS[number] for number in (0, 1, 2, 6, 5)]
    columns = [("expected count", "text")]
    columns += [(f"{prefix}{name}", "percent") for prefix, _ in groups for name, _, _ in chosen]
    rows = []
    for low, high in COUNT_CLASSES:
        row: list[str | float] = [class_name(low, high)]
        for _, some in groups:
            masks = [every_domain(run) & between(run, low, high) for run in some]
            row += [pooled(some, over, under, masks) for _, over, under in chosen]
        rows.append(row)
    return table(columns, rows)


def _by_n(plain: Runs) -> Table:
    """By the n a figure turned out to have, where five or more are expected on the smaller side."""
    columns = [("n", "text"), ("all figures", "percent"), ("shown", "percent"), ("R logit", "percent")]
    columns += [("all figures, without the bound", "percent"), ("means", "percent")]
    measures = (
        ("estimates.covered", "estimates.count"),
        ("estimates.shown_covered", "estimates.shown"),
        ("estimates_r.logit_covered", "estimates_r.given"),
        ("estimates.unbounded_covered", "estimates.count"),
    )
    some = list(plain.values())
    usual = [every_domain(run) & (run.expected >= USUAL) for run in some]
    means = [every_domain(run) & ~run.binary for run in some]
    rows = []
    for number in range(2, len(N_EDGES) + 1):
        last = f"{N_EDGES[number] - 1}" if number < len(N_EDGES) else ""
        name = f"{N_EDGES[number - 1]}–{last}" if last else f"{N_EDGES[number - 1]} or more"
        shares = [_pooled_n(some, over, under, usual, number) for over, under in measures]
        of_means = _pooled_n(some, "estimates.covered", "estimates.count", means, number)
        rows.append((name, *shares, of_means))
    return table(columns, rows)


def _pooled_n(some: list[Counted], over: str, under: str, masks: list[Mask], number: int) -> float:
    """The ratio over the rows of one class of n."""
    pairs = list(zip(some, masks, strict=True))
    above, below = (
        sum(float(run.by_n(name)[..., number][mask].sum()) for run, mask in pairs) for name in (over, under)
    )
    return above / below if below >= LEAST else float("nan")


def _variance(plain: Runs) -> Table:
    """Estimated over true variance, and coverage, by shape and kind of domain."""
    columns = [("shape", "text"), ("domain", "text"), ("mean n", "count"), ("E(V)/V default", "ratio")]
    columns += [("E(V)/V R", "ratio"), ("coverage default", "percent"), ("coverage R logit", "percent")]
    columns += [("coverage without the bound", "percent"), ("coverage of means", "percent")]
    rows = []
    for name, run in plain.items():
        for kind in DOMAINS:
            usual, means = run.domain(kind) & (run.expected >= USUAL), run.domain(kind) & ~run.binary
            n = run.ratio("estimates.n", "estimates.count", run.domain(kind))
            ratios = [mean_variance_ratio(run, prefix, usual) for prefix in ("estimates", "estimates_r")]
            shares = [run.ratio(*INTERVALS[number][1:], usual) for number in (0, 1, 5)]
            of_means = run.ratio("estimates.covered", "estimates.count", means)
            rows.append((name, kind, round(n), *ratios, *shares, of_means))
    return table(columns, rows)


def _widths(plain: Runs) -> Table:
    """Mean width of the interval of a municipality total, in percentage points."""
    columns = [("true level", "percent")]
    methods = (
        ("default", "estimates.width", "estimates.count"),
        ("R logit", "estimates_r.logit_width", "estimates_r.given"),
        ("default with Korn–Graubard", "estimates.korn-graubard_width", "estimates.count"),
        ("without the bound", "estimates.unbounded_width", "estimates.count"),
    )
    shapes = ("one", "three", "unequal")
    columns += [(f"{shape}: {name}", "points") for shape in shapes for name, _, _ in methods]
    rows = [
        (
            level,
            *(
                plain[shape].ratio(over, under, of_level(plain[shape], level))
                for shape in shapes
                for _, over, under in methods
            ),
        )
        for level in LEVELS
    ]
    return table(columns, rows)


def _shown(plain: Runs) -> Table:
    """What the publication rule does to municipality totals: how many, how right, how far from the truth.

    Without the smallest shape, which has next to none at low levels.
    """
    columns = [("true level", "percent")]
    columns += [
        (f"{shape}: {name}", form)
        for shape in list(plain)[1:]
        for name, form in (("shown", "percent"), ("covered", "percent"), ("mean/true", "ratio"))
    ]
    rows = []
    for level in LEVELS:
        row: list[float] = [level]
        for run in list(plain.values())[1:]:
            mask = of_level(run, level)
            enough = run.per_cell("estimates.shown")[mask].sum() >= LEAST / 4
            kept = run.ratio("estimates.shown_covered", "estimates.shown", mask) if enough else np.nan
            mean = run.ratio("estimates.shown_value", "estimates.shown", mask) / level if enough else np.nan
            row += [run.ratio("estimates.shown", "estimates.count", mask), kept, mean]
        rows.append(row)
    return table(columns, rows)


def _response(runs: Runs) -> Table:
    """What who answers does: bias of levels 10, 30 and 50 %, coverage, and tests of no change."""
    columns = [("who answers", "text"), ("shape", "text"), ("answered", "count")]
    columns += [(f"bias at {100 * level:g} %", "points") for level in (0.1, 0.3, 0.5)]
    columns += [("coverage", "percent"), ("change test rejects", "percent"), ("any false mark", "percent")]
    rows = []
    for response in ("equal", "register", "answer", "answer_later"):
        for shape in ("one", "three", "ten"):
            run = runs.get(f"{shape}/{response}/no_change")
            if run is None:
                continue
            bias = [
                run.ratio("estimates.value", "estimates.count", of_level(run, level)) - level
                for level in (0.1, 0.3, 0.5)
            ]
            usual = run.domain("municipality") & (run.expected >= USUAL)
            covered = run.ratio("estimates.covered", "estimates.count", usual)
            size = run.ratio("changes.rejected", "changes.tested", usual)
            every = run.families("everything")
            n = run.sums["weights.responded"][0] / run.sums["weights.count"][0]
            rows.append((response, shape, round(n), *bias, covered, size, every["any_false"]))
    return table(columns, rows)
