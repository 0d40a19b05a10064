"""An open link brings answers that are kept apart: nobody's code, nobody's case, never in the statistics."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, Letter, add_open_wave, answer, answer_all, hidden, send
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from test_bad_input import change_wave

from survey import create_app
from survey.collection import open_answers
from survey.collection.attempts import OPEN_LINK
from survey.collection.closing import close_wave
from survey.collection.forgetting import destroy_links
from survey.collection.open_links import count_open_links, set_open_link
from survey.config import Settings
from survey.database import Databases
from survey.errors import UserError
from survey.languages import LANGUAGES
from survey.models.audit_event import AuditEvent
from survey.models.case import CaseEvent
from survey.models.deletion import Act, Deletion
from survey.models.municipality import Participation
from survey.models.open_answer import OpenResponse
from survey.models.response import Response
from survey.models.wave import Wave
from survey.processing.answers import read_answers

WAVE = "2026-11"
LINK = f"/oppen/{WAVE}/0187"


@pytest.fixture
def letter(app: Flask) -> Letter:
    """A wave with a link that is open."""
    return open_link_wave(app)


def open_link_wave(app: Flask, asked: str = "trygghet") -> Letter:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter = add_open_wave(session, 1, asked=asked)[0]
        session.add(Participation(wave_code=WAVE, municipality_code="0187", accepted=True))
        session.flush()
        set_open_link(session, WAVE, "0187", True, "test")
    return letter


def begin(client: FlaskClient) -> None:
    assert send(client, LINK).location == "/fortsatt"
    assert client.get("/fortsatt").location == "/fraga/problems"


def rows(app: Flask) -> list[OpenResponse]:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return list(session.scalars(select(OpenResponse)))


@pytest.mark.parametrize("ended_by", [close_wave, destroy_links])
def test_what_was_never_handed_in_ends_with_the_wave(
    app: Flask, client: FlaskClient, letter: Letter, ended_by: Callable[[Session, str, str], object]
) -> None:
    begin(client)
    answer(client, "problems", {"problem_drugs": "4"})
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        if ended_by is destroy_links:  # begun in the moment of the close
            wave = session.get_one(Wave, WAVE)
            wave.status, wave.field_end = "closed", TODAY - timedelta(days=1)
            for act, by in ((Act.CONTACTS, "b"), (Act.LINKS, None)):
                done = {"approved_by": by, "approved_at": by and datetime.now(UTC), "certificate": by}
                now = datetime.now(UTC)
                session.add(
                    Deletion(
                        wave_code=WAVE, act=act, decision="1", requested_by="a", requested_at=now, **done
                    )
                )
            session.flush()
        ended_by(session, WAVE, "b")
    assert rows(app) == []
    assert client.get("/fraga/problems").status_code == 403


def test_an_answer_by_open_link_is_stored_apart_and_never_reaches_the_statistics(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    begin(client)
    answer_all(client, victim=True)
    assert 'value="4"' in client.get("/fraga/problems").text
    assert "koden" not in client.get("/granska").text
    assert client.post("/granska", data=hidden(client.get("/granska"))).location == "/tack"
    receipt = client.get("/tack").text
    assert "Det du skickade har kommit fram." in receipt
    assert "koden" not in receipt.lower()
    (stored,) = rows(app)
    assert (stored.submitted_on, stored.municipality_code) == (TODAY, "0187")
    assert (stored.visit_hash, stored.visit_ends) == (None, None)
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 0
        assert session.scalar(select(func.count()).select_from(CaseEvent)) == 0
        assert len(read_answers(session, WAVE, frozenset({"0187-01"}), ["problem_litter"])) == 0
        assert [link.submitted for link in count_open_links(session, WAVE)] == [1]


def test_no_link_is_open_unless_somebody_has_opened_it(app: Flask, client: FlaskClient) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, 0)
    for address in (LINK, "/oppen/2026-11/0180", "/oppen/1999/0187"):
        assert client.get(address).status_code == 404
    with found.transaction() as session, pytest.raises(UserError, match="är inte med"):
        set_open_link(session, WAVE, "0187", True, "test")


def test_a_link_can_be_shut_and_what_came_by_it_stays(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    begin(client)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        set_open_link(session, WAVE, "0187", False, "test")
    assert app.test_client().get(LINK).status_code == 404
    assert client.post(LINK, data=hidden(client.get("/fraga/problems"))).status_code == 404
    answer_all(client)
    assert client.post("/granska", data=hidden(client.get("/granska"))).location == "/tack"
    with found.reading() as session:
        logged = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "open link")
        assert session.scalar(logged) == 2


def test_after_the_last_day_the_link_says_that_the_survey_is_closed(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    begin(client)
    form = hidden(client.get("/fraga/problems"))
    change_wave(app, field_end=TODAY - timedelta(days=9))
    pages = (client.get(LINK), client.post(LINK, data=form), client.post("/fraga/problems", data=form))
    for page in pages:
        assert page.status_code == 409
        assert "Undersökningen är stängd" in page.text
    assert ["inte sparas" in page.text for page in pages] == [False, False, True]
    change_wave(app, status="closed")
    found: Databases = app.extensions["databases"]
    with found.transaction() as session, pytest.raises(UserError, match="är stängd"):
        set_open_link(session, WAVE, "0187", True, "test")


def test_leaving_quickly_takes_the_answers_along(app: Flask, client: FlaskClient, letter: Letter) -> None:
    begin(client)
    answer(client, "problems", {"problem_litter": "4"})
    form = hidden(client.get("/fraga/victimisation"))
    copy = app.test_client()
    copy.set_cookie("trygg", client.get_cookie("trygg").value)  # type: ignore[union-attr]
    client.post("/lamna")
    assert rows(app) == []
    for page in (copy.get("/fraga/problems"), copy.post("/fraga/victimisation", data=form)):
        assert page.status_code == 403
        assert "Öppna länken igen" in page.text


def test_what_was_left_without_handing_in_is_removed_when_the_next_one_begins(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    begin(client)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        open_answers.open_visit(session, WAVE, "0187", "sv", datetime.now(UTC) + timedelta(hours=2))
    assert len(rows(app)) == 1
    assert client.get("/fraga/problems").status_code == 403


def test_a_second_window_and_a_form_sent_twice_overwrite_nothing(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    begin(client)
    form = hidden(client.get("/fraga/problems"))
    for _ in range(2):
        sent = client.post("/fraga/problems", data={**form, "problem_litter": "4"})
        assert sent.location == "/fraga/victimisation"
    assert client.post("/fraga/problems", data={**form, "problem_litter": "1"}).status_code == 409
    assert (rows(app)[0].version, '"problem_litter":"4"' in rows(app)[0].answers) == (1, True)


def test_one_network_cannot_fill_the_link_with_answers(app: Flask, letter: Letter) -> None:
    client = app.test_client()
    form = hidden(client.get(LINK))
    for _ in range(OPEN_LINK.at_once):
        fresh = app.test_client()
        assert send(fresh, LINK).status_code == 303
    page = client.post(LINK, data=form)
    assert page.status_code == 429
    assert "Vänta en minut" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_says_who_sees_what_until_when_and_that_answers_are_kept_apart(
    client: FlaskClient, letter: Letter, language: str
) -> None:
    page = client.get(f"{LINK}?language={language}").text
    assert f'<html lang="{language}"' in page
    assert "Vaxholm" in page
    assert page.count("<h2>") == 2
    assert page.count("<li>") >= 4
    late = client.post(LINK, data={"csrf_token": "late"})
    assert (late.status_code, "Vaxholm" in late.text) == (400, True)


@pytest.fixture
def any_app(any_settings: Settings) -> Iterator[Flask]:
    built = create_app(any_settings)
    yield built
    built.extensions["databases"].dispose()


def test_handing_in_many_times_at_once_gives_one_answer_and_one_receipt(any_app: Flask) -> None:
    found: Databases = any_app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, 0)
        session.add(Participation(wave_code=WAVE, municipality_code="0187", accepted=True))
        session.flush()
        set_open_link(session, WAVE, "0187", True, "test")
    client = any_app.test_client()
    begin(client)
    answer_all(client)
    form = hidden(client.get("/granska"))
    cookie = client.get_cookie("trygg")
    assert cookie is not None
    barrier = Barrier(4)

    def hand_in(_: int) -> str | None:
        twin = any_app.test_client()
        twin.set_cookie("trygg", cookie.value)
        barrier.wait()
        return twin.post("/granska", data=form).location

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(hand_in, range(4))) == {"/tack"}
    (stored,) = rows(any_app)
    assert stored.submitted_on == TODAY
