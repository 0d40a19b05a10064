"""The analyst sees every wave and municipality and takes out the released tables."""

import csv
from datetime import timedelta
from io import StringIO
from unittest.mock import Mock

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import add_open_wave
from released_wave import NACKA, PDF, VAXHOLM, add_release
from staff import logged_in

from survey.config import Settings
from survey.database import Databases
from survey.models.release import Audience, Release
from survey.publication.downloads import codebooks, exports, tables, workbooks
from survey.publication.downloads.exports import write_downloads
from survey.publication.embargo import Reader
from survey.publication.releases import NotReleased


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


@pytest.mark.parametrize("name", ["estimates.csv", "resultat.xlsx", "kodbok.json"])
def test_a_file_is_handed_out_as_it_was_written_unless_it_was_changed(
    app: Flask,
    analyst: FlaskClient,
    released: None,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    made = analyst.get(f"/analys/2019/{name}")
    folder = write_downloads(app.extensions["databases"], "2019", settings.output, by="tests").folder
    file = folder / made.headers["Content-Disposition"].split("filename=")[1]
    with monkeypatch.context() as forbidden:
        for module, maker in (
            (tables, "analyst_table"),
            (workbooks, "analyst_workbook"),
            (codebooks, "analyst_codebook"),
        ):
            forbidden.setattr(module, maker, Mock(side_effect=AssertionError("made anew")))
        handed_out = analyst.get(f"/analys/2019/{name}")
    assert handed_out.data == file.read_bytes()
    assert handed_out.headers["Content-Disposition"] == made.headers["Content-Disposition"]
    file.write_bytes(handed_out.data + b"x")
    assert analyst.get(f"/analys/2019/{name}").data == made.data


def test_a_written_file_waits_for_its_moment(
    app: Flask, analyst: FlaskClient, released: None, settings: Settings
) -> None:
    found: Databases = app.extensions["databases"]
    write_downloads(found, "2019", settings.output, by="tests")
    asked = ("2019", settings.output)
    with found.reading() as session:
        moment = session.query(Release.released_at).scalar()
        after, before = (Reader(Audience.REGION, moment + timedelta(days)) for days in (1, -1))
        assert exports.written_for_analysts(session, *asked, after, "estimates", "csv")
        with pytest.raises(NotReleased):
            exports.written_for_analysts(session, *asked, before, "estimates", "csv")
