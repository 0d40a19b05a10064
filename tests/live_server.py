"""What a browser test does with a page: opens it at a width, and asks the accessibility checker."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

# The size of what is touched (WCAG 2.2) is not among the rules the checker uses by itself.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def page_of(browser: Browser, width: int, *, scripts: bool = False) -> Page:
    """A fresh browser window; without scripts unless the accessibility checker needs them."""
    context = browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=scripts)
    return context.new_page()


def press(page: Page, button: str) -> None:
    """Press the first button of that name, and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).first.click()


def faults_of(page: Page) -> list[str]:
    """What the accessibility checker finds on the page once it is whole, and whether it scrolls sideways."""
    page.wait_for_load_state()
    found = Axe().run(page, options=RULES).response["violations"]
    faults = [f"{page.url}: {fault['id']} {fault['nodes'][0]['html']}" for fault in found]
    if scrolls_sideways(page):
        faults.append(f"{page.url}: scrolls sideways")
    return faults


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
