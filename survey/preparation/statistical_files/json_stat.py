"""Reads JSON-stat 1 and 2 (https://json-stat.org/full/) and the older json of PxWeb's first interface."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import orjson

from survey.errors import UserError
from survey.preparation.statistical_files.table import (
    MOST_CELLS,
    SYMBOLS,
    Cell,
    Dimension,
    StatisticalTable,
    figure,
    keys_in_order,
)


def looks_like_json(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read_json(file: str, content: bytes) -> StatisticalTable:
    """The table of a JSON-stat dataset, or of PxWeb's columns and data."""
    try:
        parsed = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UserError(
            f"{file}, rad {error.lineno}: går inte att läsa som JSON. Inget har sparats."
        ) from None
    try:
        if "columns" in parsed and "data" in parsed:
            return _px_web(file, parsed)
        return _dataset(file, parsed.get("dataset", parsed))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise UserError(
            f"Filen {file} är ingen JSON-stat-tabell: dimensioner, storlekar eller värden saknas eller "
            "stämmer inte. Inget har sparats."
        ) from None


def _dataset(file: str, found: Mapping[str, Any]) -> StatisticalTable:
    described = found["dimension"]
    names, sizes = found.get("id", described.get("id")), found.get("size", described.get("size"))
    roles = found.get("role", described.get("role", {}))
    dimensions = tuple(_dimension(name, described[name], roles) for name in names)
    if [len(one.categories) for one in dimensions] != list(sizes):
        raise ValueError
    return StatisticalTable(
        file=file,
        dimensions=dimensions,
        cells=_cells(file, dimensions, found["value"], found.get("status")),
        title=str(found.get("label", "")),
        source=str(found.get("source", "")),
        unit=_unit(described, roles),
        notes=tuple(str(note) for note in _listed(found.get("note"))),
    )


def _dimension(name: str, described: Mapping[str, Any], roles: Mapping[str, Any]) -> Dimension:
    category = described["category"]
    labels = category.get("label", {})
    index = category.get("index", list(labels))
    codes = list(index) if isinstance(index, list) else sorted(index, key=lambda code: index[code])
    said = described.get("extension", {}) or {}
    return Dimension(
        code=str(name),
        label=str(described.get("label", name)),
        categories={str(code): str(labels.get(code, code)) for code in codes},
        is_time=name in roles.get("time", []),
        total=said.get("eliminationValueCode"),
    )


def _cells(
    file: str, dimensions: Sequence[Dimension], values: Any, status: Any
) -> Mapping[tuple[str, ...], Cell]:
    sizes = [len(one.categories) for one in dimensions]
    size = 1
    for one in sizes:
        size *= one
    # A mapping names only the cells there are; a list names them all.
    keys_in_order(file, sizes, len(values) if isinstance(values, list) or size > MOST_CELLS else size)
    cells = {}
    for number, key in enumerate(product(*(one.categories for one in dimensions))):
        value = _at(values, number)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError
        note = "" if value is not None else _reason(_at(status, number))
        cells[key] = Cell(None if value is None else float(value), note, f"värde {number + 1}")
    return cells


def _at(values: Any, number: int) -> Any:
    if isinstance(values, dict):
        return values.get(str(number))
    return values[number] if isinstance(values, list) else values


def _reason(status: Any) -> str:
    return SYMBOLS.get(str(status), f"saknas i källan ({str(status)[:40]})") if status else "tomt i källan"


def _unit(described: Mapping[str, Any], roles: Mapping[str, Any]) -> str:
    for name in roles.get("metric", []):
        for unit in described[name]["category"].get("unit", {}).values():
            return str(unit.get("base", unit.get("label", "")))
    return ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _px_web(file: str, found: Mapping[str, Any]) -> StatisticalTable:
    """Columns of type c are contents, t is time, the others are keys; every value is a text."""
    keys = [one for one in found["columns"] if one.get("type") != "c"]
    contents = [one for one in found["columns"] if one.get("type") == "c"]
    categories: list[dict[str, str]] = [{} for _ in keys]
    cells: dict[tuple[str, ...], Cell] = {}
    for number, row in enumerate(found["data"], start=1):
        for known, code in zip(categories, row["key"], strict=True):
            known[str(code)] = str(code)
        for content, text in zip(contents, row["values"], strict=True):
            cells[*map(str, row["key"]), str(content["code"])] = figure(
                file, str(text), f"rad {number} i data"
            )
    dimensions = [
        Dimension(str(one["code"]), str(one["text"]), categories[place], one.get("type") == "t")
        for place, one in enumerate(keys)
    ]
    named = {str(one["code"]): str(one["text"]) for one in contents}
    notes = [str(one.get("comment", "")) for one in found["columns"] if one.get("comment")]
    return StatisticalTable(
        file, (*dimensions, Dimension("ContentsCode", "tabellinnehåll", named)), cells, notes=tuple(notes)
    )
