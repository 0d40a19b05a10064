"""Whatever is sent to whichever page, there is a page in answer, nothing half-written and never a failure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, answer_all, enter, hidden
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.models.case import CaseEvent
from survey.models.response import Response
from survey.questionnaire.definition import load
from survey.questionnaire.path import visible_questions

FORM = "application/x-www-form-urlencoded"
HOSTILE = (
    "\0",
    "\ud800",
    "\u202e\u2066",
    "%00",
    "'; DROP TABLE response; --",
    "{{ 7*7 }}",
    "=1+1",
    "x" * 3000,
)
FIELDS = ("code", "state", "page_id", "language", "csrf_token", "problem_litter", "victim_theft", "no_such")


@dataclass(frozen=True)
class Body:
    data: bytes
    content_type: str = FORM


def bodies(token: str, state: str) -> Iterator[Body]:
    """What no form of ours sends; with the token right, so that it comes further than to the token."""
    right = f"csrf_token={quote(token)}&state={quote(state)}".encode()
    for value in HOSTILE:
        said = quote(value.encode("utf-8", "surrogatepass"))
        yield Body(right + b"".join(f"&{name}={said}".encode() for name in FIELDS if name != "csrf_token"))
        yield Body(right + f"&{said[:900]}={said}".encode())
    yield Body(b"")
    yield Body(right)
    yield Body(right * 2 + b"&" + right)
    yield Body(right + b"&code=%ff%fe&problem_litter=%ff&state=%c0%80")
    yield Body(right + b"&problem_litter=1&problem_litter=2&problem_litter=77")
    yield Body(right + b"&problem_litter=77")
    yield Body(right + b"".join(f"&field{number}=1".encode() for number in range(1500)))
    yield Body(right + b"&problem_litter=" + b"4" * 70_000)
    yield Body(right.decode().encode("utf-16"), f"{FORM}; charset=utf-16")
    yield Body(json.dumps({"csrf_token": token, "problem_litter": ["4"]}).encode(), "application/json")
    yield Body(right, "text/plain; charset=no-such")
    yield Body(right, "multipart/form-data")
    yield Body(
        b"--x\r\nContent-Disposition: form-data; name=code; filename=a\r\n\r\n\0\r\n--x--\r\n", _multipart()
    )
    yield Body(b"--x\r\n" * 500, _multipart())


def _multipart() -> str:
    return "multipart/form-data; boundary=x"


def addresses(app: Flask, token: str) -> list[str]:
    """Where residents can send something, leaving apart."""
    values = {
        "token": token,
        "page_id": "problems",
        "wave_code": "2026-11",
        "municipality_code": "0187",
    }
    adapter = app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method="POST")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("resident.") and "POST" in (rule.methods or ())
        if rule.endpoint != "resident.leave"
    ]


def stored(app: Flask) -> list[object]:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        answers = session.execute(select(Response.answers, Response.version, Response.submitted_on))
        events = session.execute(select(CaseEvent.case_id, CaseEvent.kind).order_by(CaseEvent.id))
        return [tuple(row) for row in (*answers, *events)]


def has_page(answer: TestResponse) -> bool:
    return answer.status_code in (302, 303) or "<h1" in answer.text


@pytest.mark.parametrize("when", ["outside", "in the middle", "before handing in", "after handing in"])
def test_no_form_sent_to_any_page_fails_or_is_half_written(
    app: Flask, client: FlaskClient, letter: Letter, when: str
) -> None:
    if when != "outside":
        enter(client, letter)
    if when in ("before handing in", "after handing in"):
        answer_all(client)
    state = hidden(client.get("/granska")).get("state", "") if when == "before handing in" else "old"
    if when == "after handing in":
        client.post("/granska", data=hidden(client.get("/granska")))
    before = stored(app)
    for address in addresses(app, "no-such-token"):
        token = hidden(client.get("/angra"))["csrf_token"]
        for body in bodies(token, "old" if "granska" in address else state):
            answer = client.post(address, data=body.data, content_type=body.content_type)
            assert answer.status_code < 500, (address, body)
            assert has_page(answer), (address, body)
            assert "Traceback" not in answer.text
    assert_whole_pages(app)
    if when in ("outside", "after handing in"):
        assert stored(app) == before


def assert_whole_pages(app: Flask) -> None:
    """Of each page all questions are stored or none, with codes of the list or skipped."""
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        for packed in session.scalars(select(Response.answers)):
            answers = json.loads(packed)
            for page in load("trygghet").pages:
                shown = visible_questions(page, answers)
                assert len({question.id in answers for question in shown}) <= 1
                for question in shown:
                    assert answers.get(question.id, "") in ("", *question.codes)


@pytest.mark.parametrize(
    "cookie", ["", "x", "x" * 4000, "eyJ2aXNpdCI6MX0.aaaa.bbbb", "\xff\xfe", '{"visit": ["a"]}']
)
def test_a_made_up_cookie_opens_nothing(app: Flask, letter: Letter, cookie: str) -> None:
    client = app.test_client()
    for address in ("/", "/om", "/fraga/problems", "/granska", "/tack", "/angra", "/angra/klart"):
        answer = client.get(address, headers={"Cookie": f"trygg={cookie}; sprak={cookie}"})
        assert answer.status_code in (200, 303), address
        assert "fieldset" not in answer.text


@pytest.mark.parametrize(
    "asked", ["language=%00", "language=%ff", "language=ar&language=sv", "paus=%f0", "x" * 9000]
)
@pytest.mark.parametrize("address", ["/", "/om", "/fraga/problems", "/granska", "/angra", "/tack"])
def test_a_strange_question_in_the_address_is_answered_with_a_page(
    client: FlaskClient, letter: Letter, address: str, asked: str
) -> None:
    enter(client, letter)
    answer = client.get(f"{address}?{asked}")
    assert answer.status_code < 400
    assert has_page(answer)
