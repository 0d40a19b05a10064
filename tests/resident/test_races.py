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
from survey.collection.closing import close_wave
from survey.config import Settings
from survey.database import Databases
from survey.models.case import CaseEvent
from survey.models.response import Response
from survey.questionnaire.definition import load

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
    barrier = Barrier(AT_ONCE)
    twins = [twin_of(app, client) for _ in range(AT_ONCE)]

    def send(number: int) -> TestResponse:
        barrier.wait()
        return post(twins[number], number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def twin_of(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another window of the same browser."""
    cookie = client.get_cookie("trygg")
    assert cookie is not None
    twin = app.test_client()
    twin.set_cookie("trygg", cookie.value)
    return twin


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
    assert count(app, CaseEvent) == 3  # opened, begun and handed in


def test_beginning_many_times_at_once_opens_one_response(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    assert client.post("/", data={**hidden(client.get("/")), "code": letter.code}).location == "/fortsatt"
    form = hidden(client.get("/om"))
    sent = at_once(app, client, lambda twin, _: twin.post("/om", data=form))
    assert {page.location for page in sent} == {"/fraga/problems"}
    assert count(app, Response) == 1


def test_two_windows_on_different_pages_at_once_lose_nothing_that_was_saved(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client)
    pages = ["problems", "worry", "unsafe", "avoidance"]
    first = {page: load("trygghet").page(page).questions[0] for page in pages}
    forms = {page: hidden(client.get(f"/fraga/{page}")) for page in pages}
    sent = at_once(
        app,
        client,
        lambda twin, number: twin.post(
            f"/fraga/{pages[number]}", data={**forms[pages[number]], first[pages[number]].id: "2"}
        ),
    )
    assert sorted(page.status_code for page in sent) == [303, 409, 409, 409]
    saved = {page: state_of(app, letter).answers[first[page].id] == "2" for page in pages}
    assert saved == {page: reply.status_code == 303 for page, reply in zip(pages, sent, strict=True)}


@pytest.mark.parametrize("ending", ["close", "take back"])
def test_an_answer_handed_in_at_the_last_moment_is_in_with_a_receipt_or_told_that_it_is_not(
    app: Flask, client: FlaskClient, letter: Letter, ending: str
) -> None:
    enter(client, letter)
    answer_all(client)
    form = hidden(client.get("/granska"))
    outside = app.test_client()
    taking_back = hidden(outside.get(f"/s/{letter.token}/angra"))
    found: Databases = app.extensions["databases"]

    def post(twin: FlaskClient, number: int) -> TestResponse:
        if number < AT_ONCE - 1:
            return twin.post("/granska", data=form)
        if ending == "take back":
            return outside.post(f"/s/{letter.token}/angra", data=taking_back)
        with found.transaction() as session:
            close_wave(session, "2026-11", "test")
        return outside.get("/")

    *sent, ended = at_once(app, client, post)
    assert ended.status_code == (200 if ending == "close" else 303)
    # The closed page, or the code asked for again when the visit has ended already.
    assert {page.status_code for page in sent} <= {303, 403, 409}
    receipts = [page for page in sent if page.location == "/tack"]
    with found.reading() as session:
        stored = session.scalars(select(Response.submitted_on)).all()
        handed_in = select(func.count()).select_from(CaseEvent).where(CaseEvent.kind == "submitted")
        assert session.scalar(handed_in) == int(bool(receipts))
    if ending == "close":
        assert len(stored) == 1
        assert (stored[0] is not None) is bool(receipts)
    else:
        assert stored == []


def test_every_request_of_a_whole_journey_sent_again_at_once_leaves_one_answer_and_one_receipt(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    recorded: list[tuple[str, dict[str, str]]] = []
    post = client.post

    def record(address: str, data: dict[str, str]) -> TestResponse:
        recorded.append((address, data))
        return post(address, data=data)

    client.post = record  # type: ignore[method-assign]
    enter(client, letter)
    answer_all(client, victim=True)
    late = twin_of(app, client)
    client.post("/granska", data=hidden(client.get("/granska")))
    before = state_of(app, letter)

    def replay(twin: FlaskClient, number: int) -> TestResponse:
        for address, data in recorded[number:] + recorded[:number]:
            page = twin.post(address, data=data)
            assert page.status_code in (303, 400, 403, 422), (address, page.status_code)
        return page

    at_once(app, late, replay)
    assert state_of(app, letter) == before
    assert count(app, Response) == 1
    assert count(app, CaseEvent) == 3
