"""How many answers to expect by the last day, from those so far."""

from collections.abc import Sequence
from dataclasses import dataclass

WEEK = 7  # days


@dataclass(frozen=True)
class Forecast:
    """Answers to expect by the last day: if they fall off as of late, and if they come as last week."""

    low: int
    high: int


def forecast(submitted: Sequence[int], days_left: int) -> Forecast | None:
    """Answers by the last day from those so far by day; None before two whole weeks and when no day is left.

    The weekly number is taken to fall, or at best to stay, by the ratio of the last week to the one before.
    """
    if days_left <= 0 or len(submitted) < 2 * WEEK + 1:
        return None
    last = submitted[-1] - submitted[-1 - WEEK]
    before = submitted[-1 - WEEK] - submitted[-1 - 2 * WEEK]
    left = days_left / WEEK
    ratio = min(last / before, 1.0) if before else 1.0
    falling = last * (ratio * (1 - ratio**left) / (1 - ratio) if ratio < 1 else left)
    return Forecast(submitted[-1] + round(falling), submitted[-1] + round(last * left))
