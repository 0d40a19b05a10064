"""The page says what was found, what was found is of the plan in the code, and the counting is right."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis import pipeline
from analysis.settings import Settings
from tests.study import page, plots, store
from tests.study.counted import Counted
from tests.study.fieldwork import ask
from tests.study.measures import add, measure
from tests.study.plan import DECLARED, Plan, Run, items
from tests.study.populations import build
from tests.study.work import carry_out, work

FOLDER = Path(analysis.__file__).parent
PAGE = (FOLDER / "STUDY.md").read_text(encoding="utf-8")
RESULTS = store.load_results(FOLDER / page.FIGURES / "results.json")
SMALL = Plan(repetitions=6, fewer=6, batch=3, runs=(Run("one", "register", "changes"),))


def test_every_block_of_the_page_equals_the_stored_results():
    assert page.with_blocks(PAGE, RESULTS) == PAGE
    assert set(RESULTS.tables) < set(page.blocks(PAGE))


def test_no_figure_of_the_study_stands_outside_the_blocks():
    prose = page.BLOCK.sub("", PAGE)
    assert re.findall(r"\d+(?:\.\d+)? ?%|\d+\.\d+", prose) == []


def test_the_stored_settings_are_those_of_the_code():
    assert RESULTS.settings == store.settings_of(Plan())


def test_the_plots_are_those_of_the_stored_results_and_small(tmp_path):
    drawn = plots.draw(RESULTS.tables, tmp_path)
    kept = {path.name: path.read_bytes() for path in (FOLDER / page.FIGURES).glob("*.svg")}
    assert {path.name: path.read_bytes() for path in drawn} == kept
    assert set(re.findall(r"\(study/(\w+\.svg)\)", PAGE)) == set(kept)
    assert sum(map(len, kept.values())) < 150_000


def test_levels_are_exact_and_an_unchanged_item_has_the_same_answers():
    population = build(SMALL.runs[0], SMALL)
    for number, item in enumerate(population.items):
        first, second = population.answers[:, :, number]
        shares = np.bincount(first, minlength=len(item.before)) / len(first)
        assert np.abs(shares - item.before).max() <= 1 / len(first)
        assert (item.before == item.after) == bool((first == second).all())
    assert population.rate.mean() == pytest.approx(SMALL.answer_rate, abs=1e-6)


@pytest.mark.parametrize("table", DECLARED)
def test_forty_items_of_which_five_are_declared_headlines(table):
    assert len({item.name for item in items(table)}) == 40
    assert sum(item.headline for item in items(table)) == len(DECLARED[table]) == 5


def test_sums_are_the_same_however_the_work_is_shared():
    run = SMALL.runs[0]
    alone = add(work((run, range(3), SMALL)), work((run, range(3, 6), SMALL)))
    shared = carry_out(SMALL, 2, lambda name, done, count: None)[run.name]
    assert alone.keys() == shared.keys()
    for name, values in alone.items():
        np.testing.assert_array_equal(values, shared[name])


def test_counts_equal_those_made_from_the_tables_of_the_pipeline():
    run = SMALL.runs[0]
    population = build(run, SMALL)
    bundle = ask(population, run, SMALL, range(6))
    counted = Counted(run, SMALL, measure(population, bundle))
    results = pipeline.run(bundle, Settings.default(), protected=False)
    total = counted.domain("municipality")
    for number, item in enumerate(population.items):
        mask = total & (np.arange(len(population.items)) == number)
        estimates = _totals(results.estimates, item.name)
        truth = estimates["wave"].astype(str).map({"2024": counted.truth, "2025": counted.truth_after})
        true = np.array([one[0, 0, 0, number] for one in truth])
        covered = (estimates["lower"] <= true) & (true <= estimates["upper"])
        assert counted.per_cell("estimates.covered")[mask] == covered.sum()
        changes = _totals(results.changes, item.name)
        shown = changes[changes["released"].eq(1)]
        for verdict in ("up", "down", "unchanged", "too_uncertain"):
            assert counted.per_cell(f"changes.{verdict}")[mask] == shown["verdict"].eq(verdict).sum()
        assert counted.per_cell("changes.tested")[mask] == changes["p"].notna().sum()


def _totals(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    rows = table["geography"].eq("municipality") & table["indicator"].eq(indicator)
    return table[
        rows
        & table["gender"].eq("all")
        & table["age_group"].eq("all")
        & table["statistic"].isin(["proportion", "mean"])
    ]


def test_another_seed_gives_other_samples():
    run = SMALL.runs[0]
    first = work((run, range(3), SMALL))
    other = work((run, range(3), replace(SMALL, seed=1)))
    assert (first["estimates.value"] != other["estimates.value"]).any()
