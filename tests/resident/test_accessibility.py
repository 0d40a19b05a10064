"""Every page a resident can meet, in every language and state, for whoever reads or steers it otherwise."""

import pytest
from flask import Flask
from live_server import faults_of, page_of, scrolls_sideways
from open_wave import TODAY, Letter, add_open_wave
from playwright.sync_api import Browser, Page, Response
from sqlalchemy import delete
from test_bad_input import change_wave

from survey.languages import LANGUAGES
from survey.models.open_answer import OpenLink, OpenResponse

IN_EVERY_RUN = ("sv", "ar")  # one of each direction
CHOICES = [code if code in IN_EVERY_RUN else pytest.param(code, marks=pytest.mark.long) for code in LANGUAGES]
NARROW, HALF_A_DESK = 320, 640
TWICE = "document.documentElement.style.fontSize = '36px'"
ONCE = "document.documentElement.style.fontSize = ''"


class Journey:
    """A resident's way through every page, looked at on each of them in each of its states."""

    def __init__(self, page: Page, address: str, letters: list[Letter], language: str) -> None:
        self.page, self.address, self.letters, self.language = page, address, letters, language
        self.faults: list[str] = []
        self.looked_at: set[str] = set()

    def look(self, state: str) -> None:
        self.looked_at.add(state)
        self.faults += [f"{state}: {fault}" for fault in faults_of(self.page)]
        # A desk's window at 200 %, and the letters alone at 200 %.
        self.page.set_viewport_size({"width": HALF_A_DESK, "height": 740})
        for size in (ONCE, TWICE):
            self.page.evaluate(size)
            if scrolls_sideways(self.page):
                self.faults.append(f"{state}: scrolls sideways when enlarged")
        self.page.evaluate(ONCE)
        self.page.set_viewport_size({"width": NARROW, "height": 740})

    def open(self, path: str, state: str = "") -> None:
        self.page.goto(self.address + path)
        if state:
            self.look(state)

    def press(self, state: str = "", form: str = "main form") -> None:
        with self.page.expect_navigation():
            self.page.locator(f"{form} > button").first.click()
        if state:
            self.look(state)

    def outside(self, app: Flask) -> None:
        """The pages that need no code, empty and with a fault."""
        self.open(f"/?language={self.language}", "first page")
        self.press("first page, error")
        self.open("/?paus=1", "first page after a pause")
        self.open("/angra", "taking back")
        self.press("taking back, error")
        self.open(f"/s/{self.letters[0].token}/angra", "taking back by letter")
        self.open("/finns-inte", "no such page")
        self.open("/oppen/2026-11/0187", "open link")
        self.press()
        with app.extensions["databases"].transaction() as session:
            session.execute(delete(OpenResponse))
        self.open("/fraga/problems", "open link, over")

    def questions(self) -> None:
        """From the letter to the review, with a fault, a second window and the page for victims."""
        self.open(f"/s/{self.letters[0].token}", "letter")
        self.press("about")
        self.press("question")
        self.tamper("input[name=problem_litter]", "77")
        self.press("question, error")
        assert self.page.locator(".errors a").get_attribute("href") == "#problem_litter"
        self.open("/fraga/problems")
        self.tamper("main input[name=state]", "old")
        self.press("question, second window")
        self.press()
        self.page.check("input[name=victim_theft][value='1']")
        self.press("question for victims")
        while not self.page.url.endswith("/granska"):
            self.press()
        self.look("review")

    def come_back(self) -> None:
        """From another browser: pages answered before, a review without answers, too long a pause."""
        self.page.context.clear_cookies(name="trygg")
        self.open(f"/s/{self.letters[0].token}")
        self.press("review of another visit")
        self.open("/fraga/problems", "question answered before")
        self.page.context.clear_cookies(name="trygg")
        self.press("code again")
        self.page.fill("#code", "ABCD")
        self.press("code again, error")

    def end(self, app: Flask) -> None:
        """The receipts, a form that is too old, and the closed survey."""
        self.open(f"/s/{self.letters[0].token}")
        self.press()
        self.tamper("main input[name=state]", "old")
        self.press("review, second window")
        self.tamper("main input[name=csrf_token]", "old")
        self.press("form too old")
        self.open("/granska")
        self.press("receipt")
        self.open(f"/s/{self.letters[1].token}/angra")
        self.press("taken back")
        self.open(f"/s/{self.letters[2].token}")
        self.press()
        self.press()
        change_wave(app, field_end=TODAY.replace(year=TODAY.year - 1), field_start=TODAY.replace(year=2000))
        self.press("closed")

    def tamper(self, selector: str, value: str) -> None:
        self.page.locator(selector).first.evaluate("(field, value) => { field.value = value }", value)
        if "state" not in selector and "token" not in selector:
            self.page.locator(selector).first.check()


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    with app.extensions["databases"].transaction() as session:
        letters = add_open_wave(session, 3)
        session.add(OpenLink(wave_code="2026-11", municipality_code="0187", is_open=True))
    return letters


@pytest.mark.parametrize("language", CHOICES)
def test_no_page_in_no_state_has_a_fault_or_scrolls_sideways(
    browser: Browser, app: Flask, address: str, letters: list[Letter], language: str
) -> None:
    journey = Journey(
        page_of(browser, NARROW, scripts=True), address, letters, language
    )  # the checker is a script; the pages have none
    journey.outside(app)
    journey.questions()
    journey.come_back()
    journey.end(app)
    assert journey.faults == []
    assert len(journey.looked_at) == 25


@pytest.mark.parametrize("language", CHOICES)
def test_nothing_is_asked_of_anybody_else_and_everything_of_a_first_visit_is_light(
    browser: Browser, address: str, letters: list[Letter], language: str
) -> None:
    page = page_of(browser, 360)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    loaded: dict[str, int] = {}
    page.on("response", lambda answer: loaded.update(weight_of(answer)))
    journey = Journey(page, address, letters, language)
    journey.open(f"/?language={language}")
    journey.open(f"/s/{letters[0].token}")
    for _ in range(4):
        journey.press()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/fraga/worry")
    assert all(url.startswith(address) for url in asked)
    styles_and_fonts = sum(size for url, size in loaded.items() if "/static/" in url)
    pages = [size for url, size in loaded.items() if "/fraga/" in url]
    assert len(pages) == 3
    assert styles_and_fonts + max(pages) < 60_000


def weight_of(answer: Response) -> dict[str, int]:
    """Bytes by address as the server states them: a body may be gone when the next page is asked for."""
    return {answer.url: int(answer.headers["content-length"])} if answer.status == 200 else {}


def test_a_whole_answer_is_given_with_the_keyboard_alone(
    browser: Browser, address: str, letters: list[Letter]
) -> None:
    page = page_of(browser, 768)
    page.goto(address)
    tab_to(page, "#code")
    page.keyboard.type(letters[0].code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/om")
    tab_to(page, "main form > button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fraga/problems")
    while not page.url.endswith("/granska"):
        before = page.url
        tab_to(page, "main input[type=radio]")
        page.keyboard.press("Space")
        assert page.locator(":focus").is_checked()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
    tab_to(page, "main form > button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tack")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, seeing on the way that it is always shown."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        assert (
            focus.evaluate(
                "place => (place.closest('.option') ? getComputedStyle(place.closest('.option'))"
                " : getComputedStyle(place)).outlineStyle"
            )
            == "solid"
        ), focus.evaluate("place => place.outerHTML")
        if focus.evaluate("(place, selector) => place.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")
