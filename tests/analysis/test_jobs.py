"""The number of processes decides nothing but the time."""

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis import parallel
from analysis.__main__ import main
from analysis.synthetic import Plan, synthesize, write_bundle

PLAN = Plan(municipalities=4, areas=8, drawn=220, binary=5, ordinal=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four municipalities, two waves, unions that are not of the same municipalities both times."""
    bundle = synthesize(PLAN).bundle
    strata = bundle.strata
    first, *_, last = sorted(set(strata["municipality_code"]))
    parts = {
        "police_district": strata["municipality_code"].ne(last) | strata["wave"].eq("2025"),
        "vulnerable_area": strata["area"].eq("1") & strata["municipality_code"].le(first),
    }
    unions = pd.concat(
        [
            strata.loc[inside, ["wave", "stratum"]].assign(geography=name, code="1")
            for name, inside in parts.items()
        ]
    )
    sensitive = bundle.indicators["indicator"].isin(["q01", "q03"]).astype(int)
    made = tmp_path_factory.mktemp("jobs") / "bundle"
    write_bundle(
        replace(bundle, domains=unions, indicators=bundle.indicators.assign(sensitive=sensitive)), made
    )
    return made


def test_one_and_two_processes_write_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "WORTH_FORKING", 0.0)
    for jobs in ("1", "2"):
        assert main([str(folder), "--out", str(tmp_path / jobs), "--trends", "--jobs", jobs]) == 0
    one, two = (
        {file.name: file.read_bytes() for file in (tmp_path / jobs).glob("*.csv")} for jobs in ("1", "2")
    )
    assert {"estimates.csv", "changes.csv", "weights.csv", "trends.csv"} <= set(one)
    assert [name for name in sorted({*one, *two}) if one.get(name) != two.get(name)] == []
    changes = pd.read_csv(tmp_path / "2" / "changes.csv", dtype=str, keep_default_na=False)
    assert {"all", "municipality", "area", "police_district", "vulnerable_area"} == set(changes["geography"])
    assert changes["reason"].eq("protected").any()


def test_work_that_is_soon_done_is_not_handed_to_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def processes(worth: float) -> set[int]:
        monkeypatch.setattr(parallel, "WORTH_FORKING", worth)
        return set(parallel.in_order(lambda _: os.getpid(), range(8), 2))

    assert processes(2.0) == {os.getpid()}
    assert processes(0.0) > {os.getpid()}
