"""The receipt stands in the report; one without promises says nothing of them."""

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from promised import ACTIVITY, AREA, BEFORE, NACKA, SURVEY, add_results, results
from sqlalchemy.orm import Session

from survey.cli import main
from survey.database import Databases
from survey.followup.promises import following, receipt
from survey.followup.promises.export import promises_csv
from survey.followup.promises.writing import write_promise
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload
from survey.publication.releases import find_release
from survey.publication.report import editions, reports
from survey.publication.report.web_edition import web_body

ROLES = {"sign_municipality": "municipality", "sign_police": "analyst"}


def promise(session: Session, **more: str) -> None:
    sign(session, write_promise(session, NACKA, {**SURVEY, **more}, by="tests", now=BEFORE))


def sign(session: Session, number: int) -> None:
    for step, role in ROLES.items():
        form = {"step": step, "version": "1", "name": "Bo Ek", "position": "Chef"}
        following.take_step(session, NACKA, number, form, by="tests", now=BEFORE, role=role)


@pytest.fixture
def promised(sqlite_databases: Databases) -> Databases:
    with sqlite_databases.transaction() as session:
        add_results(session)
        promise(session, target="39", title="Vi ska göra <kvällarna> tryggare.")
        promise(session, target="25", place=AREA, accepted_because="Prov.")
    return sqlite_databases


def test_a_report_tells_the_promises_by_its_own_wave(promised: Databases) -> None:
    with promised.reading() as session:
        after = receipt.report_receipts(session, NACKA, date(2019, 9, 2))
        before = receipt.report_receipts(session, NACKA, date(2018, 9, 3))
        earlier = receipt.report_receipts(session, NACKA, date(2017, 1, 1))
    assert [one.status for one in after] == ["reached", "not_reached"]
    assert [one.ground for one in before] == ["not_yet", "not_yet"]
    assert earlier == ()
    bare = results("2019")
    body = web_body(build_payload(replace(bare, receipts=after)))
    assert body.count("Det här lovade vi – så gick det") == 3  # twice in the contents
    assert "&lt;kvällarna&gt;" in body and "Hela osäkerhetsintervallet ligger på rätt sida" in body
    assert "lovade" not in web_body(build_payload(bare))


def test_the_english_report_tells_promises_in_english_but_for_what_was_written(promised: Databases) -> None:
    with promised.transaction() as session:
        sign(session, write_promise(session, NACKA, dict(ACTIVITY), by="tests", now=BEFORE))
        swedish = receipt.report_receipts(session, NACKA, date(2019, 9, 2))
        english = editions._work(
            *(session, find_release(session, "2019", SERVICE), NACKA, "en", receipt.report_receipts)
        )
    (report, _table) = english.args
    assert [one.status for one in report.receipts] == [one.status for one in swedish]
    body = web_body(report)
    promises = body.split('id="promises"')[1].split("</section>")[0]
    assert "The whole uncertainty interval lies on the right side of the target." in promises
    assert "is to be at most" in promises and "The promises themselves are written in Swedish." in promises
    outside = re.sub(r'<(\w+) lang="sv">.*?</\1>|Område 1', "", promises)
    assert not re.search(r"[åäöÅÄÖ]|procent\b", outside), outside
    assert [one.said for one in receipt.report_receipts(session, NACKA, date(2019, 9, 2))] == [
        one.said for one in swedish
    ]


def test_the_commands_tell_what_is_lacking_late_and_promised(promised: Databases, tmp_path: Path) -> None:
    with promised.transaction() as session:
        number = write_promise(session, NACKA, {**ACTIVITY, "title": "=Vi ska"}, by="tests", now=BEFORE)
        sign(session, number)

    def run(*arguments: str) -> str:
        told = CliRunner().invoke(
            main,
            ["promise", *arguments],
            env={
                "TRYGG_SURVEY_DATABASE": f"sqlite:///{tmp_path}/survey.db",
                "TRYGG_IDENTITY_DATABASE": f"sqlite:///{tmp_path}/identity.db",
            },
        )
        return told.output

    assert "Tillagt i Region: Vägar" in run("require", "Region", "Vägar ut ur kriminalitet")
    assert "finns redan" in run("require", "Region", "Unga i riskzon")
    areas = run("areas")
    assert areas.count("Region: ") == 2
    assert "borttaget" in run("unrequire", areas.split()[0]) and run("areas").count("Region: ") == 1
    assert run("late").splitlines() == [f"Nacka {number}: =Vi ska (tiden är ute, T2 2019)"]
    assert "3 löften" in run("export", str(tmp_path / "loften.csv"))
    rows = list(csv.DictReader((tmp_path / "loften.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["status"], row["overdue"]) for row in rows] == [
        ("reached", "0"),
        ("not_reached", "0"),
        ("cannot_tell", "1"),
    ]
    assert rows[-1]["title"] == "'=Vi ska"
    with promised.reading() as session:
        file = promises_csv(session, SERVICE, date(2020, 3, 1))
    assert file.file_name == "loften-2020-03-01-SIMULERADE-SVAR.csv"


def test_the_work_on_a_pdf_is_given_the_promises(
    promised: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = []
    monkeypatch.setattr(reports, "render", lambda report, _table: composed.append(report) or b"")
    with promised.reading() as session:
        released = reports.read_released(session, "2019", NACKA, SERVICE)
        reports._work(session, released, receipt.report_receipts)()
        reports._work(session, released, None)()
    assert [len(report.receipts) for report in composed] == [2, 0]
