"""Whoever changes their mind takes the answers back with the letter; no page tells if there were any."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, Letter, answer_all, enter, hidden, send
from test_bad_input import change_wave
from werkzeug.test import TestResponse

from survey.collection.attempts import SELECTOR
from survey.collection.closing import fieldwork
from survey.collection.codes import Code, new_code
from survey.database import Databases
from survey.languages import LANGUAGES, format_date
from survey.processing.answers import read_answers

WAVE = "2026-11"


def hand_in(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer_all(client)
    assert client.post("/granska", data=hidden(client.get("/granska"))).location == "/tack"


def take_back(client: FlaskClient, letter: Letter, way: str) -> TestResponse:
    if way == "code":
        return send(client, "/angra", {"code": letter.code})
    return send(client, f"/s/{letter.token}/angra")


def answers_for_statistics(app: Flask) -> int:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return len(read_answers(session, WAVE, frozenset({"0187-01"}), ["problem_litter"]))


@pytest.mark.parametrize("way", ["code", "qr"])
@pytest.mark.parametrize("status", ["open", "closed"])
def test_an_answer_handed_in_is_taken_back_with_the_letter(
    app: Flask, client: FlaskClient, letters: list[Letter], way: str, status: str
) -> None:
    hand_in(client, letters[0])
    hand_in(app.test_client(), letters[1])
    assert answers_for_statistics(app) == 2
    change_wave(app, status=status)
    for _ in range(2):  # a repeat is told the same
        sent = take_back(app.test_client(), letters[0], way)
        assert (sent.status_code, sent.location) == (303, "/angra/klart")
    assert answers_for_statistics(app) == 1
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        counted = fieldwork(session, WAVE)
    assert (counted.submitted, counted.withdrawn) == (1, 1)


def test_the_pages_are_the_same_whether_or_not_there_was_an_answer(
    app: Flask, client: FlaskClient, letters: list[Letter]
) -> None:
    enter(app.test_client(), letters[0])
    shown = []
    for letter in letters:
        browser = app.test_client()
        sent = take_back(browser, letter, "code")
        shown.append((sent.status_code, sent.location, browser.get("/angra/klart").text))
        again = send(app.test_client(), "/", {"code": letter.code})
        shown.append((again.status_code, None, again.text.replace(letter.code, "").split("<main")[1][-900:]))
    assert shown[:2] == shown[2:]


def test_taking_back_ends_the_visits_and_nobody_goes_on_with_the_code(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    form = {**hidden(client.get("/fraga/problems")), "problem_litter": "4"}
    take_back(app.test_client(), letter, "qr")
    late = client.post("/fraga/problems", data=form)
    assert late.status_code == 403
    assert "Koden gäller inte längre" in late.text
    assert "Inget av det du har svarat finns kvar" in late.text
    assert send(client, "/", {"code": letter.code}).status_code == 422
    assert answers_for_statistics(app) == 0


def test_the_receipt_of_taking_back_is_only_for_who_has_done_it(client: FlaskClient, letter: Letter) -> None:
    assert client.get("/angra/klart").location == "/angra"
    take_back(client, letter, "code")
    assert "Du är inte längre med" in client.get("/angra/klart").text


def test_opening_the_page_of_the_qr_code_takes_nothing_back(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    hand_in(client, letter)
    for token in (letter.token, "no-such-token"):
        assert "Ta bort mina svar" in app.test_client().get(f"/s/{token}/angra").text
    assert answers_for_statistics(app) == 1


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "\0", "x" * 5000, "é" * 12, "<b>", pytest.param(str(new_code()), id="unknown")]
)
def test_a_wrong_code_takes_nothing_back_and_says_what_to_check(
    app: Flask, client: FlaskClient, letter: Letter, typed: str
) -> None:
    hand_in(client, letter)
    page = send(app.test_client(), "/angra", {"code": typed})
    assert page.status_code == 422
    assert 'href="#code"' in page.text
    assert "<title>Fel: " in page.text
    unknown = send(app.test_client(), "/s/no-such-token/angra")
    assert (unknown.status_code, "Koden finns inte" in unknown.text) == (422, True)
    assert answers_for_statistics(app) == 1


@pytest.mark.parametrize("address", ["/angra", "/s/{token}/angra"])
def test_a_late_token_takes_nothing_back_and_leads_on(
    app: Flask, client: FlaskClient, letter: Letter, address: str
) -> None:
    hand_in(client, letter)
    browser = app.test_client()
    page = browser.post(address.format(token=letter.token), data={"csrf_token": "late", "code": letter.code})
    assert page.status_code == 400
    assert f'value="{letter.code}"' in page.text
    assert answers_for_statistics(app) == 1
    assert browser.post("/angra", data={**hidden(page), "code": letter.code}).location == "/angra/klart"


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_question_stands_who_sees_what_until_when_and_how_to_take_back(
    app: Flask, client: FlaskClient, letter: Letter, language: str
) -> None:
    last = TODAY + timedelta(days=90)
    change_wave(app, links_until=last)
    send(client, f"/?language={language}", {"code": letter.code})
    about = client.get("/om").text
    assert f'<html lang="{language}"' in about
    assert about.count("<h2>") == 4
    assert 'href="/angra"' in about
    assert format_date(language, last).replace(" ", "\u00a0") in about  # never over two lines
    assert f'href="/s/{letter.token}/angra"' in client.get(f"/s/{letter.token}").text


@pytest.mark.parametrize("address", ["/", "/angra", "/fortsatt"])
def test_guesses_at_a_code_are_slowed_on_every_page_and_the_letter_still_works_by_qr(
    app: Flask, client: FlaskClient, letter: Letter, address: str
) -> None:
    selector = letter.code[:4]
    form = {**hidden(client.get("/")), "code": ""}
    for _ in range(SELECTOR.at_once):
        form["code"] = str(Code(selector, new_code().secret))
        assert client.post(address, data=form).status_code == 422
    page = client.post(address, data={**form, "code": letter.code})
    assert page.status_code == 429
    assert "Ingen kod är spärrad" in page.text
    assert send(client, f"/s/{letter.token}").location == "/om"
