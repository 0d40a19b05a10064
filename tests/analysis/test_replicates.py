"""The jackknife: the textbook where there is one, and near the linearised standard errors elsewhere."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import REFERENCE, as_text, binary, even_people, even_population, random_survey, survey

from analysis.estimates import estimate
from analysis.replicates import jackknife, replicate_groups, replicate_weights
from analysis.schema import read_bundle
from analysis.settings import Settings
from analysis.weights import Weighted, weigh

KEYS = ["wave", "geography", "code", "gender", "age_group", "indicator", "statistic"]


def compared(weighted: Weighted) -> pd.DataFrame:
    return as_text(estimate(weighted)).merge(jackknife(weighted), on=KEYS, validate="one_to_one")


def test_leaving_out_one_of_a_simple_random_sample_gives_the_textbook_standard_error() -> None:
    """One stratum, one cell: (1 - r/N) s2 / r exactly, without calibration residuals to speak of."""
    people = even_people("0180-1", 120, 80, 30, bands=("16-84",)).assign(legal_gender="woman", gender="woman")
    population = even_population({("0180", "1"): 4000}, ("16-84",)).assign(legal_gender="woman")
    population = population.groupby(list(population.columns[:-1]))["population"].sum().reset_index()
    one = compared(weigh(survey(people, population, binary("q")))).iloc[0]
    p = 30 / 80
    assert one["se_jackknife"] == pytest.approx(np.sqrt((1 - 80 / 4000) * p * (1 - p) / 79), rel=1e-10)
    assert one["replicates"] == 80


def test_replicate_weights_meet_the_margins_without_the_person_left_out() -> None:
    weighted = weigh(random_survey(21, municipalities=1))
    part = weighted.municipalities[0]
    cell = int(np.argmax(part.design.respondents))
    removed = np.zeros(len(part.weight))
    removed[cell] = 1.0
    weights, linear = replicate_weights(part, removed, weighted.settings)
    assert not linear
    reached = part.margins.X.T @ (weights * (part.design.respondents - removed))
    assert np.allclose(reached, part.margins.totals, rtol=1e-10)
    assert not np.allclose(weights, part.weight)


def test_groups_are_of_one_stratum_and_of_nearly_equal_size() -> None:
    stratum = np.repeat([0, 1, 2], [130, 7, 40])
    groups = replicate_groups(stratum, 25, seed=5)
    sizes = pd.Series(groups).groupby(groups).size()
    assert len(sizes) == 25 + 7 + 25
    assert (pd.Series(stratum).groupby(groups).nunique() == 1).all()
    for number in range(3):
        inside = sizes[np.unique(groups[stratum == number])]
        assert inside.max() - inside.min() <= 1
    assert (groups == replicate_groups(stratum, 25, seed=5)).all()


@pytest.mark.parametrize("membership", ["register", "reported"])
def test_the_jackknife_confirms_the_linearised_standard_errors(membership: str) -> None:
    """Leaving a person out divides the residual by 1 - leverage; the default divides by its root.

    So the default lies midway, on the scale of logarithms, between the jackknife and the plain residuals.
    """
    settings = replace(Settings.default(), membership=membership)
    bundle = random_survey(22, areas=3, drawn=150)
    both = compared(weigh(bundle, settings))
    plain = as_text(estimate(weigh(bundle, replace(settings, linearization="final-weights"))))
    both = both.merge(plain, on=KEYS, suffixes=("", "_plain"))
    both = both[(both["n"] >= 60) & (both["se"] > 0)]
    assert len(both) > 10
    assert (both["se_plain"] < both["se"]).all()
    assert (both["se"] < both["se_jackknife"]).all()
    midway = np.sqrt(both["se_jackknife"] * both["se_plain"]) / both["se"]
    assert midway.mean() == pytest.approx(1.0, abs=0.01)
    assert midway.between(0.98, 1.02).all()


def test_groups_of_persons_confirm_them_too_but_more_loosely() -> None:
    settings = replace(Settings.default(), replicate_groups=30)
    both = compared(weigh(random_survey(23, areas=2, drawn=200, municipalities=4), settings))
    both = both[(both["n"] >= 80) & (both["se"] > 0)]
    assert (both["se_jackknife"] / both["se"]).mean() == pytest.approx(1.0, abs=0.08)
    assert set(both["replicates"]) == {60}


def test_every_domain_has_a_figure_but_those_that_leaving_one_person_out_empties() -> None:
    """The replicate without the one who answered has no figure, and must not count as no deviation."""
    both = compared(weigh(read_bundle(REFERENCE / "bundle")))
    computed = both[both["n"] > 0]
    assert (computed["se_jackknife"].isna() == computed["n"].eq(1)).all()
    large = computed[(computed["n"] >= 100) & (computed["se"] > 0)]
    assert (large["se_jackknife"] / large["se"]).median() == pytest.approx(1.03, abs=0.03)
