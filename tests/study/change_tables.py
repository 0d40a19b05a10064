"""Tables about changes: tests, families, verdicts, gaps; and the targets, which gather the whole."""

import math
from collections.abc import Mapping

import numpy as np

from tests.study.counted import DOMAINS, Counted, Mask
from tests.study.measures import BY_SATTERTHWAITE, KINDS, VERDICTS
from tests.study.plan import CHANGES, LEVELS, SHAPES, UNCHANGED
from tests.study.tables import (
    COUNT_CLASSES,
    EVEN_SHAPES,
    LEAST,
    USUAL,
    Table,
    Value,
    between,
    class_name,
    every_domain,
    of_level,
    percent_of,
    pooled,
    table,
)

Runs = Mapping[str, Counted]
NAMES = tuple(shape.name for shape in SHAPES)


def build_change_tables(runs: Runs) -> dict[str, Table]:
    """Every table of the second half of the page, and the targets."""
    null = {name: runs[f"{name}/register/no_change"] for name in NAMES}
    moved = {name: runs[f"{name}/register/changes"] for name in NAMES}
    return {
        "targets": _targets(null, moved),
        "size": _size(null),
        "size_by_count": _size_by_count(null),
        "false_marks": _false_marks(null, moved),
        "degrees": _degrees(null, moved),
        "verdicts": _verdicts(moved),
        "doublings": _doublings(moved),
        "gaps": _gaps(null),
    }


def _enough(run: Counted, over: str, under: str, mask: Mask) -> float:
    return pooled([run], over, under, [mask])


def _size(null: Runs) -> Table:
    """Municipality totals without change: how often the test at 5 % rejects."""
    columns = [("true level", "percent"), *percent_of(NAMES)]
    columns += [(f"R: {name}", "percent") for name in NAMES]
    rows = []
    for level in LEVELS:
        masks = {name: of_level(run, level) for name, run in null.items()}
        own = [_enough(null[name], "changes.rejected", "changes.tested", masks[name]) for name in NAMES]
        r = [_enough(null[name], "changes_r.rejected", "changes_r.tested", masks[name]) for name in NAMES]
        rows.append((level, *own, *r))
    return table(columns, rows)


def _size_by_count(null: Runs) -> Table:
    """All domains without change, by expected count: tests and intervals of the change."""
    measures = (
        ("t test made", "changes.tested", "changes.count"),
        ("rejects", "changes.rejected", "changes.tested"),
        ("interval covers 0", "changes.covered", "changes.count"),
        ("MOVER covers 0", "changes.rare_covered", "changes.rare"),
        ("R rejects", "changes_r.rejected", "changes_r.tested"),
    )
    groups = (("", [null[name] for name in EVEN_SHAPES]), ("unequal: ", [null["unequal"]]))
    columns = [("expected count", "text")]
    columns += [(f"{prefix}{name}", "percent") for prefix, _ in groups for name, _, _ in measures]
    rows = []
    for low, high in COUNT_CLASSES:
        row: list[Value] = [class_name(low, high)]
        for _, some in groups:
            masks = [every_domain(run) & between(run, low, high) for run in some]
            row += [pooled(some, over, under, masks) for _, over, under in measures]
        rows.append(row)
    return table(columns, rows)


def _false_marks(null: Runs, moved: Runs) -> Table:
    """Families without any change: how many have a mark; where half changed: false marks among marks."""
    columns = [("code", "text"), ("family", "text")]
    columns += [(f"any false mark: {name}", "percent") for name in NAMES]
    columns += [(f"false among marks: {name}", "percent") for name in NAMES]
    rows = []
    for areas in (False, True):
        for kind in KINDS:
            any_false = [_of_families(run, kind, areas, "any_false") for run in null.values()]
            share = [_of_families(run, kind, areas, "false_share") for run in moved.values()]
            if np.isfinite([*any_false, *share]).any():
                rows.append(("area" if areas else "municipality", kind, *any_false, *share))
    return table(columns, rows)


def _degrees(null: Runs, moved: Runs) -> Table:
    """The default's degrees of freedom beside Satterthwaite's: false marks, and what they cost."""
    measures = ("any false mark", "test rejects", "intervals cover", "true changes marked")
    ways = (("members", ""), ("Satterthwaite", BY_SATTERTHWAITE))
    columns = [("shape", "text")]
    columns += [(f"{name}: {way}", "percent") for name in measures for way, _ in ways]
    rows = []
    for name in NAMES:
        total = null[name].domain("municipality") & (null[name].expected >= USUAL)
        changed = moved[name].domain("municipality") & np.logical_or.reduce(
            [_moved(moved[name], before, after) for before, after in CHANGES]
        )
        row: list[Value] = [name]
        row += [_per_family({name: null[name]}, "any_false", way)[0] for _, way in ways]
        for over, under in (("changes.rejected", "changes.tested"), ("estimates.covered", "estimates.count")):
            row += [null[name].ratio(way + over, under, total) for _, way in ways]
        row += [
            sum(
                moved[name].ratio(f"{way}changes.{word}", f"{way}changes.shown", changed)
                for word in ("up", "down")
            )
            for _, way in ways
        ]
        rows.append(row)
    return table(columns, rows)


def _of_families(run: Counted, kind: str, areas: bool, measure: str) -> float:
    found = run.families(kind, areas)
    return found[measure] if found["families"] >= LEAST else math.nan


def _verdicts(moved: Runs) -> Table:
    """What is said of municipality totals that may be shown, by what truly happened."""
    columns = [("shape", "text"), ("before", "percent"), ("after", "percent"), ("shown", "percent")]
    columns += [(name, "percent") for name in VERDICTS[:4]] + [("detectable", "points")]
    rows = []
    for name, run in moved.items():
        for before, after in (*CHANGES, *((level, level) for level in UNCHANGED)):
            mask = run.domain("municipality") & _moved(run, before, after)
            said = [_enough(run, f"changes.{verdict}", "changes.shown", mask) for verdict in VERDICTS[:4]]
            shown = run.ratio("changes.shown", "changes.count", mask)
            detectable = _enough(run, "changes.detectable", "changes.shown", mask)
            rows.append((name, before, after, shown, *said, detectable))
    return table(columns, rows)


def _moved(run: Counted, before: float, after: float) -> Mask:
    """Items that went from one level to another."""
    pairs = [(item.before[-1], item.after[-1]) if item.binary else None for item in run.items]
    found: Mask = np.array([pair == (before, after) for pair in pairs])
    return found


def _doublings(moved: Runs) -> Table:
    """How often a true doubling from 2 % and a true halving from 4 % are called unchanged."""
    columns = [("domain", "text")]
    for word in ("doubling", "halving"):
        columns += [(f"{word}: {name}", "percent") for name in NAMES]
    rows = []
    for kind in DOMAINS:
        row: list[Value] = [kind]
        for before, after in ((0.02, 0.04), (0.04, 0.02)):
            for run in moved.values():
                mask = run.domain(kind) & _moved(run, before, after)
                row.append(_enough(run, "changes.any_unchanged", "changes.count", mask))
        rows.append(row)
    return table(columns, rows)


def _gaps(null: Runs) -> Table:
    """Gap between women and men of municipality totals that may be shown."""
    columns = [("shape", "text"), ("without standard error", "percent"), ("E(V)/V", "ratio")]
    columns += [("coverage, 5 % and more", "percent")]
    columns += [("coverage, below 5 %", "percent"), ("change test rejects", "percent")]
    rows = []
    for shape, run in null.items():
        part = {key.removeprefix("gaps."): sums for key, sums in run.sums.items() if key.startswith("gaps.")}
        usual = ~(run.levels < 0.05)
        enough = usual & (part["count"] >= LEAST)
        count, value, squares, variance = (
            part[name][enough] for name in ("count", "value", "squares", "variance")
        )
        seen = (squares - value**2 / count) / (count - 1)
        ratio = float((variance / count / seen).mean()) if enough.any() else math.nan
        shares = [_share(part["covered"], part["count"], mask) for mask in (usual, ~usual)]
        without = 1 - _share(part["count"], part["shown"], np.ones_like(usual))
        rows.append((shape, without, ratio, *shares, _share(part["rejected"], part["tested"], usual)))
    return table(columns, rows)


def _share(over: np.ndarray, under: np.ndarray, mask: Mask) -> float:
    below = float(under[mask].sum())
    return float(over[mask].sum()) / below if below >= LEAST else math.nan


def _targets(null: Runs, moved: Runs) -> Table:
    """Each promise against what was found, by shape."""
    usual = {name: run.expected >= USUAL for name, run in null.items()}
    total = {name: run.domain("municipality") for name, run in null.items()}

    def each(over: str, under: str, masks: Mapping[str, Mask]) -> list[float]:
        return [null[name].ratio(over, under, masks[name]) for name in NAMES]

    def family(measure: str) -> list[float]:
        return [null[name].families("everything")[measure] for name in NAMES]

    totals = {name: usual[name] & total[name] for name in NAMES}
    below = {name: (null[name].expected < USUAL) & total[name] for name in NAMES}
    every = {name: usual[name] & every_domain(null[name]) for name in NAMES}
    doublings = [
        _enough(
            moved[name],
            "changes.any_unchanged",
            "changes.count",
            every_domain(moved[name]) & _moved(moved[name], 0.02, 0.04),
        )
        for name in NAMES
    ]
    gaps = [float(value or np.nan) for value in _gaps(null).column("change test rejects")]
    estimate, shown = ("estimates.covered", "estimates.count"), ("estimates.shown_covered", "estimates.shown")
    unbounded = ("estimates.unbounded_covered", "estimates.count")
    rejected, r = ("changes.rejected", "changes.tested"), "estimates_r"
    rows = [
        _target("Intervals cover: totals, expected count 5 or more", 0.93, 0.97, each(*estimate, totals)),
        _target("– all domains, expected count 5 or more", 0.93, 0.97, each(*estimate, every)),
        _target("– of these, figures that are shown", 0.93, 0.97, each(*shown, every)),
        _target("– totals, R's logit interval", None, None, each(f"{r}.logit_covered", f"{r}.given", totals)),
        _target("– totals, without the bound on n_eff", None, None, each(*unbounded, totals)),
        _target("– totals, expected count below 5", None, None, each(*estimate, below)),
        _target("The test of no change rejects: totals", 0.03, 0.07, each(*rejected, totals)),
        _target("– all domains", 0.03, 0.07, each(*rejected, every)),
        _target("– totals, R", None, None, each("changes_r.rejected", "changes_r.tested", totals)),
        _target("False marks under no change, of rows tested", 0.0, 0.05, family("false_rows")),
        _target("Tables with any false mark under no change", None, None, family("any_false")),
        _target("Families with any false mark under no change", 0.0, 0.05, _per_family(null, "any_false")),
        _target("False among a family's marks, half changed", 0.0, 0.05, _per_family(moved, "false_share")),
        _target("The test of no change of a gender gap rejects", 0.03, 0.07, gaps),
        _target("Doublings of 2 % called unchanged", 0.0, 0.05, doublings),
    ]
    columns = [("measure", "text"), ("target", "text"), *percent_of(NAMES), ("met", "text")]
    return table(columns, rows)


def _per_family(runs: Runs, measure: str, way: str = "") -> list[float]:
    """Mean over the families of the municipality's tables, each kind weighted by how many there were."""
    found = []
    for run in runs.values():
        parts = [run.families(kind, way=way) for kind in KINDS if kind != "everything"]
        count = sum(part["families"] for part in parts)
        found.append(sum(part[measure] * part["families"] for part in parts if part["families"]) / count)
    return found


def _target(measure: str, low: float | None, high: float | None, found: list[float]) -> tuple[Value, ...]:
    """A row, with the shapes that miss the target."""
    if low is None or high is None:
        return (measure, "", *found, "")
    target = f"at most {100 * high:g} %" if low == 0 else f"{100 * low:g}–{100 * high:g} %"
    pairs = zip(NAMES, found, strict=True)
    missed = [name for name, value in pairs if math.isfinite(value) and not low <= value <= high]
    return (measure, target, *found, f"not: {', '.join(missed)}" if missed else "yes")
