"""What the public is shown is attacked with linear programming, without a look at how rows are hidden."""

import attacked
import pandas as pd
import pytest
from attack import ROW, bounds, exposed

from analysis import suppression

SURVEYS = {"one": (1, 1), "two municipalities": (1, 2)}  # seed and municipalities
LARGER = pytest.param(SURVEYS["two municipalities"], marks=pytest.mark.long)


def broken(bundle, results, item):
    """Hidden rows, and persons who are neither woman nor man, that are bounded more tightly than the rule."""
    known = attacked.sample_known(bundle, results, item)
    shown = pd.concat([attacked.printed(one, item) for one in results])
    targets = pd.concat([attacked.hidden(one, item) for one in results]).drop_duplicates()
    told = pd.MultiIndex.from_frame(shown[list(ROW)])
    targets = targets[~pd.MultiIndex.from_frame(targets).isin(told)]
    assert len(targets) > 100
    return exposed(shown, known, targets, attacked.WIDTH)


@pytest.fixture(scope="module", params=SURVEYS.values(), ids=SURVEYS)
def attempt(request):
    seed, municipalities = request.param
    bundle = attacked.survey(seed, areas=4 if municipalities == 1 else 3, municipalities=municipalities)
    return bundle, attacked.run(bundle)


@pytest.mark.parametrize("item", attacked.ITEMS)
def test_no_hidden_row_is_bounded_more_tightly_than_the_rule_allows(attempt, item):
    bundle, results = attempt
    assert broken(bundle, [results], item).empty


@pytest.mark.parametrize("attempt", [SURVEYS["one"], LARGER], indirect=True)
def test_no_hidden_row_of_an_item_of_levels_is_bounded_more_tightly(attempt):
    bundle, results = attempt
    assert broken(bundle, [results], attacked.WORRY).empty


@pytest.fixture(scope="module")
def releases():
    """The first wave as it was released alone, and the second, which knows the first."""
    bundle = attacked.survey(4, areas=3, municipalities=2)
    first = attacked.run(attacked.only(bundle, attacked.WAVES[0]))
    return bundle, [first, attacked.run(bundle, earlier=first.estimates)]


@pytest.mark.parametrize("item", [*attacked.ITEMS, pytest.param(attacked.WORRY, marks=pytest.mark.long)])
def test_two_releases_together_tell_no_more_than_the_rule_allows(releases, item):
    assert broken(*releases, item).empty


@pytest.mark.parametrize("item", attacked.ITEMS)
def test_the_attack_breaks_rows_when_only_small_cells_are_hidden(monkeypatch, item):
    monkeypatch.setattr(suppression, "suppress", lambda screened, *_, **__: screened)
    bundle = attacked.survey(1)
    assert len(broken(bundle, [attacked.run(bundle)], item)) > 5


def test_the_attack_breaks_level_shares_that_are_hidden_one_by_one(monkeypatch):
    monkeypatch.setattr(suppression, "without_levels", lambda shown, *_, **__: shown)
    bundle = attacked.survey(2)
    results = attacked.run(bundle)
    hidden = attacked.hidden(results, attacked.WORRY)
    rest = hidden[hidden["gender"].eq("rest") & hidden["statistic"].eq("proportion")]
    known = attacked.sample_known(bundle, [results], attacked.WORRY)
    assert not exposed(attacked.printed(results, attacked.WORRY), known, rest, attacked.WIDTH).empty


def test_the_truth_lies_within_the_bounds(attempt):
    """An attack that excludes the true table proves nothing."""
    bundle, results = attempt
    hidden = attacked.hidden(results, "theft")
    areas = hidden[
        hidden["geography"].eq("area") & hidden["gender"].eq("all") & hidden["age_group"].eq("all")
    ]
    found = bounds(
        attacked.printed(results, "theft"), attacked.sample_known(bundle, [results], "theft"), areas
    )
    answers = bundle.responses.merge(bundle.sample[["wave", "case_id", "stratum"]], on=["wave", "case_id"])
    truth = answers[answers["theft"].astype(str).eq("1")].groupby(["wave", "stratum"]).size()
    assert len(found) > 0
    for row in found.itertuples():
        assert row.least - 1e-6 <= truth.get((row.wave, row.code), 0) <= row.most + 1e-6


def test_totals_of_a_common_item_stay(attempt):
    estimates = attempt[1].estimates.astype(dict.fromkeys([*ROW, "indicator"], str))
    kept = estimates[estimates["geography"].eq("municipality") & estimates["indicator"].eq("unsafe")]
    totals = kept[kept["gender"].eq("all") & kept["age_group"].eq("all")]
    assert totals["released"].eq(1).all()
