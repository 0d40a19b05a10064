"""Passwords are tried slower and slower, and nobody can lock somebody else out."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy.orm import Session
from staff import ANALYST, PASSWORD, add_account

from survey.pace import succeed
from survey.preparation.login_attempts import (
    ACCOUNT,
    ACCOUNT_HERE,
    NETWORK,
    SECOND_FACTOR,
    TooManyLogins,
    begin_login,
    begin_second_factor,
)

NOW = 1_800_000_000.0
SECRET = "a secret of this installation"
HERE, THERE = "192.0.2.7", "198.51.100.9"


def passed(session: Session, email: str = ANALYST, address: str = HERE, now: float = NOW) -> bool:
    try:
        return begin_login(session, email, address, SECRET, now) is not None
    except TooManyLogins:
        return False


def test_an_account_is_slowed_from_one_network_and_open_from_another(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    assert sum(passed(session) for _ in range(2 * ACCOUNT.at_once)) == ACCOUNT_HERE.at_once
    assert passed(session, " " + ANALYST.upper(), THERE)
    assert caplog.records == []
    assert passed(session, now=NOW + ACCOUNT_HERE.seconds)
    assert not passed(session, now=NOW + ACCOUNT_HERE.seconds)


def test_a_right_password_gives_its_moment_back(session: Session) -> None:
    for _ in range(3 * NETWORK.at_once):
        succeed(session, begin_login(session, ANALYST, HERE, SECRET, NOW))


def test_many_accounts_from_one_network_are_slowed_together(session: Session) -> None:
    tried = sum(passed(session, f"{number}@example.se") for number in range(2 * NETWORK.at_once))
    assert tried == NETWORK.at_once


def test_an_attack_from_everywhere_is_told_and_leaves_the_holder_a_way_in(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(3 * ACCOUNT.at_once):
            passed(session, address=f"203.0.{number // 200}.{number % 200}")
    assert caplog.text.count("wrong passwords from many networks") == 1
    assert ANALYST not in caplog.text
    assert passed(session, address=THERE)


def test_a_second_factor_is_tried_a_few_times_only(session: Session) -> None:
    for _ in range(SECOND_FACTOR.at_once):
        begin_second_factor(session, 1, SECRET, NOW)
    with pytest.raises(TooManyLogins):
        begin_second_factor(session, 1, SECRET, NOW)
    begin_second_factor(session, 2, SECRET, NOW)
    begin_second_factor(session, 1, SECRET, NOW + SECOND_FACTOR.seconds)


def test_the_page_says_wait_and_the_right_password_must_wait_too(app: Flask, client: FlaskClient) -> None:
    add_account(app, None)
    fields = {**hidden(client.get("/inloggning")), "email": ANALYST}
    for _ in range(ACCOUNT_HERE.at_once):
        assert client.post("/inloggning", data={**fields, "password": "fel"}).status_code == 422
    page = client.post("/inloggning", data={**fields, "password": PASSWORD})
    assert page.status_code == 429
    assert "Vänta en minut" in page.text
    elsewhere = {"REMOTE_ADDR": THERE}
    let_in = client.post("/inloggning", data={**fields, "password": PASSWORD}, environ_base=elsewhere)
    assert let_in.status_code == 303
