"""A funnel: each place's share against its effective answers, between the limits that chance allows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
NAME_HEIGHT, NAME_OFFSET = 13.0, 9.0
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
    """A place on the drawing; the name only of one outside, where there is room for it."""

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
    marks = [_mark(point, across, up) for point in points]
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
        marks=_with_names(marks),
        keys=_keys(),
    )


def _mark(point: FunnelPoint, across: Axis, up: Axis) -> FunnelMark:
    x = across.place(point.n_eff)
    anchor = "end" if x > WIDTH * 0.7 else "start"
    return FunnelMark(point.standing, x, up.place(100 * point.share), point.name, anchor)


def _with_names(marks: Sequence[FunnelMark]) -> tuple[FunnelMark, ...]:
    """The marks, those outside with their names, the farthest first, as long as no name covers another."""
    outside = [one for one in marks if one.kind != INSIDE]
    named: list[FunnelMark] = []
    for one in sorted(outside, key=lambda mark: mark.kind != FAR_OUTSIDE):
        if len(named) < MOST_NAMES and not any(_cover(one, other) for other in named):
            named.append(one)
    return tuple(one if one in named else replace(one, name="") for one in marks)


def _cover(one: FunnelMark, other: FunnelMark) -> bool:
    """Whether the names of two marks would lie on each other."""
    (first, last), (other_first, other_last) = _reach(one), _reach(other)
    return abs(one.y - other.y) < NAME_HEIGHT and first < other_last and other_first < last


def _reach(mark: FunnelMark) -> tuple[float, float]:
    """From where to where a mark and its name lie."""
    length = NAME_OFFSET + LETTER * len(mark.name)
    return (mark.x - length, mark.x) if mark.anchor == "end" else (mark.x, mark.x + length)


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
