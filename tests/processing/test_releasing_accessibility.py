"""The pages of review and correction in a real browser: for everybody, on a phone too."""

import pytest
from flask import Flask
from live_server import faults_of, page_of
from playwright.sync_api import Browser
from sqlalchemy import select
from staff import ANALYST, PASSWORD, add_account

from survey.database import Databases
from survey.models.response import Response
from survey.processing.releases import process, release

pytestmark = pytest.mark.usefixtures("computed_once")

PAGES = (
    "/analys/",
    "/analys/2022/granska",
    "/analys/2022/granska/dolda",
    "/analys/2022/granska/kvalitet",
    "/kommun/0114/2022/",
    "/kommun/0114/2022/versioner",
)


def test_no_page_of_release_has_an_accessibility_fault(
    app: Flask, browser: Browser, address: str, add_wave
) -> None:
    add_account(app, None)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_wave(session, "2022", ("0114",))
        for reason in (None, "Sena svar"):
            process(session, "2022", by="tests")
            release(session, "2022", by="tests", reason=reason)
            for late in session.scalars(select(Response).limit(20)).all():
                session.delete(late)
        process(session, "2022", by="tests")
    faults: list[str] = []
    for width in (360, 1280):
        page = page_of(browser, width, scripts=True)
        page.goto(f"{address}/inloggning")
        page.fill("#email", ANALYST)
        page.fill("#password", PASSWORD)
        page.click("main button")
        for place in PAGES:
            page.goto(f"{address}{place}")
            faults += faults_of(page)
    assert faults == []
