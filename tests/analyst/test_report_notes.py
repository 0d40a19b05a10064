"""An analyst leaves sentences out of a report or adds comments; nothing made is rewritten, steps are kept."""

import re

import pytest
from flask import Flask
from open_wave import hidden
from released_wave import NACKA, VAXHOLM, add_release
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from staff import logged_in

from survey.config import Settings
from survey.database import Databases
from survey.models.audit_event import AuditEvent
from survey.models.release import Report
from survey.models.report_note import ReportNote
from survey.publication import results
from survey.publication.embargo import SERVICE
from survey.publication.report import comment_check
from survey.publication.report.rendering import compose

PAGE = f"/analys/2019/rapport/{NACKA}/"


@pytest.fixture
def databases(app: Flask, settings: Settings) -> Databases:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)
    return found


def test_a_report_is_gone_through_and_every_step_is_kept(app: Flask, databases: Databases) -> None:
    browser = logged_in(app)
    form = hidden(browser.get(PAGE))

    def send(where: str, **fields: str) -> int:
        return browser.post(PAGE + where, data={**form, **fields}).status_code

    with databases.reading() as session:
        made = results.municipality_report(session, "2019", NACKA, SERVICE).summary
        other = results.municipality_report(session, "2019", VAXHOLM, SERVICE)
    assert all(sentence in browser.get(PAGE).text for sentence in made.sentences)
    assert "Inga ändringar har gjorts." in browser.get(PAGE).text

    assert send("mening", mening="0", val="utelamna") == 303
    assert send("mening", mening="0", val="utelamna") == 303  # said twice, remembered once
    assert send("kommentar", plats="summary", kommentar="Vi möts \u202eden 3 mars.") == 303
    assert send("kommentar", plats="worry", kommentar="En av fyra, 25 procent, tack vare ljuset.") == 303
    assert send("kommentar", plats="summary", kommentar="Vi möts den 4 mars.") == 303
    text = browser.get(PAGE).text
    assert "”tack vare” säger varför" in text
    assert "”25 procent” står utan osäkerhetsintervall" in text
    assert text.count("analytiker@example.se") == 4

    with databases.reading() as session:
        report = results.municipality_report(session, "2019", NACKA, SERVICE)
        steps = session.scalars(select(ReportNote).order_by(ReportNote.id)).all()
        assert [(step.place, step.kind) for step in steps] == [
            ("summary", "hide"),
            ("summary", "comment"),
            ("worry", "comment"),
            ("summary", "comment"),
        ]
        assert results.municipality_report(session, "2019", VAXHOLM, SERVICE) == other
        assert session.scalars(select(Report.municipality_code)).all() == []  # what was printed says less
        assert session.scalars(select(AuditEvent.action)).all().count("note in report") == 4
    assert (report.summary.sentences, report.summary.left_out) == (made.sentences[1:], 1)
    assert [(one.place, one.text) for one in report.comments] == [
        ("summary", "Vi möts den 4 mars."),
        ("worry", "En av fyra, 25 procent, tack vare ljuset."),
    ]
    page = re.sub("</?span[^>]*>", "", browser.get(f"/kommun/{NACKA}/2019/").text)
    assert f"<li>{made.sentences[0]}</li>" not in page
    assert f"<li>{made.sentences[1]}</li>" in page
    assert page.count("Kommentar från analytiker") == 2
    assert "1 av de meningar som görs av siffrorna är utelämnad" in page
    typeset = compose(report)
    first = typeset[typeset.index('id="summary"') : typeset.index('id="known"')]
    assert "Kommentar från analytiker" in first
    assert "Vi möts den 4 mars." in first
    assert "1 av de meningar som görs av siffrorna är utelämnad" in first
    assert "Vi möts den 3 mars." not in typeset
    assert typeset.count("Kommentar från analytiker") == 2

    assert send("mening", mening="0", val="ta-med") == 303
    assert send("kommentar", plats="summary", kommentar=" ") == 303
    with databases.reading() as session:
        report = results.municipality_report(session, "2019", NACKA, SERVICE)
    assert (report.summary.left_out, report.comment("summary")) == (0, None)
    for act in (delete(ReportNote), update(ReportNote).values(text="annat")):
        with pytest.raises(DBAPIError, match="kept as they were written"), databases.transaction() as session:
            session.execute(act)


@pytest.mark.parametrize(
    ("where", "fields", "fault"),
    [
        ("mening", {"mening": "7", "val": "utelamna"}, "Meningen finns inte"),
        ("mening", {"mening": "²", "val": "utelamna"}, "Meningen finns inte"),
        ("kommentar", {"plats": "nowhere", "kommentar": "x"}, "Där kan ingen kommentar stå"),
        ("kommentar", {"plats": "summary", "kommentar": "ord " * 151}, "Den får ha högst 600"),
        ("kommentar", {"plats": "summary", "kommentar": "x" * 41}, "längre än 40 tecken"),
    ],
)
def test_what_cannot_be_noted_is_told_and_leaves_nothing(
    app: Flask, databases: Databases, where: str, fields: dict[str, str], fault: str
) -> None:
    browser = logged_in(app)
    answer = browser.post(PAGE + where, data={**hidden(browser.get(PAGE)), **fields})
    assert answer.status_code == 422
    assert fault in answer.text
    if fields.get("plats") == "summary":
        assert fields["kommentar"].strip() in answer.text
    with databases.reading() as session:
        assert session.scalars(select(ReportNote)).all() == []
    assert browser.get("/analys/2019/rapport/9999/").status_code == 404


@pytest.mark.parametrize(
    ("comment", "faults"),
    [
        ("Flera har hört av sig om mopeder.", 0),
        ("Andelen är 28 % (24–32).", 0),
        ("Oron har ökat.", 1),
        ("Oron ökade medan klottret minskade.", 1),
        ("Det berodde på skolan.", 1),
        ("Det ledde till mindre klotter.", 1),
        ("Det beror på skolan och 12 procent har minskat.", 3),
    ],
)
def test_a_comment_is_warned_of_causes_bare_figures_and_unproved_change(comment: str, faults: int) -> None:
    assert len(comment_check.warnings(comment)) == faults
