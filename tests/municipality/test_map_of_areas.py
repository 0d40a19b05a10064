"""The map on the page of areas: there when borders are, and every figure and word is its released row."""

import re
from io import BytesIO

import pytest
from drawn_borders import by_code, square
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of
from lxml.html import fromstring
from PIL import Image
from playwright.sync_api import Browser
from released_wave import NACKA, VAXHOLM
from sqlalchemy import select
from staff import PASSWORD

from survey import clock
from survey.models.release import Comparison
from survey.preparation import borders
from survey.publication import results
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload

PAGE = f"/kommun/{NACKA}/2019/delomraden"
AREAS = (f"{NACKA}-01", f"{NACKA}-02")
WORDS = {
    "above": "högre än hela Nacka",
    "below": "lägre än hela Nacka",
    "no_certain_difference": "går inte att säga",
    "not_comparable": "jämförs inte",
}


@pytest.fixture
def drawn(app: Flask, nacka: FlaskClient) -> FlaskClient:
    with app.extensions["databases"].transaction() as session:
        shapes = by_code({code: square(column) for column, code in enumerate(AREAS)})
        borders.load_area_borders(session, shapes, clock.today(), "test")
    return nacka


def test_without_borders_there_is_no_map(nacka: FlaskClient) -> None:
    page = nacka.get(PAGE)
    assert page.status_code == 200
    assert 'id="karta"' not in page.text


def test_the_page_of_a_measure_has_its_map_where_borders_are(drawn: FlaskClient) -> None:
    measure = drawn.get(f"/kommun/{NACKA}/2019/matt/unsafe_evening").text
    (told,) = re.findall(r'class="map-drawing".*?</svg>', measure, re.DOTALL)
    whole = drawn.get(f"{PAGE}?matt=unsafe_evening").text
    assert told in whole


def test_a_map_is_saved_with_title_source_and_mark_and_the_figures_of_the_page(drawn: FlaskClient) -> None:
    shown = fromstring(drawn.get(f"{PAGE}?matt=unsafe_evening").text)
    links = [link for link in shown.xpath("//section[@id='karta']//a/@href") if "karta." in link]
    assert links == [f"/kommun/{NACKA}/2019/matt/unsafe_evening/karta.{kind}" for kind in ("png", "svg")]
    assert set(links) <= set(
        fromstring(drawn.get(f"/kommun/{NACKA}/2019/matt/unsafe_evening").text).xpath("//@href")
    )
    picture, drawing = (drawn.get(link) for link in links)
    said = [text.strip() for text in fromstring(drawing.text).xpath("//*[local-name()='text']/text()")]
    assert said[0] == "SIMULERADE SVAR – INGET RESULTAT"
    assert said[1].startswith("Otrygg ute sent på kvällen:")
    assert any("Källa: Trygghetsmätning 2019, Nacka, utgåva 1." in text for text in said)
    (on_page,) = shown.xpath("//*[@class='map-drawing']")
    assert set(on_page.xpath(".//*[local-name()='text']/text()")) <= set(said)
    assert "SIMULERADE-SVAR.svg" in drawing.headers["Content-Disposition"]
    assert Image.open(BytesIO(picture.data)).width == 1440
    assert drawn.get(links[0].replace("karta", "karta-kommuner")).status_code == 404  # no borders, no map


def test_a_measure_has_a_map_of_the_municipalities_where_all_their_borders_are(
    app: Flask, drawn: FlaskClient
) -> None:
    page = f"/kommun/{NACKA}/2019/matt/unsafe_evening"
    assert "karta-unsafe_evening-kommuner" not in drawn.get(page).text
    with app.extensions["databases"].transaction() as session:
        shapes = by_code({code: square(column) for column, code in enumerate((NACKA, VAXHOLM))})
        borders.load_municipality_borders(session, shapes, borders.SINCE_THE_REFORM, "test")
    told = drawn.get(page).text.split('id="kommuner"')[1].split("</section>")[0]
    assert told.count('class="map-drawing"') == 1
    assert "säkert bättre i 2 kommuner än i hela regionen" in told
    assert told.count("lägre, bättre") == 2
    numbers = re.findall(r"<tr><td>(.)</td><th scope=\"row\">(.*?)</th>", told)
    assert numbers == [("1", "Nacka"), ("–", "Hela regionen"), ("2", "Vaxholm")]
    ids = re.findall(r' id="([^"]+)"', drawn.get(page).text)
    assert len(ids) == len(set(ids))


def test_every_row_beside_the_map_is_its_released_row(app: Flask, drawn: FlaskClient) -> None:
    with app.extensions["databases"].reading() as session:
        report = build_payload(results.read_released(session, "2019", NACKA, SERVICE))
        rows = session.scalars(select(Comparison).where(Comparison.geography == "area")).all()
        verdicts = {(row.indicator, row.code): row.verdict if row.released else "" for row in rows}
    seen: set[str] = set()
    for indicator in report.indicators[::3]:
        page = drawn.get(f"{PAGE}?matt={indicator.id}").text.split('id="karta"')[1].split("</section>")[0]
        assert f'value="{indicator.id}" selected' in page
        told = [re.sub(r"<[^>]+>", " ", row) for row in page.split("<tbody>")[1].split("<tr>")[1:]]
        for row, area in zip(told, indicator.areas, strict=True):
            assert area.label in row
            assert area.now.text in row
            if area.now.shown:
                verdict = verdicts[indicator.id, area.key] or "not_comparable"
                assert WORDS[verdict] in row
                seen.add(verdict)
            else:
                assert "visas inte" in row
    assert {"above", "below", "no_certain_difference"} <= seen


def test_every_table_of_areas_says_which_certainly_differ(app: Flask, drawn: FlaskClient) -> None:
    with app.extensions["databases"].reading() as session:
        report = build_payload(results.read_released(session, "2019", NACKA, SERVICE))
    page = drawn.get(PAGE).text
    told = []
    for topic in report.topics:
        section = page.split(f'id="{topic.id}"')[1].split("</section>")[0]
        for number, row in enumerate(section.split("<tbody>")[1].split("<tr>")[1:]):
            for cell, result in zip(row.split("<td>")[1:], topic.indicators, strict=True):
                standing = result.areas[number].standing
                tone = {"better": "bättre", "worse": "sämre"}.get(standing.tone, "")
                assert (f"{standing.text}, {tone}" in cell) == standing.certain
                changed = result.areas[number].change.certain
                assert cell.count("<b class=") == standing.certain + changed
                told.append(standing.certain)
    assert {True, False} == set(told)


def test_an_unknown_measure_shows_the_usual_map(drawn: FlaskClient) -> None:
    assert drawn.get(f"{PAGE}?matt=%00nonsense").text.count("map-drawing") == 1


@pytest.mark.parametrize("width", [360, 1280])
def test_the_map_has_no_accessibility_fault(
    browser: Browser, address: str, drawn: FlaskClient, width: int
) -> None:
    page = page_of(browser, width, scripts=True)  # the checker is a script; the page has none
    page.goto(f"{address}/inloggning?next={PAGE}")
    page.fill("#email", f"{NACKA}@example.se")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"**{PAGE}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.locator(".map-drawing").count() == 1
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
