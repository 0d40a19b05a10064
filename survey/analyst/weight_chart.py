"""Where the weights of each municipality lie, in their own medians: geometry for the template to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from survey.processing.review import WeightLine
from survey.processing.review_quality import Spread

WIDTH, LEFT, RIGHT, TOP, ROW = 640.0, 168.0, 16.0, 8.0, 22.0
MOST_ROWS = 30
TICKS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True)
class SpreadRow:
    """One municipality: from the lightest weight to the heaviest, nine tenths of them, half of them."""

    name: str
    y: float
    lowest: float
    low: float
    lower: float
    upper: float
    high: float
    highest: float


@dataclass(frozen=True)
class SpreadChart:
    """The rows, and the ticks of a logarithmic axis."""

    width: float
    height: float
    middle: float  # the median weight
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[SpreadRow, ...]
    left_out: int


def spread_chart(lines: Sequence[WeightLine]) -> SpreadChart | None:
    """The municipalities in the order of the table, as many as are easily read; None when there are none."""
    spreads = [(line.name, line.spread) for line in lines if line.spread is not None]
    shown = spreads[:MOST_ROWS]
    if not shown:
        return None
    low = min(0.5, *(spread.lowest for _, spread in shown))
    high = max(2.0, *(spread.highest for _, spread in shown))

    def x(ratio: float) -> float:
        part = (log(max(ratio, low)) - log(low)) / (log(high) - log(low))
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def row(number: int, name: str, spread: Spread) -> SpreadRow:
        return SpreadRow(name, TOP + ROW * (number + 0.5), *(x(value) for value in vars(spread).values()))

    rows = tuple(row(number, name, spread) for number, (name, spread) in enumerate(shown))
    ticks = tuple((x(tick), f"{tick:g}".replace(".", ",")) for tick in TICKS if low <= tick <= high)
    return SpreadChart(WIDTH, TOP + ROW * len(rows) + 24.0, x(1.0), ticks, rows, len(spreads) - len(shown))
