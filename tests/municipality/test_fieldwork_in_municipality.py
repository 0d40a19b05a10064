"""The fieldwork as a municipality follows it: in plain words, in whole tens, and its own alone."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of
from playwright.sync_api import Browser
from sqlalchemy import insert
from sqlalchemy.orm import Session
from staff import PASSWORD, logged_in

from survey.clock import today
from survey.database import Databases
from survey.models.area import Area
from survey.models.field_day import FieldDay
from survey.models.municipality import Municipality
from survey.models.wave import Stratum, Wave
from survey.publication.field_days import GroupSoFar, fieldwork_so_far
from survey.publication.releases import NotReleased

OWN, OTHER = "0187", "0186"
NOW, BEFORE = "2026-11", "2025"
START, BEFORE_START = today() - timedelta(days=30), today() - timedelta(days=400)
DRAWN = 1200


def add_wave(
    session: Session,
    code: str,
    first_day: date,
    *,
    is_open: bool,
    synthetic: bool = True,
    void_reason: str | None = None,
) -> None:
    session.add(
        Wave(
            code=code,
            title=f"Trygghetsmätning {code[:4]}",
            questionnaire="trygghet",
            questionnaire_hash="0" * 64,
            population_date=first_day,
            field_start=first_day,
            field_end=first_day + timedelta(days=44),
            age_min=16,
            age_max=84,
            sample_per_area=600,
            seed=1,
            synthetic=synthetic,
            void_reason=void_reason,
            status="open" if is_open else "closed",
        )
    )
    session.flush()
    for area in (f"{OWN}-01", f"{OWN}-02", f"{OTHER}-01"):
        place = {"wave_code": code, "area_code": area, "municipality_code": area[:4]}
        session.add(Stratum(**place, population=9000, sampled=600))


def add_days(
    session: Session,
    code: str,
    first_day: date,
    counts: Iterable[int],
    *group: str,
    drawn: int = DRAWN,
    invited: int | None = None,
) -> None:
    """One row a day of a group: so many have answered, twice as many have opened."""
    variable, category = group or ("all", "all")
    rows = [
        {
            "wave_code": code,
            "municipality_code": OWN,
            "variable": variable,
            "category": category,
            "day": first_day + timedelta(days=number),
            "drawn": drawn,
            "invited": drawn - 10 if invited is None else invited,
            "opened": min(count * 2, drawn - 10),
            "started": count,
            "submitted": count,
            "refused": 0,
            "undeliverable": 20,
        }
        for number, count in enumerate(counts)
    ]
    session.execute(insert(FieldDay), rows)


@pytest.fixture
def planned(app: Flask) -> Databases:
    """Two municipalities in an open wave and a closed one of last year; no day is kept yet."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        for code, name in ((OWN, "Vaxholm"), (OTHER, "Lidingö")):
            place = {"county_code": "01", "county": "Stockholms län", "police_region": "Stockholm"}
            session.add(Municipality(code=code, name=name, **place))
        session.flush()
        for code, name in ((f"{OWN}-01", "Centrum"), (f"{OWN}-02", "Skärgården"), (f"{OTHER}-01", "Torsvik")):
            session.add(Area(code=code, municipality_code=code[:4], name=name, valid_from=date(2018, 1, 1)))
        session.flush()
        add_wave(session, BEFORE, BEFORE_START, is_open=False)
        add_wave(session, NOW, START, is_open=True)
    return found


@pytest.fixture
def followed(planned: Databases) -> Databases:
    """Vaxholm after thirty days: 420 of 1 200, and 400 after as many days a year ago."""
    so_far = [*range(0, 280, 40), *(280 + 140 * day // 22 // 10 * 10 for day in range(23))]
    with planned.transaction() as session:
        add_days(session, BEFORE, BEFORE_START, [*[10 * day for day in range(29)], 400, 410, 420])
        add_days(session, NOW, START, so_far)
        for area, count in (("01", 300), ("02", 120)):
            add_days(session, NOW, START, [0, count], "area", f"{OWN}-{area}", drawn=600)
        for group, count in (("man 16-29", 0), ("woman 16-29", 70), ("man 65-84", 80), ("woman 65-84", 90)):
            add_days(session, NOW, START, [*[0] * 29, count], "gender_age", group, drawn=200)
    return planned


@pytest.fixture
def vaxholm(app: Flask, planned: Databases) -> FlaskClient:
    return logged_in(app, OWN)


def words_of(client: FlaskClient, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1]).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


def test_the_page_says_how_many_and_how_it_was_last_time(followed: Databases, vaxholm: FlaskClient) -> None:
    said = words_of(vaxholm, f"/kommun/{OWN}/{NOW}/faltarbete")
    assert "Minst 420 av 1 200 har svarat. Det är 35 procent; vid samma tid förra gången 33." in said
    assert "Centrum 600 300 50 %" in said
    assert "Män 16–29 år 200 färre än 10 –" in said
    assert "Svarar mindre än andra i de senaste siffrorna: Män 16–29 år ." in said
    assert "Fråga aldrig någon om hen har fått brevet" in said
    assert re.search(r"Om det går som hittills har 520–530 svarat när svarstiden är slut", said)


def test_neither_a_voided_wave_nor_one_of_another_kind_is_the_time_before(followed: Databases) -> None:
    with followed.transaction() as session:
        add_wave(session, "2026-03", START - timedelta(200), is_open=False, synthetic=False)
        add_wave(session, "2026-04", START - timedelta(150), is_open=False, void_reason="Fel register")
        for code, days in (("2026-03", 200), ("2026-04", 150)):
            add_days(session, code, START - timedelta(days), [990] * 30)
        assert fieldwork_so_far(session, NOW, OWN).earlier == pytest.approx(400 / 1200)


def test_groups_held_back_are_not_behind_the_whole_of_a_later_day(followed: Databases) -> None:
    with followed.reading() as session:
        so_far = fieldwork_so_far(session, NOW, OWN)
    group = GroupSoFar("Kvinnor 16–29 år", 200, 20)  # as the whole after three days, when it was last counted
    held = replace(so_far, groups=(group,), groups_on=START + timedelta(days=3))
    assert held.behind == ()
    assert replace(held, groups_on=so_far.groups_on).behind == (group,)


def test_the_overview_leads_to_waves_in_the_field_and_to_those_that_were(
    followed: Databases, vaxholm: FlaskClient
) -> None:
    page = vaxholm.get("/kommun/").text
    assert page.index(f"/kommun/{OWN}/{NOW}/faltarbete") < page.index(f"/kommun/{OWN}/{BEFORE}/faltarbete")
    said = words_of(vaxholm, f"/kommun/{OWN}/{BEFORE}/faltarbete")
    assert "Svarstiden är slut" in said
    assert "Resultatet kommer när svaren är räknade och granskade" in said
    assert "Det här kan kommunen göra" not in said


def test_letters_sent_from_elsewhere_are_not_called_few(planned: Databases, vaxholm: FlaskClient) -> None:
    with planned.transaction() as session:
        add_days(session, BEFORE, BEFORE_START, [0, 400])
        add_days(session, NOW, START, [0, 400], invited=20)
    assert "Har fått brev 1 190" in words_of(vaxholm, f"/kommun/{OWN}/{BEFORE}/faltarbete")
    said = words_of(vaxholm, f"/kommun/{OWN}/{NOW}/faltarbete")
    assert "Har fått brev" not in said
    assert "Har öppnat enkäten" in said


def test_before_the_first_day_the_page_says_what_will_come(planned: Databases, vaxholm: FlaskClient) -> None:
    said = words_of(vaxholm, f"/kommun/{OWN}/{NOW}/faltarbete")
    assert "Här kommer du att se hur många som har svarat" in said
    assert "0 av" not in said


def test_nobody_follows_the_fieldwork_of_another_municipality(
    followed: Databases, app: Flask, vaxholm: FlaskClient
) -> None:
    assert vaxholm.get(f"/kommun/{OTHER}/{NOW}/faltarbete").status_code == 403
    other = logged_in(app, OTHER)
    assert other.get(f"/kommun/{OWN}/{NOW}/faltarbete").status_code == 403
    assert "420" not in words_of(other, f"/kommun/{OTHER}/{NOW}/faltarbete")
    assert logged_in(app, role="help_desk").get(f"/kommun/{OWN}/{NOW}/faltarbete").status_code == 403
    with followed.reading() as session:
        rows = fieldwork_so_far(session, NOW, OTHER)
        assert (rows.days, rows.areas, rows.groups, rows.earlier) == ((), (), (), None)


@pytest.mark.parametrize(("wave", "place"), [("1999", OWN), (BEFORE, OTHER), (NOW, "9999")])
def test_a_wave_a_municipality_is_not_in_is_not_there(followed: Databases, wave: str, place: str) -> None:
    with followed.reading() as session, pytest.raises(NotReleased):
        fieldwork_so_far(session, wave, place)


def test_no_accessibility_fault_on_phone_and_desktop(
    browser: Browser, address: str, followed: Databases, vaxholm: FlaskClient
) -> None:
    for width in (360, 1280):
        page = page_of(browser, width, scripts=True)  # the checker is a script; the page has none
        page.goto(f"{address}/inloggning?next=/kommun/{OWN}/{NOW}/faltarbete")
        page.fill("#email", f"{OWN}@example.se")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.goto(f"{address}/kommun/{OWN}/{NOW}/faltarbete")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert faults_of(page) == []
        page.goto(f"{address}/kommun/")
        assert faults_of(page) == []
        page.context.close()
