"""The small-area model: against a brute-force likelihood, against the direct estimates, against the truth."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import optimize
from small_surveys import REFERENCE

from analysis import fay_herriot
from analysis.fay_herriot import Fit


def restricted(variance, y, psi, X):
    """Restricted log-likelihood of one replicate, by its definition."""
    V = np.diag(variance + psi)
    inverse = np.linalg.inv(V)
    information = X.T @ inverse @ X
    P = inverse - inverse @ X @ np.linalg.solve(information, X.T @ inverse)
    return -0.5 * (np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1] + y @ P @ y)


def areas(seed, count=25, variance=0.004):
    generator = np.random.default_rng(seed)
    psi = 1.2 / (4 * generator.integers(8, 160, count))
    X = np.column_stack([np.ones(count), generator.normal(size=count)])
    theta = 0.6 + 0.05 * X[:, 1] + np.sqrt(variance) * generator.standard_normal((40, count))
    return theta, theta + np.sqrt(psi) * generator.standard_normal(theta.shape), psi, X


# Reference: tests/reference/fay_herriot.py


def reference(name):
    """Direct estimates, sampling variances and covariates of a data set, and what samplics makes of it."""
    folder = REFERENCE / "fay_herriot"
    table = pd.read_csv(folder / f"{name}.csv")
    if name == "milk":
        covariates = (table[["group"]].to_numpy() == np.array([2, 3, 4])).astype(float)
    else:
        covariates = table[["x"]].to_numpy()
    X = np.column_stack([np.ones(len(table)), covariates])
    return (
        table["y"].to_numpy()[None],
        table["se"].to_numpy() ** 2,
        X,
        json.loads((folder / "figures.json").read_text(encoding="utf-8"))[name],
    )


@pytest.mark.parametrize("name", ["milk", "generated"])
def test_variance_and_coefficients_equal_those_of_samplics(name):
    y, psi, X, theirs = reference(name)
    found = fay_herriot.fit(y, psi, X)
    assert theirs["converged"]
    assert found.variance[0] == pytest.approx(theirs["variance"], rel=1e-8)
    np.testing.assert_allclose(found.beta[0], theirs["beta"], rtol=1e-8)


def test_the_coefficients_of_milk_are_those_an_r_package_prints():
    """saens 0.1.0, README: eblupfh(yi ~ as.factor(MajorArea), data = milk, vardir = "var"), by REML."""
    y, psi, X, _ = reference("milk")
    printed = [0.968189, 0.132780, 0.226946, -0.241301]
    np.testing.assert_allclose(fay_herriot.fit(y, psi, X).beta[0], printed, atol=1e-6)


def test_the_predictor_is_that_of_samplics_taken_back_from_the_arcsine_scale():
    """The mean of sin^2 of a normal variable: their predictor is its mean, A psi / (A + psi) its variance."""
    y, psi, X, theirs = reference("generated")
    A, theta = theirs["variance"], np.array(theirs["predictor"])
    expected = (1 - np.exp(-2 * A * psi / (A + psi)) * np.cos(2 * theta)) / 2
    found = fay_herriot.predict(fay_herriot.fit(y, psi, X), y, psi, X)[0]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_variance_maximises_the_restricted_likelihood():
    _, y, psi, X = areas(1)
    found = fay_herriot.fit(y, psi, X)
    for row, variance in zip(y, found.variance, strict=True):
        best = optimize.minimize_scalar(
            lambda a, row=row: -restricted(a, row, psi, X),
            bounds=(0.0, 0.1),
            method="bounded",
            options={"xatol": 1e-10},
        )
        assert variance == pytest.approx(best.x, abs=2e-6)


def test_the_coefficients_are_generalised_least_squares():
    _, y, psi, X = areas(2)
    found = fay_herriot.fit(y[:1], psi, X)
    V = np.linalg.inv(np.diag(found.variance[0] + psi))
    expected = np.linalg.solve(X.T @ V @ X, X.T @ V @ y[0])
    np.testing.assert_allclose(found.beta[0], expected, rtol=1e-10)


def test_many_replicates_at_once_are_each_by_itself():
    _, y, psi, X = areas(3)
    together = fay_herriot.fit(y, psi, X)
    alone = [fay_herriot.fit(row[None], psi, X).variance[0] for row in y[:5]]
    np.testing.assert_allclose(together.variance[:5], alone, atol=1e-9)


def test_the_predictor_lies_between_the_direct_estimate_and_the_regression():
    y, psi = np.array([[0.9, 0.9, 0.9]]), np.array([1e-9, 0.01, np.inf])
    found = Fit(np.array([0.01]), np.array([[0.5]]))
    p = fay_herriot.predict(found, y, psi, np.ones((3, 1)))[0]
    generator = np.random.default_rng(4).standard_normal(400_000)
    assert p[0] == pytest.approx(np.sin(0.9) ** 2, abs=1e-6)
    assert p[1] == pytest.approx((np.sin(0.7 + np.sqrt(0.005) * generator) ** 2).mean(), abs=5e-4)
    assert p[2] == pytest.approx((np.sin(0.5 + np.sqrt(0.01) * generator) ** 2).mean(), abs=5e-4)


def test_the_predictor_beats_the_direct_estimates():
    theta, y, psi, X = areas(5)
    true = np.sin(theta) ** 2
    model = fay_herriot.predict(fay_herriot.fit(y, psi, X), y, psi, X)
    assert ((model - true) ** 2).mean() < 0.75 * ((np.sin(y) ** 2 - true) ** 2).mean()


def test_benchmarked_areas_add_up_to_their_municipality_whichever_answer_is_yes():
    generator = np.random.default_rng(6)
    p = generator.uniform(0.1, 0.9, (3, 5))
    member = np.array([[0.2, 0.8, 0, 0, 0], [0, 0, 0.5, 0.3, 0.2]])
    target = np.array([[0.3, 0.7], [0.5, 0.2], [np.nan, 0.9]])
    found = fay_herriot.benchmark(p, member, target)
    np.testing.assert_allclose((found @ member.T)[:2], target[:2], rtol=1e-12)
    np.testing.assert_allclose(found[2, :2], p[2, :2])
    other = target != 0.5  # at one half either side may be scaled
    mirrored = 1 - fay_herriot.benchmark(1 - p, member, 1 - target)
    np.testing.assert_allclose(mirrored[other[:, 1]][:, 2:], found[other[:, 1]][:, 2:], rtol=1e-12)
