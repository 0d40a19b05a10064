"""Every page of the operator, in each of its states, for whoever reads or steers it otherwise."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import tiny_wave
from flask import Flask
from live_server import faults_of, page_of, press
from open_wave import TODAY, Letter, add_open_wave, answer_all, enter, send
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from staff import PASSWORD, add_account

from survey.collection.closing import close_wave, void_wave
from survey.collection.forgetting import carry_out, request
from survey.collection.invitations import issue
from survey.database import Databases
from survey.models.case import CaseEvent
from survey.models.paper_form import Keying
from survey.models.wave import Wave
from survey.questionnaire.definition import load
from survey.worker import work

WAVE = "2026-11"
NARROW = 320


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    """A wave where somebody has answered, with all its marks in the curves."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letters = add_open_wave(session, 3)
        for letter in letters:
            session.add(CaseEvent(case_id=letter.case_id, kind="invited", happened_on=TODAY))
        session.get_one(Wave, WAVE).contacts_until = TODAY - timedelta(days=1)
    resident = app.test_client()
    enter(resident, letters[0])
    answer_all(resident)
    send(resident, "/granska")
    enter(app.test_client(), letters[1])
    return letters


def log_in(browser: Browser, app: Flask, address: str, role: str) -> Page:
    email = add_account(app, None, role)
    page = page_of(browser, NARROW, scripts=True)
    page.goto(f"{address}/inloggning")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    press(page, "Logga in")
    return page


def faults(page: Page, *paths: str) -> list[str]:
    """What is wrong with the page that is open, or with each of some pages."""
    found: list[str] = []
    for path in paths or ("",):
        if path:
            page.goto(path)
        found += faults_of(page)
    return found


def test_no_page_of_the_owner_has_a_fault(
    browser: Browser, app: Flask, address: str, letters: list[Letter], tmp_path: Path
) -> None:
    page = log_in(browser, app, address, "owner")
    wave = f"{address}/drift/{WAVE}/"
    found = faults(page, f"{address}/drift/", wave, f"{wave}falt", f"{address}/drift/konton")
    found += faults(page, f"{wave}utskick", f"{wave}returer")
    press(page, "Anteckna")
    found += faults(page)
    page.goto(f"{wave}utskick")
    page.fill("#day-sms", "2020-01-01")
    press(page, "Spara")
    found += faults(page, "", f"{address}/drift/konton")
    press(page, "Skapa länken")
    found += faults(page)
    page.fill("#email", "ny@example.se")
    page.select_option("#role", "print")
    press(page, "Skapa länken")
    found += faults(page)
    page.goto(wave)
    press(page, "Stäng för gott")
    found += faults(page)
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        close_wave(session, WAVE, "test")
    found += faults(page, wave)
    with stores.transaction() as session:
        session.get_one(Wave, WAVE).field_end = TODAY - timedelta(days=1)
        request(session, WAVE, "contacts", "2026/17", "another")
    carry_out(stores, WAVE, "contacts", tmp_path, "test")
    assert found + faults(page, wave) == []


def test_no_page_of_register_sample_and_letters_has_a_fault(
    browser: Browser, app: Flask, address: str, tmp_path: Path
) -> None:
    stores, settings = app.extensions["databases"], app.extensions["settings"]
    with stores.transaction() as session:
        tiny_wave.plan_wave(session, last_day=tiny_wave.LATE, synthetic=False)
    rows = tiny_wave.people()
    sound = tiny_wave.write_register(tmp_path / "sound.csv", rows)
    rows[1].update(kon="X")
    spoilt = tiny_wave.write_register(tmp_path / "spoilt.csv", rows)
    page = log_in(browser, app, address, "owner")
    wave = f"{address}/drift/{tiny_wave.CODE}/"
    found = faults(page, f"{wave}arbete", f"{wave}brev", f"{address}/drift/brev")
    for file in (spoilt, sound):
        page.goto(f"{wave}arbete")
        press(page, "Ladda upp och kontrollera")
        found += faults(page)
        page.set_input_files("#register", file)
        press(page, "Ladda upp och kontrollera")
        found += faults(page)
        work(stores, settings, once=True)
        found += faults(page, f"{wave}arbete")
    for button in ("Läs in", "Dra urvalet", "Skriv ut brev"):
        press(page, button)
        work(stores, settings, once=True)
        found += faults(page, f"{wave}arbete")
    found += faults(page, f"{wave}brev", f"{address}/drift/brev", wave)
    press(page, "Öppna omgången")
    found += faults(page, f"{wave}arbete", wave)
    page.get_by_text("Makulera", exact=True).click()
    press(page, "Makulera för gott")
    found += faults(page)
    with stores.transaction() as session:
        void_wave(session, tiny_wave.CODE, "fel", "test")
    assert found + faults(page, wave, f"{wave}arbete", f"{address}/drift/") == []


def test_no_page_of_the_help_desk_or_the_officer_has_a_fault(
    browser: Browser, app: Flask, address: str, letters: list[Letter]
) -> None:
    page = log_in(browser, app, address, "help_desk")
    found = faults(page, f"{address}/drift/stod")
    for reference in ("1", letters[1].reference):
        page.fill("#reference", reference)
        press(page, "Hitta ärendet")
        found += faults(page)
    page.get_by_text("Ny adress", exact=True).click()
    for button in ("Spara adressen", "Ge en ny kod", "Anteckna"):
        press(page, button)
        found += faults(page)
    page = log_in(browser, app, address, "data_protection")
    assert found + faults(page, f"{address}/drift/logg") == []


def test_no_page_of_whoever_keys_forms_has_a_fault(
    browser: Browser, app: Flask, address: str, letters: list[Letter]
) -> None:
    stores: Databases = app.extensions["databases"]
    with stores.transaction() as session:
        (made,) = issue(session, [letters[2].case_id], TODAY, forms=True)
    page = log_in(browser, app, address, "data_entry")
    found = faults(page)
    for number in ("1", made.form_id or ""):
        page.fill("#number", number)
        press(page, "Öppna")
        found += faults(page)
    press(page, "Spara och gå vidare")
    assert page.locator("[aria-invalid=true]").count() > 1
    found += faults(page)
    with stores.transaction() as session:
        begun = session.scalars(select(Keying)).one()
        marks = {question.id: "" for question in load("trygghet").questions}
        begun.marks = json.dumps(marks)
        other = Keying(id="0" * 16, case_id=begun.case_id, turn=2, keyed_by="bo@example.se", begun_on=TODAY)
        other.finished, other.marks = True, json.dumps({**marks, "problem_litter": "4"})
        session.add(other)
        keying = f"{address}/drift/inmatning/{begun.id}"
    found += faults(page, keying)
    press(page, "Klar")
    assert page.url == f"{keying}/skillnader"
    assert found + faults(page) == []
