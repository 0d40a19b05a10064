"""The resident's pages in a real browser: without JavaScript, on phone and desk, in both directions."""

import pytest
from live_server import page_of
from open_wave import Letter
from playwright.sync_api import Browser, Page


def go_on(page: Page) -> None:
    page.locator("main form > button").first.click()


def open_questions(page: Page, address: str, letter: Letter, language: str = "sv") -> None:
    page.goto(f"{address}/s/{letter.token}?language={language}")
    go_on(page)
    go_on(page)
    assert page.url.endswith("/fraga/problems")


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
        assert "Dina sparade svar" not in page.inner_text("main")
    page.goto(f"{address}/fraga/problems")
    assert page.url == f"{address}/"


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
