"""An owner gives another system a key, sees whether it is used, and takes it back."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from staff import logged_in
from werkzeug.test import TestResponse

from survey import clock
from survey.cli import main
from survey.config import Settings

PAGE = "/drift/api-nycklar"


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={**hidden(client.get(PAGE)), **fields})


def reads(app: Flask, token: str) -> int:
    return app.test_client().get("/api/v1/waves", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_key_is_shown_once_used_and_withdrawn(app: Flask) -> None:
    owner, until = logged_in(app, role="owner"), (clock.today() + timedelta(30)).isoformat()
    for wrong in (
        {"token_name": "", "scope": "region", "expires_on": until},
        {"token_name": "x" * 81, "scope": "region", "expires_on": until},
        {"token_name": "Lager", "scope": "all", "expires_on": until},
        {"token_name": "Lager", "scope": "municipality", "expires_on": until},
        {"token_name": "Lager", "scope": "municipality", "expires_on": until, "place_code": "9999"},
        {"token_name": "Lager", "scope": "region", "expires_on": until, "place_code": "0187"},
        {"token_name": "Lager", "scope": "district", "expires_on": until},
        {"token_name": "Lager", "scope": "police_area", "expires_on": until, "place_code": "P9"},
        {"token_name": "Lager", "scope": "region", "expires_on": "2020-01-01"},
        {"token_name": "Lager", "scope": "region", "expires_on": "9999-12-31"},
        {"token_name": "Lager", "scope": "region", "expires_on": "snart"},
    ):
        page = post(owner, PAGE, **wrong)
        assert page.status_code == 422, wrong
        assert "Det här behöver ändras" in page.text
    page = post(owner, PAGE, token_name="Kommunens <datalager>", scope="public", expires_on=until)
    token = page.text.split('<code class="link">')[1].split("</code>")[0]
    assert token not in owner.get(PAGE).text
    assert "aldrig" in owner.get(PAGE).text
    assert reads(app, token) == 200
    text = owner.get(PAGE).text
    assert "aldrig" not in text
    assert "Kommunens &lt;datalager&gt;" in text
    number = text.split('name="token_id" value="')[1].split('"')[0]
    assert post(owner, f"{PAGE}/dra-in", token_id=number).status_code == 303
    assert reads(app, token) == 401
    assert "Indragen" in owner.get(PAGE).text
    for nobody in ("", "0", "9" * 9, "9" * 40, "²"):
        assert post(owner, f"{PAGE}/dra-in", token_id=nobody).status_code == 422


def test_the_command_line_makes_lists_and_withdraws_keys(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRYGG_SURVEY_DATABASE", settings.survey_database)
    monkeypatch.setenv("TRYGG_IDENTITY_DATABASE", settings.identity_database)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["api-token", *arguments])
        return done.exit_code, done.output

    assert run("create", "Lager", "--scope", "kommun")[0] == 2
    assert run("create", "Lager", "--scope", "district", "--place", "L9")[0] == 2
    made = run("create", "Lager", "--scope", "region")
    token = made[1].splitlines()[-1]
    assert (made[0], reads(app, token)) == (0, 200)
    assert "Lager: region, till" in run("list")[1]
    assert run("withdraw", "2")[0] == 2
    assert run("withdraw", "1") == (0, "Nyckeln till Lager är indragen.\n")
    assert reads(app, token) == 401
    assert "indragen" in run("list")[1]
