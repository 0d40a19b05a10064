"""Every page of an invitation, in each of its states, for whoever reads or steers it otherwise."""

import invited_wave
from drawn_borders import collection, feature, square
from flask import Flask
from invited_wave import BY, OWN, WAVE
from live_server import faults_of, page_of, press
from playwright.sync_api import Browser, Page
from staff import PASSWORD, add_account

from survey.database import Databases
from survey.preparation import recuts
from survey.preparation.basic_areas import load_basic_areas

NARROW = 320
PARTS = [f"{OWN}A00{number}0" for number in (1, 2, 3)]
BASE = f"/kommun/{OWN}/omgang/{WAVE}/"
STEPS = ("delomraden", "kontaktperson", "overenskommelse", "extra-urval", "egna-fragor", "avsandare")
SENDING = {
    "delomraden": "Spara beskedet",
    "kontaktperson": "Spara kontaktpersonen",
    "overenskommelse": "Bekräfta överenskommelsen",
    "avsandare": "Lämna logotypen",
}


def logged_in(browser: Browser, address: str, email: str) -> Page:
    page = page_of(browser, NARROW, scripts=True)
    page.goto(f"{address}/inloggning")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    press(page, "Logga in")
    return page


def test_no_page_of_an_invitation_has_a_fault(browser: Browser, app: Flask, address: str) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        invited_wave.plan_wave(session)
        invited_wave.invite(session)
        parts = [feature({"deso": key}, square(place)) for place, key in enumerate(PARTS)]
        load_basic_areas(session, collection(*parts), BY)
    page = logged_in(browser, address, add_account(app, OWN))
    found = faults_of(page)
    page.goto(f"{address}{BASE}")
    found += faults_of(page)
    page.get_by_label("Ja, kommunen är med").check()
    press(page, "Spara svaret")
    found += faults_of(page)
    page.goto(f"{address}{BASE}delomraden/rita")
    page.locator(f"#m-{PARTS[1]}").click()  # the middle of the map, which is its shape
    assert [page.locator(f"#k-{key}").is_checked() for key in PARTS] == [False, True, False]
    found += faults_of(page)
    page.get_by_label("Namn på delområdet").fill("Mitten")
    press(page, "Lägg till delområdet")
    press(page, "Lämna in förslaget")
    assert "Det här behöver ändras" in page.content()
    found += faults_of(page)
    for step in STEPS:
        page.goto(f"{address}{BASE}{step}")
        found += faults_of(page)
        if step in SENDING:
            press(page, SENDING[step])
            assert "Det här behöver ändras" in page.content(), step
            found += faults_of(page)
    assert found == []


def test_no_page_of_the_operator_on_invitations_has_a_fault(
    browser: Browser, app: Flask, address: str
) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        invited_wave.plan_wave(session)
        invited_wave.accept(session)
        recuts.propose(session, WAVE, OWN, "Vaxön;0187A0010 0187A0020\nResarö;0187B0010", BY)
    page = logged_in(browser, address, add_account(app, None, "owner"))
    found: list[str] = []
    for place in ("kommuner", f"kommuner/{OWN}/delomraden"):
        page.goto(f"{address}/drift/{WAVE}/{place}")
        found += faults_of(page)
    press(page, "Avslå förslaget")
    found += faults_of(page)
    page.goto(f"{address}/drift/{WAVE}/kommuner")
    press(page, "Bjud in")
    assert found + faults_of(page) == []
