"""The staff pages in a real browser: readable by everybody, on a phone too, with nothing blocked."""

import pytest
from flask.testing import FlaskClient
from live_server import faults_of, page_of
from playwright.sync_api import Browser
from released_wave import NACKA, VAXHOLM
from staff import PASSWORD


@pytest.mark.parametrize("width", [360, pytest.param(768, marks=pytest.mark.long), 1280])
def test_no_staff_page_has_an_accessibility_fault(
    browser: Browser, address: str, nacka: FlaskClient, width: int
) -> None:
    page = page_of(browser, width, scripts=True)  # the checker is a script; the pages have none
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if "Content Security" in line.text else None)
    faults: list[str] = []
    page.goto(f"{address}/inloggning")
    faults += faults_of(page)
    page.click("main button")
    faults += faults_of(page)
    page.fill("#email", f"{NACKA}@example.se")
    page.fill("#password", PASSWORD)
    page.click("main button")
    faults += faults_of(page)
    page.get_by_role("link", name="Trygghetsmätning 2019").click()
    faults += faults_of(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    faults += faults_of(page)
    page.locator(".tiles a").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    faults += faults_of(page)
    page.go_back()
    page.get_by_role("link", name="Alla mått i varje delområde").click()
    faults += faults_of(page)
    page.goto(f"{address}/kommun/{VAXHOLM}/2019/")
    faults += faults_of(page)
    assert faults == []
    assert blocked == []
