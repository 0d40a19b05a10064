"""The register file, the answers and the browser against the real doors."""

import json
from datetime import date
from urllib.error import HTTPError

import pytest
from sqlalchemy import text
from vaxholm import Field

from survey.collection.closing import fieldwork
from survey.collection.invitations import issue
from survey.config import Settings
from survey.database import Databases
from survey.demo.browser import Browser
from survey.demo.fieldwork import hand_in
from survey.demo.geography import counts
from survey.demo.web_fieldwork import Calendar, hand_in_by_browser, running_server


def _stored(databases: Databases) -> list[tuple[str, str, str, str, str]]:
    query = text(
        "SELECT area_code, legal_gender, age_group, language, answers FROM response ORDER BY 1, 2, 3, 5"
    )
    with databases.reading() as session:
        return [tuple(row) for row in session.execute(query)]


def test_the_frame_reader_takes_the_register_and_leaves_the_protected_out(field: Field) -> None:
    people = counts(field.plan, date(2022, 9, 30)).sum()
    assert field.frame.rows == field.frame.population == people
    assert field.frame.persons == people - field.frame.protected
    assert 0 < field.frame.protected < 0.01 * people
    assert field.frame.deviations == ()


def test_answers_are_handed_in_as_they_were_simulated(field: Field, sqlite_databases: Databases) -> None:
    assert hand_in(sqlite_databases, "2022", field.respondents) == len(field.respondents) > 50
    with sqlite_databases.reading() as session:
        assert fieldwork(session, "2022").submitted == len(field.respondents)
        rows = session.execute(
            text("SELECT l.case_id, r.answers FROM response r JOIN response_link l ON l.response_id = r.id")
        )
        stored = {case_id: json.loads(answers) for case_id, answers in rows}
    for person in field.respondents:
        kept = {name: value for name, value in stored[person.case_id].items() if value}
        assert kept == person.answers


def test_a_browser_stores_what_the_direct_way_stores(
    field: Field, settings: Settings, sqlite_databases: Databases
) -> None:
    victim = next(p for p in field.respondents if "reported_theft" in p.answers)
    chosen = [victim, *(person for person in field.respondents[:4] if person is not victim)]
    hand_in_by_browser(sqlite_databases, settings, chosen)
    by_browser = _stored(sqlite_databases)
    with sqlite_databases.transaction() as session:
        for table in ("response_link", "response", "case_event", "invitation"):
            session.execute(text(f"DELETE FROM {table}"))
    hand_in(sqlite_databases, "2022", chosen)
    assert by_browser == _stored(sqlite_databases)
    assert len(by_browser) == len(chosen)


def test_a_wave_that_is_over_takes_no_code_unless_its_days_are_lived_again(
    field: Field, settings: Settings, sqlite_databases: Databases
) -> None:
    person = field.respondents[0]
    with sqlite_databases.transaction() as session:
        (letter,) = issue(session, [person.case_id], person.day)
    endings: list[str] = []
    for calendar in (None, Calendar(person.day)):
        with running_server(settings, calendar) as address:
            browser = Browser(address)
            start = browser.open("/")
            try:
                endings.append(browser.submit(start, start.main_form(), {"code": str(letter.code)}).path)
            except HTTPError as refused:
                endings.append(str(refused.code))
    assert endings == ["422", "/om"]


@pytest.mark.parametrize("language", ["sv", "en", "ar"])
def test_the_browser_finds_the_form_of_the_start_page_in_every_language(
    settings: Settings, language: str
) -> None:
    with running_server(settings) as address:
        page = Browser(address).open(f"/?language={language}")
        assert "code" in page.main_form().names
        assert f'lang="{language}"' in page.html
