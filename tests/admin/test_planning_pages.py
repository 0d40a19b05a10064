"""A wave made, changed and given its plan in the browser, and what is refused on the way."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from live_server import faults_of, page_of, press
from open_wave import hidden, rendered
from playwright.sync_api import Browser
from sqlalchemy import select
from staff import PASSWORD, add_account, logged_in

from survey import create_app
from survey.config import Settings
from survey.database import Databases
from survey.models.area import Area
from survey.models.audit_event import AuditEvent
from survey.models.municipality import Municipality
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import FrameCount, Stratum, Wave
from survey.preparation import mailing_costs
from survey.preparation.mailing_costs import Prices
from survey.preparation.population import AGE_GROUPS, GENDERS
from survey.preparation.waves import set_participation

NEW = {
    "code": "2026",
    "title": "Trygghetsmätning 2026",
    "questionnaire": "trygghet",
    "population_date": "2026-09-30",
    "field_start": "2026-10-01",
    "field_end": "2026-11-01",
    "age_min": "16",
    "age_max": "84",
    "sample_per_area": "300",
    "seed": "",
    "contacts_until": "2026-12-01",
    "links_until": "2027-02-01",
}
PLAN = {
    "rule": "per_area",
    "sample_per_area": "200",
    "answers": "160",
    "floor": "100",
    "expected_rate": "45",
    "young_factor": "1,5",
    "young_until": "29",
    "area_factors": "0187-01 2\n",
    "letter": "10",
    "card": "7,50",
    "form": "20",
    "last": "10",
    "paper_answer": "25",
    "paper_share": "20",
}


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    built = create_app(settings)
    built.testing = True
    with stores(built).transaction() as session:
        session.add(
            Municipality(code="0187", name="Vaxholm", county_code="01", county="X", police_region="X")
        )
        session.flush()
        for number in (1, 2):
            session.add(
                Area(
                    code=f"0187-0{number}",
                    municipality_code="0187",
                    name=f"Område {number}",
                    valid_from=date(2018, 1, 1),
                )
            )
    yield built
    built.extensions["databases"].dispose()


def stores(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


def frame(app: Flask) -> None:
    """Two areas of 1,800 and 9,000 persons, as if the register file had been loaded."""
    with stores(app).transaction() as session:
        set_participation(session, "2026", "0187", True, "test")
        for number, persons in ((1, 100), (2, 500)):
            area = {"wave_code": "2026", "area_code": f"0187-0{number}"}
            session.add(Stratum(**area, municipality_code="0187", population=18 * persons, sampled=0))
            for sex in GENDERS:
                for group in AGE_GROUPS:
                    session.add(FrameCount(**area, legal_gender=sex, age_group=group, population=persons))
        wave = session.get_one(Wave, "2026")
        wave.status, wave.frame_hash = "framed", "0" * 64


def wave_of(app: Flask) -> Wave | None:
    with stores(app).reading() as session:
        return session.get(Wave, "2026")


def test_an_owner_makes_a_wave_and_changes_it_until_the_sample_is_drawn(app: Flask) -> None:
    owner = logged_in(app, role="owner")
    token = hidden(owner.get("/drift/ny"))
    made = owner.post("/drift/ny", data={**token, **NEW})
    assert (made.status_code, made.location) == (303, "/drift/2026/")
    wave = wave_of(app)
    assert wave
    assert (wave.sample_per_area, wave.contacts_until, wave.synthetic) == (300, date(2026, 12, 1), False)
    assert wave.seed != 1  # drawn, so that no two waves draw alike
    page = owner.get("/drift/2026/installningar")
    assert 'value="2026-11-01"' in page.text
    assert "Ingen kommun har tackat ja än" in page.text
    for told in (page.text, owner.get("/drift/2026/").text):
        assert "Befolkningen den 2026-09-30 är inte inläst. Inläst är ingen dag." in told
    changed = owner.post("/drift/2026/installningar", data=rendered(page, title="Mätning"))
    assert changed.status_code == 303
    owner.post("/drift/2026/installningar", data={**token, **NEW, "title": "Mätning", "code": "1999"})
    after = wave_of(app)
    assert after and (after.title, after.seed) == ("Mätning", wave.seed)
    frame(app)
    assert "Har tackat ja: Vaxholm" in " ".join(owner.get("/drift/2026/installningar").text.split())
    with stores(app).transaction() as session:
        session.get_one(Wave, "2026").status = "sampled"
    assert owner.post("/drift/2026/installningar", data={**token, **NEW}).status_code == 422
    assert "kan inte längre ändras" in owner.get("/drift/2026/installningar").text


def test_a_change_of_ages_asks_for_the_register_again(app: Flask) -> None:
    owner = logged_in(app, role="owner")
    token = hidden(owner.get("/drift/ny"))
    owner.post("/drift/ny", data={**token, **NEW})
    frame(app)
    owner.post("/drift/2026/installningar", data={**token, **NEW, "title": "Samma ram"})
    wave = wave_of(app)
    assert wave and wave.status == "framed"
    owner.post("/drift/2026/installningar", data={**token, **NEW, "age_max": "74"})
    with stores(app).reading() as session:
        assert session.get_one(Wave, "2026").status == "planned"
        assert session.scalars(select(FrameCount)).first() is None
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.action, '"frame_removed": true' in event.detail) == ("change wave", True)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("code", "våren", "ska vara ett årtal"),
        ("code", "", "Skriv en kod"),
        ("title", "", "Skriv en titel"),
        ("title", "a\u202eb", "inga styrtecken"),
        ("field_end", "2026-09-01", "ligger före första"),
        ("contacts_until", "2026-10-15", "efter sista svarsdag"),
        ("contacts_until", "", "Välj när namn och adresser"),
        ("links_until", "2026-11-15", "samma dag som kontaktuppgifterna eller senare"),
        ("age_max", "19", ""),
        ("sample_per_area", "0", "minst 1"),
        ("seed", "-1", "heltal"),
        ("population_date", "i går", ""),
        ("questionnaire", "okand", ""),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_made(
    app: Flask, field: str, value: str, told: str
) -> None:
    owner = logged_in(app, role="owner")
    token = hidden(owner.get("/drift/ny"))
    changes = {field: value} | ({"age_min": "30"} if field == "age_max" else {})
    page = owner.post("/drift/ny", data={**token, **NEW, **changes})
    assert page.status_code == 422
    at = "age_min" if field == "age_max" else field
    assert f'href="#{at}"' in page.text
    assert f'id="{at}-error"' in page.text
    assert told in page.text
    assert wave_of(app) is None


def test_a_plan_is_tried_without_being_kept_and_then_decided(app: Flask) -> None:
    owner = logged_in(app, role="owner")
    token = hidden(owner.get("/drift/ny"))
    owner.post("/drift/ny", data={**token, **NEW})
    assert "har ingen urvalsram än" in owner.get("/drift/2026/urval").text
    frame(app)
    page = owner.get("/drift/2026/urval")
    assert "600 personer dras och 270 väntas svara" in page.text
    assert "Efter folkmängd" in page.text
    assert "Neyman" not in page.text.split('<form method="post" novalidate>')[0]  # nothing to go by
    tried = owner.post("/drift/2026/urval", data={**token, **PLAN, "act": "try"})
    assert tried.status_code == 200
    assert "600 personer dras och 270 väntas svara" in tried.text  # 400 and 200
    # 600 letters, 506 cards, 424 with a form, 370 last ones, and 54 of the 270 answers on paper
    assert "<b>23\u00a0325</b>" in tried.text
    assert "Priserna är gissningar" in tried.text
    with stores(app).reading() as session:
        assert session.get(SamplingPlan, "2026") is None
    decided = owner.post("/drift/2026/urval", data={**token, **PLAN, "act": "decide"})
    assert (decided.status_code, decided.location) == (303, "/drift/2026/urval")
    with stores(app).reading() as session:
        kept = session.get_one(SamplingPlan, "2026")
        assert (kept.young_factor, kept.young_until, kept.area_factors) == (1.5, 29, '{"0187-01": 2.0}')
        assert session.get_one(Wave, "2026").sample_per_area == 200
        assert mailing_costs.prices_of(session, "2026") == (Prices(10, 7.5, 20, 10, 25, 0.2), True)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("rule", "random", ""),
        ("sample_per_area", "många", ""),
        ("sample_per_area", "0", "minst 1"),
        ("expected_rate", "0", "från 1 till 100"),
        ("young_factor", "nan", ""),
        ("young_factor", "0", "De ungas faktor"),
        ("young_factor", "två", "Skriv ett tal"),
        ("area_factors", "0187-01", "Skriv ett delområde och en faktor"),
        ("area_factors", "0187-01 nan", ""),
        ("area_factors", "0187-01 500", "Faktorn för 0187-01"),
    ],
)
def test_a_plan_with_a_fault_is_told_at_its_field_and_not_kept(
    app: Flask, field: str, value: str, told: str
) -> None:
    owner = logged_in(app, role="owner")
    token = hidden(owner.get("/drift/ny"))
    owner.post("/drift/ny", data={**token, **NEW})
    frame(app)
    page = owner.post("/drift/2026/urval", data={**token, **PLAN, field: value, "act": "decide"})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert told in page.text
    with stores(app).reading() as session:
        assert session.get(SamplingPlan, "2026") is None


def test_no_page_of_planning_has_a_fault(browser: Browser, app: Flask, address: str) -> None:
    email = add_account(app, None, "owner")
    page = page_of(browser, 320, scripts=True)

    def after(button: str) -> list[str]:
        press(page, button)
        return faults_of(page)

    page.goto(f"{address}/inloggning")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    after("Logga in")
    page.goto(f"{address}/drift/ny")
    found = [*faults_of(page), *after("Skapa omgången")]
    for name, value in NEW.items():
        if name in ("questionnaire", "age_min", "age_max"):
            page.select_option(f"#{name}", value)
        else:
            page.fill(f"#{name}", value)
    found += after("Skapa omgången")
    frame(app)
    for path in ("installningar", "urval"):
        page.goto(f"{address}/drift/2026/{path}")
        found += faults_of(page)
    page.select_option("#rule", "proportional")
    found += after("Räkna ut")
    page.fill("#floor", "900")
    assert found + after("Bestäm planen") == []
