"""R-indicators: against statsmodels, against each other, and in repeated surveys."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm

from analysis.drawing import Drawn, Factor
from analysis.representativity import _square, indicators, indicators_of_each, r_indicator
from analysis.response_model import _MainEffects

AREA, SEX, BAND = (np.array(column) for column in zip(*product(range(3), range(2), range(4)), strict=True))
FACTORS = (
    Factor("area", ("a", "b", "c"), AREA),
    Factor("legal_gender", ("woman", "man"), SEX),
    Factor("age_group", ("1", "2", "3", "4"), BAND),
)
RATE = 1 / (1 + np.exp(0.2 - 0.25 * (BAND - 1.5) - 0.2 * SEX - 0.2 * (AREA - 1)))


def drawn(generator, weight=(4.0, 10.0, 26.0), size=25):
    sampled = generator.integers(size - 10, size + 10, len(AREA)).astype(float)
    return Drawn(
        sampled, generator.binomial(sampled.astype(int), RATE).astype(float), np.array(weight)[AREA], AREA
    )


def figures(sample, factors=FACTORS):
    found = indicators(sample, factors, 0.95)
    return {(one.measure, one.variable, one.category): one for one in found}


def test_propensities_and_their_bias_are_those_of_an_ordinary_logistic_regression():
    """With equal weights: S² of the fitted values less the mean of z'(sum z x')^-1 z [Shlomo et al. 2012]."""
    sample = drawn(np.random.default_rng(1), weight=(10.0, 10.0, 10.0))
    X = np.column_stack([np.ones(24), AREA == 1, AREA == 2, SEX, *(k == BAND for k in (1, 2, 3))]).astype(
        float
    )
    answers = np.column_stack([sample.respondents, sample.sampled - sample.respondents])
    fit = sm.GLM(answers, X, family=sm.families.Binomial()).fit(tol=1e-12)
    p, n = fit.fittedvalues, sample.sampled
    z = (p * (1 - p))[:, None] * X
    inverse = np.linalg.inv((n[:, None] * z).T @ X)
    mean = (n * p).sum() / n.sum()
    centred = z - (n @ z) / n.sum()
    bias = (n * ((centred @ inverse) * centred).sum(axis=1)).sum() / n.sum()
    expected = 1 - 2 * np.sqrt((n * (p - mean) ** 2).sum() / n.sum() - bias)
    found = figures(sample)
    assert found["r_indicator", "all", "all"].value == pytest.approx(expected, abs=1e-7)
    assert found["propensity_mean", "all", "all"].value == pytest.approx(mean, abs=1e-9)


def test_one_variable_alone_has_the_between_variance_of_its_rates():
    sample = drawn(np.random.default_rng(2))
    found = figures(sample, FACTORS[2:])
    d = sample.weight
    size = np.bincount(BAND, d * sample.sampled)
    rate = np.bincount(BAND, d * sample.respondents) / size
    share, mean = size / size.sum(), (d * sample.respondents).sum() / size.sum()
    variance = rate * (1 - rate) * np.bincount(BAND, d**2 * sample.sampled) / size**2
    adjusted = (share * (rate - mean) ** 2).sum() - (share * (1 - share) * variance).sum()
    assert found["partial_unconditional", "age_group", "all"].value == pytest.approx(adjusted**0.5, rel=1e-9)
    assert found["r_indicator", "all", "all"].value == pytest.approx(1 - 2 * adjusted**0.5, rel=1e-9)
    youngest = found["partial_unconditional", "age_group", "1"]
    assert youngest.value == pytest.approx(share[0] ** 0.5 * (rate[0] - mean), rel=1e-9)


def test_conditional_squares_of_the_categories_add_up_to_the_variable():
    found = figures(drawn(np.random.default_rng(3), size=4000))
    parts = [found["partial_conditional", "age_group", name].value ** 2 for name in ("1", "2", "3", "4")]
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(found["partial_conditional", "age_group", "all"].value ** 2, rel=1e-9)


def test_scale_of_the_population_and_order_of_the_variables_do_not_matter():
    sample = drawn(np.random.default_rng(4))
    plain, turned = figures(sample), figures(sample, FACTORS[::-1])
    larger = figures(Drawn(sample.sampled, sample.respondents, sample.weight * 7, sample.stratum))
    for key, one in plain.items():
        np.testing.assert_allclose(one.value, turned[key].value, atol=1e-8)
        np.testing.assert_allclose(one.value, larger[key].value, atol=1e-8)


def test_a_category_in_which_nobody_answers_has_propensity_0_and_finite_limits():
    sample = drawn(np.random.default_rng(5))
    silent = Drawn(
        sample.sampled, np.where(BAND == 0, 0.0, sample.respondents), sample.weight, sample.stratum
    )
    found = figures(silent)
    assert all(np.isfinite([one.value, one.lower, one.upper]).all() for one in found.values())
    youngest = found["partial_unconditional", "age_group", "1"]
    size = silent.weight * silent.sampled
    share = size[BAND == 0].sum() / size.sum()
    mean = found["propensity_mean", "all", "all"].value
    assert youngest.value == pytest.approx(-np.sqrt(share) * mean, abs=1e-4)


def test_samples_side_by_side_have_the_figures_each_has_by_itself():
    """One of them takes every step there is, since a category of it does not answer."""
    one, other = (drawn(np.random.default_rng(seed)) for seed in (8, 9))
    silent = Drawn(one.sampled, np.where(BAND == 0, 0.0, one.respondents), one.weight, AREA)
    found = indicators_of_each([one, silent, other], FACTORS, 0.95)
    for at, sample in enumerate((one, silent, other)):
        for place, alone in enumerate(figures(sample).values()):
            together = (found.value[at, place], found.lower[at, place], found.upper[at, place])
            assert together == (alone.value, alone.lower, alone.upper)


@pytest.mark.parametrize("answered", [0.0, 1.0])
def test_without_variation_there_is_no_indicator(answered):
    sample = drawn(np.random.default_rng(6))
    same = Drawn(sample.sampled, sample.sampled * answered, sample.weight, sample.stratum)
    assert indicators(same, FACTORS, 0.95) is None
    assert r_indicator(same, FACTORS, 0.95) is None


def test_the_r_indicator_alone_is_the_one_among_all_indicators():
    sample = drawn(np.random.default_rng(8))
    assert r_indicator(sample, FACTORS, 0.95) == indicators(sample, FACTORS, 0.95)[0]


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """300 samples of 600 from 12 000 persons, response depending on area, sex and age."""
    generator = np.random.default_rng(7)
    totals = np.array([1200, 3000, 7800])
    population = np.array([totals[area] // 8 for area in AREA])
    share = population / population.sum()
    mean = share @ RATE
    true = {
        ("r_indicator", "all", "all"): 1 - 2 * np.sqrt(share @ (RATE - mean) ** 2),
        ("propensity_mean", "all", "all"): mean,
    }
    q = np.bincount(BAND, share)
    between = np.bincount(BAND, share * RATE) / q - mean
    true["partial_unconditional", "age_group", "all"] = np.sqrt(q @ between**2)
    true["partial_unconditional", "age_group", "1"] = np.sqrt(q[0]) * between[0]
    samples = []
    for _ in range(300):
        sampled = np.concatenate(
            [generator.multivariate_hypergeometric(population[a == AREA], 200) for a in range(3)]
        ).astype(float)
        answers = generator.binomial(sampled.astype(int), RATE).astype(float)
        samples.append(Drawn(sampled, answers, (totals / 200)[AREA], AREA))
    found = indicators_of_each(samples, FACTORS, 0.95)
    for key, truth in true.items():
        value, lower, upper = (
            each[:, found.keys.index(key)] for each in (found.value, found.lower, found.upper)
        )
        assert 0.91 <= np.mean((lower <= truth) & (truth <= upper)) <= 0.99, key
        assert value.mean() == pytest.approx(truth, abs=0.02)


def test_where_all_answer_equally_often_the_indicator_stays_a_little_below_one():
    """60 samples of 600, of whom two in five answer."""
    generator = np.random.default_rng(7)
    samples = []
    for _ in range(60):
        sample = drawn(generator)
        answers = generator.binomial(sample.sampled.astype(int), 0.4).astype(float)
        samples.append(Drawn(sample.sampled, answers, sample.weight, sample.stratum))
    found = indicators_of_each(samples, FACTORS, 0.95)
    assert found.value[:, found.keys.index(("r_indicator", "all", "all"))].mean() == pytest.approx(
        0.97, abs=0.01
    )


def test_main_effects_that_are_never_written_out_multiply_as_the_matrix_does():
    generator = np.random.default_rng(5)
    effects = _MainEffects(FACTORS, len(AREA))
    dummies = [one.of_cell[:, None] == np.arange(1, len(one.categories)) for one in FACTORS]
    X = np.column_stack([np.ones(len(AREA)), *dummies]).astype(float)
    weights, values = generator.random((2, len(AREA))), generator.normal(size=(2, X.shape[1], 3))
    assert effects.count == X.shape[1] == 7
    np.testing.assert_allclose(effects.of(values), X @ values, atol=1e-12)
    np.testing.assert_allclose(effects.sums(weights)[..., 0], weights @ X, atol=1e-12)
    np.testing.assert_allclose(effects.products(weights), X.T @ (weights[..., None] * X), atol=1e-12)


def test_mean_squares_over_fewer_cells_than_parameters_are_those_of_the_parameters():
    few = np.random.default_rng(6).normal(size=(2, 4, 1 + 7))
    with_empty_cells = np.concatenate([few, np.zeros((2, 9, 8))], axis=1)
    gram = few.swapaxes(1, 2) @ few
    variance = 4 * (gram[:, 0, 1:] ** 2).sum(axis=1) + 2 * (gram[:, 1:, 1:] ** 2).sum(axis=(1, 2))
    expected = gram[:, 0, 0], np.trace(gram[:, 1:, 1:], axis1=1, axis2=2), variance
    for rows in (few, with_empty_cells):
        np.testing.assert_allclose(_square(rows), expected, rtol=1e-12)
