"""What a plan promises, against figures by hand and against simulated samples."""

import numpy as np
import pytest

from analysis.plan_precision import Part, effective, expected_overlap, prospect
from analysis.precision import expected_precision


def test_one_stratum_has_the_precision_of_the_plain_formula():
    found = prospect([Part(5000, 300, 159.0, 1.3)])
    plain = expected_precision(300, 0.53, 0.2, 1.3, 5000)
    assert found.by_proportion[0.2].margin == pytest.approx(plain.margin)
    assert found.by_proportion[0.2].detectable_change == pytest.approx(plain.detectable_change)
    assert not found.compared


def test_unequal_areas_with_equal_samples_are_worth_fewer_answers():
    """Areas of 2,000 and 20,000 persons, 160 answers each: worth 192 before the finite populations."""
    n_eff = effective([Part(2000, 300, 160.0), Part(20000, 300, 160.0)])
    W = np.array([1 / 11, 10 / 11])
    assert n_eff == pytest.approx(1 / (W**2 * np.array([0.92, 0.992]) / 160).sum())
    assert effective([Part(2 * 10**9, 300, 160.0), Part(2 * 10**10, 300, 160.0)]) == pytest.approx(
        192, abs=0.5
    )


def test_a_change_counts_the_uncertainty_of_both_waves():
    now, before = Part(10**9, 200, 100.0), Part(10**9, 50, 25.0)
    found = prospect([now], [before])
    # 0.25 (1/100 + 1/25) = 0.0125, whose root is 0.1118; times 1.96 + 0.8416.
    assert found.compared
    assert found.by_proportion[0.5].detectable_change == pytest.approx(2.8016 * 0.1118, abs=5e-4)
    assert prospect([now], [now]).by_proportion == prospect([now]).by_proportion


def test_a_change_is_about_what_took_part_both_times():
    old, new = Part(10**9, 200, 100.0), Part(10**9, 200, 100.0)
    alone = prospect([old], [old]).by_proportion[0.5]
    found = prospect([old, new], [old], [old]).by_proportion[0.5]
    assert found.detectable_change == alone.detectable_change
    assert found.margin < alone.margin


def test_an_earlier_wave_without_answers_is_none():
    assert not prospect([Part(1000, 100, 50.0)], [Part(1000, 100, 0.0)]).compared


def test_a_census_has_hardly_any_margin():
    assert prospect([Part(500, 500, 500.0)]).by_proportion[0.5].margin < 1e-4


def test_the_promised_precision_is_that_of_drawn_samples():
    generator = np.random.default_rng(4)
    N, r, p = (400, 3000), (100, 120), 0.3
    answers = [np.arange(size) < p * size for size in N]
    means = [
        sum(
            size * generator.choice(yes, n, replace=False).mean()
            for size, n, yes in zip(N, r, answers, strict=True)
        )
        / sum(N)
        for _ in range(4000)
    ]
    n_eff = effective([Part(N[0], 200, 100.0), Part(N[1], 240, 120.0)])
    assert np.var(means) == pytest.approx(p * (1 - p) / n_eff, rel=0.08)


def test_persons_drawn_twice_are_as_many_as_chance_gives():
    # 300 of 3,000 twice: 30 expected; 100 of 200 after 50: 25; nobody before: none.
    assert expected_overlap([(3000, 300, 300), (200, 100, 50), (900, 30, 0)]) == 55
    assert expected_overlap([(100, 10, 400)]) == 10  # an area that has shrunk since
