"""Whatever is sent to the pages of those who run waves is answered with a page, never with a failure."""

from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import add_open_wave, hidden
from staff import add_account, log_in, logged_in

from survey import create_app
from survey.database import Databases
from survey.models.wave import Wave

OWNER_FORMS = {
    "/drift/konton": ("email", "role", "municipality_code"),
    "/drift/konton/stang": ("email",),
    "/drift/ny": ("code", "title", "questionnaire", "population_date", "seed", "age_min"),
    "/drift/{wave}/installningar": ("title", "field_end", "sample_per_area", "links_until"),
    "/drift/{wave}/urval": (
        "rule",
        "sample_per_area",
        "young_factor",
        "young_until",
        "area_factors",
        "letter",
        "paper_share",
    ),
    "/drift/{wave}/oppna": (),
    "/drift/{wave}/stang": ("confirmation", "early"),
    "/drift/{wave}/arbete": ("step", "area"),
    "/drift/{wave}/arbete/register": ("register",),
    "/drift/{wave}/arbete/ta-bort": (),
    "/drift/{wave}/makulera": ("void_confirmation", "reason"),
    "/drift/{wave}/gallring/begar": ("act", "decision"),
    "/drift/{wave}/gallring/utfor": ("act", "decision"),
    "/drift/{wave}/utskick": ("day-card", "text-card", "day-letter"),
    "/drift/{wave}/returer": ("list", "kind"),
}
DESK_FORMS = {
    "/drift/stod": ("reference",),
    "/drift/stod/kod": ("reference",),
    "/drift/stod/formular": ("reference", "language"),
    "/drift/stod/handelse": ("reference", "kind"),
    "/drift/stod/angra": ("reference", "kind"),
    "/drift/stod/aldrig": ("reference",),
    "/drift/stod/adress": ("reference", "street", "postal_code", "city"),
}
DOOR_FORMS = {
    "/inloggning": ("email", "password"),
    "/aktivera/x": ("password", "repeated"),
}
HOSTILE = ["", "\0", "0\0", "å" * 5000, "9" * 400, "\ud7ff\u202e", "' OR 1=1 --", "a@b.se\0", "../../x"]


@pytest.fixture(params=[pytest.param("settings", marks=pytest.mark.long), "postgresql_settings"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """On PostgreSQL, which takes less, and on SQLite: what one takes, the other may choke on."""
    built = create_app(request.getfixturevalue(request.param))
    built.testing = True
    yield built
    built.extensions["databases"].dispose()


@pytest.fixture
def waiting(app: Flask) -> Flask:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, letters=1)
    return app


def change_wave(app: Flask, status: str) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        session.get_one(Wave, "2026-11").status = status


def refused(
    client: FlaskClient,
    token: dict[str, str],
    forms: dict[str, tuple[str, ...]],
    answered: tuple[int, ...] = (303, 404, 413, 422, 429),
    waves: tuple[str, ...] = ("",),
) -> int:
    """Send every form without its fields and then with hostile ones; how many answers there were."""
    answers = 0
    for address, names in forms.items():
        for wave in waves:
            kinds = [{}, *({name: value for name in names} for value in HOSTILE)] if names else [{}]
            for fields in kinds:
                page = client.post(address.format(wave=wave), data={**token, **fields})
                assert page.status_code in answered, (
                    address,
                    wave,
                    fields,
                    page.status_code,
                )
                answers += 1
    return answers


def test_no_form_of_the_owner_breaks_the_service(waiting: Flask) -> None:
    owner = logged_in(waiting, role="owner")
    token = hidden(owner.get("/drift/konton"))
    of_wave = {address: names for address, names in OWNER_FORMS.items() if "{wave}" in address}
    of_none = {address: names for address, names in OWNER_FORMS.items() if address not in of_wave}
    for status in ("sampled", "open", "closed"):
        change_wave(waiting, status)
        assert refused(owner, token, of_wave, waves=("2026-11",)) == 102
    assert refused(owner, token, of_wave, waves=("1999", "x" * 100)) == 204
    assert refused(owner, token, of_none) == 30


def test_no_form_of_the_help_desk_breaks_the_service(waiting: Flask) -> None:
    desk = logged_in(waiting, role="help_desk")
    assert refused(desk, hidden(desk.get("/drift/stod")), DESK_FORMS) == 70


def test_no_form_at_the_door_breaks_the_service(waiting: Flask) -> None:
    client = waiting.test_client()
    token = {"csrf_token": hidden(client.get("/inloggning"))["csrf_token"]}
    assert refused(client, token, DOOR_FORMS) == 20
    assert log_in(client, "nobody@example.se").status_code in (422, 429)


def test_no_form_of_the_second_factor_breaks_the_service(waiting: Flask) -> None:
    """By somebody who has given the password, first without an app and then with one."""
    waiting.extensions["settings"] = replace(waiting.extensions["settings"], second_factor=True)
    email = add_account(waiting, None)
    client = waiting.test_client()
    assert log_in(client, email).location == "/inloggning/kod"
    page = client.get("/inloggning/kod")
    right, new_app = hidden(page), {"/inloggning/ny-kod": ("code", "sealed")}
    assert refused(client, {"csrf_token": right["csrf_token"]}, new_app, (413, 422)) == 10
    assert refused(client, right, {"/inloggning/ny-kod": ("code",)}, (413, 422)) == 10
    secret = page.text.split('class="link" dir="ltr">')[1].split("<")[0]
    client.post("/inloggning/ny-kod", data={**right, "code": pyotp.TOTP(secret).now()})
    again = waiting.test_client()
    assert log_in(again, email).location == "/inloggning/kod"
    token = {"csrf_token": hidden(again.get("/inloggning/kod"))["csrf_token"]}
    assert refused(again, token, {"/inloggning/kod": ("code",)}, (413, 422, 429)) == 10
