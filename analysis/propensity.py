"""Response homogeneity groups by the propensity to answer: a logistic regression and its classes. M-34.

Sources: Rosenbaum & Rubin 1984, JASA 79 (five classes); Little 1986, International Statistical Review 54
(response propensity classes); Särndal & Lundström 2005.
"""

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.collapse import Groups, Log, collapse, enough_response
from analysis.design import Design
from analysis.settings import Settings

RIDGE = 1e-4  # keeps a coefficient finite where a category answers always or never
STEPS = 50
SMALL_STEP = 1e-10


def response_classes(design: Design, areas: Groups, settings: Settings, log: Log) -> Groups:
    """Response homogeneity groups by the propensity to answer. METHODS.md M-34.

    Classes hold equal numbers of persons drawn; a class with too few respondents, or too large an adjustment,
    joins the next more willing, the last one the previous.
    """
    propensity = response_propensities(design, areas)
    classes = propensity_classes(propensity, design.sampled, settings.response_classes)
    of_class = Groups(classes, tuple(map(str, range(int(classes.max()) + 1))))
    d = design.design_weight
    sizes = np.column_stack(
        [of_class.sums(amount) for amount in (design.respondents, d * design.sampled, d * design.respondents)]
    )
    merged = collapse(sizes, enough_response(settings))[classes]
    names = []
    for number in range(int(merged.max()) + 1):
        inside, held = propensity[merged == number], np.unique(classes[merged == number]) + 1
        names.append(f"{design.municipality_code}:propensity:{held[0]}-{held[-1]}")
        values = {"lowest": float(inside.min()), "highest": float(inside.max())}
        size = int(design.respondents[merged == number].sum())
        log.add(design, "response_group", names[-1], size, "propensity_class", **values)
    return Groups(merged, tuple(names))


def response_propensities(design: Design, areas: Groups) -> Floats:
    """Fitted probability to answer in each fine cell, in (0, 1).

    Args:
        design: one municipality with persons drawn and persons who answered, by cell.
        areas: its calibration areas.

    Returns:
        The fit of a logistic regression, unweighted, on register sex, age band, calibration area and the
        municipality's further margins as main effects. A weak ridge keeps separated categories finite; it
        moves other coefficients in the fourth decimal.
    """
    return logistic(_columns(design, areas), design.sampled, design.respondents)


def logistic(X: Floats, drawn: Ints, answered: Ints) -> Floats:
    """Fitted probabilities of a binomial logistic regression, by Newton's method.

    Args:
        X: cells x columns, the first of them 1.
        drawn, answered: trials and successes of each cell.
    """
    penalty = np.full(X.shape[1], RIDGE)
    penalty[0] = 0.0 if 0 < answered.sum() < drawn.sum() else RIDGE
    beta = np.zeros(X.shape[1])
    for _ in range(STEPS):
        p = _inverse_logit(X @ beta)
        information = X.T @ ((drawn * p * (1.0 - p))[:, None] * X) + np.diag(penalty)
        score = X.T @ (answered - drawn * p) - penalty * beta
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < SMALL_STEP:
            break
    return _inverse_logit(X @ beta)


def propensity_classes(propensity: Floats, drawn: Ints, classes: int) -> Ints:
    """Class of each cell, from the least to the most willing: quantiles of the propensity over persons drawn.

    Cells of equal propensity are never parted; a class that would be empty does not exist.
    """
    values, place = np.unique(np.round(propensity, 10), return_inverse=True)
    persons = np.bincount(place, weights=drawn, minlength=len(values))
    middle = (np.cumsum(persons) - persons / 2.0) / max(float(persons.sum()), 1.0)
    wanted = np.minimum((middle * classes).astype(np.int64), classes - 1)
    numbers: Ints = np.unique(wanted, return_inverse=True)[1].astype(np.int64)
    return numbers[place]


def _columns(design: Design, areas: Groups) -> Floats:
    """1, and dummies of every category but the first of each factor."""
    factors = [design.gender, design.band, areas.of_cell, *(margin.of_cell for margin in design.margins)]
    blocks = [np.ones((len(design.gender), 1))]
    for factor in factors:
        blocks.append((factor[:, None] == np.unique(factor)[1:]).astype(np.float64))
    return np.hstack(blocks)


def _inverse_logit(u: Floats) -> Floats:
    probability: Floats = 1.0 / (1.0 + np.exp(-np.clip(u, -30.0, 30.0)))
    return probability
