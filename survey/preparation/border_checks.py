"""Whether borders can stand beside each other on one map, and their simpler shape for it."""

import re
from collections.abc import Mapping

import numpy as np
import shapely
from shapely import Geometry

Shapes = np.ndarray[tuple[int], np.dtype[np.object_]]

# Of the smaller area: what drawing by hand leaves. Borders of municipalities are coarse along the coast.
LARGEST_OVERLAP = 0.01
LARGEST_OUTSIDE = 0.25
MOST_CROSSINGS = 20_000
LINES_AT_A_TIME = 100
# A map is some hundred dots wide: what lies closer is one dot.
DECIMALS = 5
FIRST_TOLERANCE = 5.0
METRES_PER_DEGREE = 111_000.0
PLACE = re.compile(r"\[(-?[\d.]+) (-?[\d.]+)\]")


def find_faults(borders: Mapping[str, Geometry], around: Geometry | None, around_name: str) -> list[str]:
    """What is wrong with borders, each by its name; `around` is what they should lie in."""
    crossed = [f"{name}: {fault}" for name, shape in borders.items() if (fault := _own_fault(shape))]
    if crossed:
        # Of shapes that cross themselves nothing else can be said.
        return crossed
    if _tangled(np.array(list(borders.values()))):
        return [f"Gränserna korsar varandra på fler än {MOST_CROSSINGS} ställen. Är det rätt fil?"]
    return [*_overlaps(borders), *_outside(borders, around, around_name)]


def _own_fault(shape: Geometry) -> str:
    if shapely.is_valid(shape):
        return ""
    found = PLACE.search(shapely.is_valid_reason(shape))
    place = f" vid longitud {float(found[1]):.4f}, latitud {float(found[2]):.4f}" if found else ""
    return f"gränsen korsar eller rör sig själv{place}. Rätta den i kartprogrammet (i QGIS: Fixa geometrier)."


def _tangled(shapes: Shapes) -> bool:
    """Whether borders cross each other so often that cutting them up would take all memory there is."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapes)]
    steps = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])
    lines = shapely.linestrings(steps)
    tree, found = shapely.STRtree(lines), 0
    for start in range(0, len(lines), LINES_AT_A_TIME):
        found += len(tree.query(lines[start : start + LINES_AT_A_TIME], predicate="crosses")[0])
        if found > 2 * MOST_CROSSINGS:  # each is met from both sides
            return True
    return False


def _overlaps(borders: Mapping[str, Geometry]) -> list[str]:
    names, shapes = list(borders), np.array(list(borders.values()))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(i, j) for i, j in zip(first, second, strict=True) if i < j]
    faults = []
    for i, j in sorted(pairs):
        smaller = min(shapes[i].area, shapes[j].area)
        share = shapely.intersection(shapes[i], shapes[j]).area / smaller
        if share > LARGEST_OVERLAP:
            faults.append(
                f"{names[i]} och {names[j]} överlappar varandra ({_percent(share)} av den mindre ytan)."
            )
    return faults


def _outside(borders: Mapping[str, Geometry], around: Geometry | None, around_name: str) -> list[str]:
    if around is None:
        return []
    shares = {name: shapely.difference(shape, around).area / shape.area for name, shape in borders.items()}
    return [
        f"{name} ligger till {_percent(share)} utanför {around_name}."
        for name, share in shares.items()
        if share > LARGEST_OUTSIDE
    ]


def _percent(share: float) -> str:
    return f"{max(round(100 * share), 1)} procent"


def simplify(borders: Mapping[str, Geometry], most_points: int) -> dict[str, str]:
    """The borders as WKT with at most about so many points; neighbours keep the same border between them."""
    shapes = np.array(list(borders.values()))
    middle = np.mean(shapely.total_bounds(shapes)[1::2])
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(middle)), METRES_PER_DEGREE])
    metres = shapely.transform(shapes, lambda points: points * scale)
    tolerance = FIRST_TOLERANCE
    cleaned = shapely.coverage_clean(metres)
    simple = shapely.coverage_simplify(cleaned, tolerance)
    while shapely.get_num_coordinates(simple).sum() > most_points and tolerance < METRES_PER_DEGREE:
        tolerance *= 1.5
        simple = _without_islets(shapely.coverage_simplify(cleaned, tolerance), tolerance)
    degrees = shapely.transform(simple, lambda points: points / scale)
    texts = shapely.to_wkt(degrees, rounding_precision=DECIMALS)
    return dict(zip(borders, (str(text) for text in texts), strict=True))


def _without_islets(shapes: Shapes, side: float) -> list[Geometry]:
    """Each without the parts that are smaller than the tolerance, but never without all of them."""
    kept = []
    for shape in shapes:
        parts = shapely.get_parts(shape)
        areas = shapely.area(parts)
        large = parts[(areas > side**2) | (areas == areas.max())]
        kept.append(large[0] if len(large) == 1 else shapely.multipolygons(large))
    return kept
