"""Invented borders for the demonstration: each municipality a round island, its neutral areas cells of it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from survey.demo.geography import Plan, stream

WEST, NORTH, RADIUS = 16.0, 61.0, 0.1  # degrees; not where the municipality lies: the areas are invented too
CORNERS = 24
ROUNDS = 3  # of moving the middle of each cell to its centre, so that cells become about as large


@dataclass(frozen=True)
class Drawn:
    """Borders as GeoJSON."""

    municipalities: str
    areas: str


def write_borders(plan: Plan, seed: int) -> Drawn:
    """Islands in rows, in the order of the municipalities, and the areas of each."""
    islands, cells = [], []
    in_a_row = math.ceil(math.sqrt(len(plan.municipalities)))
    for number, municipality in enumerate(plan.municipalities):
        rng = stream(seed, "borders", municipality.code)
        row, column = divmod(number, in_a_row)
        island = _island((WEST + 4.2 * RADIUS * column, NORTH - 2.1 * RADIUS * row), rng)
        codes = [plan.areas[row].code for row in plan.rows_of(municipality.code)]
        islands.append(_feature("kommunkod", municipality.code, island))
        cells += [_feature("area_code", code, cell) for code, cell in _cells(codes, island, rng).items()]
    return Drawn(_collection(islands), _collection(cells))


def _island(middle: tuple[float, float], rng: np.random.Generator) -> Geometry:
    """Round, with a ragged coast."""
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    reach = RADIUS * rng.uniform(0.75, 1.0, CORNERS)
    return shapely.polygons(
        np.column_stack([middle[0] + 2 * reach * np.cos(angles), middle[1] + reach * np.sin(angles)])
    )


def _cells(codes: Sequence[str], island: Geometry, rng: np.random.Generator) -> Mapping[str, Geometry]:
    """An island cut into as many cells as there are areas."""
    middle = shapely.get_coordinates(shapely.centroid(island))[0]
    points = shapely.points(rng.uniform(-0.3, 0.3, (len(codes), 2)) * (2 * RADIUS, RADIUS) + middle)
    for _ in range(ROUNDS):
        points = shapely.centroid(_around(points, island))
    return dict(zip(codes, _around(points, island), strict=True))


def _around(points: "np.ndarray[tuple[int], np.dtype[np.object_]]", island: Geometry) -> list[Geometry]:
    """What of the island lies nearer to each point than to any other."""
    if len(points) == 1:
        return [island]
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=island, ordered=True)
    return list(shapely.intersection(shapely.get_parts(cells), island))


def _collection(features: Sequence[Mapping[str, object]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def _feature(key: str, code: str, shape: Geometry) -> Mapping[str, object]:
    return {
        "type": "Feature",
        "properties": {key: code},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
