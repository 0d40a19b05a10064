"""Hand-made borders as GeoJSON: squares beside each other near Vaxholm."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Points = Sequence[Sequence[float]]
WEST, SOUTH, SIDE = 18.30, 59.40, 0.02


def square(column: int, row: int = 0, side: float = SIDE) -> list[list[float]]:
    """A square of about a kilometre, in a grid."""
    x, y = WEST + column * SIDE, SOUTH + row * SIDE
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def feature(properties: Mapping[str, Any], ring: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": dict(properties),
        "geometry": {"type": kind, "coordinates": [ring]},
    }


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def by_code(shapes: Mapping[str, Points]) -> bytes:
    """A file with these rings under these codes."""
    return collection(*(feature({"kod": code}, ring) for code, ring in shapes.items()))
