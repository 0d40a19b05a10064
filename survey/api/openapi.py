"""The document that describes the API, made from the same tables that answer it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from survey.api.answers import MIMETYPES
from survey.api.column_texts import text_of
from survey.api.parameters import LIMIT, MOST_VALUES, OFFSET, Number, Parameter
from survey.api.resources import RESOURCES, Resource
from survey.api.room import PROBLEM, TITLES
from survey.followup.pictures import stored

Node = dict[str, Any]
# What is no text; every answer is held to it in the tests.
NUMBERS = (
    *("percent", "percent_lower", "percent_upper", "population", "estimate", "se", "df", "n_eff", "lower"),
    *("upper", "change_points", "change_lower", "change_upper", "detectable_points", "change", "p", "p_bh"),
    *("p_holm", "p_adjusted", "equivalence_margin", "detectable_change", "difference", "value", "answered"),
    *("dont_know", "refused", "missing", "response_rate", "r_indicator", "deff_kish", "weight_min"),
    *("weight_median", "weight_max", "weight_cv2", "trimmed_share", "baseline_percent", "latest_percent"),
)
WHOLE = (
    *("n", "n_previous", "family_size", "version", "asked", "sampled", "responded", "table", "promise"),
    *("position", "event", "picture", "replaced_by"),
)
DATES = (
    *("field_start", "field_end", "released_on", "approved_on", "agreed_on", "due_on", "result_on"),
    *("read_on", "starts_on", "ends_on", "signed_on"),
)
FLAGS = ("released", "synthetic", "headline", "sensitive")
PROBLEMS = (400, 401, 404, 406, 409, 410, 429)


@cache
def document() -> Node:
    """The whole of it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trygghetsmätningens resultat",
            "version": "1",
            "description": (
                "Frisläppta tal. Utan nyckel det alla får läsa, med nyckel också det den ger rätt till."
            ),
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{}, {"token": []}],
        "paths": {
            **{f"/{name}": {"get": _operation(name, one)} for name, one in RESOURCES.items()},
            "/pictures/{number}": {"get": _picture()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Problem": _problem(),
                "Release": _object(
                    wave={"type": "string"},
                    version={"type": "integer"},
                    released_on={"type": "string", "format": "date"},
                    synthetic={"type": "boolean"},
                ),
                **{schema_name(name): _row(name, one) for name, one in RESOURCES.items() if one.read},
                **_moved(stored.schema()["$defs"]),
            },
            "responses": {str(status): _told(TITLES[status]) for status in PROBLEMS},
        },
    }


def _operation(name: str, resource: Resource) -> Node:
    return {
        "operationId": f"list_{name.replace('-', '_')}",
        "summary": resource.text,
        "parameters": list(_parameters(resource)),
        "responses": _responses(
            "Raderna.", {MIMETYPES[form]: {"schema": _content(name, form)} for form in resource.forms}
        ),
    }


def _picture() -> Node:
    schema = {"$ref": "#/components/schemas/Picture"}
    number = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
    return {
        "operationId": "read_picture",
        "summary": "En undertecknad lägesbild, utan det som var menat för en snävare krets.",
        "parameters": [
            {
                "name": "number",
                "in": "path",
                "description": "Lägesbildens nummer, ur listan pictures.",
                "required": True,
                "schema": number,
            }
        ],
        "responses": _responses("Lägesbilden.", {MIMETYPES["json"]: {"schema": schema}}),
    }


def _responses(text: str, content: Node) -> Node:
    strings = {"schema": {"type": "string"}}
    return {
        "200": {"description": text, "headers": {"ETag": strings, "Link": strings}, "content": content},
        "304": {"description": "Inget har ändrats sedan svaret med den ETag som frågan nämner."},
        **{str(status): {"$ref": f"#/components/responses/{status}"} for status in PROBLEMS},
    }


def _moved(node: Any) -> Any:
    """A schema with its references to where this document keeps it."""
    if isinstance(node, dict):
        return {name: _moved(part) for name, part in node.items()}
    if isinstance(node, list):
        return [_moved(part) for part in node]
    return node.replace("#/$defs/", "#/components/schemas/") if isinstance(node, str) else node


def _parameters(resource: Resource) -> Iterator[Node]:
    for one in resource.filters:
        yield _filter(one)
    for number in (LIMIT, OFFSET) if resource.read else ():
        yield _number(number)
    yield {
        "name": "format",
        "in": "query",
        "description": "Svarets form. Utan: den som huvudet Accept ber om.",
        "schema": {"type": "string", "enum": list(resource.forms)},
    }


def _filter(parameter: Parameter) -> Node:
    value: Node = {"type": "string", "pattern": f"^{parameter.pattern}$"}
    if parameter.choices:
        value = {"type": "string", "enum": list(parameter.choices)}
    most = 1 if parameter.required else MOST_VALUES
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.text,
        "required": parameter.required,
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": value, "minItems": 1, "maxItems": most},
    }


def _number(parameter: Number) -> Node:
    limits = {"minimum": parameter.least, "maximum": parameter.most, "default": parameter.usual}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.text,
        "schema": {"type": "integer", **limits},
    }


def _content(name: str, form: str) -> Node:
    if form == "json-stat":
        return {"type": "object", "description": "JSON-stat 2.0, https://json-stat.org/format/"}
    if form != "json":
        return {"type": "string"}
    return _object(
        notice={"type": ["string", "null"]},
        total={"type": "integer"},
        limit={"type": "integer"},
        offset={"type": "integer"},
        next={"type": ["string", "null"]},
        releases={"type": "array", "items": {"$ref": "#/components/schemas/Release"}},
        rows={"type": "array", "items": {"$ref": f"#/components/schemas/{schema_name(name)}"}},
    )


def _row(name: str, resource: Resource) -> Node:
    """Every column that somebody gets; which ones depends on whose token it is."""
    return {
        "type": "object",
        "properties": {column: _column(column, name) for column in resource.columns},
        "additionalProperties": False,
    }


def _column(name: str, resource: str) -> Node:
    kind = "string"
    for names, other in ((NUMBERS, "number"), (WHOLE, "integer"), (FLAGS, "boolean")):
        kind = other if name in names else kind
    told: Node = {"description": text_of(name, resource)} if text_of(name, resource) else {}
    return {"type": [kind, "null"], **({"format": "date"} if name in DATES else {}), **told}


def _object(**properties: Node) -> Node:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _problem() -> Node:
    return _object(
        type={"type": "string"},
        title={"type": "string"},
        status={"type": "integer"},
        detail={"type": "string"},
    )


def _told(text: str) -> Node:
    return {
        "description": text,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def schema_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
