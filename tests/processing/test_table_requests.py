"""A table beside a release: asked by one, computed under the rules, approved by another, kept for good."""

import csv
import json
import re
from datetime import UTC, datetime
from io import BytesIO, StringIO
from math import isnan

import pytest
from asked_tables import FORM, LIST, client_of, post, spaced
from click.testing import CliRunner, Result
from flask import Flask
from live_server import faults_of, page_of
from markupsafe import escape
from playwright.sync_api import Browser
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from staff import PASSWORD, add_account, add_police, log_in

from analysis.multiplicity import as_one_family
from survey.cli import main
from survey.database import Databases
from survey.models.audit_event import AuditEvent
from survey.models.local_questions import LocalQuestions
from survey.models.requested_table import RequestedFigure, RequestedTable
from survey.models.response import Response
from survey.models.table_request import TableRequest
from survey.processing import request_answers
from survey.processing.releases import process, release
from survey.questionnaire.definition import load
from survey.worker import run_next

pytestmark = pytest.mark.usefixtures("computed_once")


def calamine(content: bytes) -> set[object]:
    """The cells of a workbook's tables."""
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    }


def test_a_table_is_asked_computed_and_approved_by_another_person(
    released: Flask, settings, browser: Browser, address: str
) -> None:
    stores: Databases = released.extensions["databases"]
    anna, bo = client_of(released, "anna@example.se"), client_of(released, "bo@example.se")

    environment = {
        "TRYGG_SURVEY_DATABASE": settings.survey_database,
        "TRYGG_IDENTITY_DATABASE": settings.identity_database,
    }

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, env=environment)

    def work() -> None:
        while run_next(stores, settings):
            pass

    # What is wrong is said at its field and nothing is kept.
    for wrong, words in (
        ({"matt": "nonsense"}, "Välj ett mått"),
        ({"efter": []}, "minst en"),
        ({"efter": ["shoe_size"]}, "”shoe_size” går inte"),
        ({"syfte": " "}, "vad tabellen ska användas till"),
        ({"syfte": "Till \0"}, "inga styrtecken"),
        ({"slag": "regression", "matt": "housing"}, "behöver ett mått"),
    ):
        answer = post(anna, f"{LIST}ny/2022", **{**FORM, **wrong})
        assert (answer.status_code, words in answer.text) == (422, True), words
    assert post(anna, f"{LIST}ny/2022", **FORM).status_code == 303
    # The same once more, in whatever order.
    assert post(anna, f"{LIST}ny/2022", **{**FORM, "efter": FORM["efter"][::-1]}).status_code == 422
    assert anna.get(LIST).text.count("väntar på att räknas") == 1
    work()
    # The same at the command line, which computes at once.
    where = ("--purpose", "Till rapporten", "--item")
    adjusted = ("unsafe_evening", "--by", "area", "--by", "legal_gender", "--regression")
    assert "Tabell 2 är räknad" in command("table", "request", "2022", *where, *adjusted).output
    one_place = ("worry_fraud", "--by", "area", "--where", "municipality=0114")
    twice = command("table", "request", "2022", *where, *one_place, "--where", "municipality=0180")
    assert (twice.exit_code, "municipality står i flera villkor" in twice.output) == (2, True)
    assert "Tabell 3 är räknad" in command("table", "request", "2022", *where, *one_place).output
    assert command("table", "approve", "2").exit_code == 2
    assert "Regression: Otrygg ute sent på kvällen efter delområde" in command("table", "list").output
    assert anna.get(LIST).text.count("väntar på godkännande") == 3
    page = anna.get(f"{LIST}1/").text
    assert "Den får inte spridas" in page
    assert "En annan person måste godkänna" in page
    assert anna.get(f"{LIST}1/tabell.csv").status_code == 404
    assert "samband, inte orsaker" in anna.get(f"{LIST}2/").text
    assert "mot 1 släppt version och 0 godkända tabeller." in spaced(page)
    hidden_rows = page.count(">..<") // 2  # share and number of answers
    assert f"rader får visas. {hidden_rows} är dold" in spaced(page)
    assert "välj en uppdelning med färre och större grupper" in page

    # Nobody approves an own table; another person does; the next must be looked at again beside it.
    assert post(anna, f"{LIST}1/godkann").status_code == 422
    assert "Välj vilka som får läsa" in post(bo, f"{LIST}1/godkann", lasare="alla").text
    assert post(bo, f"{LIST}1/godkann", lasare="public").status_code == 303
    readers = "polisregionen, lokalpolisområdena, kommunerna och allmänheten</dd>"
    assert readers in anna.get(f"{LIST}1/").text
    assert "Låt räkna om den" in post(bo, f"{LIST}2/godkann", lasare="region").text
    assert post(anna, f"{LIST}2/rakna-om").status_code == 303
    work()
    assert post(bo, f"{LIST}2/godkann", lasare="police").status_code == 303
    assert post(bo, f"{LIST}3/avsla", skal=" ").status_code == 422
    assert post(bo, f"{LIST}3/avsla", skal="\0").status_code == 422
    assert command("table", "refuse", "3", "--reason", "Behövs inte").exit_code == 0
    assert "Tabell 3 kan inte ändras så. Läge: avslagen." in post(bo, f"{LIST}3/godkann").text
    rows = list(csv.DictReader(StringIO(bo.get(f"{LIST}1/tabell.csv").text.lstrip("\ufeff"))))
    assert {row["value"] + row["n"] for row in rows if row["released"] == "0"} <= {""}
    shown = [row for row in rows if row["released"] == "1"]
    assert shown
    assert all(row["value"].isdecimal() and row["n"].isdecimal() for row in shown)
    assert {row["unit"] for row in shown} == {"percent"}
    with stores.reading() as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("%table"))).all()
        assert set(actions) == {"ask for table", "compute table", "approve table", "refuse table"}
        assert session.scalars(select(RequestedFigure.request_id).distinct()).all() == [1, 2]
        odds = json.loads(session.get_one(TableRequest, 2).result or "")["rows"]
        together = [one["p_together"] for one in odds]
        assert together == [
            None if isnan(p) else pytest.approx(p) for p in as_one_family(one["p"] for one in odds)
        ]
        assert any(p is not None for p in together)
        told = session.scalars(select(RequestedTable).order_by(RequestedTable.request_id)).all()
        assert [(one.audience, one.divided_by) for one in told] == [
            ("public", "gender housing"),
            ("police", "area legal_gender"),
        ]
        assert told[0].title == "Otrygg ute sent på kvällen efter kön och svar på ”Hur bor du?”"
        assert '"woman": "Kvinnor"' in told[0].words
        assert '"statistics": {}' in told[0].words

    # The municipality reads what was let out to it, not what was approved for the police alone.
    add_account(released, "0114", email="kommun@example.se")
    reader = released.test_client()
    assert log_in(reader, "kommun@example.se").status_code == 303
    assert "efter kön och svar på" in reader.get("/kommun/0114/2022/").text
    assert "Regression:" not in reader.get("/kommun/0114/2022/").text
    assert "/kommun/0114/2022/tabeller/1/" in reader.get("/kommun/0114/2022/matt/unsafe_evening").text
    assert "/tabeller/" not in reader.get("/kommun/0114/2022/matt/worry_fraud").text
    page = reader.get("/kommun/0114/2022/tabeller/1/").text
    assert "Beställd tabell 1 ur mätningen 2022, version 1" in page
    assert all(f"{row['value']}\u00a0%</td>" in page for row in shown)
    assert reader.get("/kommun/0114/2022/tabeller/1/tabell.csv").text == bo.get(f"{LIST}1/tabell.csv").text
    workbook = calamine(reader.get("/kommun/0114/2022/tabeller/1/tabell.xlsx").data)
    numbers = {f"{cell:g}" for cell in workbook if isinstance(cell, float)}
    assert numbers >= {f"{int(row['value']) / 100:g}" for row in shown} | {row["n"] for row in shown}
    assert reader.get("/kommun/0114/2022/tabeller/2/").status_code == 404
    # Whoever looks at the municipality's pages finds there what the municipality finds.
    assert "/tabeller/1/" in bo.get("/kommun/0114/2022/").text
    assert "/tabeller/2/" not in bo.get("/kommun/0114/2022/").text
    page = bo.get("/kommun/0114/2022/tabeller/2/").text
    assert "Kommunen kan inte läsa den" in page
    assert "Oddskvoterna är räknade med vikter" in page
    assert "Andelarna är viktade" not in page
    district = add_police(released, "lpo", "0114").get("/kommun/lokalpolisomrade").text
    assert ("/tabeller/2/" in district, "/tabeller/1/" in district) == (True, False)
    # Everybody finds what was let out to everybody.
    nobody = released.test_client()
    assert "/resultat/0114/2022/tabeller/1/" in nobody.get("/resultat/0114").text
    assert "/tabeller/2/" not in nobody.get("/resultat/0114").text
    page = nobody.get("/resultat/0114/2022/tabeller/1/").text
    assert all(f"{row['value']}\u00a0%</td>" in page for row in shown)
    assert nobody.get("/resultat/0114/2022/tabeller/1/tabell.csv").text == bo.get(f"{LIST}1/tabell.csv").text
    for missing in ("0114/2022/tabeller/2/", "0114/2022/tabeller/2/tabell.csv", "0115/2022/tabeller/1/"):
        assert nobody.get(f"/resultat/{missing}").status_code == 404

    # A correction knows the tables, and the tables say that it has come.
    assert "har släppts efter tabellen" not in anna.get(f"{LIST}1/").text
    with stores.transaction() as session:
        process(session, "2022", by="tests")
        release(session, "2022", by="tests", reason="Rättelse")
    assert "Version 2 av omgångens resultat har släppts efter tabellen" in anna.get(f"{LIST}1/").text

    # After a withdrawal the same answers are no longer there: a difference would tell of one person.
    with stores.transaction() as session:
        session.delete(session.scalars(select(Response).limit(1)).one())
    answer = post(anna, f"{LIST}ny/2022", **{**FORM, "efter": ["age_group"]})
    assert "har ändrats sedan resultatet släpptes" in answer.text

    faults: list[str] = []
    for width in (360, 1280):
        page = page_of(browser, width, scripts=True)
        page.goto(f"{address}/inloggning")
        page.fill("#email", "anna@example.se")
        page.fill("#password", PASSWORD)
        page.click("main button")
        bench = "/analys/bank/?matt=unsafe_evening&plats=kommuner&bredvid=delomraden-0114&bild="
        for place in (f"{LIST}ny/2022", f"{LIST}2/", f"{bench}andelar"):
            page.goto(f"{address}{place}")
            faults += faults_of(page)
        for place in ("/kommun/0114/2022/tabeller/1/", "/resultat/0114/2022/tabeller/1/"):
            page.goto(f"{address}{place}")
            faults += faults_of(page)
    assert faults == []


def test_the_size_of_a_table_is_told_before_it_is_asked_for(released: Flask) -> None:
    anna = client_of(released, "anna@example.se")

    def told(**changed: object) -> str:
        answer = post(anna, f"{LIST}ny/2022", **{**FORM, "anda": "", **changed})
        assert answer.status_code == 200
        return spaced(answer.text)

    # 160 answers: 20 in each group of age, half of them of each gender.
    size = (
        "Tabellen får omkring {} celler, utöver raderna för alla. "
        "En cell visas bara med minst 30 svar. Svaren räcker {}"
    )
    of_two = told(efter=["legal_gender"], storlek="1")
    assert size.format(2, "till alla, om de fördelar sig jämnt.") in of_two
    assert "Beställ ändå" not in of_two
    assert size.format(2, "till alla") in told(efter=["area"], storlek="1", kommun="0114")
    housing = told(efter=["gender", "housing"])
    assert size.format(12, "till högst 2 av dem.") in housing  # five answers and none, of less than 60 each
    assert "De flesta cellerna skulle döljas." in housing
    by_age = told(efter=["gender", "age_group"])
    assert size.format(8, "inte till någon av dem.") in by_age
    assert "Inga tabeller är beställda" in anna.get(LIST).text

    # A warning is of what was asked: of another table it is given again.
    warned = '{"item": "unsafe_evening", "by": ["gender", "housing"], "where": []}'
    assert f'value="{escape(warned)}"' in housing
    assert "skulle döljas" in told(efter=["gender", "age_group"], anda=warned)
    assert post(anna, f"{LIST}ny/2022", **{**FORM, "anda": warned}).status_code == 303
    assert post(anna, f"{LIST}ny/2022", **{**FORM, "efter": ["gender"], "anda": ""}).status_code == 303
    assert anna.get(LIST).text.count("väntar på att räknas") == 2


def test_what_is_asked_while_others_are_computed_is_computed_next(
    released: Flask, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores: Databases = released.extensions["databases"]
    anna = client_of(released, "anna@example.se")
    compute, asked = request_answers.answer_requests, []

    def answer_slowly(*of: object) -> object:
        answers = compute(*of)
        if not asked:
            asked.append(post(anna, f"{LIST}ny/2022", **{**FORM, "efter": ["gender"]}).status_code)
        return answers

    monkeypatch.setattr(request_answers, "answer_requests", answer_slowly)
    assert post(anna, f"{LIST}ny/2022", **{**FORM, "efter": ["age_group"]}).status_code == 303
    assert run_next(stores, settings)
    assert asked == [303]
    page = anna.get(LIST).text
    assert (page.count("väntar på att räknas"), page.count("räknad, väntar")) == (1, 1)
    assert run_next(stores, settings)
    assert anna.get(LIST).text.count("räknad, väntar") == 2
    assert not run_next(stores, settings)


def test_a_table_of_a_municipalitys_own_question_reaches_its_pages(app: Flask, add_wave, settings) -> None:
    stores: Databases = app.extensions["databases"]
    own = load("trygghet+skargard")
    with stores.transaction() as session:
        add_wave(session, "2022", ("0114", "0180"))
        for number, one in enumerate(session.scalars(select(Response).where(Response.area_code < "0115"))):
            one.answers = json.dumps(json.loads(one.answers) | {"skargard_ferry": "1234"[number % 4]})
        chosen = {"questionnaire": own.name, "questionnaire_hash": own.hash}
        session.add(LocalQuestions(wave_code="2022", municipality_code="0114", **chosen))
        process(session, "2022", by="tests")
        release(session, "2022", by="tests")
    anna, bo = client_of(app, "anna@example.se"), client_of(app, "bo@example.se")
    form = spaced(anna.get(f"{LIST}ny/2022").text)
    assert form.count('<optgroup label="Kommunernas egna frågor">') == 6  # as measure, and in five divisions
    assert "Otrygg på skärgårdsbåtar (Kommun 0114)" in form
    asked = {**FORM, "matt": "skargard_ferry", "efter": ["legal_gender"]}
    told = post(anna, f"{LIST}ny/2022", **asked, kommun="0180")
    assert (told.status_code, "ställde den: Kommun 0114." in told.text) == (422, True)
    assert post(anna, f"{LIST}ny/2022", **asked).status_code == 422
    assert post(anna, f"{LIST}ny/2022", **asked, kommun="0114").status_code == 303
    while run_next(stores, settings):
        pass
    assert post(bo, f"{LIST}1/godkann", lasare="municipality").status_code == 303
    title = "Otrygg på skärgårdsbåtar efter kön enligt folkbokföringen, bara i Kommun 0114"
    for code, there in (("0114", True), ("0180", False)):
        add_account(app, code, email=f"{code}@example.se")
        reader = app.test_client()
        assert log_in(reader, f"{code}@example.se").status_code == 303
        assert (title in reader.get(f"/kommun/{code}/2022/").text) is there
        page = reader.get(f"/kommun/{code}/2022/tabeller/1/")
        assert page.status_code == (200 if there else 404)
        assert (re.search(r"5\d\u00a0%</td>", page.text) is not None) is there


def test_requests_and_their_rows_are_kept_as_they_were_decided(session: Session, add_wave) -> None:
    add_wave(session, "2022", ("0114",))
    request = TableRequest(
        wave_code="2022", kind="table", question="{}", purpose="", state="computed", asked_by="a"
    )
    request.asked_at = datetime(2022, 11, 1, tzinfo=UTC)
    session.add(request)
    session.flush()
    row = {"category": "all", "other_category": "", "statistic": "proportion", "released": True, "reason": ""}
    session.add(RequestedFigure(request_id=request.id, **row))
    request.state, request.decided_by, request.decided_at = "approved", "b", request.asked_at
    session.flush()
    for forbidden in (
        update(TableRequest).values(purpose="another"),
        delete(TableRequest),
        update(RequestedFigure).values(estimate=0.5),
        delete(RequestedFigure),
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(forbidden)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.add(RequestedFigure(request_id=request.id, **row))
        session.flush()
