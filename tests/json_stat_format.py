"""What JSON-stat 2.0 asks of a dataset: the published JSON schema, and the rules between its parts.

Of the schema the properties that we write; written by reading it (json-stat.org, schema 1.05).
"""

import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

REQUIRED = {"version", "class", "value", "id", "size", "dimension"}
ALLOWED = {
    *REQUIRED,
    "label",
    "source",
    "updated",
    "role",
    "extension",
    "status",
    "note",
    "href",
    "link",
    "error",
}
TEXTS = ("label", "source", "updated")
DIMENSION = {"label", "category", "note", "href", "link", "extension"}
CATEGORY = {"index", "label", "unit", "note", "child", "coordinates"}
DAY = r"(19|20)\d\d-\d\d-\d\d"


def json_stat_faults(told: Mapping[str, Any]) -> Iterator[str]:
    """Where a dataset departs from the format."""
    yield from (f"{one} is missing" for one in REQUIRED - told.keys())
    yield from (f"{one} has no place" for one in told.keys() - ALLOWED)
    if (told["version"], told["class"]) != ("2.0", "dataset"):
        yield "not a dataset of version 2.0"
    yield from (f"{one} is no text" for one in TEXTS if not isinstance(told.get(one, ""), str))
    if "updated" in told and not re.fullmatch(DAY, told["updated"]):
        yield f"updated is no day: {told['updated']}"
    if not _are_texts(told.get("note", [])) or not isinstance(told.get("extension", {}), dict):
        yield "note is a list of texts, and extension an object"
    yield from _shape(told)
    for name, size in zip(told["id"], told["size"], strict=False):
        yield from _dimension(name, size, told["dimension"][name])
    yield from _cells(told)


def _are_texts(found: Any) -> bool:
    return (
        isinstance(found, list) and all(isinstance(one, str) for one in found) and len({*found}) == len(found)
    )


def _shape(told: Mapping[str, Any]) -> Iterator[str]:
    if not _are_texts(told["id"]) or len(told["id"]) != len(told["size"]):
        yield "every dimension has one name and one size"
    if {*told["id"]} != told["dimension"].keys():
        yield "other dimensions are told than those that are named"
    for role, names in told.get("role", {}).items():
        if role not in ("time", "geo", "metric") or not _are_texts(names) or not {*names} <= {*told["id"]}:
            yield f"the role {role} is not of these dimensions: {names}"
    for name in told.get("role", {}).get("metric", []):
        if not told["dimension"][name]["category"].get("unit"):
            yield f"{name} has no units"


def _dimension(name: str, size: int, dimension: Mapping[str, Any]) -> Iterator[str]:
    category = dimension["category"]
    yield from (f"{name}: {one} has no place" for one in dimension.keys() - DIMENSION)
    yield from (f"{name}: {one} has no place" for one in category.keys() - CATEGORY)
    codes = category["index"]
    if not _are_texts(codes) or len(codes) != size:
        yield f"{name} does not have {size} codes that differ"
    if category["label"].keys() != {*codes} or not all(
        isinstance(one, str) for one in category["label"].values()
    ):
        yield f"{name} does not have a label for each code"
    for code, unit in category.get("unit", {}).items():
        fits = isinstance(unit.get("label", ""), str) and isinstance(unit.get("decimals", 0), int)
        if code not in codes or not fits:
            yield f"{name}: no unit of {code}: {unit}"


def _cells(told: Mapping[str, Any]) -> Iterator[str]:
    places = prod(told["size"])
    for part, kinds in (("value", (int, float, type(None))), ("status", (str,))):
        for at, one in told.get(part, {}).items():
            if not re.fullmatch(r"0|[1-9]\d*", at) or int(at) >= places or not isinstance(one, kinds):
                yield f"{part} {at} is no cell: {one}"
