"""A funnel: each place's share against its effective answers, between the limits that chance allows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.funnel import INNER, OUTER, limits
from survey.publication import numbers
from survey.publication.drawings.axes import LINES, STEPS, Axis
from survey.publication.drawings.chart_rows import ALT_LIMIT, LETTER, TABLE_HINT, Frame, Tick
from survey.publication.drawings.drawing import WIDTH, Drawing

HEIGHT = 380.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 16.0, 34.0, 46.0
POINTS_ON_CURVE = 80
MOST_NAMES = 12  # more names than this would cover the drawing
Floats = npt.NDArray[np.float64]

INSIDE, OUTSIDE, FAR_OUTSIDE = "inside", "outside", "far"
STANDING_WORDS = {
    INSIDE: "innanför gränserna",
    OUTSIDE: "utanför 95-procentsgränsen",
    FAR_OUTSIDE: "utanför 99,8-procentsgränsen",
}


@dataclass(frozen=True)
class FunnelPoint:
    """A place: its share and effective answers, and where it stands between the limits."""

    name: str
    share: float
    n_eff: float
    standing: str


@dataclass(frozen=True)
class FunnelMark:
    """A place on the drawing; the name only of one outside."""

    kind: str
    x: float
    y: float
    name: str
    anchor: str


@dataclass(frozen=True)
class Funnel(Drawing):
    """A funnel ready to be drawn."""

    left: float
    right: float
    top: float
    bottom: float
    middle: float  # height of the region's share
    rules: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    inner: str  # the two curves of a pair of limits, as a path
    outer: str
    marks: tuple[FunnelMark, ...]
    keys: tuple[tuple[str, str, float], ...]  # kind, words, place


def place_points(rows: Sequence[tuple[str, float, float]], target: float) -> tuple[FunnelPoint, ...]:
    """Where each place (name, share, effective answers) stands around the region's share."""
    n = np.array([size for _, _, size in rows], dtype=np.float64)
    share = np.array([value for _, value, _ in rows], dtype=np.float64)
    beyond = []
    for inside in (INNER, OUTER):
        lower, upper = limits(target, n, inside)
        beyond.append((share < lower) | (share > upper))
    kinds = np.where(beyond[1], FAR_OUTSIDE, np.where(beyond[0], OUTSIDE, INSIDE)).tolist()
    return tuple(FunnelPoint(*row, kind) for row, kind in zip(rows, kinds, strict=True))


def draw_funnel(
    points: Sequence[FunnelPoint], target: float, frame: Frame, *, notice: str, source: str
) -> Funnel:
    """The drawing of some places around the region's share."""
    across = _answers_axis(max(point.n_eff for point in points))
    curve_n = np.linspace(max(across.high / 100, 2.0), across.high, POINTS_ON_CURVE)
    curves = {inside: limits(target, curve_n, inside) for inside in (INNER, OUTER)}
    up = _share_axis([point.share for point in points], curves[OUTER][1], curve_n, points)
    named = [point for point in points if point.standing == FAR_OUTSIDE][:MOST_NAMES]
    return Funnel(
        title=frame.title,
        subtitle=frame.subtitle,
        alt=f"{notice + '. ' if notice else ''}{frame.alt} {TABLE_HINT}"[:ALT_LIMIT],
        source=source,
        notice=notice,
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        middle=up.place(100 * target),
        rules=tuple(Tick(up.place(step), up.text(step), step == 0) for step in up.steps),
        columns=tuple(Tick(across.place(step), numbers.number(step)) for step in across.steps),
        inner=_path(curve_n, curves[INNER], across, up),
        outer=_path(curve_n, curves[OUTER], across, up),
        marks=tuple(_mark(point, across, up, point in named) for point in points),
        keys=_keys(),
    )


def _mark(point: FunnelPoint, across: Axis, up: Axis, named: bool) -> FunnelMark:
    x = across.place(point.n_eff)
    anchor = "end" if x > WIDTH * 0.7 else "start"
    return FunnelMark(point.standing, x, up.place(100 * point.share), point.name if named else "", anchor)


def _answers_axis(largest: float) -> Axis:
    """From no answers to the first round number above the largest place."""
    power = 10 ** int(np.floor(np.log10(max(largest, 10.0))))
    step = next(
        size
        for size in (power // 10 or 1, power // 5 or 1, power // 2, power, 2 * power, 5 * power)
        if largest <= size * LINES
    )
    high = int(-(-largest // step) * step)
    return Axis(0.0, float(high), (LEFT, WIDTH - RIGHT), tuple(range(0, high + 1, step)))


def _share_axis(
    shares: Sequence[float], upper: Floats, curve_n: Floats, points: Sequence[FunnelPoint]
) -> Axis:
    """From 0 to above every place, and above the limits where there are places."""
    there = curve_n >= 0.8 * min(point.n_eff for point in points)
    highest = 100 * max([*shares, *upper[there].tolist(), 0.05])
    step = next((size for size in STEPS if highest <= size * LINES), STEPS[-1])
    high = min(100, int(-(-highest // step)) * step)
    return Axis(0.0, float(high), (HEIGHT - BOTTOM, TOP), tuple(range(0, high + 1, step)), "%")


def _path(n: Floats, pair: tuple[Floats, Floats], across: Axis, up: Axis) -> str:
    lines = []
    for side in pair:
        inside = 100 * side <= up.high
        places = [
            f"{across.place(x)} {up.place(100 * y)}"
            for x, y in zip(n[inside].tolist(), side[inside].tolist(), strict=True)
        ]
        lines.append(f"M{'L'.join(places)}")
    return "".join(lines)


def _keys() -> tuple[tuple[str, str, float], ...]:
    """What the marks mean, one after the other."""
    found, x = [], LEFT + 5
    for kind, words in STANDING_WORDS.items():
        found.append((kind, words, x))
        x = round(x + 9 + len(words) * LETTER + 22, 1)
    return tuple(found)
