"""Invented borders for the demonstration's neutral areas: cells of a round island for each municipality."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely import Geometry

from survey.demo.geography import Plan, stream

MIDDLE, RADIUS = (18.0, 59.3), 0.1  # degrees; not where the municipality lies: the areas are invented too
CORNERS = 24
ROUNDS = 3  # of moving the middle of each cell to its centre, so that cells become about as large


def write_borders(plan: Plan, seed: int) -> str:
    """The areas of every municipality as GeoJSON."""
    features = []
    for municipality in plan.municipalities:
        rng = stream(seed, "borders", municipality.code)
        codes = [plan.areas[row].code for row in plan.rows_of(municipality.code)]
        features += [_feature(code, cell) for code, cell in _cells(codes, rng).items()]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _cells(codes: Sequence[str], rng: np.random.Generator) -> Mapping[str, Geometry]:
    """A round island with a ragged coast, cut into as many cells as there are areas."""
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    reach = RADIUS * rng.uniform(0.75, 1.0, CORNERS)
    coast = np.column_stack([MIDDLE[0] + 2 * reach * np.cos(angles), MIDDLE[1] + reach * np.sin(angles)])
    island = shapely.polygons(coast)
    points = shapely.points(rng.uniform(-0.3, 0.3, (len(codes), 2)) * (2 * RADIUS, RADIUS) + MIDDLE)
    for _ in range(ROUNDS):
        points = shapely.centroid(_around(points, island))
    return dict(zip(codes, _around(points, island), strict=True))


def _around(points: "np.ndarray[tuple[int], np.dtype[np.object_]]", island: Geometry) -> list[Geometry]:
    """What of the island lies nearer to each point than to any other."""
    if len(points) == 1:
        return [island]
    cells = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=island, ordered=True)
    return list(shapely.intersection(shapely.get_parts(cells), island))


def _feature(code: str, cell: Geometry) -> Mapping[str, object]:
    return {
        "type": "Feature",
        "properties": {"area_code": code},
        "geometry": json.loads(shapely.to_geojson(cell)),
    }
