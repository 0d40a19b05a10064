import numpy as np
import pytest

from analysis import errors
from analysis.__main__ import main
from analysis.precision import expected_precision, sample_for_margin
from analysis.weights import kish_deff


def test_two_unequal_areas_with_equal_samples_by_hand():
    """Areas of 2,000 and 20,000 persons, 160 answers each: deff 1.67, worth 192, 21.8 ± 5.7 %."""
    N, n = np.array([2000.0, 20000.0]), np.array([160, 160])
    deff = kish_deff(N / n, n)
    assert deff == pytest.approx(1.67, abs=0.005)
    assert n.sum() / deff == pytest.approx(192, abs=0.5)
    share, p = N / N.sum(), np.array([0.4, 0.2])
    assert share @ p == pytest.approx(0.218, abs=0.0005)
    assert 1.96 * np.sqrt((share**2 * p * (1 - p) / n).sum()) == pytest.approx(0.057, abs=0.0005)


@pytest.mark.parametrize(
    ("answers", "margins", "changes"),
    [
        (100, (9.0, 10.2), (12.7, 14.5)),
        (160, (7.1, 8.1), (10.0, 11.4)),
        (450, (4.2, 4.8), (6.0, 6.8)),
        (538, (3.9, 4.4), (5.5, 6.2)),
        (1127, (2.7, 3.1), (3.8, 4.3)),
    ],
)
def test_the_sizes_in_use_show_what_they_are_known_to_show(answers, margins, changes):
    """Half-widths for 30 % at design effects 1.0 and 1.3, in points, and the change that is significant."""
    for deff, margin, change in zip((1.0, 1.3), margins, changes, strict=True):
        found = expected_precision(answers, 1.0, 0.3, deff)
        assert 100 * found.margin_normal == pytest.approx(margin, abs=0.06)
        assert 100 * found.significant_change == pytest.approx(change, abs=0.06)
        assert found.margin == pytest.approx(found.margin_normal, rel=0.03)


def test_the_detectable_change_is_found_four_times_out_of_five():
    found = expected_precision(800, 0.5, 0.3)
    generator = np.random.default_rng(4)
    before = generator.binomial(400, 0.3 - found.detectable_change / 2, 20_000) / 400
    after = generator.binomial(400, 0.3 + found.detectable_change / 2, 20_000) / 400
    se = np.sqrt((before * (1 - before) + after * (1 - after)) / 400)
    assert (np.abs(after - before) > 1.96 * se).mean() == pytest.approx(0.80, abs=0.03)


@pytest.mark.parametrize("population", [None, 3000])
def test_the_way_back_gives_the_smallest_sample_with_the_margin(population):
    found = sample_for_margin(0.03, 0.55, 0.2, 1.4, population)
    assert found.margin <= 0.03
    assert expected_precision(found.sampled - 1, 0.55, 0.2, 1.4, population).margin > 0.03


def test_most_of_a_population_needs_fewer_answers():
    assert (
        sample_for_margin(0.03, 1.0, 0.3, population=1000).sampled < sample_for_margin(0.03, 1.0, 0.3).sampled
    )
    assert expected_precision(1000, 1.0, 0.3, population=1000).margin == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0.5, 0.3), "persons drawn is 0"),
        ((10, 0.0, 0.3), "response rate"),
        ((10, 0.5, 1.0), "proportion"),
        ((10, 0.5, 0.3, -1.0), "design effect"),
        ((10, 0.5, 0.3, 1.0, 5), "from 1 to 5"),
        ((10, 0.5, 0.3, 1.0, 0), "the population is 0"),
        ((10, 0.5, 0.3, 1.0, -5), "the population is -5"),
    ],
)
def test_figures_outside_their_range_are_refused_by_name(arguments, message):
    with pytest.raises(errors.SamplingError, match=message):
        expected_precision(*arguments)


def test_a_margin_beyond_reach_says_what_everybody_gives():
    with pytest.raises(errors.SamplingError, match="everybody drawn, 200 persons"):
        sample_for_margin(0.01, 0.5, 0.3, population=200)


def test_the_command_tells_both_ways(capsys):
    assert main(["precision", "--sampled", "300", "--response-rate", "0.5333334"]) == 0
    assert "10.0 points" in capsys.readouterr().out
    assert main(["precision", "--margin", "0.03", "--response-rate", "0.5"]) == 0
    told = capsys.readouterr().out
    assert f"{sample_for_margin(0.03, 0.5, 0.3).sampled}" in told
    assert main(["precision", "--sampled", "0", "--response-rate", "0.5"]) == errors.EXIT_CODE
    assert "persons drawn is 0" in capsys.readouterr().err
    for size in (["--sampled", "300"], ["--margin", "0.03"]):
        for population in ("0", "-5"):
            words = [*size, "--response-rate", "0.5", "--population", population]
            assert main(["precision", *words]) == errors.EXIT_CODE
            assert f"the population is {population}" in capsys.readouterr().err
