"""The local police reads what is released of the municipalities of its district, and no more."""

from datetime import date, timedelta

import pytest
from flask import Flask
from released_wave import NACKA, VAXHOLM
from staff import add_police

from survey.clock import today
from survey.database import Databases
from survey.preparation.districts import covered_by

PAGES = ("", "delomraden", "versioner", "rapport.pdf", "resultat.csv", "resultat.xlsx", "resultat.pptx")


def test_a_district_reads_the_municipalities_it_covers_and_no_others(app: Flask, released: int) -> None:
    police = add_police(app, "L1", NACKA)
    start = police.get("/kommun/", follow_redirects=True).text
    assert "Lokalpolisområde L1" in start
    assert f'href="/kommun/{NACKA}/2019/"' in start
    assert "Vaxholm" not in start
    for page in PAGES:
        with police.get(f"/kommun/{NACKA}/2019/{page}") as own:
            assert own.status_code == 200, page
        with police.get(f"/kommun/{VAXHOLM}/2019/{page}") as other:
            assert other.status_code == 403, page
    for page in ("/analys/", "/analys/2019/estimates.csv", "/drift/", f"/kommun/{NACKA}/2019/faltarbete"):
        assert police.get(page).status_code == 403, page


def test_a_municipality_of_two_districts_is_read_by_both(app: Flask, released: int) -> None:
    both, one = add_police(app, "L1", NACKA, VAXHOLM), add_police(app, "L2", VAXHOLM)
    assert [client.get(f"/kommun/{VAXHOLM}/2019/").status_code for client in (both, one)] == [200, 200]
    assert [client.get(f"/kommun/{NACKA}/2019/").status_code for client in (both, one)] == [200, 403]


def test_what_a_district_no_longer_covers_is_closed_to_it(
    app: Flask, released: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = today()
    police = add_police(app, "L1", NACKA, until=last)
    assert police.get(f"/kommun/{NACKA}/2019/").status_code == 200
    monkeypatch.setattr("survey.clock.today", lambda: last + timedelta(days=1))
    assert police.get(f"/kommun/{NACKA}/2019/").status_code == 403
    assert "täcker ingen kommun i dag" in police.get("/kommun/lokalpolisomrade").text
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        assert covered_by(session, "L1", date(2017, 12, 31)) == frozenset()
