"""A session is read as it was written, and only when we wrote it ourselves, not too long ago."""

import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface

from survey.cookie_session import SignedSessions

WRITTEN = {"visit": "key-ÅÄÖ", "unsaved page": True}


def written(app: Flask, values: dict[str, Any]) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(values))


def opened(app: Flask, cookie: str) -> dict[str, Any]:
    with app.test_request_context(headers={"Cookie": f"trygg={cookie}"}):
        return dict(session)


def test_a_session_is_what_was_written(app: Flask) -> None:
    assert opened(app, written(app, WRITTEN)) == WRITTEN


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é.é.é", ".", ".."])
def test_what_we_did_not_write_is_no_session(app: Flask, cookie: str) -> None:
    assert opened(app, cookie) == {}


def test_a_session_that_somebody_has_changed_is_none(app: Flask) -> None:
    right, other = written(app, WRITTEN), written(app, {"visit": "another"})
    assert opened(app, other.split(".")[0] + right[right.index(".") :]) == {}
    for place in range(len(right)):
        wrong = right[:place] + ("A" if right[place] != "A" else "E") + right[place + 1 :]
        assert opened(app, wrong) in ({}, WRITTEN if place == len(right) - 1 else {})


def test_a_session_of_another_installation_is_none(app: Flask) -> None:
    other = Flask("other")
    other.secret_key = "another secret of more than enough length"
    other.session_interface = SignedSessions()
    assert opened(app, written(other, WRITTEN)) == {}


def test_a_session_from_before_an_update_is_read_or_forgotten(app: Flask) -> None:
    class Earlier(SecureCookieSessionInterface):
        digest_method = SignedSessions.digest_method

    before = Earlier().get_signing_serializer(app)
    assert before
    with app.app_context():
        short, packed = before.dumps(WRITTEN), before.dumps({"texts": "long" * 100})
    assert packed.startswith(".")
    assert opened(app, short) == WRITTEN
    assert opened(app, packed) == {}


def test_an_old_session_is_none(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie, now = written(app, WRITTEN), time.time()
    for days, kept in ((30, WRITTEN), (32, {})):
        later = now + timedelta(days=days).total_seconds()
        monkeypatch.setattr(time, "time", lambda later=later: later)
        assert opened(app, cookie) == kept


def test_the_cookie_is_set_when_something_has_changed_and_the_page_is_told_to_vary(app: Flask) -> None:
    client = app.test_client()
    first, second = client.get("/s/abc"), client.get("/s/abc")
    assert "trygg=" in first.headers["Set-Cookie"]
    assert "Set-Cookie" not in second.headers
    assert first.headers["Vary"] == second.headers["Vary"] == "Cookie"
