"""Invented surveys: repeatable, complete, and true to the shares they were drawn from."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text

from analysis.estimates import estimate
from analysis.schema import COLUMNS, read_bundle, validate_bundle
from analysis.synthetic import Synthetic, main, synthesize, write_bundle
from analysis.synthetic_answers import draw_codes, solve_level
from analysis.synthetic_population import SIZES, Plan
from analysis.weights import weigh

PLAN = Plan(municipalities=2, areas=6, drawn=600, binary=8, ordinal=2)


@pytest.fixture(scope="module")
def invented() -> Synthetic:
    return synthesize(PLAN)


def test_the_same_plan_gives_the_same_survey_and_another_seed_another(invented: Synthetic) -> None:
    pd.testing.assert_frame_equal(synthesize(PLAN).bundle.responses, invented.bundle.responses)
    other = synthesize(replace(PLAN, seed=1)).bundle.responses
    assert len(other) != len(invented.bundle.responses)


def test_weighted_estimates_find_the_truth_within_their_uncertainty(invented: Synthetic) -> None:
    table = as_text(estimate(weigh(validate_bundle(invented.bundle))))
    keys = ["wave", "geography", "code", "age_group", "indicator", "statistic"]
    usual = (table["statistic"] == "mean") | table["estimate"].between(0.1, 0.9)
    table = table[(table["gender"] == "all") & (table["n"] >= 100) & usual]
    both = table.merge(invented.truth, on=keys, validate="one_to_one")
    assert len(both) > 200
    far = (both["estimate"] - both["value"]) / both["se"].where(both["se"] > 0)
    assert abs(far.mean()) < 0.15
    assert 0.8 < far.std() < 1.25


def test_a_routed_question_is_answered_only_by_those_it_is_asked_of(invented: Synthetic) -> None:
    answers = invented.bundle.responses
    answered = answers["q05"] != ""
    assert answered.any()
    assert (answers.loc[answered, "q04"] != "0").all()


def test_a_written_survey_reads_back_the_same(tmp_path, capsys) -> None:
    assert main([str(tmp_path), "--size", "small", "--seed", "5"]) == 0
    bundle = read_bundle(tmp_path)
    again = validate_bundle(synthesize(replace(SIZES["small"], seed=5)).bundle)
    assert (bundle.responses["q21"].astype(str) == again.responses["q21"].astype(str)).all()
    assert (tmp_path / "truth.csv").stat().st_size > 1000
    words = pd.DataFrame([(wave, "q01", "v1") for wave in again.waves], columns=COLUMNS["definitions"])
    write_bundle(replace(again, definitions=words), tmp_path)
    pd.testing.assert_frame_equal(read_bundle(tmp_path).definitions, words)


def test_the_level_of_a_logit_is_solved_for_any_share() -> None:
    lean = np.array([-1.0, 0.0, 2.0])
    weights = np.array([0.2, 0.5, 0.3])
    for target in (0.004, 0.3, 0.9):
        level = solve_level(lean, weights, np.array([target]))[0]
        assert float(weights @ (1 / (1 + np.exp(-(level + lean))))) == pytest.approx(target, abs=1e-6)


def test_codes_are_drawn_with_their_shares() -> None:
    rng = np.random.default_rng(1)
    drawn = draw_codes(np.repeat([[1.0, 2.0, 1.0]], 20_000, axis=0), rng)
    assert np.bincount(drawn) / 20_000 == pytest.approx([0.25, 0.5, 0.25], abs=0.015)
