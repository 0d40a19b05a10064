"""Geometry of the curves over the field days; the template draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 8.0, 10.0, 24.0


@dataclass(frozen=True)
class Curve:
    """A line with a band around it; days without a value leave a gap."""

    line: str
    band: str
    ticks: tuple[tuple[float, str], ...]  # height, text


def curve(
    values: Sequence[float | None],
    bands: Sequence[tuple[float, float] | None],
    low: float,
    high: float,
    ticks: Sequence[tuple[float, str]],
) -> Curve:
    """The curve of one value a day between two values of the vertical axis."""
    step = (WIDTH - LEFT - RIGHT) / max(len(values) - 1, 1)

    def height(value: float) -> float:
        share = (min(max(value, low), high) - low) / ((high - low) or 1.0)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def place(number: int) -> float:
        return round(LEFT + number * step, 1)

    line = "".join(
        f"{'M' if number == 0 or values[number - 1] is None else 'L'}{place(number)} {height(value)}"
        for number, value in enumerate(values)
        if value is not None
    )
    there = [(place(number), band) for number, band in enumerate(bands) if band is not None]
    upper = [f"{x} {height(band[1])}" for x, band in there]
    lower = [f"{x} {height(band[0])}" for x, band in reversed(there)]
    outline = f"M{'L'.join(upper + lower)}Z" if there else ""
    return Curve(line, outline, tuple((height(value), text) for value, text in ticks))


def days_curve(counts: Sequence[int]) -> Curve:
    """The curve of a count that grows from nothing, one value a day."""
    highest = float(max([*counts, 1]))
    return curve(
        [float(count) for count in counts], [], 0.0, highest, [(0.0, "0"), (highest, f"{highest:.0f}")]
    )
