"""A cube as JSON-stat 2.0, with only the cells there are (https://json-stat.org/full/)."""

from typing import Any

import orjson

from survey.notice import NOTICE
from survey.publication import wording
from survey.publication.formats.cube import Cube, Dimension

SOURCE = "Trygghetsmätningen"
METRIC = "content"
PLACES = ("place", "municipality", "area")


def as_json_stat(cube: Cube) -> bytes:
    """Values by their place in row-major order; a cell's status is why it is empty or weak."""
    values, status = _cells(cube)
    told: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": cube.title,
        "source": SOURCE,
        "updated": cube.updated,
        "id": [*(one.code for one in cube.dimensions), METRIC],
        "size": [*cube.size, len(cube.contents)],
        "role": _roles(cube),
        "dimension": {one.code: _dimension(one) for one in cube.dimensions} | {METRIC: _contents(cube)},
        "value": values,
        "extension": {
            "releases": [{"wave": one.code, "version": one.version} for one in cube.releases],
            "status": {"label": {code: wording.reason(code) for code in sorted(set(status.values()))}},
        },
    }
    if status:
        told["status"] = status
    if cube.synthetic:
        told["note"] = [NOTICE]
    return orjson.dumps(told)


def _roles(cube: Cube) -> dict[str, list[str]]:
    places = [one.code for one in cube.dimensions if one.code in PLACES]
    return {"time": ["wave"], **({"geo": places} if places else {}), "metric": [METRIC]}


def _dimension(one: Dimension) -> dict[str, Any]:
    category = {"index": list(one.categories), "label": dict(one.categories)}
    return {"label": one.label, "category": category}


def _contents(cube: Cube) -> dict[str, Any]:
    return {
        "label": "tabellinnehåll",
        "category": {
            "index": [one.code for one in cube.contents],
            "label": {one.code: one.label for one in cube.contents},
            "unit": {one.code: {"label": one.unit, "decimals": one.decimals} for one in cube.contents},
        },
    }


def _cells(cube: Cube) -> tuple[dict[str, float | None], dict[str, str]]:
    values: dict[str, float | None] = {}
    status: dict[str, str] = {}
    for position, cell in sorted(cube.cells.items()):
        start = 0
        for place, size in zip(position, cube.size, strict=True):
            start = start * size + place
        for number, figure in enumerate(cell.figures):
            at = str(start * len(cube.contents) + number)
            values[at] = figure
            if cell.reason:
                status[at] = cell.reason
    return values, status
