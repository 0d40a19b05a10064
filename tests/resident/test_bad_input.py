"""What goes wrong on the way gets a message in the reader's words, stores nothing and never breaks a page."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, answer, answer_all, change_wave, enter, hidden, send
from sqlalchemy import delete
from test_answering import state_of

from survey.collection.closing import close_wave
from survey.config import Settings
from survey.database import Databases
from survey.models.case import Case

SAVES = "Det du nyss fyllde i sparas när du har skrivit koden."
HOSTILE = (
    "\0",
    "1\0",
    "x" * 500,
    "99",
    "1'; DROP TABLE wave; --",
    "<script>",
    "\u202e1",
    "{{ 7 * 7 }}",
    "=1+1",
)


def test_what_tells_of_the_close_of_a_simulated_wave_says_that_it_is_simulated(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    """No wave is open any more, so it is the closed one that has to tell."""
    outside = app.test_client()
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    change_wave(app, status="closed")
    told = [
        send(outside, "/", {"code": letter.code}),
        outside.post(f"/s/{letter.token}", data=hidden(outside.get("/"))),
        client.post("/om", data=form),
        client.post("/fraga/problems", data={**form, "problem_litter": "4"}),
    ]
    for page in told:
        assert "tar inte längre emot svar" in page.text
        assert "SIMULERADE SVAR – INGET RESULTAT" in page.text


def test_a_page_sent_after_closing_is_told_and_not_stored(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    change_wave(app, status="closed")
    late = client.post("/fraga/problems", data={**form, "problem_litter": "4"})
    assert late.status_code == 409
    assert "Undersökningen är stängd" in late.text
    assert "Den här sidan kunde därför inte sparas." in late.text
    assert "Sista dagen" not in late.text  # it may have been closed before
    assert state_of(app, letter).answers == {}


def test_the_same_page_sent_twice_is_stored_once_and_goes_on(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = {**hidden(client.get("/fraga/problems")), "problem_litter": "4"}
    first, second = (client.post("/fraga/problems", data=form) for _ in range(2))
    assert first.location == second.location == "/fraga/victimisation"
    assert state_of(app, letter).version == 1


def test_a_second_window_keeps_what_was_filled_in_and_overwrites_nothing(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    old = hidden(client.get("/fraga/problems"))
    answer(client, "problems", {"problem_litter": "1"})
    conflict = client.post("/fraga/problems", data={**old, "problem_litter": "4"})
    assert conflict.status_code == 409
    assert "Du har svarat i ett annat fönster" in conflict.text
    assert 'name="problem_litter" value="4" checked' in conflict.text
    assert state_of(app, letter).answers["problem_litter"] == "1"
    client.post("/fraga/problems", data={**hidden(conflict), "problem_litter": "4"})
    assert state_of(app, letter).answers["problem_litter"] == "4"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_off_the_list_is_told_at_its_question_and_stores_nothing(
    app: Flask, client: FlaskClient, letter: Letter, value: str
) -> None:
    enter(client, letter)
    page = answer(client, "problems", {"problem_litter": value, "problem_fights": "2"})
    assert page.status_code == 422
    assert "<title>Fel: Problem i ditt område" in page.text
    assert 'href="#problem_litter"' in page.text
    assert 'name="problem_fights" value="2" checked' in page.text
    assert "<script>" not in page.text
    assert state_of(app, letter).answers == {}


def test_two_answers_to_one_question_are_told(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    page = client.post("/fraga/problems", data={**form, "problem_litter": ["1", "2"]})
    assert page.status_code == 422
    assert "Välj bara ett av svaren." in page.text
    assert state_of(app, letter).answers == {}


@pytest.mark.parametrize("page_id", ["finns-inte", "problems%00", "..%2f..%2fetc", "x" * 300, "PROBLEMS"])
def test_a_made_up_page_is_not_found(client: FlaskClient, letter: Letter, page_id: str) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    for page in (client.get(f"/fraga/{page_id}"), client.post(f"/fraga/{page_id}", data=form)):
        assert page.status_code == 404
        assert "Sidan finns inte" in page.text


def test_a_page_off_the_path_is_not_stored(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    sent = client.post("/fraga/background", data={**form, "gender": "man"})
    assert (sent.status_code, sent.location) == (303, "/fortsatt")
    assert state_of(app, letter).answers == {}


@pytest.mark.parametrize("state", ["", "0", "WzEsMF0.forged", "\0", "[1,0]"])
def test_a_tampered_version_stores_nothing_and_shows_the_page_again(
    app: Flask, client: FlaskClient, letter: Letter, state: str
) -> None:
    enter(client, letter)
    page = answer(client, "problems", {"state": state, "problem_litter": "4"})
    assert page.status_code == 409
    assert 'name="problem_litter" value="4" checked' in page.text
    assert state_of(app, letter).answers == {}


def test_the_form_of_another_person_stores_nothing(app: Flask, letters: list[Letter]) -> None:
    mine, other = app.test_client(), app.test_client()
    enter(mine, letters[0])
    enter(other, letters[1])
    foreign = hidden(other.get("/fraga/problems"))["state"]
    assert answer(mine, "problems", {"state": foreign, "problem_litter": "4"}).status_code == 409
    assert state_of(app, letters[1]).answers == {}


def test_a_huge_body_is_refused_with_a_page(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    page = client.post("/fraga/problems", data={**form, "problem_litter": "1" * 200_000})
    assert page.status_code == 413
    assert "för stort" in page.text
    many = client.post("/fraga/problems", data={**form, **{f"x{number}": "1" for number in range(9000)}})
    assert many.status_code == 413
    assert state_of(app, letter).answers == {}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"problem_litter=%ff%fe&problem_fights=%00", "application/x-www-form-urlencoded"),
        ("problem_litter=4".encode("utf-16"), "application/x-www-form-urlencoded; charset=utf-16"),
        (b"{}", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"\xff\xfe\x00", "text/plain; charset=no-such"),
    ],
)
def test_a_body_that_cannot_be_read_stores_nothing_and_shows_a_page(
    app: Flask, client: FlaskClient, letter: Letter, body: bytes, content_type: str
) -> None:
    enter(client, letter)
    page = client.post("/fraga/problems", data=body, content_type=content_type)
    assert page.status_code in (400, 409)
    assert "<h1>" in page.text
    assert state_of(app, letter).answers == {}


def test_a_late_token_keeps_the_choices_and_saves_them_the_second_time(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = hidden(client.get("/fraga/problems"))
    page = client.post("/fraga/problems", data={**form, "csrf_token": "late", "problem_litter": "4"})
    assert page.status_code == 400
    assert "Dina val finns kvar här" in page.text
    assert 'name="problem_litter" value="4" checked' in page.text
    assert client.post("/fraga/problems", data={**hidden(page), "problem_litter": "4"}).status_code == 303
    assert state_of(app, letter).answers["problem_litter"] == "4"


@pytest.mark.parametrize("address", ["/", "/om", "/granska"])
def test_a_broken_token_leads_on_in_the_language_of_the_page(
    client: FlaskClient, letter: Letter, address: str
) -> None:
    enter(client, letter)
    answer_all(client)
    client.get("/?language=en")
    page = client.post(address, data={"csrf_token": "broken", "code": letter.code})
    assert page.status_code == 400
    assert '<html lang="en"' in page.text
    assert "Bad Request" not in page.text


def test_a_pause_that_was_too_long_loses_nothing(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer(client, "problems")
    form = {**hidden(client.get("/fraga/victimisation")), "victim_theft": "1"}
    client.delete_cookie("trygg")
    page = client.post("/fraga/victimisation", data=form)
    assert page.status_code == 403
    assert "Skriv koden igen" in page.text
    assert SAVES in page.text
    page = client.post("/fortsatt?language=ar", data={**hidden(page), "code": "x"})
    assert '<html lang="ar" dir="rtl">' in page.text
    page = client.post("/fortsatt?language=sv", data={**hidden(page), "code": "x"})
    wrong = client.post("/fortsatt", data={**hidden(page), "code": "nej"})
    assert wrong.status_code == 422
    assert (SAVES in wrong.text, 'value="nej"' in wrong.text) == (False, True)
    sent = client.post("/fortsatt", data={**hidden(wrong), "code": letter.code})
    assert sent.location == "/fortsatt"
    assert state_of(app, letter).answers["victim_theft"] == "1"


def test_a_page_that_comes_after_the_close_is_said_to_be_lost(
    app: Flask, client: FlaskClient, letters: list[Letter]
) -> None:
    """No promise that the code would save it: the code is refused."""
    enter(client, letters[0])
    worry = {**hidden(client.get("/fraga/problems")), "problem_litter": "4"}
    answer_all(client)
    review = hidden(client.get("/granska"))
    waiting = app.test_client()
    enter(waiting, letters[1])
    form = {**hidden(waiting.get("/fraga/problems")), "problem_litter": "4"}
    waiting.delete_cookie("trygg")
    come_back = waiting.post("/fraga/problems", data=form)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        close_wave(session, "2026-11", "b")
    late = [
        client.post("/fraga/problems", data=worry),
        client.post("/granska", data=review),
        waiting.post("/fortsatt", data={**hidden(come_back), "code": letters[1].code}),
    ]
    with found.transaction() as session:
        session.execute(delete(Case))  # as when the links are destroyed
    late.append(client.post("/granska", data=review))
    for page in late:
        assert page.status_code == 409
        assert "kunde därför inte sparas" in page.text


def test_answers_carried_over_a_pause_never_reach_another_person(app: Flask, letters: list[Letter]) -> None:
    client = app.test_client()
    enter(client, letters[0])
    form = {**hidden(client.get("/fraga/problems")), "problem_litter": "4"}
    client.delete_cookie("trygg")
    page = client.post("/fraga/problems", data=form)
    enter(app.test_client(), letters[1])
    client.post("/fortsatt", data={**hidden(page), "code": letters[1].code})
    assert state_of(app, letters[0]).answers == {}
    assert state_of(app, letters[1]).answers == {}


def test_handing_in_twice_shows_the_same_receipt(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer_all(client)
    form = hidden(client.get("/granska"))
    cookie = client.get_cookie("trygg")
    assert cookie is not None
    twin = app.test_client()
    twin.set_cookie("trygg", cookie.value)
    first, second = client.post("/granska", data=form), twin.post("/granska", data=form)
    assert first.location == second.location == "/tack"
    assert client.get("/tack").text == twin.get("/tack").text


def test_a_page_after_the_receipt_leads_to_the_receipt(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client)
    other_window = hidden(client.get("/fraga/worry"))
    client.post("/granska", data=hidden(client.get("/granska")))
    late = client.post("/fraga/worry", data={**other_window, "worry_fraud": "5"})
    assert late.location == "/tack"
    change_wave(app, status="closed")
    receipt = client.get("/tack").text
    assert "Den sista sidan sparades inte" in receipt
    assert "SIMULERADE SVAR – INGET RESULTAT" in receipt
    change_wave(app, status="open")
    assert state_of(app, letter).answers["worry_fraud"] == ""
    for behind in ("/fraga/worry", "/granska", "/fortsatt"):  # the Back button
        assert client.get(behind).location == "/tack"


def test_handing_in_too_early_leads_to_the_page_that_is_left(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    sent = client.post("/granska", data=hidden(client.get("/fraga/problems")))
    assert sent.location == "/fortsatt"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_gets_a_page(client: FlaskClient, method: str) -> None:
    page = client.open("/", method=method)
    assert page.status_code == 405
    assert "<h1>" in page.text


def test_an_unexpected_failure_says_what_is_saved(
    app: Flask, client: FlaskClient, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("survey.collection.responses.visited", fail)
    send(client, "/", {"code": letter.code})
    page = client.get("/om")
    assert page.status_code == 500
    assert "Det du redan har sparat finns kvar" in page.text
    assert "secret detail" not in page.text


def test_without_a_database_there_is_still_a_page(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/empty.db"
    app.extensions["databases"].dispose()
    app.extensions["databases"] = Databases.connect(Settings(nowhere, nowhere))
    page = client.get("/?language=en")
    assert page.status_code == 500
    assert '<html lang="en"' in page.text
    assert "OperationalError" not in page.text


def test_without_a_database_the_page_can_still_be_left(
    app: Flask, client: FlaskClient, letter: Letter, tmp_path: Path
) -> None:
    enter(client, letter)
    nowhere = f"sqlite:///{tmp_path}/empty.db"
    app.extensions["databases"].dispose()
    app.extensions["databases"] = Databases.connect(Settings(nowhere, nowhere))
    left = client.post("/lamna")
    assert (left.status_code, left.location) == (303, "https://www.smhi.se/")
    assert "Clear-Site-Data" in left.headers
    assert client.get_cookie("trygg") is None
