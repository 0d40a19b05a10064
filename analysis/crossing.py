"""Sums over any crossing of respondents, with the covariance of all of them: what a free table is made of.

The domains of `domains.py` are the same for every item and are summed fast; here they are any partition of
the respondents, and every pair of them has a covariance, which tests of a whole table need. A domain is still
a mask over fine cells, and the quadratic form of each municipality is the same. METHODS.md M-36.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats, Ints
from analysis.indicators import Measured
from analysis.variance import Forms, quadratic_forms
from analysis.weights import Weighted


@dataclass(frozen=True)
class Crossing:
    """Sums over domains, of one wave.

    The values of a person are the rows of `scores` at the person's level: the statistics, and last a row of
    ones, the base.

    Attributes:
        scores: values x levels.
        counts: domains x levels, persons.
        weighted, weighted2: domains x levels, sums of weights and of squared weights.
        form: domains x values x domains x values: covariances of the weighted sums.
        members: respondents of each domain, whether they answered or not.
        df: members less the variance strata they occur in.
    """

    scores: Floats
    counts: Floats
    weighted: Floats
    weighted2: Floats
    form: Floats
    members: Ints
    df: Ints

    @property
    def sums(self) -> Floats:
        """Domains x values: weighted sums."""
        return self.weighted @ self.scores.T

    def linear(self, weights: Floats) -> Floats:
        """Covariance of linear combinations of the sums, each a row over domains x values."""
        size = self.form.shape[0] * self.form.shape[1]
        flat = weights.reshape(len(weights), size)
        covariance: Floats = flat @ self.form.reshape(size, size) @ flat.T
        return covariance


def cross(weighted: Weighted, wave: str, domain: Ints, joined: Floats, one: Measured) -> Crossing:
    """Sum one variable over domains.

    Args:
        weighted: the weights.
        wave: which wave.
        domain: the finest domain of each row of responses.csv, -1 outside all of them. Persons outside stay
            in the strata and in the calibration.
        joined: finest domains x domains, 0 or 1: the domains wanted, each a union of finest ones.
        one: the variable.
    """
    finest, wanted = joined.shape
    scores = np.vstack([*(one.values(name) for name in one.statistics), np.ones(len(one.codes))])
    levels, values = len(one.codes), len(scores)
    every = np.arange(values)
    counts, sums, squares = (np.zeros((finest, levels)) for _ in range(3))
    form = np.zeros((finest, values, finest, values))
    members: Floats = np.zeros(wanted)
    strata: Floats = np.zeros(wanted)
    for part in weighted.municipalities:
        if part.design.wave != wave:
            continue
        forms = quadratic_forms(part, weighted.settings)
        rows = weighted.frame.order[part.design.rows]
        inside = rows[domain[rows] >= 0]
        cell = weighted.frame.cell[inside] - part.design.cells.start
        here, position = np.unique(domain[inside], return_inverse=True)
        place = cell * len(here) + position
        cells = part.design.cells.stop - part.design.cells.start
        present = np.bincount(place, minlength=cells * len(here)).reshape(cells, len(here))
        held = present.astype(np.float64) @ joined[here]
        members += held.sum(axis=0)
        strata += _occupied(forms, held)
        level = one.level[inside].astype(np.int64)
        keys = (place * levels + level)[level >= 0]
        counted = np.bincount(keys, minlength=cells * len(here) * levels)
        local = counted.reshape(cells, len(here), levels).astype(np.float64)
        counts[here] += local.sum(axis=0)
        sums[here] += np.tensordot(forms.weight, local, 1)
        squares[here] += np.tensordot(forms.weight**2, local, 1)
        form[np.ix_(here, every, here, every)] += _form(forms, local, scores)
    wide = np.einsum("fa,fvgw,gb->avbw", joined, form, joined, optimize=True)
    return Crossing(
        scores=scores,
        counts=joined.T @ counts,
        weighted=joined.T @ sums,
        weighted2=joined.T @ squares,
        form=wide,
        members=members.astype(np.int64),
        df=(members - strata).astype(np.int64),
    )


def _form(forms: Forms, local: Floats, scores: Floats) -> Floats:
    """Covariances of the (finest domain, value) sums of one municipality; nobody stands in two of them."""
    cells, finest, _ = local.shape
    values = len(scores)
    y = (local @ scores.T).reshape(cells, finest * values)
    form = y.T @ forms.Q @ y
    own = np.einsum("vl,fl,wl->fvw", scores, np.tensordot(forms.v0, local, 1), scores, optimize=True)
    blocks: Floats = form.reshape(finest, values, finest, values)
    at = np.arange(finest)
    blocks[at, :, at, :] += own
    return blocks


def _occupied(forms: Forms, held: Floats) -> Floats:
    """Variance strata in which each domain has members."""
    inside = forms.stratum[:, None] == np.arange(int(forms.stratum.max()) + 1)
    occupied: Floats = (inside.T.astype(np.float64) @ held > 0).sum(axis=0).astype(np.float64)
    return occupied
