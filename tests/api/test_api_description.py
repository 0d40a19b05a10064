"""The description fits the answers, and the examples of the guide give what it says."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pictured import DISTRICT

import survey.api
from survey.api.openapi import schema_name
from survey.api.resources import RESOURCES
from survey.pace import Pace

NewToken = Callable[..., str]
Node = dict[str, Any]
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
EXAMPLE = re.compile(r"^GET (/api/v1/\S+)(?: som (\w+))?\n(\d{3}) ([\w+/.-]+)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.preparation.api_tokens.OF_NETWORK", Pace(10**6, 0))


@pytest.fixture
def description(client: FlaskClient) -> Node:
    found: Node = client.get("/api/v1/openapi.json").json
    return found


def faults(value: Any, schema: Node, root: Node, path: str = "") -> Iterator[str]:
    """Where a value does not fit its schema, for as much of JSON Schema as the description uses."""
    unknown = schema.keys() - {
        *("$ref", "type", "enum", "properties", "required", "additionalProperties", "items", "minItems"),
        *("description", "format", "pattern", "minimum", "maximum", "default", "prefixItems", "maxItems"),
    }
    assert not unknown, unknown
    if "$ref" in schema:
        yield from faults(value, resolved(schema["$ref"], root), root, path)
        return
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    fits = any(
        isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool) for kind in kinds
    )
    if not fits:
        yield f"{path}: {value!r} is no {kinds}"
    elif isinstance(value, dict):
        yield from (f"{path}.{name} is missing" for name in set(schema.get("required", [])) - value.keys())
        for name, part in value.items():
            if name in schema["properties"]:
                yield from faults(part, schema["properties"][name], root, f"{path}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{path}.{name} is not described"
    elif isinstance(value, list):
        parts = schema.get("prefixItems", [schema.get("items")] * len(value))
        if len(parts) != len(value):
            yield f"{path} has {len(value)} parts"
        for number, (part, its) in enumerate(zip(value, parts, strict=False)):
            yield from faults(part, its, root, f"{path}[{number}]")


def resolved(reference: str, root: Node) -> Node:
    node: Node = root
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def references(node: Any) -> Iterator[str]:
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from references(part)
    if isinstance(node, dict) and "$ref" in node:
        yield node["$ref"]


def test_the_description_is_whole_and_every_answer_fits_it(
    client: FlaskClient, new_token: NewToken, description: Node
) -> None:
    assert description["openapi"].startswith("3.1.")
    for reference in references(description):
        resolved(reference, description)
    for name, schema in description["components"]["schemas"].items():
        if name in map(schema_name, RESOURCES):
            assert all(column["description"] for column in schema["properties"].values()), name
    operations = [path["get"] for path in description["paths"].values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    tokens = ("", new_token("region"), new_token("municipality", "0182"))
    filled = set()
    for (path, item), token in product(description["paths"].items(), tokens):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        required = "".join(f"{one['name']}=2019&" for one in item["get"]["parameters"] if one.get("required"))
        page = client.get(f"/api/v1{path.replace('{number}', '1')}?{required}", headers=headers)
        assert page.status_code == 200, path
        if page.mimetype == "application/json":
            schema = item["get"]["responses"]["200"]["content"][page.mimetype]["schema"]
            assert list(faults(page.json, schema, description)) == [], path
            if page.json.get("rows"):
                filled.add(path.removeprefix("/"))
    assert filled == {name for name, resource in RESOURCES.items() if resource.read is not None}


def test_the_description_names_every_address_and_every_form(app: Flask, description: Node) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    (lists,) = (rule for rule in rules if "resource" in rule)
    described = {path.removeprefix("/") for path in description["paths"]}
    assert set(re.findall(r"'([^']+)'", lists)) == {name for name in described if "/" not in name}
    assert {rule.split("/")[3] for rule in rules} - {lists.split("/")[3]} == {"openapi.json", "pictures"}
    assert [name for name in described if "/" in name] == ["pictures/{number}"]


def test_errors_are_never_pages(
    app: Flask, client: FlaskClient, description: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = description["components"]["schemas"]["Problem"]
    told = [
        (client.get("/api/v1/nothing"), 404),
        (client.get("/api/v2/estimates"), 404),
        (client.get(f"/api/v1/estimates?gender={','.join(['all'] * 101)}"), 400),
        (client.get("/api/v1/events?code=%00"), 400),
        (client.post("/api/v1/estimates", data="x" * 100_000), 405),
        (client.delete("/api/v1/estimates"), 405),
        (client.open("/api/v1/estimates", method="BREW"), 405),
        (client.get("/api/v1/estimates", headers={"Authorization": "Bearer \xe5"}), 401),
        (client.get("/api/v1/estimates", headers={"Accept": ";;;,q=9"}), 406),
    ]
    app.testing = False
    monkeypatch.setattr("survey.api.answers.as_rows", lambda *_: 1 / 0)
    told.append((client.get("/api/v1/waves"), 500))
    for page, status in told:
        assert (page.status_code, page.mimetype) == (status, "application/problem+json")
        assert list(faults(page.json, problem, description)) == []
        assert page.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in page.headers


def test_the_examples_in_the_guide_give_what_it_says(client: FlaskClient, new_token: NewToken) -> None:
    guide = (Path(survey.api.__file__).parent / "README.md").read_text(encoding="utf-8")
    tokens = {"regionen": new_token("region"), "kommunen": new_token("municipality", "0182"), "okänd": "x"}
    tokens["polisen"] = new_token("district", DISTRICT)
    examples = EXAMPLE.findall(guide)
    assert len(examples) >= 8
    for address, reader, status, kind in examples:
        headers = {"Authorization": f"Bearer {tokens[reader]}"} if reader else {}
        page = client.get(address, headers=headers)
        assert (page.status_code, page.mimetype) == (int(status), kind), address
        if status == "200" and kind == "application/json":
            assert page.json.get("rows") or page.json["texts"], address
    headings = re.findall(r"`([a-z-]+)`", guide.split("`openapi.json`")[0])
    assert set(headings) == set(RESOURCES)
