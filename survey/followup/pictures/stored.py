"""Pictures as the text that is kept and sent, read back to the same picture, and what its fields are."""

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from survey.followup.pictures.content import SCHEMA, Picture

_NAMES: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def as_json(picture: Picture) -> bytes:
    """The same bytes for the same picture."""
    return orjson.dumps(picture)


def fingerprint(picture: Picture) -> str:
    """What tells one picture from another."""
    return hashlib.sha256(orjson.dumps(picture)).hexdigest()


def from_json(stored: bytes | str) -> Picture:
    """The picture that was kept.

    Raises:
        ValueError: the text is not a picture of this schema.
    """
    given = orjson.loads(stored)
    if not isinstance(given, dict) or given.get("schema") != SCHEMA:
        raise ValueError("not a situation picture of this schema")
    picture: Picture = _read(Picture, given)
    return picture


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of a picture, made from its fields."""
    found: dict[str, Any] = {}
    _described(Picture, found)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lägesbild",
        "$ref": "#/$defs/Picture",
        "$defs": found,
    }


def _read(kind: Any, given: Any) -> Any:
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        # What was not kept when a picture was signed is as empty as it was then.
        known = [one for one in fields(kind) if one.name in given or one.default is MISSING]
        return kind(**{one.name: _read(hints[one.name], given[one.name]) for one in known})  # type: ignore[operator]
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if kinds[-1] is Ellipsis:
            return tuple(_read(kinds[0], one) for one in given)
        return tuple(_read(one, value) for one, value in zip(kinds, given, strict=True))
    return given


def _described(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    if is_dataclass(kind):
        name = str(kind.__name__)  # type: ignore[union-attr]
        if name not in found:
            found[name] = {}
            found[name] |= _object(kind, found)
        return {"$ref": f"#/$defs/{name}"}
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if kinds[-1] is Ellipsis:
            return {"type": "array", "items": _described(kinds[0], found)}
        return {
            "type": "array",
            "prefixItems": [_described(one, found) for one in kinds],
            "minItems": len(kinds),
            "maxItems": len(kinds),
        }
    if get_origin(kind) is UnionType:
        return {"type": [_NAMES.get(one, "null") for one in get_args(kind)]}
    return {"type": _NAMES[kind]}


def _object(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        "type": "object",
        "description": (kind.__doc__ or "").strip(),
        "properties": {one.name: _described(hints[one.name], found) for one in fields(kind)},
        "required": [one.name for one in fields(kind)],
        "additionalProperties": False,
    }
