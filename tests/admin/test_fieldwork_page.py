"""The page of the fieldwork, for those who run it."""

import re
from itertools import pairwise

from flask import Flask
from open_wave import add_open_wave, answer_all, enter, send
from staff import logged_in

from survey.database import Databases


def test_the_page_shows_what_the_residents_did(app: Flask) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letters = add_open_wave(session, letters=3)
    resident = app.test_client()
    enter(resident, letters[0])
    answer_all(resident)
    assert send(resident, "/granska").status_code == 303
    client = logged_in(app, role="fieldwork")
    page = client.get("/drift/2026-11/falt")
    assert page.status_code == 200
    assert "33,3 %" in page.text
    assert "AAPOR RR1" in page.text
    assert "Webb, sv" in page.text
    assert "Dag för dag" in page.text
    assert client.get("/drift/1999/falt").status_code == 404
    assert "konton" not in page.text
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.text)]
    assert max(after - before for before, after in pairwise(levels)) == 1


def test_the_help_desk_does_not_follow_the_fieldwork(app: Flask) -> None:
    assert logged_in(app, role="help_desk").get("/drift/2026-11/falt").status_code == 403
