"""A target is reached, not reached, or nobody can tell: by the interval and the verdict alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.precision import precision_of
from analysis.targets import (
    Ground,
    Outcome,
    detectable_change,
    is_detectable,
    judge_figure,
    judge_target,
    level_for_certainty,
)

PERCENT = st.integers(0, 100).map(float)
LIMITS = st.tuples(PERCENT, PERCENT).map(lambda pair: (min(pair), max(pair)))
GOOD = st.sampled_from(["up", "down"])
VERDICTS = st.sampled_from(["up", "down", "unchanged", "too_uncertain", "not_comparable", None])
OTHER = {"up": "down", "down": "up"}


@given(PERCENT, LIMITS, GOOD, VERDICTS)
def test_an_outcome_is_told_only_where_the_interval_or_a_certain_change_carries_it(
    target: float, limits: tuple[float, float], good: str, verdict: str | None
) -> None:
    found = judge_target(target, limits, good, verdict)
    beyond = limits[0] >= target if good == "up" else limits[1] <= target
    short = limits[1] < target if good == "up" else limits[0] > target
    if found.outcome is Outcome.REACHED:
        assert beyond and verdict in (good, None)
    if found.outcome is Outcome.NOT_REACHED:
        assert short or verdict == OTHER[good]
    if limits[0] < target < limits[1] and verdict != OTHER[good]:
        assert found.outcome is Outcome.CANNOT_TELL
    if verdict == "not_comparable":
        assert found.ground is Ground.NOT_COMPARABLE


@given(PERCENT, LIMITS, GOOD, VERDICTS)
def test_what_is_good_upwards_is_judged_as_its_complement_is_downwards(
    target: float, limits: tuple[float, float], good: str, verdict: str | None
) -> None:
    turned = OTHER.get(verdict or "", verdict)
    mirrored = judge_target(100 - target, (100 - limits[1], 100 - limits[0]), OTHER[good], turned)
    assert mirrored == judge_target(target, limits, good, verdict)


@given(PERCENT, LIMITS, GOOD, VERDICTS, st.integers(1, 20))
def test_a_harder_target_is_never_judged_better(
    target: float, limits: tuple[float, float], good: str, verdict: str | None, harder: int
) -> None:
    order = [Outcome.NOT_REACHED, Outcome.CANNOT_TELL, Outcome.REACHED]
    further = target + harder if good == "up" else target - harder
    easy, hard = (judge_target(level, limits, good, verdict).outcome for level in (target, further))
    assert order.index(hard) <= order.index(easy)


@given(st.floats(0.05, 0.95), st.integers(100, 5000))
def test_the_detectable_change_read_off_an_interval_is_that_of_the_planned_sample(p: float, n: int) -> None:
    planned = precision_of(n, n, float(n), p)
    normal = (p - planned.margin_normal, p + planned.margin_normal)
    assert detectable_change(normal) == pytest.approx(planned.detectable_change, rel=1e-9)


@given(PERCENT, LIMITS, GOOD)
def test_at_the_level_for_certainty_an_interval_as_wide_as_today_is_wholly_beyond(
    target: float, limits: tuple[float, float], good: str
) -> None:
    half = (limits[1] - limits[0]) / 2
    level = level_for_certainty(target, limits, good)
    assert judge_target(target, (level - half, level + half), good, good).outcome is Outcome.REACHED


def test_the_worked_numbers_of_the_methods_hold() -> None:
    assert round(detectable_change((36, 44))) == 8
    assert not is_detectable(40, 35, detectable_change((36, 44)))
    assert is_detectable(40, 31, detectable_change((36, 44)))
    assert level_for_certainty(35, (36, 44), "down") == 31
    assert judge_target(35, (27, 33), "down", "down").outcome is Outcome.REACHED
    assert judge_target(35, (30, 36), "down", "down").ground is Ground.COVERED
    assert judge_target(35, (27, 33), "down", "too_uncertain").ground is Ground.UNCHANGED_OR_UNKNOWN
    assert judge_target(35, (36, 42), "down", "down").ground is Ground.SHORT
    assert judge_target(35, None, "down", "down").ground is Ground.HIDDEN
    assert judge_figure(100, 100, "down").outcome is Outcome.REACHED
    assert judge_figure(100, 101, "down").outcome is Outcome.NOT_REACHED
