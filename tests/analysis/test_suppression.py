from dataclasses import replace
from itertools import islice

import attacked
import numpy as np
import pandas as pd
import pytest
from attack import CELL
from scipy import optimize

from analysis import disclosure, pipeline, regions
from analysis.bands import DECIMAL_BELOW, _rounding
from analysis.extremes import Extremes
from analysis.keys import ESTIMATE
from analysis.remembered import remember
from analysis.schema import Bundle
from analysis.settings import Settings

EMPTY = pd.DataFrame()
ROW = {
    "wave": "2026",
    "geography": "area",
    "code": "a",
    "gender": "all",
    "age_group": "all",
    "indicator": "theft",
    "statistic": "proportion",
    "n": 100,
}


def exact(region, target):
    """The fewest and the most, by linear programming."""
    rules = optimize.LinearConstraint(region.rows, region.least, region.most)
    box = optimize.Bounds(region.below, region.above)
    ends = [optimize.milp(sign * target, constraints=rules, bounds=box).fun * sign for sign in (1.0, -1.0)]
    return tuple(ends)


@pytest.fixture(scope="module")
def first():
    bundle = attacked.survey(3)
    return bundle, attacked.run(bundle)


def invented_regions():
    """Regions of twelve groups and four shown figures, with six targets each."""
    chance = np.random.default_rng(4)
    for _ in range(20):
        n, groups = chance.integers(2, 20, 12).astype(float), np.eye(12, dtype=bool)
        yes = np.floor(n * chance.random(12))
        rows = (chance.random((4, 12)) < 0.5) * chance.uniform(20, 80, 12)
        room = 50 * chance.random(4) + 1
        region = regions.Region(-yes, n - yes, rows, -room, room[::-1].copy(), 0.5 * n - yes)
        yield region, np.vstack([groups[:3], chance.random((3, 12)) < 0.4]), n


def test_rays_never_claim_more_than_the_exact_answer():
    for region, targets, n in invented_regions():
        found = regions.move(region, targets, targets @ n)
        for target, least, most in zip(targets, found.lowest, found.highest, strict=True):
            low, high = exact(region, target)
            assert low - 1e-6 <= least <= most <= high + 1e-6


def test_the_solver_that_keeps_its_basis_gives_the_exact_answer_whatever_is_hidden():
    for region, targets, _ in islice(invented_regions(), 4):
        extremes = Extremes(region)
        for kept in (np.ones(4, dtype=bool), np.array([True, False, True, False]), np.arange(4) > 0):
            extremes.keep(kept)
            left = replace(region, rows=region.rows[kept], least=region.least[kept], most=region.most[kept])
            for target in targets.astype(float):
                (most, strain), (least, _) = (extremes.most(sign * target) for sign in (1.0, -1.0))
                assert (target @ least, target @ most) == pytest.approx(exact(left, target), abs=1e-6)
                assert not strain[~kept].any()


class Stalling:
    """A solver that comes nowhere in fewer steps than some, as it does where many rows meet."""

    def __init__(self, solver):
        self.solver, self.limit, self.looks = solver, 0, 0

    def __getattr__(self, name):
        return getattr(self.solver, name)

    def setOptionValue(self, name, value):
        self.limit = value if name == "simplex_iteration_limit" else self.limit
        self.solver.setOptionValue(name, value if self.limit > 1000 else 0)

    def run(self):
        self.looks += 1
        assert self.looks < 100
        self.solver.run()


def test_a_programme_that_comes_nowhere_in_a_few_steps_is_given_more():
    region, targets, _ = next(iter(invented_regions()))
    extremes = Extremes(region)
    extremes.__dict__["_solver"] = Stalling(extremes._solver)
    target = targets[0].astype(float)
    most = exact(region, target)[1]
    assert extremes.most(target, most / 2)[0] @ target >= most / 2


def test_offered_movements_leave_every_figure_of_their_own_as_it_is():
    for region, _, _ in invented_regions():
        tables = regions.steer(region, region, region.rows)
        moved = region.rows @ tables.T
        assert (moved <= region.most[:, None] + 1e-9).all() and (moved >= region.least[:, None] - 1e-9).all()
        assert (tables <= region.above + 1e-9).all() and (tables >= region.below - 1e-9).all()
        assert np.ptp(moved, axis=1).min() > 0


def test_the_same_bundle_hides_the_same_rows(first):
    again = attacked.run(first[0])
    pd.testing.assert_frame_equal(again.estimates, first[1].estimates)


def test_items_that_are_not_sensitive_lose_nothing(first):
    bundle = first[0]
    harmless = replace(bundle, indicators=bundle.indicators.assign(sensitive=False))
    bare = pipeline.run(harmless, Settings.default(), protected=False).estimates
    # Nor is anything hidden but what is named as telling beside approved tables.
    withheld = bare.loc[bare["released"].eq(1), ESTIMATE].iloc[[5, 40]]
    shown = attacked.run(harmless, withheld=withheld).estimates
    lost = bare["released"].ne(shown["released"])
    assert list(bare.index[lost]) == list(withheld.index)
    assert shown.loc[lost, "reason"].eq("protected").all() and shown.loc[lost, "n"].isna().all()


def test_a_second_release_of_the_same_answers_shows_the_same_rows(first):
    bundle, results = first
    again = pipeline.run(bundle, Settings.default(), earlier=results.estimates)
    pd.testing.assert_series_equal(again.estimates["released"], results.estimates["released"])


def test_what_was_hidden_once_stays_hidden(first):
    bundle, results = first
    earlier = results.estimates.astype(dict.fromkeys(CELL, str))
    total = (
        earlier["geography"].eq("municipality") & earlier["gender"].eq("all") & earlier["age_group"].eq("all")
    )
    target = total & earlier["indicator"].astype(str).eq("unsafe")
    assert earlier.loc[target, "released"].eq(1).all()
    earlier.loc[target, ["released", "n"]] = [0, np.nan]
    again = pipeline.run(bundle, Settings.default(), earlier=earlier).estimates
    assert again.loc[target.to_numpy(), "released"].eq(0).all()


@pytest.mark.parametrize(("n", "kept"), [(100, False), (101, True), (96, True), (105, False)])
def test_a_row_whose_n_has_changed_by_one_to_four_is_held_back(n, kept):
    earlier = pd.DataFrame([{**ROW, "n": n, "released": 1}])
    told, hold = remember(pd.DataFrame([ROW]), earlier, few=4)
    assert (bool(told[0]), bool(hold[0])) == (True, kept)


@pytest.mark.parametrize(
    ("n", "estimate", "kept"), [(100, 0.3, False), (100, 0.31, True), (110, 0.31, False), (90, 0.31, False)]
)
def test_where_n_is_released_rounded_the_same_estimate_is_shown_again_and_another_of_few_is_not(
    n, estimate, kept
):
    earlier = pd.DataFrame([{**ROW, "n": n, "estimate": estimate, "released": 1}])
    now = pd.DataFrame([{**ROW, "n": 100, "estimate": 0.3}])
    told, hold = remember(now, earlier, few=4, rounding=5.0)
    assert (bool(told[0]), bool(hold[0])) == (True, kept)


def test_n_is_rounded_to_tens_where_the_base_is_sensitive_and_nowhere_else():
    indicators = pd.DataFrame(
        {"indicator": ["theft", "reported"], "sensitive": True, "base": ["", "theft=1"], "type": "binary"}
    )
    bundle = Bundle(EMPTY, EMPTY, EMPTY, EMPTY, indicators)
    table = pd.DataFrame([{**ROW, "n": 37.0}, {**ROW, "indicator": "reported", "n": 37.0}])
    assert disclosure.round_bases(table, bundle)["n"].tolist() == [37.0, 40.0]


@pytest.mark.parametrize(("interval", "expected"), [((0.35, 0.65), "protected"), ((0.40, 0.60), "")])
def test_a_wide_sensitive_cell_does_not_say_that_it_is_wide(interval, expected):
    indicators = pd.DataFrame({"indicator": ["theft"], "sensitive": [True]})
    row = {**ROW, "yes": 50, "estimate": 0.5, "n_eff": 90.0, "lower": interval[0], "upper": interval[1]}
    bundle = Bundle(EMPTY, EMPTY, EMPTY, EMPTY, indicators)
    assert disclosure.screen(pd.DataFrame([row]), bundle, Settings.default())["reason"].tolist() == [expected]


@pytest.mark.parametrize(("change", "ends"), [(0.004, (0.0035, 0.0045)), (0.012, (0.0095, 0.015))])
def test_a_printed_change_of_one_point_is_known_not_to_have_had_a_decimal(change, ends):
    below, above = _rounding(np.array([change]), DECIMAL_BELOW)
    assert change + below[0] == pytest.approx(ends[0])
    assert change + above[0] == pytest.approx(ends[1])
