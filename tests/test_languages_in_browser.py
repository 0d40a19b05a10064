"""One language of each script on a phone: nothing scrolls sideways, and the checker finds no fault."""

import pytest
from flask import Flask
from live_server import faults_of, page_of
from open_wave import add_open_wave
from playwright.sync_api import Browser

from survey.database import Databases


@pytest.mark.parametrize("code", ["sv-x-ll", "so", "fa", "ti"])
def test_start_and_question_pages_are_without_fault(
    app: Flask, browser: Browser, address: str, code: str
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter, *_ = add_open_wave(session)
    page = page_of(browser, 320, scripts=True)
    page.goto(f"{address}/?language={code}")
    faults = faults_of(page)
    page.goto(f"{address}/s/{letter.token}")
    for _ in range(2):
        page.locator("main form > button").first.click()
    assert page.url.endswith("/fraga/problems")
    assert page.locator("html").get_attribute("lang") == code
    assert faults + faults_of(page) == []


@pytest.mark.parametrize("code", ["fa", "ti"])
def test_a_first_question_page_with_a_font_of_its_own_weighs_less_than_60_kb(
    app: Flask, browser: Browser, address: str, code: str
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        letter, *_ = add_open_wave(session)
    first = page_of(browser, 360)
    first.goto(f"{address}/s/{letter.token}?language={code}")
    for _ in range(2):
        with first.expect_navigation():
            first.locator("main form > button").first.click()
    fresh = browser.new_context(storage_state=first.context.storage_state())
    page = fresh.new_page()
    loaded: dict[str, int] = {}
    page.on("response", lambda answer: loaded.update({answer.url: int(answer.headers["content-length"])}))
    page.goto(f"{address}/fraga/problems", wait_until="networkidle")
    assert any("noto-sans" in url for url in loaded)
    assert sum(loaded.values()) < 60_000, loaded
