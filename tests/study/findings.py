"""The page's summary: sentences whose every figure is looked up in a table."""

from collections.abc import Mapping

from tests.study.tables import EVEN_SHAPES, Table, Value

Tables = Mapping[str, Table]


def findings(tables: Tables) -> list[str]:
    """What was found, most important first; no sentence judges, since figures may change."""
    return [
        *_intervals(tables),
        *_tests(tables),
        *_warnings(tables),
    ]


def _intervals(tables: Tables) -> list[str]:
    totals, r = "Intervals cover: totals, expected count 5 or more", "– totals, R's logit interval"
    few = tables["coverage_by_count"]
    rare, by_r, none = (
        [_look(few, "expected count", name, column) for name in ("0–1", "1–2", "2–5")]
        for column in ("default", "R logit", "R: no interval")
    )
    return [
        f"Intervals of municipality totals where five or more are expected on the smaller side cover "
        f"{_range(_targets(tables, totals, EVEN_SHAPES))} % in the four ordinary shapes, "
        f"R's logit intervals {_range(_targets(tables, r, EVEN_SHAPES))} %.",
        f"In the very unequal municipality they cover {_range(_targets(tables, totals, ('unequal',)))} %, "
        f"R's {_range(_targets(tables, r, ('unequal',)))} %; without the bound that the weights put on n_eff "
        f"{_range(_targets(tables, '– totals, without the bound on n_eff', ('unequal',)))} %.",
        f"Where fewer than five are expected the default covers {_range(rare)} %; R gives no logit interval "
        f"for {_range(none)} %, and those it gives cover {_range(by_r)} %.",
    ]


def _tests(tables: Tables) -> list[str]:
    every = (*EVEN_SHAPES, "unequal")
    found = {
        name: _range(_targets(tables, name, every))
        for name in (
            "The test of no change rejects: totals",
            "– totals, R",
            "False marks under no change, of rows tested",
            "Tables with any false mark under no change",
            "Families with any false mark under no change",
            "Doublings of 2 % called unchanged",
        )
    }
    own, r, rows, any_mark, family, doubled = found.values()
    power = tables["verdicts"]
    seen = [_verdict(power, shape, 0.30, 0.40, "up") for shape in ("one", "three", "ten")]
    return [
        f"A test at 5 % of no change rejects {own} % of the totals it tests, R's {r} %.",
        f"Of all tested rows {rows} % are marked although nothing changed; {any_mark} % of the "
        f"municipalities' tables, of up to five families each, then hold at least one such "
        f"mark, and {family} % of the families.",
        f"A true doubling of a 2 % level is called unchanged in {doubled} % of the cases.",
        f"A true rise from 30 to 40 % is marked in {_one(seen[0])} % of the totals with one area, "
        f"{_one(seen[1])} % with three and {_one(seen[2])} % with ten.",
    ]


def _warnings(tables: Tables) -> list[str]:
    shown, response = tables["shown"], tables["response"]
    rate = _look(shown, "true level", 0.005, "one: shown")
    mean = _look(shown, "true level", 0.005, "one: mean/true")
    rows = [row for row in response.rows if row[:2] == ("answer", "ten")]
    places = [name for name, _ in response.columns]
    bias, covered = (rows[0][places.index(name)] for name in ("bias at 30 %", "coverage"))
    return [
        f"Of totals at a true level of 0.5 % in the municipality with one area {_one(rate)} % are shown, and "
        f"their mean is {_one(mean)} % of the true level: what is shown there is almost always a zero.",
        f"Where answering depends on the answer (an odds ratio of two thirds for each standard deviation of "
        f"the trait behind it), ten areas give {_one(bias)} points at 30 %, and intervals that cover "
        f"{_one(covered)} %.",
    ]


def _look(table: Table, key: str, value: Value, column: str) -> Value:
    """The cell of the row whose key has the value."""
    return table.column(column)[table.column(key).index(value)]


def _targets(tables: Tables, measure: str, shapes: tuple[str, ...]) -> list[Value]:
    return [_look(tables["targets"], "measure", measure, shape) for shape in shapes]


def _verdict(table: Table, shape: str, before: float, after: float, word: str) -> Value:
    keys = list(zip(*(table.column(name) for name in ("shape", "before", "after")), strict=True))
    return table.column(word)[keys.index((shape, before, after))]


def _one(value: Value) -> str:
    return f"{100 * value:.1f}" if isinstance(value, (int, float)) else "–"


def _range(values: list[Value]) -> str:
    """Smallest to largest, as percent; a dash when there is nothing."""
    numbers = [value for value in values if isinstance(value, (int, float))]
    if not numbers:
        return "–"
    low, high = _one(min(numbers)), _one(max(numbers))
    return low if low == high else f"{low}–{high}"
