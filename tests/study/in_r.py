"""One sample of the study in R itself, so that "R" on the page is R and not our idea of it."""

import math
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.estimates import estimate
from analysis.schema import Bundle
from analysis.weights import Weighted, weigh
from tests.study.fieldwork import ask
from tests.study.measures import IN_R
from tests.study.plan import WAVES, Plan, Run
from tests.study.populations import Population, build

SCRIPT = Path(__file__).with_name("replicate.R")
RUN = Run("three", "register", "no_change")
ROUNDING = 1e-9
FIGURES = ("estimate", "se", "df", "wald_lower", "wald_upper", "logit_lower", "logit_upper")


def available() -> bool:
    """Whether R is there with its `survey` package and MASS, which that one calls."""
    if not (found := shutil.which("Rscript")):
        return False
    asked = [
        found,
        "-e",
        "quit(status = !all(sapply(c('survey', 'MASS'), requireNamespace, quietly = TRUE)))",
    ]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def deviations(plan: Plan) -> dict[str, str | float | int]:
    """Versions, rows compared, and the largest |ours - R| / (|R| + 0.001) of each figure, rounded up.

    Up to the next power of ten, from `ROUNDING`, so that the page is the same on every machine.
    """
    population = build(RUN, plan)
    weighted = weigh(_one_wave(ask(population, RUN, plan, range(1))), IN_R)
    names = {item.name: f"q{number:02d}" for number, item in enumerate(population.items)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, weighted, population, names)
        script = [str(shutil.which("Rscript")), str(SCRIPT), name]
        versions = subprocess.run(script, capture_output=True, text=True, check=True).stdout.split()
        theirs = pd.read_csv(folder / "r.csv")
    both = theirs.merge(_ours(weighted, names), on=["gender", "item"], suffixes=("_r", ""))
    found: dict[str, str | float | int] = {"R": versions[0], "survey": versions[1], "rows": len(both)}
    for figure in FIGURES:
        ours, r = both[figure].to_numpy(float), both[f"{figure}_r"].to_numpy(float)
        largest = float(np.nanmax(np.abs(ours - r) / (np.abs(r) + 0.001)))
        found[figure] = 10.0 ** math.ceil(math.log10(max(largest, ROUNDING)))
    return found


def _one_wave(bundle: Bundle) -> Bundle:
    tables = ("strata", "population", "sample", "responses")
    first = {name: getattr(bundle, name) for name in tables}
    kept = {name: part[part["wave"] == WAVES[0]].reset_index(drop=True) for name, part in first.items()}
    return replace(bundle, **kept)


def _write(folder: Path, weighted: Weighted, population: Population, names: dict[str, str]) -> None:
    """The respondents with start weight, stratum and margins; the totals the weights must meet."""
    part, table = weighted.municipalities[0], weighted.table
    sizes = {f"k00000-{number}": size for number, size in enumerate(population.shape.areas, start=1)}
    stratum = table["stratum"].astype(str)
    people = pd.DataFrame(
        {
            "stratum": stratum,
            "N": stratum.map(sizes),
            "start": table["nonresponse_weight"],
            "cell": table["calcell"].astype(str),
            "area": table["calarea"].astype(str),
            "gender": weighted.bundle.responses["gender"],
        }
    )
    answers = {names[item]: weighted.bundle.responses[item].astype(float) for item in names}
    pd.concat([people, pd.DataFrame(answers)], axis=1).to_csv(folder / "people.csv", index=False)
    of_margin = {"sex_age": "cell", "area": "area"}
    rows = [
        (of_margin[margin], category, total)
        for (margin, category), total in zip(part.margins.names, part.margins.totals, strict=True)
    ]
    columns = ["margin", "category", "total"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "totals.csv", index=False)


def _ours(weighted: Weighted, names: dict[str, str]) -> pd.DataFrame:
    """The reference profile's figures, with both intervals."""
    key = ["gender", "item"]
    tables = []
    for kind in ("wald", "logit"):
        settings = replace(IN_R, interval=kind)
        table = estimate(replace(weighted, settings=settings))
        keep = table["geography"].eq("municipality") & table["age_group"].eq("all")
        table = table[keep].assign(item=table["indicator"].astype(str).map(names))
        limits = {"lower": f"{kind}_lower", "upper": f"{kind}_upper"}
        tables.append(table.astype({"gender": str}).rename(columns=limits))
    logit = tables[1][[*key, "logit_lower", "logit_upper"]]
    return tables[0][[*key, "estimate", "se", "df", "wald_lower", "wald_upper"]].merge(logit, on=key)
