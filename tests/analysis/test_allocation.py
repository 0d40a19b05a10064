from itertools import product

import numpy as np
import pytest

from analysis import allocation, errors, sampling

POPULATIONS = {"a": 2000, "b": 20000, "c": 120, "d": 5000}


def test_power_allocation_goes_from_equal_to_the_same_share_of_every_stratum():
    equal = allocation.power(POPULATIONS, 400, exponent=0.0)
    assert equal == sampling.allocate(POPULATIONS, 100)
    shares = {"a": 200, "b": 2000, "c": 12, "d": 500}
    assert allocation.power(POPULATIONS, 2712, 1.0) == shares
    compromise = allocation.power(POPULATIONS, 400, exponent=0.5)
    assert compromise["b"] / compromise["d"] == pytest.approx(2.0, rel=0.02)  # the root of 20000 / 5000


def test_neyman_allocation_has_the_smallest_variance_of_all_allocations():
    populations, spread = {"a": 60, "b": 40, "c": 100}, {"a": 0.5, "b": 0.1, "c": 0.3}
    N, S = np.array(list(populations.values())), np.array(list(spread.values()))

    def variance(n):
        return (N**2 * S**2 * (1 / np.array(n) - 1 / N)).sum()

    drawn = allocation.power(populations, 30, 1.0, spread)
    best = min(variance((i, j, 30 - i - j)) for i, j in product(range(1, 29), repeat=2) if i + j < 30)
    assert sum(drawn.values()) == 30
    assert variance(list(drawn.values())) <= best * 1.01


@pytest.mark.parametrize("seed", range(20))
def test_sizes_add_up_and_keep_their_bounds(seed):
    generator = np.random.default_rng(seed)
    populations = {str(i): int(n) for i, n in enumerate(generator.integers(1, 4000, 30))}
    total = int(generator.integers(300, 3000))
    drawn = allocation.power(populations, total, 0.7, minimum=10, maximum=400)
    assert sum(drawn.values()) == total
    scale = []
    for stratum, n in drawn.items():
        N = populations[stratum]
        assert min(10, N) <= n <= min(400, N)
        if min(10, N) < n < min(400, N):
            scale.append((n - 1, n + 1, N**0.7))
    # One scale serves all that no bound holds, to the rounding of a person.
    assert max(low / size for low, _, size in scale) <= min(high / size for _, high, size in scale)


def test_a_small_stratum_is_taken_whole_and_its_rest_goes_to_the_others():
    assert allocation.power({"a": 50, "b": 1000, "c": 1000}, 450, 0.0) == {"a": 50, "b": 200, "c": 200}


def test_expected_answers_are_equal_when_the_rates_hold():
    rates = {"a": 0.8, "b": 0.4, "c": 0.5, "d": 0.53}
    drawn = allocation.for_answers(POPULATIONS, rates, 160, maximum=350)
    assert drawn == {"a": 200, "b": 350, "c": 120, "d": 302}
    assert drawn["d"] * rates["d"] >= 160 > (drawn["d"] - 1) * rates["d"]


def test_oversampled_young_people_get_smaller_weights_and_the_area_its_sample():
    frame = {"0180-1": {"16-19": 500, "20-29": 1500, "30-84": 8000}, "0180-2": {"16-19": 100, "30-84": 900}}
    classes = {"16-19": "young", "20-29": "young", "30-84": "older"}
    strata = allocation.split(frame, classes)
    assert strata == {"0180-1:young": 2000, "0180-1:older": 8000, "0180-2:young": 100, "0180-2:older": 900}
    drawn = allocation.oversample(strata, {"0180-1": 300, "0180-2": 300}, {"young": 2.0})
    assert drawn["0180-1:young"] + drawn["0180-1:older"] == 300
    weight = {code: strata[code] / n for code, n in drawn.items()}
    assert weight["0180-1:young"] == pytest.approx(weight["0180-1:older"] / 2, rel=0.01)
    ordinals = sampling.draw(strata, drawn, seed=1)
    assert {code: len(chosen) for code, chosen in ordinals.items()} == drawn


def test_factors_of_one_are_proportional_within_the_area():
    strata = {"x:young": 2000, "x:older": 8000}
    assert allocation.oversample(strata, {"x": 300}, {}) == {"x:young": 60, "x:older": 240}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: allocation.power({"s": 10}, 11, 1.0), "a sample of 11"),
        (lambda: allocation.power({"s": 10, "t": 10}, 1, 1.0), "allow 2 to 20"),
        (lambda: allocation.power({"s": 0}, 1, 1.0), "stratum s has no persons"),
        (lambda: allocation.power({"s": 10}, 1, 1.5), "exponent"),
        (lambda: allocation.power({"s": 10}, 1, 1.0, {"t": 1.0}), "stratum s has no spread"),
        (lambda: allocation.for_answers({"s": 10}, {}, 5), "response rate of stratum s is 0"),
        (lambda: allocation.for_answers({"s": 10}, {"s": 0.5}, 0), "at least 1"),
        (lambda: allocation.split({"x": {"16-19": 5}}, {}), "age group 16-19 of area x"),
        (lambda: allocation.oversample({"x:y": 5}, {}, {}), "area x"),
        (lambda: allocation.oversample({"x:y": 5}, {"x": 2}, {"y": 0.0}), "factor of age class y"),
    ],
)
def test_an_impossible_allocation_is_refused_with_its_reason(call, message):
    with pytest.raises(errors.SamplingError, match=message):
        call()
