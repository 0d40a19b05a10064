"""No form gets in that another site could have made a browser send."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFError, generate_csrf
from open_wave import hidden

from survey.form_tokens import form_token

SIGNED, PLAIN = "/", "/s/abc"  # two ways of putting the token of the session into a form


@pytest.mark.parametrize("page", [SIGNED, PLAIN])
def test_a_token_is_good_for_every_form_of_its_own_browser_alone(
    app: Flask, client: FlaskClient, page: str
) -> None:
    token = hidden(client.get(page))["csrf_token"]
    stranger = app.test_client()
    stranger.get(page)
    for address in (SIGNED, PLAIN):
        assert client.post(address, data={"csrf_token": token}).status_code == 422  # no code of anybody's
        assert stranger.post(address, data={"csrf_token": token}).status_code == 400
        assert app.test_client().post(address, data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("token", ["", "å", "x" * 22])
def test_nothing_is_no_token(client: FlaskClient, token: str) -> None:
    for _ in range(2):  # before there is a session, and with one
        assert client.post(SIGNED, data={"csrf_token": token}).status_code == 400
        client.get(PLAIN)
    assert client.post(SIGNED).status_code == 400


def test_leaving_alone_needs_no_token(app: Flask) -> None:
    let_in = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            with app.test_request_context(method=method):
                request.url_rule = rule
                try:
                    app.extensions["csrf"].protect(apply_exemptions=True)
                    let_in.add(rule.endpoint)
                except CSRFError:
                    pass
    assert let_in == {"resident.leave"}


def test_both_kinds_of_token_are_of_one_session(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        signed, plain = generate_csrf(), form_token()
        cookie = app.session_interface.get_signing_serializer(app).dumps({"csrf_token": plain})
    for token in (signed, plain):
        client = app.test_client()
        client.set_cookie("trygg", cookie)
        assert client.post(SIGNED, data={"csrf_token": token}).status_code == 422
