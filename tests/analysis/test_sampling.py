import numpy as np
import pytest

from analysis import errors, sampling

POPULATIONS = {"0180-01": 2000, "0180-02": 20000, "0192-01": 120}


def test_every_stratum_gets_the_same_number_or_everybody():
    assert sampling.allocate(POPULATIONS, 300) == {"0180-01": 300, "0180-02": 300, "0192-01": 120}


def test_ordinals_are_distinct_ascending_and_inside_the_stratum():
    drawn = sampling.draw(POPULATIONS, sampling.allocate(POPULATIONS, 300), seed=1)
    for stratum, ordinals in drawn.items():
        assert len(ordinals) == min(300, POPULATIONS[stratum])
        assert (np.diff(ordinals) > 0).all()
        assert ordinals[0] >= 0 and ordinals[-1] < POPULATIONS[stratum]


def test_the_same_seed_draws_the_same_persons_and_another_seed_others():
    sizes = sampling.allocate(POPULATIONS, 100)
    first, again, other = (sampling.draw(POPULATIONS, sizes, seed=s) for s in (7, 7, 8))
    assert all((first[s] == again[s]).all() for s in POPULATIONS)
    assert all((first[s] != other[s]).any() for s in POPULATIONS)


def test_the_ordinals_are_pinned_so_that_a_sample_can_be_redrawn_in_ten_years():
    drawn = sampling.draw({"0180-01": 1000}, {"0180-01": 5}, seed=20221)
    assert drawn["0180-01"].tolist() == [316, 323, 345, 626, 773]


def test_a_stratum_is_drawn_the_same_whatever_the_others_are():
    alone = sampling.draw({"0180-02": 20000}, {"0180-02": 300}, seed=3)
    together = sampling.draw(POPULATIONS, sampling.allocate(POPULATIONS, 300), seed=3)
    assert (alone["0180-02"] == together["0180-02"]).all()


def test_strata_of_the_same_size_are_drawn_independently():
    sizes = {"a": 5000, "b": 5000}
    drawn = sampling.draw(sizes, {"a": 500, "b": 500}, seed=11)
    overlap = len(np.intersect1d(drawn["a"], drawn["b"]))
    assert 25 <= overlap <= 80  # expected 50, standard deviation 6.4


def test_every_person_is_drawn_equally_often():
    counts = np.zeros(20)
    for seed in range(4000):
        counts[sampling.draw({"s": 20}, {"s": 5}, seed=seed)["s"]] += 1
    chi_square = ((counts - 1000) ** 2 / 1000).sum() / (1 - 5 / 20)
    assert chi_square < 43.8  # the 0.999 quantile with 19 degrees of freedom is 43.82


def test_a_census_draws_everybody():
    assert sampling.draw({"s": 4}, {"s": 4}, seed=0)["s"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("populations", "sizes", "seed", "message"),
    [
        ({"s": 0}, {"s": 1}, 1, "stratum s has no persons"),
        ({"s": 10}, {"s": 11}, 1, "has only 10 persons"),
        ({"s": 10}, {"s": 0}, 1, "must be at least 1"),
        ({"s": 10}, {"t": 5}, 1, "must name the same strata"),
        ({"s": 10}, {"s": 5}, -1, "the seed is -1"),
    ],
)
def test_an_impossible_sample_is_refused_with_its_reason(populations, sizes, seed, message):
    with pytest.raises(errors.SamplingError, match=message):
        sampling.draw(populations, sizes, seed)


@pytest.mark.parametrize(("populations", "wanted"), [({"s": 0}, 5), ({"s": 9}, 0)])
def test_an_impossible_allocation_is_refused(populations, wanted):
    with pytest.raises(errors.SamplingError):
        sampling.allocate(populations, wanted)
