"""The application as a browser meets it: a server that listens and Debian's Chromium."""

from collections.abc import Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP www.smhi.se ~NOTFOUND",  # the tests need no network
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def page_of(browser: Browser, width: int, *, scripts: bool = False) -> Page:
    """A fresh browser window; without scripts unless the accessibility checker needs them."""
    context = browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=scripts)
    return context.new_page()


def faults_of(page: Page) -> list[str]:
    """What the accessibility checker finds on the page, and whether it scrolls sideways."""
    found = Axe().run(page).response["violations"]
    faults = [f"{page.url}: {fault['id']} {fault['nodes'][0]['html']}" for fault in found]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append(f"{page.url}: scrolls sideways")
    return faults
