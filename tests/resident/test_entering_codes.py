"""The code of the letter opens the questions, and whatever else is typed says what to do."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import TODAY, Letter, answer_all, change_wave, enter, hidden, send

from survey.collection.codes import new_code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ABCD",
        "ABCD-1234-EFGH-5678",
        "é" * 12,
        "\0",
        "x" * 5000,
        "<b>&\"'",
        pytest.param(str(new_code()), id="unknown"),
    ],
    ids=["empty", "blank", "short", "long", "foreign", "nul", "huge", "markup", "unknown"],
)
def test_a_wrong_code_says_what_to_check_and_whom_to_call(
    client: FlaskClient, letter: Letter, typed: str
) -> None:
    page = send(client, "/", {"code": typed})
    assert page.status_code == 422
    assert "<title>Fel: " in page.text
    assert "Kontrollera" in page.text
    assert 'href="#code"' in page.text
    assert "08-465 004 00" in page.text
    assert "<b>&" not in page.text


def test_a_code_is_read_however_it_is_typed(client: FlaskClient, letter: Letter) -> None:
    typed = letter.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert send(client, "/", {"code": f"  {typed} "}).location == "/fortsatt"


def test_a_used_code_opens_nothing(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer_all(client)
    client.post("/granska", data=hidden(client.get("/granska")))
    for page in (
        send(app.test_client(), "/", {"code": letter.code}),
        send(app.test_client(), f"/s/{letter.token}"),
    ):
        assert page.status_code == 422
        assert "Koden är redan använd" in page.text


def test_an_unknown_qr_address_is_told_kindly(client: FlaskClient, letter: Letter) -> None:
    page = send(client, "/s/abcdefghijklmnop")
    assert page.status_code == 422
    assert "Koden finns inte" in page.text


def test_a_code_after_the_last_day_says_that_the_survey_is_closed(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    change_wave(app, field_end=TODAY - timedelta(days=10))
    assert "tar inte längre emot svar" in send(client, "/", {"code": letter.code}).text


def test_a_broken_token_at_the_code_keeps_the_code(client: FlaskClient, letter: Letter) -> None:
    page = client.post("/", data={"code": letter.code})
    assert page.status_code == 400
    assert f'value="{letter.code}"' in page.text
    assert client.post("/", data={**hidden(page), "code": letter.code}).location == "/fortsatt"


def test_who_takes_no_cookies_is_told_that_they_are_needed(app: Flask, letter: Letter) -> None:
    client = app.test_client(use_cookies=False)
    for address in ("/", "/angra", f"/s/{letter.token}"):
        page = send(client, address, {"code": letter.code})
        assert page.status_code == 400
        assert "tillåt kakor" in page.text
        assert 'href="tel:' in page.text
