"""The articles say what the release and the settings say, and name what is missing instead of guessing."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from open_wave import add_open_wave
from sqlalchemy import update
from test_public_results import words

from survey import create_app
from survey.clock import today
from survey.config import Settings
from survey.errors import UserError
from survey.languages import format_date
from survey.models.deletion import Deletion
from survey.models.wave import Wave
from survey.publication.drawings.resident_charts import TIMES, surveys
from survey.serving import served

OPERATOR = {
    "TRYGG_OPERATOR": "Region Exempel",
    "TRYGG_CONTACT_EMAIL": "fraga@region.example",
    "TRYGG_DPO_EMAIL": "ombud@region.example",
}
NOW = datetime(2026, 11, 26, tzinfo=UTC)
DONE = {"requested_at": NOW, "approved_by": "b", "approved_at": NOW, "certificate": "{}"}
MISSING = (
    "har inte skrivit in sitt namn",
    "har inte skrivit in sin e-postadress",
    "är inte inskriven här än",
)


def test_the_method_is_told_with_the_numbers_of_the_open_release(client: FlaskClient, released: int) -> None:
    seen = words(client.get("/sa-gjordes-undersokningen"))
    assert "från 2 september 2019 till 13 oktober 2019 bland dem som var 16–84 år" in seen
    # Two municipalities of 1,667 asked and 900 answers each.
    assert "Antal som fick frågorna: 3 334. Antal som svarade: 1 800. Det är 54 av 100." in seen
    assert "minst 30 personer har svarat" in seen
    assert "färre än 50" in seen
    assert "ungefär 95 gånger av 100" in seen


def test_before_anything_is_open_the_method_holds_no_number_of_a_wave(client: FlaskClient) -> None:
    seen = words(client.get("/sa-gjordes-undersokningen"))
    assert "Antal som fick frågorna" not in seen
    assert "Vilka fick frågorna?" in seen


def test_the_picture_of_uncertainty_misses_as_often_as_it_says(client: FlaskClient) -> None:
    hits = sum(covers for *_, covers in surveys())
    page = client.get("/sa-gjordes-undersokningen").text
    assert f"{hits} av de tjugo strecken" in page
    drawing = page[page.index("<svg") : page.index("</svg>")]
    dots, diamonds = drawing.count("h.01"), drawing.count("l5.4 5.4")
    assert (dots, dots + diamonds) == (hits, TIMES)


def test_who_answers_for_the_survey_comes_from_the_settings(settings: Settings) -> None:
    known = Settings.from_environment(OPERATOR)
    assert known.missing_facts() == ()
    app = create_app(
        replace(
            settings,
            operator=known.operator,
            contact_email=known.contact_email,
            dpo_email=known.dpo_email,
            help_phone="010-1",
        )
    )
    day = today()
    with app.extensions["databases"].transaction() as session:
        add_open_wave(session)
        last_days = {f"{name}_until": day for name in ("contacts", "links", "texts")}
        # Closed, and nothing is destroyed yet: the days are told until it is.
        session.execute(update(Wave).values(**last_days, status="closed"))
        session.add(Deletion(wave_code="2026-11", act="contacts", decision="1", requested_by="a", **DONE))
    client = app.test_client()
    seen = words(client.get("/personuppgifter"))
    assert "drivs av Region Exempel" in seen
    assert f"Kopplingen tas bort senast den {format_date('sv', day)}." in seen
    assert "Namn och adresser tas bort senast" not in seen
    assert "egna ord tas bort senast" not in seen  # nobody is asked for any
    assert "Dagen har passerat" not in seen
    with app.extensions["databases"].transaction() as session:
        session.execute(update(Wave).values(links_until=day - timedelta(days=1)))
    assert "Dagen har passerat, men allt är inte borttaget än." in words(client.get("/personuppgifter"))
    assert "010-1" in seen
    assert "fraga@region.example" in seen
    assert "ombud@region.example" in seen
    assert not any(text in seen for text in MISSING)
    kept_beside_answers = (
        "ur ditt personnummer med en hemlig nyckel",
        "ur nätverkets adress",
        "inte vill vara med",
    )
    assert all(text in seen for text in kept_beside_answers)
    assert "fraga@region.example" in words(client.get("/tillganglighet"))
    assert "127.0.0.1:8000" in words(client.get("/ar-brevet-akta"))
    app.extensions["databases"].dispose()


def test_what_is_not_set_is_said_to_be_missing_on_the_page_and_in_the_log_when_the_service_starts(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("survey.serving.create_app", lambda: client.application)
    with caplog.at_level(logging.WARNING):
        served()
    assert "TRYGG_OPERATOR, TRYGG_CONTACT_EMAIL, TRYGG_DPO_EMAIL saknas" in caplog.text
    seen = words(client.get("/personuppgifter"))
    assert all(text in seen for text in MISSING)
    assert "@" not in seen


@pytest.mark.parametrize("wrong", ["fraga", "a@b", 'a"@b.se', "a b@c.se"])
def test_an_address_that_is_none_stops_the_start(wrong: str) -> None:
    with pytest.raises(UserError, match="TRYGG_CONTACT_EMAIL"):
        Settings.from_environment({"TRYGG_CONTACT_EMAIL": wrong})


def test_residents_find_the_articles_and_where_results_will_be(client: FlaskClient) -> None:
    first = client.get("/").text
    for address in ("/resultat/", "/sa-gjordes-undersokningen", "/personuppgifter", "/tillganglighet"):
        assert f'href="{address}"' in first
    assert first.count('href="/ar-brevet-akta"') == 2
    with client.session_transaction() as session:
        session["receipt"] = "visit"
    seen = words(client.get("/tack"))
    assert "kan du läsa dem på 127.0.0.1:8000/resultat/" in seen


def test_the_accessibility_statement_is_of_a_day_that_has_been(client: FlaskClient) -> None:
    from survey.public.articles import ACCESSIBILITY_LOOKED_AT

    assert today() >= ACCESSIBILITY_LOOKED_AT
    seen = words(client.get("/tillganglighet"))
    assert "delvis förenlig" in seen
    assert "26 november 2026" in seen
    assert "Digg" in seen
