import gc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis import multiplicity
from analysis.multiplicity import benjamini_hochberg

TESTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), min_size=1, max_size=60)


def holm(p, family):
    return multiplicity.Tests.of(p, family).holm()


@pytest.fixture(scope="module")
def little_garbage() -> Iterator[None]:
    """statsmodels collects garbage at every call: what has been loaded is set aside meanwhile."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("little_garbage")
@pytest.mark.parametrize(("adjust", "method"), [(benjamini_hochberg, "fdr_bh"), (holm, "holm")])
@settings(max_examples=40, deadline=None)
@given(tests=TESTS)
def test_adjusted_values_equal_statsmodels_family_by_family(adjust, method, tests):
    p = np.array([value for value, _ in tests])
    family = np.array([code for _, code in tests])
    adjusted = adjust(p, family)
    for code in np.unique(family):
        expected = multipletests(p[family == code], method=method)[1]
        np.testing.assert_allclose(adjusted[family == code], expected, rtol=1e-12)


def test_a_worked_family_of_four():
    p, family = np.array([0.04, 0.01, 0.03, 0.02]), np.zeros(4, dtype=np.int64)
    np.testing.assert_allclose(benjamini_hochberg(p, family), [0.04, 0.04, 0.04, 0.04])
    np.testing.assert_allclose(holm(p, family), [0.06, 0.04, 0.06, 0.06])


def test_a_test_without_p_value_stays_outside_its_family():
    p, family = np.array([0.01, np.nan, 0.5]), np.zeros(3, dtype=np.int64)
    np.testing.assert_allclose(benjamini_hochberg(p, family), [0.02, np.nan, 0.5])


def test_no_tests_at_all_give_no_values():
    nothing = np.array([], dtype=np.float64)
    assert len(holm(nothing, nothing.astype(np.int64))) == 0
    assert len(benjamini_hochberg(nothing, nothing.astype(np.int64))) == 0
