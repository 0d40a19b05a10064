"""Where the study keeps things: sums between simulation and tables, and the results the page is made of."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.settings import Settings
from tests.study.measures import Sums
from tests.study.plan import Plan
from tests.study.tables import Table

SEPARATOR = "|"


@dataclass(frozen=True)
class Results:
    """What the page is made of.

    Attributes:
        settings: the plan and the engine's default settings, as plain values.
        tables: by name.
        in_r: one sample in R itself; empty when R has never been there.
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, Table]
    in_r: Mapping[str, Any]


def settings_of(plan: Plan) -> dict[str, Any]:
    """Everything that decides the results, as it looks after a visit to a file."""
    plain: dict[str, Any] = json.loads(json.dumps({**plan.as_dict(), "engine": Settings.default().as_dict()}))
    return plain


def save_results(path: Path, results: Results) -> None:
    """As JSON, a row of a table on a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = ",\n".join(f"{json.dumps(name)}: {_table(one)}" for name, one in results.tables.items())
    rest = {"settings": results.settings, "in_r": results.in_r}
    parts = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items())
    path.write_text(f'{{{parts},\n"tables": {{\n{tables}\n}}}}\n', encoding="utf-8")


def _table(table: Table) -> str:
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in table.rows)
    return f'{{"columns": {json.dumps(asdict(table)["columns"], ensure_ascii=False)}, "rows": [\n{rows}]}}'


def load_results(path: Path) -> Results:
    """What `save_results` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    tables = {
        name: Table(tuple(map(tuple, one["columns"])), tuple(map(tuple, one["rows"])))
        for name, one in found["tables"].items()
    }
    return Results(found["settings"], tables, found["in_r"])


def save_sums(path: Path, found: Mapping[str, Sums]) -> None:
    """The sums of every run in one file, so that tables can be made again without simulating again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flat = {f"{run}{SEPARATOR}{name}": values for run, sums in found.items() for name, values in sums.items()}
    np.savez_compressed(path, **flat)


def load_sums(path: Path) -> dict[str, Sums]:
    """What `save_sums` kept."""
    found: dict[str, Sums] = {}
    with np.load(path) as flat:
        for name in flat.files:
            run, _, measure = name.partition(SEPARATOR)
            found.setdefault(run, {})[measure] = flat[name]
    return found
