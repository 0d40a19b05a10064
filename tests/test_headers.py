"""Every answer of the server tells the browser the same: nothing foreign, no frames, no copies."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from hashlib import sha256

import every_page
import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import add_open_wave, hidden

from survey import create_app
from survey.config import Settings
from survey.database import Databases

ADDRESSES = [
    "/",
    "/s/token",
    "/s/token/angra",
    "/angra",
    "/om",
    "/tack",
    "/inloggning",
    "/aktivera/token",
    "/kommun/",
    "/finns-inte",
]


@pytest.mark.parametrize("address", [*ADDRESSES, "/static/css/site.css"])
def test_every_answer_carries_the_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        every_page.holds(answer, address)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_is_kept_by_the_browser(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "no-store"
    assert client.post(address).headers["Cache-Control"] == "no-store"


def test_style_sheets_and_fonts_may_be_kept(client: FlaskClient) -> None:
    with client.get("/static/css/site.css") as answer:
        assert "max-age=3600" in answer.headers["Cache-Control"]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert cookie.startswith("trygg=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_the_cookie_is_bound_to_the_host_and_http_is_given_up(settings: Settings) -> None:
    secure = Settings(**{**settings.__dict__, "base_url": "https://survey.example", "secure_cookies": True})
    app = create_app(secure)
    answer = app.test_client().get("/", base_url="https://survey.example")
    app.extensions["databases"].dispose()
    assert answer.headers["Set-Cookie"].startswith("__Host-trygg=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_no_page_of_a_resident_holds_script_style_or_foreign_address(app: Flask, client: FlaskClient) -> None:
    """Pages of staff are walked in tests/test_access.py, results in tests/test_planted_search.py."""
    open_survey(app, client)
    for address in ("/", "/fraga/victimisation", "/granska", "/inloggning", "/finns-inte"):
        every_page.holds(client.get(address), address)


def open_survey(app: Flask, client: FlaskClient) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter = add_open_wave(session, 1)[0]
    client.post("/", data={**hidden(client.get("/")), "code": letter.code})
    client.post("/om", data=hidden(client.get("/om")))
    client.post("/fraga/problems", data=hidden(client.get("/fraga/problems")))


def test_everything_that_is_signed_is_signed_with_sha_256(app: Flask, client: FlaskClient) -> None:
    page = client.get("/")
    cookie = page.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    for signed in (cookie, hidden(page)["csrf_token"]):
        signature = signed.rsplit(".", 1)[1]
        assert len(urlsafe_b64decode(signature + "=" * (-len(signature) % 4))) == sha256().digest_size


def test_behind_https_the_language_too_is_bound_to_the_host_and_forgotten_when_leaving(app: Flask) -> None:
    behind = create_app(replace(app.extensions["settings"], base_url="https://x.se", secure_cookies=True))
    client = behind.test_client()
    cookies = client.get("/?language=en", base_url="https://x.se").headers.getlist("Set-Cookie")
    kept = next(cookie for cookie in cookies if "sprak=en" in cookie)
    assert kept.startswith("__Host-sprak=en;")
    assert "Secure" in kept and "Path=/" in kept and "Domain" not in kept
    assert 'lang="en"' in client.get("/", base_url="https://x.se").text
    client.post("/lamna", base_url="https://x.se")
    assert 'lang="sv"' in client.get("/", base_url="https://x.se").text


def test_under_a_name_that_is_not_ours_nothing_is_served(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://trygg.example.se:8443"))
    client = app.test_client()
    for address, host in (("/", "evil.example"), ("/inloggning", "trygg.example.se.evil.example"), ("/", "")):
        for answer in (
            client.get(address, headers={"Host": host}),
            client.post(address, headers={"Host": host}),
        ):
            assert answer.status_code == 400, host
            assert "<h1>Sidan finns inte</h1>" in answer.text
            assert "evil" not in answer.text
            every_page.holds(answer, host)
            assert "Set-Cookie" not in answer.headers
    for own in ("trygg.example.se", "trygg.example.se:8443", "127.0.0.1:8000", "localhost"):
        assert client.get("/", headers={"Host": own}).status_code == 200, own
    app.extensions["databases"].dispose()
