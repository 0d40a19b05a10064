"""Survey-weighted logistic regression: do areas differ between people otherwise alike? METHODS.md M-43.

The coefficients solve the weighted score equations; their variance is that of the scores, from the same
quadratic forms as every other figure. Source: Binder (1983), On the variances of asymptotically normal
estimators from complex surveys, International Statistical Review 51, 279-292; Lumley & Scott (2017), Fitting
regression models to survey data, Statistical Science 32, 265-278.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.arrays import Floats, Mask
from analysis.backgrounds import NOT_STATED, Background, background, measured
from analysis.differences import t_test
from analysis.errors import AnalysisError, QuestionError
from analysis.variance import quadratic_forms, student_quantile
from analysis.weights import Weighted

MOST_TERMS = 60
PER_TERM = 10  # answers on the rarer side for each coefficient
ITERATIONS = 50
TOLERANCE = 1e-9  # of a step that converges quadratically
FAR = 15.0  # a coefficient beyond this says that a category has everybody on one side


@dataclass(frozen=True)
class Regression:
    """A regression on the first variable alone and on all of them.

    Attributes:
        terms: variable, category, reference; n; for both models (suffixes _alone and _adjusted; missing where
            the model has no such variable) odds_ratio, lower, upper and p; coefficients and their se.
        tests: model (alone, adjusted), variable, f, df1, df2, p: Wald's test that its categories are equal.
        n: respondents in both models: those who answered everything.
        left_out: share of the weight of those who answered the item that is left out, in [0, 1].
    """

    terms: pd.DataFrame
    tests: pd.DataFrame
    n: int
    left_out: float


@dataclass(frozen=True)
class _Fit:
    """A fitted model: coefficients, their covariance and its degrees of freedom."""

    beta: Floats
    covariance: Floats
    df: int


def regress(
    weighted: Weighted,
    item: str,
    by: Sequence[str],
    wave: str,
    where: Mapping[str, Iterable[str]] | None = None,
) -> Regression:
    """The odds of a yes by the first variable alone, and beside the others. METHODS.md M-43.

    Args:
        weighted: the weights.
        item: a yes/no indicator.
        by: one variable or more as `backgrounds.background` knows them; the first is the one in question.
        wave: which wave.
        where: only persons in these categories, by variable.

    Raises:
        AnalysisError: an item that is no share, an unknown variable, too many categories for the answers, or
            a category with everybody on one side.
    """
    one, _ = measured(weighted.bundle, item)
    if "proportion" not in one.statistics:
        raise QuestionError("no_indicator", f"{item} is no yes/no indicator: a regression needs one.")
    if not by or len(set(by)) < len(by):
        raise AnalysisError("A regression needs at least one variable, each once.")
    variables = [background(weighted, name, wave) for name in by]
    answered = (weighted.table["wave"] == wave).to_numpy(dtype=bool) & (one.level >= 0)
    for name, wanted in (where or {}).items():
        answered &= background(weighted, name, wave).rows_in(wanted)
    inside = answered & np.all([_stated(variable) for variable in variables], axis=0)
    weight = weighted.table["weight"].to_numpy(dtype=float)
    y = one.yes[np.where(one.level >= 0, one.level, 0)]
    columns = [_dummies(variable, inside, weight) for variable in variables]
    sizes = [len(names) - 1 for names, _ in columns]
    _check(y[inside], sizes, [variable.name for variable in variables])
    models = {"alone": columns[:1], "adjusted": columns} if len(columns) > 1 else {"adjusted": columns}
    fits = {name: _fit(weighted, wave, inside, y, used) for name, used in models.items()}
    return Regression(
        _terms(variables, columns, inside, fits, weighted.settings.confidence),
        _tests(variables, sizes, fits),
        int(inside.sum()),
        1.0 - float(weight[inside].sum() / weight[answered].sum()),
    )


def _stated(variable: Background) -> Mask:
    stated = [at for at, name in enumerate(variable.categories) if name != NOT_STATED]
    return np.isin(variable.of_row, stated)


def _dummies(variable: Background, inside: Mask, weight: Floats) -> tuple[list[str], Floats]:
    """The categories, that with most people first as the reference, and a column for each other one."""
    there = [
        at
        for at, name in enumerate(variable.categories)
        if name != NOT_STATED and (inside & (variable.of_row == at)).any()
    ]
    size = {at: float(weight[inside & (variable.of_row == at)].sum()) for at in there}
    largest = max(there, key=lambda at: size[at], default=0)
    ordered = [largest, *(at for at in there if at != largest)]
    found = np.stack([variable.of_row == at for at in ordered[1:]], axis=1) if len(ordered) > 1 else None
    table = np.zeros((len(inside), 0)) if found is None else found.astype(np.float64)
    return [variable.categories[at] for at in ordered], table


def _check(y: Floats, sizes: list[int], names: list[str]) -> None:
    for size, name in zip(sizes, names, strict=True):
        if size < 1:
            raise QuestionError(
                "one_category",
                f"{name} has one category only among those who answered; nothing to compare.",
                variable=name,
            )
    rarer = min(float(y.sum()), float((1 - y).sum())) if len(y) else 0.0
    if sum(sizes) > min(MOST_TERMS, rarer / PER_TERM):
        raise QuestionError(
            "too_many_terms",
            f"{sum(sizes) + 1} categories are too many for {rarer:.0f} answers on the rarer side: at least "
            f"{PER_TERM} are needed for each, and at most {MOST_TERMS} categories are taken.",
            categories=sum(sizes) + 1,
            each=PER_TERM,
            most=MOST_TERMS,
        )


def _fit(
    weighted: Weighted, wave: str, inside: Mask, y: Floats, columns: Sequence[tuple[list[str], Floats]]
) -> _Fit:
    """Newton's method on the weighted score equations, then the design-based variance of their solution."""
    X = np.hstack([np.ones((len(y), 1)), *(table for _, table in columns)])[inside]
    weight = weighted.table["weight"].to_numpy(dtype=float)[inside]
    weight = weight / weight.mean()
    beta = np.zeros(X.shape[1])
    beta[0] = special.logit(float(weight @ y[inside] / weight.sum()))
    for _ in range(ITERATIONS):
        mu = special.expit(X @ beta)
        information = (X * (weight * mu * (1 - mu))[:, None]).T @ X
        step = np.linalg.lstsq(information, X.T @ (weight * (y[inside] - mu)), rcond=None)[0]
        beta = beta + step
        if np.abs(step).max() < TOLERANCE * (1 + np.abs(beta).max()):
            break
    if np.abs(beta).max() > FAR or np.linalg.matrix_rank(information) < len(beta):
        raise QuestionError(
            "not_separable",
            "A category has everybody on one side, or two variables divide people in the same way. "
            "Take fewer variables or a coarser one.",
        )
    scale = float(weighted.table["weight"].to_numpy(dtype=float)[inside].mean())
    inverse = np.linalg.inv(information * scale)
    scores = np.zeros((len(y), len(beta)))
    scores[inside] = X * (y[inside] - mu)[:, None]
    form, strata = _form(weighted, wave, scores, inside)
    df = max(int(inside.sum()) - strata - len(beta) + 1, 1)
    return _Fit(beta, inverse @ form @ inverse, df)


def _form(weighted: Weighted, wave: str, scores: Floats, inside: Mask) -> tuple[Floats, int]:
    """Covariance of the weighted sums of the scores, and the variance strata with anybody inside."""
    size = scores.shape[1]
    found, strata = np.zeros((size, size)), 0
    for part in weighted.municipalities:
        if part.design.wave != wave:
            continue
        forms = quadratic_forms(part, weighted.settings)
        rows = weighted.frame.order[part.design.rows]
        cell = weighted.frame.cell[rows] - part.design.cells.start
        own = scores[rows]
        sums = np.zeros((part.design.cells.stop - part.design.cells.start, size))
        order = np.argsort(cell, kind="stable")
        there, first = np.unique(cell[order], return_index=True)
        sums[there] = np.add.reduceat(own[order], first, axis=0)
        found += sums.T @ forms.Q @ sums + (own * forms.v0[cell][:, None]).T @ own
        strata += len(np.unique(forms.stratum[cell[inside[rows]]]))
    return found, strata


def _terms(
    variables: Sequence[Background],
    columns: Sequence[tuple[list[str], Floats]],
    inside: Mask,
    fits: dict[str, _Fit],
    confidence: float,
) -> pd.DataFrame:
    rows, at = [], 1
    for number, (variable, (names, _)) in enumerate(zip(variables, columns, strict=True)):
        for place, name in enumerate(names):
            category = variable.of_row == variable.categories.index(name)
            row = {
                "variable": variable.name,
                "category": name,
                "reference": int(place == 0),
                "n": int((inside & category).sum()),
            }
            for model, fit in fits.items():
                known = place > 0 and (model == "adjusted" or number == 0)
                row |= _figures(fit, at + place - 1, confidence, model) if known else {}
            rows.append(row)
        at += len(names) - 1
    figures = [
        f"{figure}_{model}"
        for model in ("alone", "adjusted")
        for figure in ("coefficient", "se", "odds_ratio", "lower", "upper", "p")
    ]
    return pd.DataFrame(rows).reindex(columns=["variable", "category", "reference", "n", *figures])


def _figures(fit: _Fit, at: int, confidence: float, model: str) -> dict[str, float]:
    value, se = float(fit.beta[at]), float(np.sqrt(max(fit.covariance[at, at], 0.0)))
    df = np.array([float(fit.df)])
    reach = float(student_quantile(df, confidence)[0]) * se
    figures = {
        "coefficient": value,
        "se": se,
        "odds_ratio": float(np.exp(value)),
        "lower": float(np.exp(value - reach)),
        "upper": float(np.exp(value + reach)),
        "p": float(t_test(np.array([value]), np.array([se]), df, np.array([True]))[0]),
    }
    return {f"{name}_{model}": figure for name, figure in figures.items()}


def _tests(variables: Sequence[Background], sizes: Sequence[int], fits: dict[str, _Fit]) -> pd.DataFrame:
    """Wald's test of each variable in each model that has it."""
    rows = []
    for model, fit in fits.items():
        at = 1
        for variable, size in zip(variables, sizes, strict=True):
            if at + size > len(fit.beta):
                break
            beta, V = fit.beta[at : at + size], fit.covariance[at : at + size, at : at + size]
            f = float(beta @ np.linalg.pinv(V) @ beta) / size
            p = float(special.fdtrc(size, fit.df, f))
            rows.append((model, variable.name, f, size, fit.df, p))
            at += size
    return pd.DataFrame(rows, columns=["model", "variable", "f", "df1", "df2", "p"])
