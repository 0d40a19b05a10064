"""Borders on a plane: outlines, hatches and places for words, in the units of a drawing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

WIDTH = 480.0
TALLEST = 460.0
MARGIN = 3.0
LETTER = 6.9  # about the width of a letter, to see whether a name has room
LINE = 14.0
MARK = 12.0  # width of the mark in front of a name
HATCH = 8.0  # between the lines
SHORTEST_STROKE = 5.0


@dataclass(frozen=True)
class Words:
    """Lines of text at their place within an area; no line where only the mark has room."""

    x: float
    y: float
    lines: tuple[str, ...]
    below: bool = False  # a number under its mark, where it has no room beside it


@dataclass(frozen=True)
class Plane:
    """Shapes by code, in units of the drawing, and how tall the drawing is."""

    shapes: Mapping[str, Geometry]
    height: float


def project(borders: Mapping[str, Geometry]) -> Plane:
    """Degrees to a plane where a kilometre is as long to the north as to the east."""
    shapes = shapely.make_valid(np.array(list(borders.values())))
    west, south, east, north = shapely.total_bounds(shapes)
    narrower = float(np.cos(np.radians((south + north) / 2)))
    across, upright = max((east - west) * narrower, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / across, (TALLEST - 2 * MARGIN) / upright)
    left = (WIDTH - across * scale) / 2
    placed = shapely.transform(
        shapes,
        lambda points: np.column_stack(
            [left + (points[:, 0] - west) * narrower * scale, MARGIN + (north - points[:, 1]) * scale]
        ),
    )
    return Plane(dict(zip(borders, placed, strict=True)), round(upright * scale + 2 * MARGIN, 1))


def outline(shape: Geometry) -> str:
    """All rings of a shape as the data of one path."""
    parts = (part for part in shapely.get_parts(shape) if shapely.get_type_id(part) == 3)
    return "".join(_ring(ring) for part in parts for ring in shapely.get_rings(part))


def _ring(ring: Geometry) -> str:
    # Steps between rounded points: so that they do not drift, and neighbours meet.
    tenths = np.rint(shapely.get_coordinates(ring) * 10).astype(int)
    steps = np.diff(tenths[:-1], axis=0)
    steps = steps[steps.any(axis=1)]
    return f"M{_numbers(tenths[0])}l{_numbers(steps.ravel())}z" if len(steps) > 1 else ""


def _numbers(tenths: "np.ndarray[Any, np.dtype[np.int64]]") -> str:
    """Numbers in as few letters as a path can do with: a minus parts them too."""
    return " ".join(_number(value) for value in tenths).replace(" -", "-")


def _number(tenths: int) -> str:
    whole, rest = divmod(abs(int(tenths)), 10)
    return ("-" if tenths < 0 else "") + (f"{whole}.{rest}" if rest else f"{whole}")


def hatch(shape: Geometry, rising: bool, spared: Geometry | None = None) -> str:
    """Slanting lines within a shape, but not where its words stand, as the data of one path."""
    west, top, east, bottom = shapely.bounds(shape)
    tall = bottom - top
    starts = np.arange(np.floor((west - tall) / HATCH) * HATCH, east + tall, HATCH)
    first, last = ((top, bottom), (bottom, top))[rising]
    lines = shapely.linestrings([[(x, first), (x + tall, last)] for x in starts])
    inner = shape if spared is None else shapely.difference(shape, spared)
    cut = shapely.get_parts(shapely.intersection(shapely.multilinestrings(lines), inner))
    strokes = cut[shapely.length(cut) > SHORTEST_STROKE]
    ends = [np.rint(shapely.get_coordinates(line)[[0, -1]] * 10).astype(int) for line in strokes]
    return "".join(f"M{_numbers(a)}l{_numbers(b - a)}" for a, b in ends)


def place_words(
    plane: Plane, wanted: Mapping[str, tuple[str, str, str]], marked: set[str]
) -> dict[str, Words]:
    """For each shape its number, with its name and figure where they have room; the largest first."""
    taken: list[Geometry] = []
    found: dict[str, Words] = {}
    for code in sorted(plane.shapes, key=lambda code: -plane.shapes[code].area):
        number, name, figure = wanted[code]
        middle, room, tall = _room(plane.shapes[code])
        extra = MARK if code in marked else 0.0
        full = f"{number} {name}"
        lines: tuple[str, ...] = (full if len(full) * LETTER + extra <= room else number,)
        if tall >= 2.6 * LINE and len(figure) * LETTER <= room:
            lines = (*lines, figure)
        words = Words(round(middle[0], 1), round(middle[1], 1), lines)
        if extra and len(number) * LETTER + extra > room:
            words = _below_mark(plane.shapes[code], middle, number) or replace(words, lines=())
        box = box_of(words, extra)
        if not any(shapely.intersects(box, other) for other in taken):
            taken.append(box)
            found[code] = words
        elif code in marked:
            # What colour says must be said without it too.
            found[code] = Words(words.x, words.y, ())
    return found


def box_of(words: Words, extra: float = 0.0) -> Geometry:
    """The room that words take."""
    beside = 0.0 if words.below else extra
    half = (max((len(line) for line in words.lines), default=0) * LETTER + beside) / 2 + 2
    tall = LINE * (max(len(words.lines), 1) + words.below) / 2
    return shapely.box(words.x - half, words.y - tall, words.x + half, words.y + tall)


def _below_mark(shape: Geometry, middle: tuple[float, float], number: str) -> Words | None:
    """A number under its mark: in the middle of a narrow shape, or wherever both have room."""
    half = len(number) * LETTER / 2
    for x, y in (middle, shapely.get_coordinates(shapely.centroid(shape))[0].tolist()):
        if shapely.contains(shape, shapely.box(x - half, y - LINE, x + half, y + LINE)):
            return Words(round(x, 1), round(y, 1), (number,), below=True)
    return None


def _room(shape: Geometry) -> tuple[tuple[float, float], float, float]:
    """A point well within a shape, and how wide and tall the shape is there."""
    circle = shapely.maximum_inscribed_circle(max(shapely.get_parts(shape), key=shapely.area))
    x, y = shapely.get_coordinates(circle)[0]
    west, _, east, _ = shapely.bounds(shape)
    across = shapely.intersection(shapely.linestrings([(west - 1, y), (east + 1, y)]), shape)
    here = shapely.points(x, y)
    spans = [part for part in shapely.get_parts(across) if shapely.dwithin(part, here, 1e-6)]
    ends = shapely.get_coordinates(spans[0])[:, 0] if spans else np.array([x, x])
    return (float(ends.mean()), float(y)), float(np.ptp(ends)), 2 * float(shapely.length(circle))
