"""What the public is shown is attacked with linear programming, without a look at how rows are hidden."""

import attacked
import numpy as np
import pandas as pd
import pytest

from analysis import suppression
from analysis.attack import CELL, bounds
from analysis.settings import Settings

WIDTH = Settings.default().thresholds.protection_width


def broken(bundle, results, item):
    """Hidden rows, and persons who are neither woman nor man, that are bounded more tightly than the rule."""
    targets = attacked.hidden(results, item)
    rest = targets[targets["gender"].eq("woman")].assign(gender="rest")
    known = attacked.sample_known(bundle, results, item)
    found = bounds(attacked.printed(results, item), known, pd.concat([targets, rest], ignore_index=True))
    assert len(found) > 50
    return found[found["most"] - found["least"] < np.minimum(WIDTH, found["n"]) - 1e-6]


@pytest.fixture(scope="module", params=[1, 2])
def attempt(request):
    bundle = attacked.survey(request.param)
    return bundle, attacked.run(bundle)


@pytest.mark.parametrize("item", attacked.ITEMS)
def test_no_hidden_row_is_bounded_more_tightly_than_the_rule_allows(attempt, item):
    assert broken(*attempt, item).empty


@pytest.mark.parametrize("item", attacked.ITEMS)
def test_the_attack_breaks_rows_when_only_small_cells_are_hidden(monkeypatch, item):
    monkeypatch.setattr(suppression, "suppress", lambda screened, *_: screened)
    bundle = attacked.survey(1)
    assert len(broken(bundle, attacked.run(bundle), item)) > 5


def test_the_truth_lies_within_the_bounds(attempt):
    """An attack that excludes the true table proves nothing."""
    bundle, results = attempt
    found = bounds(
        attacked.printed(results, "theft"),
        attacked.sample_known(bundle, results, "theft"),
        attacked.hidden(results, "theft"),
    )
    wave = found[found["geography"].eq("area") & found["gender"].eq("all") & found["age_group"].eq("all")]
    answers = bundle.responses.merge(bundle.sample[["wave", "case_id", "stratum"]], on=["wave", "case_id"])
    truth = answers[answers["theft"].astype(str).eq("1")].groupby(["wave", "stratum"]).size()
    for row in wave.itertuples():
        assert row.least - 1e-6 <= truth.get((row.wave, row.code), 0) <= row.most + 1e-6


def test_totals_and_women_and_men_of_a_common_item_stay(attempt):
    estimates = attempt[1].estimates.astype(dict.fromkeys([*CELL, "indicator"], str))
    kept = estimates[estimates["geography"].eq("municipality") & estimates["indicator"].eq("unsafe")]
    totals = kept[kept["gender"].eq("all") & kept["age_group"].eq("all")]
    assert totals["released"].eq(1).all()
