"""The page of the fieldwork, for those who run it."""

import os
import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from multiprocessing.connection import Connection

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, add_open_wave, answer_all, enter, send
from staff import logged_in

from survey.collection import kept_standing
from survey.config import Settings
from survey.database import Databases

PAGE = "/drift/2026-11/falt"
COUNTED_AT = re.compile(r"Räknat klockan \d\d\.\d\d")


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session, letters=3)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Take every wave for a large one, and change how long its count is kept, shown and waited for."""

    def change(**seconds: float) -> None:
        for name, value in seconds.items():
            monkeypatch.setattr(kept_standing, name, value)

    monkeypatch.setattr(kept_standing, "_WAVES", {})
    change(LARGE=1, WAITED_FOR=60)
    return change


def hand_in(app: Flask, letter: Letter) -> None:
    resident = app.test_client()
    enter(resident, letter)
    answer_all(resident)
    assert send(resident, "/granska").status_code == 303


def shown(client: FlaskClient) -> str:
    """What stands on the page below its heading and the time."""
    page = client.get(PAGE)
    assert page.status_code == 200
    return COUNTED_AT.split(page.text)[1]


def counted_by_nobody(*_: object) -> None:
    os._exit(1)


def told_the_priority(answer: Connection, *_: object) -> None:
    answer.send((os.nice(0), os.sched_getscheduler(0)))


def test_the_page_shows_what_the_residents_did(app: Flask, letters: list[Letter]) -> None:
    hand_in(app, letters[0])
    client = logged_in(app, role="fieldwork")
    page = client.get("/drift/2026-11/falt")
    assert page.status_code == 200
    assert "33,3 %" in page.text
    assert "AAPOR RR1" in page.text
    assert "Här räknas alla formulär som har lämnats in." in page.text
    assert "Webb, sv" in page.text
    assert "Dag för dag" in page.text
    assert client.get("/drift/1999/falt").status_code == 404
    assert "konton" not in page.text
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.text)]
    assert max(after - before for before, after in pairwise(levels)) == 1


def test_the_help_desk_does_not_follow_the_fieldwork(app: Flask) -> None:
    assert logged_in(app, role="help_desk").get("/drift/2026-11/falt").status_code == 403


def test_a_large_wave_is_counted_apart_and_shown_as_it_was_until_it_is_counted_anew(
    app: Flask, letters: list[Letter], large: Callable[..., None]
) -> None:
    hand_in(app, letters[0])
    client = logged_in(app, role="fieldwork")
    apart = shown(client)
    large(LARGE=3)
    assert shown(client) == apart
    large(LARGE=1)
    hand_in(app, letters[1])
    assert shown(client) == apart
    large(KEPT_FOR=0)
    assert shown(client) == apart
    (wave,) = kept_standing._WAVES.values()
    assert wave.coming is not None
    wave.coming.result(60)
    large(KEPT_FOR=60)
    assert "66,7 %" in shown(client)


def test_who_comes_first_is_asked_to_come_again_and_a_count_that_fails_is_told(
    app: Flask, letters: list[Letter], large: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_standing, "count", counted_by_nobody)
    client = logged_in(app, role="fieldwork")
    large(WAITED_FOR=0)
    early = client.get(PAGE)
    assert (early.status_code, "Fältarbetet räknas nu" in early.text) == (202, True)
    assert f'href="{PAGE}"' in early.text
    large(WAITED_FOR=60)
    failed = client.get(PAGE)
    assert (failed.status_code, "gick inte att räkna just nu" in failed.text) == (503, True)


def test_a_count_lets_every_other_process_go_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_standing, "count", told_the_priority)
    here = os.nice(0), os.sched_getscheduler(0)
    settings: Settings = app.extensions["settings"]
    counted = kept_standing._count_apart(settings, "2026-11", date(2026, 11, 1))
    assert counted.standing == (19, os.SCHED_IDLE)
    assert (os.nice(0), os.sched_getscheduler(0)) == here != counted.standing
