"""The resident's pages in a real browser: without JavaScript, on phone and desk, in both directions."""

import pytest
from live_server import faults_of, page_of
from open_wave import Letter
from playwright.sync_api import Browser, Page

BUDGET = 60_000


def go_on(page: Page) -> None:
    page.locator("main form > button").first.click()


def open_questions(page: Page, address: str, letter: Letter, language: str = "sv") -> None:
    page.goto(f"{address}/s/{letter.token}?language={language}")
    go_on(page)
    go_on(page)
    assert page.url.endswith("/fraga/problems")


@pytest.mark.parametrize("language", ["sv", "ar"])
def test_the_first_question_page_weighs_less_than_60_kb(
    browser: Browser, address: str, letter: Letter, language: str
) -> None:
    first = page_of(browser, 360)
    open_questions(first, address, letter, language)
    fresh = browser.new_context(
        viewport={"width": 360, "height": 740}, storage_state=first.context.storage_state()
    )
    page = fresh.new_page()
    loaded: dict[str, int] = {}
    page.on("response", lambda answer: loaded.update({answer.url: len(answer.body())}))
    page.goto(f"{address}/fraga/problems", wait_until="networkidle")
    assert any("woff2" in url for url in loaded)
    assert sum(loaded.values()) < BUDGET, loaded


@pytest.mark.parametrize("language", ["sv", "ar"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_page_has_an_accessibility_fault_or_scrolls_sideways(
    browser: Browser, address: str, letter: Letter, language: str, width: int
) -> None:
    page = page_of(browser, width, scripts=True)  # the checker is a script; the pages have none
    faults: list[str] = []

    def look() -> None:
        faults.extend(faults_of(page))

    page.goto(f"{address}/?language={language}")
    look()
    go_on(page)
    look()
    page.goto(f"{address}/s/{letter.token}")
    look()
    go_on(page)
    look()
    go_on(page)
    look()
    go_on(page)
    page.check("input[name=victim_theft][value='1']")
    go_on(page)
    look()
    while not page.url.endswith("/granska"):
        go_on(page)
    look()
    go_on(page)
    look()
    page.goto(f"{address}/finns-inte")
    look()
    assert faults == []


def test_leaving_quickly_opens_a_neutral_page_and_back_shows_nothing(
    browser: Browser, address: str, letter: Letter
) -> None:
    page = page_of(browser, 360)
    open_questions(page, address, letter)
    page.check("input[name=problem_drugs][value='4']")
    go_on(page)
    with page.expect_event("requestfailed") as outside:
        page.get_by_role("button", name="Lämna sidan snabbt").click(no_wait_after=True)
    assert outside.value.url == "https://www.smhi.se/"
    page.wait_for_url("chrome-error://chromewebdata/")
    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        assert page.locator("fieldset").count() == 0
        assert page.locator("input:checked").count() == 0
    page.goto(f"{address}/fraga/problems")
    assert page.url.endswith("/?paus=1")


def test_the_keyboard_alone_reaches_the_next_page(browser: Browser, address: str, letter: Letter) -> None:
    page = page_of(browser, 768)
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Hoppa till innehållet"
    page.keyboard.press("Enter")
    page.locator("#code").focus()
    page.keyboard.type(letter.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/om")
    page.get_by_role("button", name="Börja svara").press("Enter")
    page.wait_for_url("**/fraga/problems")
    page.locator("input[name=problem_litter]").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=problem_litter][value='2']").is_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fraga/victimisation")


@pytest.mark.parametrize("language", ["sv", "ar"])
def test_every_answer_is_a_row_of_44_pixels_that_can_be_touched_anywhere(
    browser: Browser, address: str, letter: Letter, language: str
) -> None:
    page = page_of(browser, 360)
    open_questions(page, address, letter, language)
    rows = page.locator("label.option").all()
    boxes = [box for row in rows if (box := row.bounding_box())]
    assert len(boxes) == len(rows) == 54
    assert min(box["height"] for box in boxes) >= 44
    last = rows[-1]
    box = last.bounding_box()
    assert box is not None
    last.click(position={"x": box["width"] / 2, "y": 4})
    assert last.locator("input").is_checked()
