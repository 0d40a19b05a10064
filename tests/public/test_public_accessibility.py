"""Every public page in a real browser: without fault on the narrowest screen, with large text, and light."""

import pytest
from live_server import faults_of, page_of, scrolls_sideways
from playwright.sync_api import Browser
from test_public_results import AREA, ARTICLES, PLACE

NARROW, HALF_A_DESK = 320, 640
TWICE = "document.documentElement.style.fontSize = '36px'"
PAGES = ("/resultat/?sok=nacka", PLACE, AREA, "/resultat/9999", *ARTICLES)


@pytest.mark.parametrize("language", ["sv", "ar"])
def test_no_public_page_has_a_fault_or_weighs_much(
    browser: Browser, address: str, released: int, language: str
) -> None:
    page = page_of(browser, NARROW, scripts=True)  # the checker is a script; the pages have none
    asked: list[str] = []
    loaded: dict[str, int] = {}
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: loaded.update({answer.url: int(answer.headers["content-length"])}))
    page.goto(f"{address}/resultat/?language={language}")
    faults: list[str] = []
    for path in PAGES:
        page.goto(f"{address}{path}", wait_until="networkidle")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        faults += faults_of(page)
        page.set_viewport_size({"width": HALF_A_DESK, "height": 740})
        page.evaluate(TWICE)
        if scrolls_sideways(page):
            faults.append(f"{path}: scrolls sideways when enlarged")
        page.set_viewport_size({"width": NARROW, "height": 740})
    assert faults == []
    assert all(url.startswith(address) for url in asked)
    shared = sum(size for url, size in loaded.items() if "/static/" in url)
    assert shared + max(size for url, size in loaded.items() if "/static/" not in url) < 60_000
