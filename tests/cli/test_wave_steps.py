"""A wave walked by hand on the command line, and what each step says and leaves."""

import re
from datetime import UTC, datetime
from pathlib import Path

from installation import Run
from sqlalchemy import select

from survey import clock
from survey.collection import responses
from survey.database import Databases
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.preparation import accounts
from survey.questionnaire.definition import load
from survey.questionnaire.path import path


def answer(stores: Databases) -> str:
    """One resident begins and hands in; the reference number."""
    with stores.transaction() as session:
        case = session.scalars(select(Case).limit(1)).one()
        pages = [(page.id, dict[str, list[str]]()) for page in path(load("trygghet"), {})]
        responses.begin(session, case.id, "sv", clock.today())
        responses.answer_pages(session, case.id, pages, "sv", clock.today())
        responses.submit(session, case.id, len(pages), clock.today())
        return case.reference


def test_a_wave_walks_from_register_to_close(prepared: Run, files: Path, stores: Databases) -> None:
    def step(*arguments: str) -> str:
        result = prepared("wave", *arguments)
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    register = f"{files}/register.csv"
    checked = step("check-frame", "2026", register)
    assert "csv, UTF-8, semikolon" in checked
    assert "Filen kan läsas in." in checked
    assert "planerad" in step("list")
    assert "18 personer i urvalsramen" in step("load-frame", "2026", register)
    assert "3 av 18 dragna i 1 delområden" in step("draw-sample", "2026", register)
    assert "3 brev i" in step("invite", "2026")
    assert "0 brev i" in step("invite", "2026", "--area", "0125-01")
    assert "är öppen" in step("open", "2026")
    reference = answer(stores)
    status = step("status", "2026")
    for row in ("Dragna +3", "Har fått brev +3", "Har lämnat in +1", "Simulerade svar +ja"):
        assert re.search(row, status), status
    assert "öppen för svar" in step("list")
    asked = prepared("case", "show", reference, "--yes")
    assert asked.exit_code == 0, asked.output
    for row in ("Namn: Anna Hemlig", "Juridiskt kön: ", "Läge: Har lämnat in", " inget svar"):
        assert row in asked.stdout
    assert prepared("case", "show", reference).exit_code == 1  # nobody has said that the person asks
    withdrawn = prepared("case", "withdraw", reference)
    assert (withdrawn.exit_code, withdrawn.stdout) == (0, "Svaret är borttaget.\n")
    early = prepared("wave", "close", "2026")
    assert (early.exit_code, "Sista svarsdagen är om" in early.output) == (1, True)
    assert "är stängd med 0 svar av 3" in step("close", "2026", "--yes")
    assert (files / "letters" / "2026" / "0125-01-SIMULERADE-SVAR.pdf").exists()


def test_a_plan_is_tried_and_then_decided(prepared: Run, files: Path) -> None:
    assert "ingen urvalsram än" in prepared("wave", "plan", "2026").stderr
    prepared("wave", "load-frame", "2026", f"{files}/register.csv")
    shown = prepared("wave", "plan", "2026")
    assert re.search(r"0125 Ekerö +18 +3 +1 ", shown.stdout), shown.output
    tried = prepared("wave", "plan", "2026", "--n", "6", "--young", "2", "--rate", "0.5")
    assert re.search(r"  0125-01 Område 1 +18 +6 +3 ", tried.stdout), tried.output
    assert "Ingenting är ändrat." in tried.stdout
    assert "Planen är bestämd." in prepared("wave", "plan", "2026", "--n", "6", "--store").stdout
    assert "6 av 18 dragna" in prepared("wave", "draw-sample", "2026", f"{files}/register.csv").stdout
    for wrong in (
        ("--store",),
        ("--rule", "random"),
        ("--area", "0125-01"),
        ("--n", "0"),
        ("--area", "x=nan"),
    ):
        refused = prepared("wave", "plan", "2026", *wrong)
        assert refused.exit_code == 2
        assert "Fel: " in refused.stderr


def test_every_step_is_logged_with_its_actor(prepared: Run, files: Path, stores: Databases) -> None:
    prepared("wave", "load-frame", "2026", f"{files}/register.csv")
    with stores.reading() as session:
        events = list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    assert [event.action for event in events] == [
        "load municipalities",
        "load areas",
        "load population",
        "create wave",
        "participation",
        "participation",
        "load frame",
    ]
    assert all("kommandorad" in event.actor for event in events)
    assert not any("Hemlig" in event.detail for event in events)


def test_a_voided_wave_stays_in_the_list_and_the_worker_has_nothing_to_do(prepared: Run) -> None:
    assert "är makulerad" in prepared("wave", "void", "2026", "--reason", "fel år").stdout
    assert "makulerad" in prepared("wave", "list").stdout
    done = prepared("worker", "--once")
    assert (done.exit_code, done.output) == (0, "")


def test_an_open_link_is_shut_until_the_operator_opens_it(prepared: Run) -> None:
    assert prepared("wave", "open-link", "2026").stdout == ""
    opened = prepared("wave", "open-link", "2026", "0125", "--on")
    assert (opened.exit_code, opened.stdout.endswith("/oppen/2026/0125  öppen, 0 svar\n")) == (0, True)
    assert "stängd, 0 svar" in prepared("wave", "open-link", "2026", "0125", "--off").stdout
    for wrong in (("2026", "0125"), ("2026", "--on"), ("2026", "0140", "--on"), ("1999", "0125", "--on")):
        refused = prepared("wave", "open-link", *wrong)
        assert refused.exit_code == 2
        assert "Fel: " in refused.stderr


def test_municipalities_are_invited_and_their_answers_shown(prepared: Run) -> None:
    invitation = ("--answer-until", "2099-01-01", "--text", "Välkommen.")
    invited = prepared("wave", "invite-municipalities", "2026", "--all", *invitation)
    assert invited.stdout == "Inbjudna till 2026: inga, alla har svarat\n"
    both = prepared("wave", "invite-municipalities", "2026", "0125", "--all", *invitation)
    assert (both.exit_code, both.stderr) == (2, "Fel: Ange kommuner eller --all, inte båda.\n")
    noted = prepared("wave", "participation", "2026", "0140", "--no", "--reason", "Per telefon.")
    assert noted.exit_code == 0
    shown = prepared("wave", "participation", "2026").stdout
    assert "tackat ja, saknar besked om delområdena, kontaktperson" in shown
    assert "tackat nej" in shown
    allowed = prepared("wave", "allow-incomplete", "2026", "0125", "--reason", "Avtal på papper.")
    assert allowed.stdout == "Urvalet i 2026 får dras ändå för: 0125\n"


def test_a_re_cut_is_shown_and_decided_by_the_operator(prepared: Run) -> None:
    assert prepared("wave", "recut", "2026", "0125").stdout == "Kommunen har inte sagt något än.\n"
    refused = prepared("wave", "recut", "2026", "0125", "--apply")
    assert refused.stderr == "Fel: Kommunen har inget förslag som väntar på besked.\n"
    assert prepared("wave", "recut", "2026", "0125", "--apply", "--refuse", "Nej.").exit_code == 2


def test_a_municipality_gets_its_own_questions_and_can_do_without_them(prepared: Run) -> None:
    added = prepared("questionnaire", "add", "2026", "0125", "skargard")
    assert (added.exit_code, added.stdout[:21]) == (0, "0125 får 48 frågor, k")
    removed = prepared("questionnaire", "add", "2026", "0125", "--remove")
    assert removed.stdout == "De egna frågorna är borttagna.\n"
    again = prepared("questionnaire", "add", "2026", "0125", "--remove")
    assert again.stdout == "Kommunen hade inga egna frågor.\n"
    refused = prepared("questionnaire", "add", "2026", "0140", "skargard")
    assert refused.stderr.startswith("Fel: Kommunen 0140 har inte tackat ja till omgången 2026")
    both = prepared("questionnaire", "add", "2026", "0125", "skargard", "--remove")
    assert both.exit_code == 2
    assert "antingen namnet" in both.stderr


def test_the_days_of_the_fieldwork_are_kept_by_command_and_a_repeat_keeps_none(prepared: Run) -> None:
    assert prepared("wave", "snapshot").stdout == ""  # no wave is open
    assert "planerad" in prepared("wave", "snapshot", "2026").stderr


def test_microdata_go_to_an_analyst_in_use_and_to_nobody_else(
    prepared: Run, files: Path, stores: Databases
) -> None:
    def ask(analyst: str) -> str:
        given = ("--analyst", analyst, "--decision", "2026/17-5")
        result = prepared("wave", "microdata", "2026", f"{files}/uttag.csv", *given)
        assert result.exit_code == 2
        return result.stderr

    prepared("account", "invite", "ansvarig@example.se", "--role", "owner")
    prepared("account", "invite", "analytiker@example.se", "--role", "analyst")
    for stranger in ("ingen@example.se", "ansvarig@example.se", "analytiker@example.se"):
        assert f"{stranger} har inget konto som analytiker" in ask(stranger)
    with stores.transaction() as session:
        now = datetime.now(UTC)
        token = accounts.invite(session, "analytiker@example.se", "analyst", None, "tests", now)
        accounts.activate(session, token, "en fras som ingen gissar", now)
    assert "planerad" in ask("analytiker@example.se")  # the role is right, the wave is not closed
    assert not list(files.glob("uttag*"))
