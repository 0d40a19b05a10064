"""Forms sent at the same moment: exactly one wins, and the person sees the same page either way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, add_open_wave, answer_all, enter, hidden
from sqlalchemy import func, select
from test_answering import state_of
from werkzeug.test import TestResponse

from survey import create_app
from survey.config import Settings
from survey.database import Databases
from survey.models.case import CaseEvent
from survey.models.response import Response

AT_ONCE = 4


@pytest.fixture
def app(any_settings: Settings) -> Iterator[Flask]:
    """The application on SQLite, then on PostgreSQL."""
    built = create_app(any_settings)
    yield built
    built.extensions["databases"].dispose()


@pytest.fixture
def letter(app: Flask) -> Letter:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session, 1)[0]


def at_once(
    app: Flask, client: FlaskClient, post: Callable[[FlaskClient, int], TestResponse]
) -> list[TestResponse]:
    """The same browser sends several times before it has seen an answer."""
    cookie = client.get_cookie("trygg")
    assert cookie is not None
    barrier = Barrier(AT_ONCE)

    def send(number: int) -> TestResponse:
        twin = app.test_client()
        twin.set_cookie("trygg", cookie.value)
        barrier.wait()
        return post(twin, number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def count(app: Flask, table: type[Response] | type[CaseEvent]) -> int:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_one_page_sent_many_times_at_once_is_stored_once(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = {**hidden(client.get("/fraga/problems")), "problem_litter": "4"}
    sent = at_once(app, client, lambda twin, _: twin.post("/fraga/problems", data=form))
    assert {page.location for page in sent} == {"/fraga/victimisation"}
    assert state_of(app, letter).version == 1


def test_different_answers_sent_at_once_leave_one_whole_page(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    codes = ["1", "2", "3", "4"]
    sent = at_once(
        app,
        client,
        lambda twin, number: twin.post(
            "/fraga/problems", data={**form, "problem_litter": codes[number], "problem_fights": codes[number]}
        ),
    )
    assert sorted(page.status_code for page in sent) == [303, 409, 409, 409]
    stored = state_of(app, letter)
    assert stored.version == 1
    assert stored.answers["problem_litter"] == stored.answers["problem_fights"]


def test_handing_in_many_times_at_once_gives_one_answer_and_one_receipt(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client)
    form = hidden(client.get("/granska"))
    sent = at_once(app, client, lambda twin, _: twin.post("/granska", data=form))
    assert {(page.status_code, page.location) for page in sent} == {(303, "/tack")}
    assert count(app, Response) == 1
    assert count(app, CaseEvent) == 2  # begun and handed in


def test_beginning_many_times_at_once_opens_one_response(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    assert client.post("/", data={**hidden(client.get("/")), "code": letter.code}).location == "/fortsatt"
    form = hidden(client.get("/om"))
    sent = at_once(app, client, lambda twin, _: twin.post("/om", data=form))
    assert {page.location for page in sent} == {"/fraga/problems"}
    assert count(app, Response) == 1
