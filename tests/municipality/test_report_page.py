"""The report to read here: for everybody who may have the PDF, in every browser, and marked when replaced."""

import lxml.html
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of, press
from playwright.sync_api import Browser, expect
from released_wave import NACKA
from staff import PASSWORD, add_account

from survey.database import Databases
from survey.publication import results
from survey.publication.embargo import SERVICE

RESULT = f"/kommun/{NACKA}/2019/"
NARROW = 320


def test_the_report_is_read_here_with_every_figure_of_the_released_version(
    app: Flask, nacka: FlaskClient
) -> None:
    assert f'href="{RESULT}rapport"' in nacka.get(RESULT).text
    page = lxml.html.document_fromstring(nacka.get(f"{RESULT}rapport").text)
    text = " ".join(page.text_content().split())
    stores: Databases = app.extensions["databases"]
    with stores.reading() as session:
        report = results.municipality_report(session, "2019", NACKA, SERVICE)
    assert "SIMULERADE SVAR – INGET RESULTAT" in text
    for result in report.indicators:
        for group in (result.total, *result.genders, *result.ages):
            if group.now.shown:
                assert " ".join(f"{group.now.text} ({group.now.interval})".split()) in text
    with nacka.get(f"{RESULT}rapport.html") as file:
        assert "attachment" in file.headers["Content-Disposition"]
        assert "2019-0182-nacka-SIMULERADE-SVAR.html" in file.headers["Content-Disposition"]
    assert nacka.get(f"{RESULT}rapport?version=2").status_code == 404
    assert "Läs rapporten på engelska" in page.text_content()
    english = nacka.get(f"{RESULT}rapport?sprak=en").text
    assert "Safety in Nacka" in english
    assert '<article lang="en"' in english
    assert "Läs rapporten på svenska" in english
    with nacka.get(f"{RESULT}rapport.html?sprak=en") as file:
        assert "2019-0182-nacka-SIMULERADE-SVAR.en.html" in file.headers["Content-Disposition"]
    assert nacka.get(f"{RESULT}rapport.pdf?sprak=en").status_code == 404  # none is written
    assert nacka.get(f"{RESULT}rapport?sprak=fi").status_code == 404
    assert nacka.get("/kommun/0180/2019/rapport").status_code in (403, 404)


def test_neither_the_page_nor_the_file_has_a_fault(
    browser: Browser, app: Flask, released: int, address: str
) -> None:
    page = page_of(browser, NARROW, scripts=True)
    page.goto(f"{address}/inloggning")
    page.fill("#email", add_account(app, NACKA))
    page.fill("#password", PASSWORD)
    press(page, "Logga in")
    page.goto(f"{address}{RESULT}rapport")
    expect(page.get_by_role("navigation", name="Innehåll")).to_be_visible()
    assert faults_of(page) == []
    with page.expect_download() as saving:
        page.get_by_role("link", name="Spara rapporten").click()
    page.goto("about:blank")
    page.set_content(saving.value.path().read_text(encoding="utf-8"))
    assert faults_of(page) == []
