"""The variance of who is drawn, against every category worked out by itself."""

import numpy as np
import pytest

from analysis.drawing import Drawing, Drawn, Factor


@pytest.mark.parametrize("of_cell", [[0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 2, 2], [0, 0, 0, 0, 0, 0]])
def test_each_category_has_the_variance_of_its_own_variable(of_cell):
    generator = np.random.default_rng(1)
    stratum, place = np.array([0, 0, 0, 2, 2, 2, 5, 5, 5, 5]), np.array([0, 1, 2, 0, 3, 4, 1, 3, 4, 5])
    sampled = generator.integers(3, 30, 10).astype(float)
    weight = np.array([4.0, 0.0, 10.0, 0.0, 0.0, 26.0])[stratum]
    inside, outside = generator.normal(size=(2, 6, 2))
    of_cell = np.array(of_cell)
    factor = Factor("area", tuple("abc"[: of_cell.max() + 1]), of_cell)
    found = Drawing(Drawn(sampled, sampled, weight, stratum), place).variances(factor, inside, outside)
    for category in range(len(factor.categories)):
        for quantity in range(2):
            values = np.where(of_cell == category, inside[:, quantity], outside[:, quantity])
            persons = [
                np.repeat(values[place], np.where(stratum == h, sampled, 0).astype(int)) for h in (0, 2, 5)
            ]
            d = [4.0, 10.0, 26.0]
            whole = sum(one * len(own) for one, own in zip(d, persons, strict=True))
            expected = sum(
                (1 - 1 / one) * one**2 * len(own) * own.var(ddof=1)
                for one, own in zip(d, persons, strict=True)
            )
            assert found[category, quantity] == pytest.approx(expected / whole**2, rel=1e-12)
