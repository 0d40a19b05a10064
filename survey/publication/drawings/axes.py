"""Scales of charts: from zero for shares, round zero for changes, no decimals."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey.publication import numbers
from survey.publication.content import ChangeFigure, Figure

STEPS = (1, 2, 5, 10, 20, 25, 50)
LINES = 6  # at most so many lines on a scale


@dataclass(frozen=True)
class Axis:
    """Turns a value into a place between the left and the right edge of the plot."""

    low: float
    high: float
    plot: tuple[float, float]
    steps: tuple[int, ...]
    unit: str = ""

    def place(self, value: float) -> float:
        left, right = self.plot
        inside = min(max(value, self.low), self.high)
        return round(left + (right - left) * (inside - self.low) / (self.high - self.low), 1)

    def text(self, step: int) -> str:
        return numbers.percent(step) if self.unit == "%" else numbers.signed(step)


def share_axis(figures: Sequence[Figure], plot: tuple[float, float]) -> Axis:
    """From 0 to the first round number above the highest interval."""
    highest = max((figure.upper or figure.value or 0 for figure in figures if figure.shown), default=0)
    step = _step(max(highest, 5))
    high = min(100, -(-max(highest, 5) // step) * step)
    return Axis(0.0, float(high), plot, tuple(range(0, high + 1, step)), "%")


def change_axis(changes: Sequence[ChangeFigure], plot: tuple[float, float]) -> Axis:
    """The same distance to both sides of zero."""
    ends = [abs(end) for change in changes for end in (change.lower, change.upper) if end is not None]
    reach = max([5.0, *ends])
    step = _step(int(-(-reach // 1)), LINES // 2)
    far = int(-(-reach // step)) * step
    return Axis(float(-far), float(far), plot, tuple(range(-far, far + 1, step)))


def _step(reach: int, lines: int = LINES) -> int:
    return next((step for step in STEPS if reach <= step * lines), STEPS[-1])
