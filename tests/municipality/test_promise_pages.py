"""Promises on their pages: written, signed by both, read by police, region and everybody."""

import csv
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of, press
from open_wave import hidden
from playwright.sync_api import Browser, Page
from staff import PASSWORD, add_account, add_police, logged_in
from web_process import served
from werkzeug.test import TestResponse

from survey import clock
from survey.database import Databases

sys.path.append(str(Path(__file__).parent.parent / "followup"))

from promised import ACTIVITY, BEFORE, NACKA, SURVEY, add_results

from survey.followup.promises.following import take_step
from survey.followup.promises.tertials import tertial_of
from survey.followup.promises.writing import write_promise
from survey.models.municipality import Municipality

BASE = f"/kommun/{NACKA}/loften/"
ON_EVENINGS = f"{BASE}nytt?kind=survey&indicator=unsafe_evening&place={NACKA}&gender=all&age_group=all"
SIGNER = {"name": "Bo Ek", "position": "Kommundirektör"}
LATER, OTHER = "2099-T3", "0187"


@pytest.fixture
def nacka(app: Flask) -> FlaskClient:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        add_results(session)
    return logged_in(app, NACKA)


def send(client: FlaskClient, page: str, address: str, **fields: str) -> TestResponse:
    return client.post(address, data={**hidden(client.get(page)), **fields})


def step(client: FlaskClient, one: str, kind: str, **fields: str) -> TestResponse:
    return send(client, one, f"{one}steg", **{"step": kind, "version": "1", **fields})


def test_a_promise_goes_through_the_pages_of_all_who_have_a_part_in_it(
    app: Flask, nacka: FlaskClient
) -> None:
    assert "Inget löfte är undertecknat än" in nacka.get("/kommun/").text
    assert "unsafe_evening" in nacka.get(f"{BASE}nytt").text
    form = nacka.get(ON_EVENINGS).text
    assert "35\u00a0procent (32–39) i september 2019" in form and "omkring 7\u00a0procentenheter" in form
    measure = nacka.get(f"/kommun/{NACKA}/2019/matt/unsafe_evening").text
    (start,) = re.findall(rf'href="({BASE}nytt[^"]+)"', measure)  # with the problem and where it starts
    begun = nacka.get(unescape(start)).text
    assert "35\u00a0procent (32–39) i september 2019" in begun
    assert re.search(r'<textarea id="problem"[^>]*>\s*I Nacka ', begun)
    wished = {**SURVEY, "due": LATER, "measure_0_due": LATER}
    told = send(nacka, ON_EVENINGS, f"{BASE}nytt", **{**wished, "target": "33"})
    assert told.status_code == 422
    assert 'id="accepted_because-error"' in told.text and 'value="33"' in told.text
    one = send(nacka, ON_EVENINGS, f"{BASE}nytt", **wished).location
    assert re.fullmatch(rf"{BASE}\d+/", one)
    assert send(nacka, ON_EVENINGS, f"{BASE}nytt", **wished).location == one  # a double click
    analyst = logged_in(app)
    assert step(analyst, one, "sign_municipality", **SIGNER).status_code == 422
    assert step(nacka, one, "sign_municipality").status_code == 422
    assert step(nacka, one, "sign_municipality", **SIGNER).location == one
    assert "väntar på polisen" in nacka.get(one).text
    police, elsewhere = add_police(app, "L9", NACKA), add_police(app, "L8")
    assert one in police.get("/kommun/lokalpolisomrade").text.split('id="loften"')[0]
    assert elsewhere.post(f"{one}steg").status_code == 403
    assert step(police, one, "sign_municipality", **SIGNER).status_code == 422
    assert step(police, one, "sign_police", name="Eva Al", position="Chef").location == one
    assert "väntar på polisens" not in police.get("/kommun/lokalpolisomrade").text
    assert "Vi ska göra kvällarna tryggare" not in app.test_client().get(f"/resultat/{NACKA}").text
    assert step(nacka, one, "publish").location == one
    public = app.test_client().get(f"/resultat/{NACKA}").text
    assert "Vi ska göra kvällarna tryggare" in public and "Löftet pågår." in public
    assert "Eva Al" not in public
    for reader in (nacka, police, analyst):
        assert f'href="{one}"' in reader.get(f"/lagesbild/kommun/{NACKA}/2019/").text
    assert "Eva Al, Chef" in police.get(one).text
    changed = send(nacka, f"{one}andra", f"{one}andra", **{**wished, "target": "20", "version": "1"})
    assert changed.status_code == 422 and 'id="reason-error"' in changed.text
    again = {**wished, "target": "20", "version": "1", "reason": "Nytt mål."}
    assert send(nacka, f"{one}andra", f"{one}andra", **again).location == one
    assert step(analyst, one, "sign_police", **SIGNER, version="2").location == one
    assert one in nacka.get("/kommun/").text.split('id="loften"')[1].split("cards")[0]
    page = nacka.get(one).text
    assert "Version 1 gäller tills båda har undertecknat" in page and "Nytt mål." in page
    region = analyst.get("/analys/loften/").text
    assert "Vi ska göra kvällarna tryggare" in region and "Unga i riskzon" in region and "Saknas" in region
    rows = list(csv.DictReader(analyst.get("/analys/loften/loften.csv").text.splitlines()))
    assert [(row["municipality_code"], row["indicator"], row["status"]) for row in rows[-1:]] == [
        (NACKA, "unsafe_evening", "going_on")
    ]
    # What those who promised call late themselves is among what is late, until the goal is decided.
    assert "inget arbete är noterat som försenat" in region
    now = tertial_of(clock.today())
    noted = {"tertial": now.code, "status": "delayed", "text": "Lamporna dröjer."}
    assert send(nacka, one, f"{one}anteckning", **noted).status_code == 303
    region = analyst.get("/analys/loften/").text
    assert f"Så går arbetet, {now.short}: Försenat." in region and "är noterat som försenat" not in region
    rows = list(csv.DictReader(analyst.get("/analys/loften/loften.csv").text.splitlines()))
    assert (rows[-1]["note_tertial"], rows[-1]["note_status"]) == (now.code, "delayed")


def test_a_promise_is_not_found_under_the_address_of_another_municipality(
    app: Flask, nacka: FlaskClient
) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        number = write_promise(session, NACKA, ACTIVITY, by="tests", now=BEFORE)
        session.merge(Municipality(code=OTHER, name="B", county_code="01", county="", police_region="Region"))
    other, own, base = logged_in(app, OTHER), f"{BASE}{number}/", f"/kommun/{OTHER}/loften/"
    assert (nacka.get(own).status_code, other.get(own).status_code) == (200, 403)
    assert [other.get(f"{base}{number}/{part}").status_code for part in ("", "andra")] == [404, 404]
    for part in ("andra", "steg", "anteckning", "utfall"):
        asked = {"version": "1", "step": "sign_municipality", **SIGNER}
        assert send(other, "/losenord", f"{base}{number}/{part}", **asked).status_code == 404, part


def test_the_areas_in_which_promises_are_asked_for_are_set_on_a_page(app: Flask, nacka: FlaskClient) -> None:
    owner, page = logged_in(app, None, "owner"), "/analys/loften/omraden"
    assert send(owner, page, page, police_region="Region", name="").status_code == 422
    assert send(owner, page, page, police_region="Region", name="Unga i riskzon").status_code == 422
    assert send(owner, page, page, police_region="Ingen", name="Nytt").status_code == 422
    added = send(owner, page, page, police_region="Region", name="Särskilt utsatta brottsoffer")
    assert added.location == page
    assert "Särskilt utsatta brottsoffer" in nacka.get(BASE).text
    (number,) = re.findall(r'name="focus" value="(\d+)"(?=.*?Särskilt)', owner.get(page).text, re.DOTALL)[-1:]
    assert send(owner, page, f"{page}/ta-bort", focus=number).location == page
    assert send(owner, page, f"{page}/ta-bort", focus=number).status_code == 422
    assert "Särskilt utsatta brottsoffer" not in nacka.get(BASE).text


def test_what_nobody_can_have_meant_is_told_and_never_a_fault_of_ours(app: Flask, nacka: FlaskClient) -> None:
    for address in (f"{BASE}1/", f"{BASE}1/andra", f"{BASE}2147483647/"):
        assert nacka.get(address).status_code == 404
    assert nacka.get(f"{BASE}99999999999999/").status_code == 404
    for query in ("kind=survey", "kind=survey&indicator=%00&place=%00", "kind=nonsense&due=x", "mal=byt"):
        assert nacka.get(f"{BASE}nytt?{query}").status_code == 200
    for fields in ({}, {"kind": "survey", "place": "\x00"}, {"kind": "series", "target": "1e999"}):
        assert send(nacka, ON_EVENINGS, f"{BASE}nytt", **fields).status_code == 422
    no_group = send(nacka, ON_EVENINGS, f"{BASE}nytt", **{**SURVEY, "gender": "\x00"})
    assert "Välj gruppen i listan" in no_group.text  # not looked for: one database has no room for the sign
    assert send(nacka, ON_EVENINGS, f"{BASE}1/steg", step="publish").status_code == 404
    analyst = logged_in(app)
    for part in ("", "nytt", "nytt?kind=survey", "nytt?kind=activity", "1/"):
        assert analyst.get(f"/kommun/9999/loften/{part}").status_code == 404


@pytest.fixture
def promised(app: Flask, nacka: FlaskClient) -> Iterator[str]:
    """The address of a server with a promise that has been judged, one that is done, and a draft."""
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        for form, more in ((SURVEY, {"target": "39"}), (ACTIVITY, {}), (ACTIVITY, {"due": "2019-T3"})):
            number = write_promise(session, NACKA, {**form, **more}, by="tests", now=BEFORE)
            kinds = (
                ("sign_municipality", "municipality"),
                ("sign_police", "analyst"),
                ("publish", "analyst"),
            )
            for kind, role in kinds if number < 3 else ():
                given = {**SIGNER, "step": kind, "version": "1"}
                take_step(session, NACKA, number, given, by="tests", now=BEFORE, role=role)
    add_account(app, None, "analyst")
    with served(app) as address:
        yield address


def test_no_page_of_a_promise_has_a_fault(browser: Browser, promised: str) -> None:
    found: list[str] = []
    for email, pages in (
        (f"{NACKA}@example.se", ("/kommun/", BASE, f"{BASE}nytt", ON_EVENINGS, f"{BASE}1/")),
        ("analytiker@example.se", ("/analys/loften/", "/analys/loften/omraden", f"{BASE}3/")),
    ):
        page = inside(browser, promised, email)
        for path in pages:
            page.goto(f"{promised}{path}")
            found += faults_of(page)
        if "analytiker" not in email:
            page.goto(f"{promised}{ON_EVENINGS}")
            press(page, "Spara utkastet")
            assert "Det här behöver ändras" in page.content()
            found += faults_of(page)
    page = page_of(browser, 320, scripts=True)
    page.goto(f"{promised}/resultat/{NACKA}?language=ar")
    found += faults_of(page)
    assert "ما وعدنا به" in page.content()
    assert found == []


def inside(browser: Browser, address: str, email: str) -> Page:
    page = page_of(browser, 320, scripts=True)
    page.goto(f"{address}/inloggning")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    press(page, "Logga in")
    return page
