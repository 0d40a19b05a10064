"""The analyst sees every wave and municipality and takes out the released tables."""

import csv
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import add_open_wave
from released_wave import NACKA, PDF, VAXHOLM, add_release
from staff import logged_in

from survey.config import Settings
from survey.database import Databases


@pytest.fixture
def analyst(app: Flask) -> FlaskClient:
    """A browser where an analyst is logged in; nothing is released yet."""
    return logged_in(app)


@pytest.fixture
def released(app: Flask, settings: Settings) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)


def test_before_the_first_wave_the_page_says_what_will_be_here(analyst: FlaskClient) -> None:
    text = analyst.get("/analys/").text
    assert "Här kommer mätningarna att finnas" in text
    assert "trygg wave" in text


def test_waves_are_listed_with_what_is_released_of_them(
    app: Flask, analyst: FlaskClient, released: None
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, 1)
    text = analyst.get("/analys/").text
    assert text.index("2026-11") < text.index("Trygghetsmätning 2019") < text.index("Trygghetsmätning 2018")
    assert text.count("Inte än") == 2
    assert "öppen för svar" in text
    assert 'href="/analys/2019/"' in text
    assert 'href="/analys/2018/"' not in text


def test_every_municipality_opens(analyst: FlaskClient, released: None) -> None:
    text = analyst.get("/analys/2019/").text
    for code in (NACKA, VAXHOLM):
        assert f'href="/kommun/{code}/2019/"' in text
        assert analyst.get(f"/kommun/{code}/2019/").status_code == 200
        assert analyst.get(f"/kommun/{code}/2019/resultat.csv").status_code == 200
    assert "SIMULERADE SVAR – INGET RESULTAT" in text
    assert text.count("inte gjord än") == 1
    with analyst.get(f"/kommun/{NACKA}/2019/rapport.pdf") as answer:
        assert answer.data == PDF


@pytest.mark.parametrize("table", ["estimates", "changes", "diagnostics", "response_rates"])
def test_released_tables_are_downloaded_as_csv(analyst: FlaskClient, released: None, table: str) -> None:
    answer = analyst.get(f"/analys/2019/{table}.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "SIMULERADE-SVAR" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) > 2
    assert all(code in answer.text for code in (NACKA, VAXHOLM))


@pytest.mark.parametrize(
    "address",
    [
        "/analys/2022/",
        "/analys/2018/estimates.csv",
        "/analys/2019/responses.csv",
        "/analys/2019/..%2festimates.csv",
        "/analys/2019%00/",
    ],
)
def test_what_is_not_released_is_not_there(analyst: FlaskClient, released: None, address: str) -> None:
    assert analyst.get(address).status_code == 404
