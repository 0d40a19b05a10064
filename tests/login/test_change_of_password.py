"""Staff change their own password; one that is quickly guessed is refused wherever a password is chosen."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from staff import ANALYST, PASSWORD, add_account, log_in, logged_in
from werkzeug.test import TestResponse

from survey.errors import UserError
from survey.preparation.login_attempts import ACCOUNT_HERE
from survey.preparation.passwords import EASY, require_hard_to_guess

NEW = "helt andra ord den här gången"


def change(client: FlaskClient, current: str = PASSWORD, new: str = NEW) -> TestResponse:
    fields = {"current": current, "password": new, "repeated": new}
    return client.post("/losenord", data={**hidden(client.get("/losenord")), **fields})


def test_after_a_change_the_new_password_opens_and_the_old_one_and_every_login_are_over(app: Flask) -> None:
    client = logged_in(app)
    assert "Lösenordet är bytt" in change(client).text
    assert client.get("/analys/").location.startswith("/inloggning")
    again = app.test_client()
    assert log_in(again, ANALYST).status_code == 422
    page = again.get("/inloggning")
    assert (
        again.post("/inloggning", data={**hidden(page), "email": ANALYST, "password": NEW}).location
        == "/analys/"
    )


@pytest.mark.parametrize(
    ("current", "new", "message"),
    [
        ("fel lösenord", NEW, "Det nuvarande lösenordet stämmer inte."),
        ("", NEW, "Skriv ditt nuvarande lösenord."),
        (PASSWORD, "kort", "minst 12"),
        (PASSWORD, "analytiker2026", "lätt att gissa"),
        (PASSWORD, "\0" * 12, "lätt att gissa"),
    ],
)
def test_a_change_that_will_not_do_is_told_and_changes_nothing(
    app: Flask, current: str, new: str, message: str
) -> None:
    client = logged_in(app)
    page = change(client, current, new)
    assert page.status_code == 422
    assert message in page.text
    assert client.get("/analys/").status_code == 200


def test_guessing_the_present_password_is_slowed_like_a_login(app: Flask) -> None:
    client = logged_in(app)
    answers = [change(client, "fel lösenord").status_code for _ in range(ACCOUNT_HERE.at_once + 1)]
    assert answers == [422] * ACCOUNT_HERE.at_once + [429]


def test_a_stranger_and_a_half_login_come_to_no_change(app: Flask, client: FlaskClient) -> None:
    add_account(app, None)
    assert client.get("/losenord").location.startswith("/inloggning")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "qwertyuiop12",
        "anna.andersson1",
        "lösenordlösenord",
        "aaaaaaaaaaaaaa",
        "trygghet2026!",
    ],
)
def test_common_ones_patterns_and_own_words_are_easy_to_guess(password: str) -> None:
    with pytest.raises(UserError, match=EASY):
        require_hard_to_guess(password, "anna.andersson@example.se")


@pytest.mark.parametrize(
    "password", [PASSWORD, NEW, "korrekt häst batteri", "é" * 3 + " gök 😀 fjärden" * 20]
)
def test_a_phrase_of_ones_own_will_do(password: str) -> None:
    require_hard_to_guess(password[:200], "anna.andersson@example.se")
