"""The analyst looks through the questionnaires: in every language, with what residents are not shown."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of
from playwright.sync_api import Browser
from staff import ANALYST, PASSWORD, add_account, logged_in

from survey.languages import LANGUAGES
from survey.questionnaire.definition import load


@pytest.fixture
def analyst(app: Flask) -> FlaskClient:
    return logged_in(app)


def test_the_list_says_how_far_each_language_has_come(analyst: FlaskClient) -> None:
    text = analyst.get("/analys/formular/").text
    for code, language in LANGUAGES.items():
        assert f'href="/analys/formular/trygghet/{code}/"' in text
        assert language.name in text
    assert text.count("ej granskad") == text.count("bara simulerade omgångar") == 4
    assert "25\u00a0november\u00a02026 av Projektet" in text
    assert 'egna=skargard">Båtar och hamnar i skärgården</a>: 3 frågor till' in text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_question_is_shown_in_every_language(analyst: FlaskClient, code: str) -> None:
    page = analyst.get(f"/analys/formular/trygghet/{code}/").text
    assert page.count("<fieldset") == 45
    assert f'lang="{code}" dir="{LANGUAGES[code].direction}"' in page
    assert '<html lang="sv"' in page
    assert ("Ej granskad: används bara i simulerade omgångar." in page) != LANGUAGES[code].reviewed


def test_units_locks_codes_and_filters_are_told(analyst: FlaskClient) -> None:
    page = analyst.get("/analys/formular/trygghet/en/?egna=skargard").text
    told = {
        name: re.sub(r"<[^>]+>|\s+", " ", text)
        for name, text in re.findall(r"<code>(\w+)</code>( ·.*?)</p>", page, re.DOTALL)
    }
    assert set(told) == {question.id for question in load("trygghet+skargard").questions}
    assert "gäller hushållet · låst · koder 1, 2, 8, 9" in told["victim_burglary"]
    assert "Frågas bara den som svarade Ja på fråga 10." in told["times_violence"]
    assert "låst" not in told["times_violence"]
    assert "kommunens egen" in told["skargard_ferry"]
    assert "kommunens egen" not in told["worry_fraud"]
    assert "Has anyone hit you" in page


def test_the_paper_form_is_a_preview(analyst: FlaskClient) -> None:
    answer = analyst.get("/analys/formular/trygghet/sv/formular.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert "trygghet-sv.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    [
        "/analys/formular/trygg/sv/",
        "/analys/formular/trygghet/xx/",
        "/analys/formular/trygghet/sv/?egna=berg",
        "/analys/formular/trygghet/sv/?egna=..%2Fskargard",
        "/analys/formular/indicators/sv/",
        "/analys/formular/locked/sv/formular.pdf",
        "/analys/formular/trygghet/xx/formular.pdf",
    ],
)
def test_what_the_library_does_not_have_is_not_found(analyst: FlaskClient, address: str) -> None:
    assert analyst.get(address).status_code == 404


def test_a_municipality_does_not_see_them(app: Flask) -> None:
    # Which questionnaires there are is no secret; the room is the analyst's.
    client = app.test_client()
    assert client.get("/analys/formular/").status_code == 303


def test_no_preview_has_an_accessibility_fault_or_scrolls_sideways(
    app: Flask, browser: Browser, address: str
) -> None:
    add_account(app, None)
    page = page_of(browser, 360, scripts=True)
    page.goto(f"{address}/inloggning")
    page.fill("#email", ANALYST)
    page.fill("#password", PASSWORD)
    page.locator("main form button").first.click()
    faults = []
    for path in ("", "trygghet/ar/?egna=skargard"):
        page.goto(f"{address}/analys/formular/{path}")
        faults += faults_of(page)
    assert faults == []
