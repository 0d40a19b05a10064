"""Whether a published share has reached its target, and whether a survey can tell. METHODS.md M-40.

Nothing here says what made a share change: only where it lies beside a level that was set beforehand.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from scipy.special import ndtri

CONFIDENCE, POWER = 0.95, 0.80


class Outcome(StrEnum):
    """What can be said of a target."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    CANNOT_TELL = "cannot_tell"


class Ground(StrEnum):
    """On what an outcome rests."""

    BEYOND = "beyond"  # the interval lies at the target or on its good side
    SHORT = "short"  # the interval lies on the other side
    OPPOSITE = "opposite"  # the share has certainly changed the other way
    COVERED = "covered"  # the target lies inside the interval
    UNCHANGED_OR_UNKNOWN = "unchanged_or_unknown"  # beyond the target, but no change is certain
    NOT_COMPARABLE = "not_comparable"  # the question or the measure has changed
    HIDDEN = "hidden"  # the figure is not shown
    ABSENT = "absent"  # the survey had no such place or group
    NOT_YET = "not_yet"  # there is nothing after the baseline to judge by


@dataclass(frozen=True)
class Judgement:
    """An outcome and its ground."""

    outcome: Outcome
    ground: Ground


def judge_target(
    target: float, limits: tuple[float, float] | None, good: str, verdict: str | None
) -> Judgement:
    """Judge a share's new interval and the verdict of its change against the target. METHODS.md M-40.

    Args:
        target: the level promised, in the unit of the limits (whole percent as printed, or [0, 1]).
        limits: lower and upper limit of the share's new 95 % interval; None when the figure is hidden.
        good: "up" or "down", the way that is good.
        verdict: of the change since the baseline: "up", "down", "unchanged", "too_uncertain" or
            "not_comparable"; None when the two waves were not tested against each other.

    Source: the rule is the survey's own. METHODS.md M-40.
    """
    if limits is None:
        return Judgement(Outcome.CANNOT_TELL, Ground.HIDDEN)
    if verdict == "not_comparable":
        return Judgement(Outcome.CANNOT_TELL, Ground.NOT_COMPARABLE)
    nearest, farthest = limits if good == "up" else (-limits[1], -limits[0])
    level = target if good == "up" else -target
    if farthest < level:
        return Judgement(Outcome.NOT_REACHED, Ground.SHORT)
    if verdict in ("up", "down") and verdict != good:
        return Judgement(Outcome.NOT_REACHED, Ground.OPPOSITE)
    if nearest < level:
        return Judgement(Outcome.CANNOT_TELL, Ground.COVERED)
    if verdict in ("unchanged", "too_uncertain"):
        return Judgement(Outcome.CANNOT_TELL, Ground.UNCHANGED_OR_UNKNOWN)
    return Judgement(Outcome.REACHED, Ground.BEYOND)


def judge_figure(target: float, figure: float, good: str) -> Judgement:
    """Judge a figure without known uncertainty, such as a count of another source, against its target.

    Args:
        target, figure: in the same unit.
        good: "up" or "down".
    """
    reached = figure >= target if good == "up" else figure <= target
    if reached:
        return Judgement(Outcome.REACHED, Ground.BEYOND)
    return Judgement(Outcome.NOT_REACHED, Ground.SHORT)


def detectable_change(limits: tuple[float, float]) -> float:
    """The change that a wave as large as this one finds four times out of five, from one interval alone.

    Args:
        limits: lower and upper limit of a share's 95 % interval.

    Returns:
        A size in the unit of the limits: half the interval is 1.96 standard errors, a change between two such
        independent waves has √2 of them, and (1.96 + 0.84) of those are found. METHODS.md M-31, M-40.
    """
    z = float(ndtri(0.5 + CONFIDENCE / 2))
    half = (limits[1] - limits[0]) / 2
    return (z + float(ndtri(POWER))) * sqrt(2) * half / z


def is_detectable(baseline: float, target: float, smallest: float) -> bool:
    """Whether the way from baseline to target is no shorter than the smallest change a wave mostly finds."""
    return abs(target - baseline) >= smallest


def level_for_certainty(target: float, limits: tuple[float, float], good: str) -> float:
    """Where a share must come to lie for an interval as wide as today's to lie wholly beyond the target.

    Args:
        target: in the unit of the limits.
        limits: of today's 95 % interval.
        good: "up" or "down".
    """
    half = (limits[1] - limits[0]) / 2
    return target + half if good == "up" else target - half
