"""Every page names its permission, and role × page × municipality opens only what it should."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import every_page
import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from sqlalchemy.orm import Session
from stored_rows import stored_rows
from werkzeug.routing import Rule

from survey.access import permission_of
from survey.database import Databases
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.permissions import EVERY_ROLE, ROLES, Permission
from survey.preparation import accounts

PASSWORD = "a pass phrase for tests"
OWN, OTHER = "0187", "0186"
EMAILS = {
    {"municipality": "kommun", "analyst": "analytiker"}.get(role, role) + "@example.se": role
    for role in ROLES
}
PUBLIC_PAGES = {
    "static",
    "resident.start",
    "resident.enter",
    "resident.landing",
    "resident.enter_by_letter",
    "resident.come_back",
    "resident.leave",
    "resident.open_landing",
    "resident.enter_openly",
    "resident.withdrawal_page",
    "resident.withdraw",
    "resident.withdrawal_by_letter_page",
    "resident.withdraw_by_letter",
    "resident.withdrawn",
    "resident.receipt",
    "public.overview",
    "public.municipality",
    "public.part",
    "public.table",
    "public.approved_table",
    "public.approved_table_file",
    "api.description",
    "api.picture",
    "api.rows",
    "partners.open_picture",
    "partners.open_sources",
    "public.method",
    "public.measures",
    "public.codebook",
    "public.letter",
    "public.personal_data",
    "public.workbook",
    "public.accessibility",
    "login.login",
    "login.enter",
    "login.logout",
    "login.activation",
    "login.activate",
    "login.second_factor",
    "login.give_second_factor",
    "login.set_second_factor",
}
RESIDENT_PAGES = {
    "resident.go_on",
    "resident.about",
    "resident.begin",
    "resident.question",
    "resident.save",
    "resident.review",
    "resident.submit",
}
STAFF_PAGES = {
    "municipality.overview": Permission.SEE_MUNICIPALITY,
    "municipality.result": Permission.SEE_MUNICIPALITY,
    "municipality.areas": Permission.SEE_MUNICIPALITY,
    "municipality.own_words": Permission.READ_TEXTS,
    "municipality.approved_table": Permission.SEE_MUNICIPALITY,
    "municipality.approved_table_file": Permission.SEE_MUNICIPALITY,
    "municipality.district": Permission.SEE_DISTRICT,
    "municipality.indicator": Permission.SEE_MUNICIPALITY,
    "municipality.indicator_chart": Permission.SEE_MUNICIPALITY,
    "municipality.chart": Permission.SEE_MUNICIPALITY,
    "municipality.fieldwork": Permission.FOLLOW_FIELDWORK,
    "municipality.report_file": Permission.SEE_MUNICIPALITY,
    "municipality.report_page": Permission.SEE_MUNICIPALITY,
    "municipality.report_page_file": Permission.SEE_MUNICIPALITY,
    "municipality.table": Permission.SEE_MUNICIPALITY,
    "municipality.workbook": Permission.SEE_MUNICIPALITY,
    "municipality.deck": Permission.SEE_MUNICIPALITY,
    "municipality.codebook": Permission.SEE_MUNICIPALITY,
    "municipality.versions": Permission.SEE_MUNICIPALITY,
    "municipality.sources": Permission.SEE_MUNICIPALITY,
    "municipality.events": Permission.SEE_MUNICIPALITY,
    "municipality.write_down_event": Permission.WRITE_EVENTS,
    "municipality.take_event_away": Permission.WRITE_EVENTS,
    "municipality.invitation": Permission.ANSWER_INVITATIONS,
    "municipality.answer_invitation": Permission.ANSWER_INVITATIONS,
    "municipality.area_choice": Permission.ANSWER_INVITATIONS,
    "municipality.choose_areas": Permission.ANSWER_INVITATIONS,
    "municipality.hand_in_borders": Permission.ANSWER_INVITATIONS,
    "municipality.draw_areas": Permission.ANSWER_INVITATIONS,
    "municipality.make_area": Permission.ANSWER_INVITATIONS,
    "municipality.map_rules": Permission.ANSWER_INVITATIONS,
    "municipality.extra_sample": Permission.ANSWER_INVITATIONS,
    "municipality.order_extra": Permission.ANSWER_INVITATIONS,
    "municipality.own_questions": Permission.ANSWER_INVITATIONS,
    "municipality.choose_own_questions": Permission.ANSWER_INVITATIONS,
    "municipality.sender": Permission.ANSWER_INVITATIONS,
    "municipality.set_sender": Permission.ANSWER_INVITATIONS,
    "municipality.logo": Permission.ANSWER_INVITATIONS,
    "municipality.set_logo": Permission.ANSWER_INVITATIONS,
    "municipality.remove_logo": Permission.ANSWER_INVITATIONS,
    "municipality.contact_person": Permission.ANSWER_INVITATIONS,
    "municipality.set_contact_person": Permission.ANSWER_INVITATIONS,
    "municipality.agreement": Permission.ANSWER_INVITATIONS,
    "municipality.confirm_agreement": Permission.ANSWER_INVITATIONS,
    "partners.start": Permission.READ_PICTURES,
    "partners.place": Permission.READ_PICTURES,
    "partners.picture": Permission.READ_PICTURES,
    "partners.changes": Permission.READ_PICTURES,
    "partners.law": Permission.READ_PICTURES,
    "partners.law_file": Permission.READ_PICTURES,
    "partners.file": Permission.READ_PICTURES,
    "partners.schema": Permission.READ_PICTURES,
    "partners.tertial": Permission.READ_PICTURES,
    "partners.draft": Permission.WRITE_PICTURES,
    "partners.begin": Permission.WRITE_PICTURES,
    "partners.write": Permission.WRITE_PICTURES,
    "partners.sign": Permission.WRITE_PICTURES,
    "municipality.promise_list": Permission.SEE_MUNICIPALITY,
    "municipality.new_promise": Permission.WRITE_PROMISES,
    "municipality.write_promise": Permission.WRITE_PROMISES,
    "municipality.promise": Permission.SEE_MUNICIPALITY,
    "municipality.change_promise": Permission.WRITE_PROMISES,
    "municipality.rewrite_promise": Permission.WRITE_PROMISES,
    "municipality.take_promise_step": Permission.WRITE_PROMISES,
    "municipality.note_on_promise": Permission.WRITE_PROMISES,
    "municipality.note_promise_result": Permission.WRITE_PROMISES,
    "analyst.promises": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.promise_table": Permission.DOWNLOAD_TABLES,
    "analyst.focus_area_list": Permission.SET_FOCUS_AREAS,
    "analyst.add_focus_area": Permission.SET_FOCUS_AREAS,
    "analyst.withdraw_focus_area": Permission.SET_FOCUS_AREAS,
    "analyst.overview": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.wave": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.table": Permission.DOWNLOAD_TABLES,
    "analyst.workbook": Permission.DOWNLOAD_TABLES,
    "analyst.statistics_file": Permission.DOWNLOAD_TABLES,
    "analyst.codebook": Permission.DOWNLOAD_TABLES,
    "analyst.reviewing": Permission.RELEASE_RESULTS,
    "analyst.hidden_rows": Permission.RELEASE_RESULTS,
    "analyst.quality": Permission.RELEASE_RESULTS,
    "analyst.draft_report": Permission.RELEASE_RESULTS,
    "analyst.order_processing": Permission.RELEASE_RESULTS,
    "analyst.ask_for_release": Permission.RELEASE_RESULTS,
    "analyst.approve_release": Permission.RELEASE_RESULTS,
    "analyst.order_reports": Permission.RELEASE_RESULTS,
    "analyst.change_times": Permission.RELEASE_RESULTS,
    "analyst.report_notes": Permission.RELEASE_RESULTS,
    "analyst.choose_sentence": Permission.RELEASE_RESULTS,
    "analyst.write_comment": Permission.RELEASE_RESULTS,
    "analyst.sources": Permission.MANAGE_SOURCES,
    "analyst.new_source": Permission.MANAGE_SOURCES,
    "analyst.send_source": Permission.MANAGE_SOURCES,
    "analyst.source_file": Permission.MANAGE_SOURCES,
    "analyst.read_source": Permission.MANAGE_SOURCES,
    "analyst.discard_source": Permission.MANAGE_SOURCES,
    "analyst.series": Permission.MANAGE_SOURCES,
    "analyst.open_series": Permission.MANAGE_SOURCES,
    "analyst.unmark_series": Permission.MANAGE_SOURCES,
    "analyst.events": Permission.MANAGE_SOURCES,
    "analyst.write_down_event": Permission.MANAGE_SOURCES,
    "analyst.take_event_away": Permission.MANAGE_SOURCES,
    "analyst.bench": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.bench_file": Permission.DOWNLOAD_TABLES,
    "analyst.table_requests_page": Permission.REQUEST_TABLES,
    "analyst.new_table_request": Permission.REQUEST_TABLES,
    "analyst.ask_for_table": Permission.REQUEST_TABLES,
    "analyst.table_request": Permission.REQUEST_TABLES,
    "analyst.requested_table": Permission.DOWNLOAD_TABLES,
    "analyst.approve_table": Permission.REQUEST_TABLES,
    "analyst.refuse_table": Permission.REQUEST_TABLES,
    "analyst.compute_table_again": Permission.REQUEST_TABLES,
    "analyst.withdraw_table": Permission.REQUEST_TABLES,
    "analyst.confirm_withdrawal": Permission.REQUEST_TABLES,
    "analyst.keep_table": Permission.REQUEST_TABLES,
    "analyst.save_view": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.delete_view": Permission.SEE_EVERY_MUNICIPALITY,
    "analyst.questionnaires": Permission.PREVIEW_QUESTIONNAIRES,
    "analyst.questionnaire": Permission.PREVIEW_QUESTIONNAIRES,
    "analyst.questionnaire_form": Permission.PREVIEW_QUESTIONNAIRES,
    "login.password": Permission.KEEP_OWN_ACCOUNT,
    "login.change_password": Permission.KEEP_OWN_ACCOUNT,
    "admin.overview": Permission.SEE_WAVES,
    "admin.wave": Permission.SEE_WAVES,
    "admin.participants": Permission.PLAN_WAVES,
    "admin.invite_municipalities": Permission.PLAN_WAVES,
    "admin.allow_incomplete": Permission.PLAN_WAVES,
    "admin.switch_open_link": Permission.PLAN_WAVES,
    "admin.proposed_areas": Permission.PLAN_WAVES,
    "admin.decide_areas": Permission.PLAN_WAVES,
    "admin.new_wave": Permission.PLAN_WAVES,
    "admin.create_wave": Permission.PLAN_WAVES,
    "admin.wave_settings": Permission.PLAN_WAVES,
    "admin.save_wave_settings": Permission.PLAN_WAVES,
    "admin.sampling_plan": Permission.PLAN_WAVES,
    "admin.try_or_decide_sampling_plan": Permission.PLAN_WAVES,
    "admin.open_wave": Permission.PLAN_WAVES,
    "admin.close_wave": Permission.PLAN_WAVES,
    "admin.void_wave": Permission.PLAN_WAVES,
    "admin.preparing": Permission.PREPARE_SAMPLE,
    "admin.upload_register": Permission.PREPARE_SAMPLE,
    "admin.discard_register": Permission.PREPARE_SAMPLE,
    "admin.order_step": Permission.PREPARE_SAMPLE,
    "admin.letter_waves": Permission.FETCH_LETTERS,
    "admin.letter_list": Permission.FETCH_LETTERS,
    "admin.letter_file": Permission.FETCH_LETTERS,
    "admin.letter_manifest": Permission.FETCH_LETTERS,
    "admin.request_deletion": Permission.PLAN_WAVES,
    "admin.carry_out_deletion": Permission.PLAN_WAVES,
    "admin.field": Permission.SEE_FIELDWORK,
    "admin.mailings": Permission.PLAN_MAILINGS,
    "admin.plan_mailings": Permission.PLAN_MAILINGS,
    "admin.returns": Permission.RECORD_RETURNS,
    "admin.record_returns": Permission.RECORD_RETURNS,
    "admin.help_start": Permission.HELP_RESIDENTS,
    "admin.find_case": Permission.HELP_RESIDENTS,
    "admin.send_paper_form": Permission.HELP_RESIDENTS,
    "admin.new_code": Permission.HELP_RESIDENTS,
    "admin.record_event": Permission.HELP_RESIDENTS,
    "admin.undo_event": Permission.HELP_RESIDENTS,
    "admin.never_contact": Permission.HELP_RESIDENTS,
    "admin.contact_again": Permission.HELP_RESIDENTS,
    "admin.withdraw_answers": Permission.HELP_RESIDENTS,
    "admin.change_address": Permission.HELP_RESIDENTS,
    "admin.screening_start": Permission.SCREEN_TEXTS,
    "admin.screening": Permission.SCREEN_TEXTS,
    "admin.screen_text": Permission.SCREEN_TEXTS,
    "admin.keying_start": Permission.KEY_FORMS,
    "admin.open_paper_form": Permission.KEY_FORMS,
    "admin.keying_page": Permission.KEY_FORMS,
    "admin.save_keying_page": Permission.KEY_FORMS,
    "admin.keying_end": Permission.KEY_FORMS,
    "admin.finish_keying": Permission.KEY_FORMS,
    "admin.keying_differences": Permission.KEY_FORMS,
    "admin.decide_differences": Permission.KEY_FORMS,
    "admin.account_list": Permission.MANAGE_ACCOUNTS,
    "admin.invite": Permission.MANAGE_ACCOUNTS,
    "admin.close_account": Permission.MANAGE_ACCOUNTS,
    "admin.api_token_list": Permission.MANAGE_ACCOUNTS,
    "admin.create_api_token": Permission.MANAGE_ACCOUNTS,
    "admin.withdraw_api_token": Permission.MANAGE_ACCOUNTS,
    "admin.audit_log": Permission.READ_AUDIT_LOG,
}


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """The application with an account of each role; municipality user and police district are Vaxholm's."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        for code, name in ((OWN, "Vaxholm"), (OTHER, "Lidingö")):
            session.add(
                Municipality(
                    code=code, name=name, county_code="01", county="Stockholms län", police_region="Stockholm"
                )
            )
        session.flush()
        session.add(Area(code="0187-01", municipality_code=OWN, name="Område 1", valid_from=date(2018, 1, 1)))
        session.add(PoliceDistrict(code="L1", name="Lokalpolisområde Norr"))
        session.flush()
        since = date(2018, 1, 1)
        session.add(DistrictMunicipality(district_code="L1", municipality_code=OWN, valid_from=since))
        for email, role in EMAILS.items():
            invite(session, email, role, OWN if role == "municipality" else None)
    yield app


def invite(session: Session, email: str, role: str, municipality_code: str | None) -> None:
    now = datetime.now(UTC)
    district = "L1" if role == "police" else None
    token = accounts.invite(session, email, role, municipality_code, "tests", now, district)
    accounts.activate(session, token, PASSWORD, now)


def log_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    page = client.get("/inloggning")
    sent = client.post("/inloggning", data={**hidden(page), "email": email, "password": password})
    return sent.status_code


def addresses(app: Flask, municipality_code: str) -> Iterator[tuple[Rule, str, str]]:
    """Every method of every page with an address that fits."""
    values: dict[str, str | int] = {
        "municipality_code": municipality_code,
        "wave_code": "2022",
        "table": "estimates",
        "form": "json",
        "page_id": "problems",
        "part": "0187-01",
        "token": "token",
        "filename": "css/site.css",
        "core": "trygghet",
        "language_code": "ar",
        "batch": "0187-01",
        "indicator_id": "unsafe_evening",
        "view_id": "1",
        "request_id": "1",
        "chart": "serie",
        "picture": "svg",
        "resource": "waves",
        "file_form": "px",
        "promise_id": 1,
        "picture_id": 1,
        "keying_id": "0123456789abcdef",
        "source_kind": "serie",
        "file_id": "1",
        "series_code": "none",
        "event_id": "1",
        "text_id": "1",
        "table_id": "1",
        "table_form": "xlsx",
        "level": "kommun",
        "place_code": OWN,  # who may open which place is walked in tests/partners
        "open_code": municipality_code,
        "picture_form": "json",
        "period": "2022-T1",
    }
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        given = {name: values[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule, method, adapter.build(rule.endpoint, given, method=method)


def test_every_page_declares_the_permission_it_should(app: Flask) -> None:
    declared = {rule.endpoint: permission_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    expected = {
        **dict.fromkeys(PUBLIC_PAGES, Permission.PUBLIC),
        **dict.fromkeys(RESIDENT_PAGES, Permission.ANSWER),
        **STAFF_PAGES,
    }
    assert declared == expected


def test_a_page_without_permission_is_closed_to_everybody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    client = app.test_client()
    assert client.get("/forgotten").status_code == 403
    log_in(client, "analytiker@example.se")
    assert client.get("/forgotten").status_code == 403


def test_each_page_has_one_method(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        assert methods in ({"GET"}, {"POST"}), rule


def test_opening_what_is_open_to_everybody_changes_nothing(app: Flask) -> None:
    """What a role opens is walked below; pages with something to show, in tests/test_planted_search.py."""
    client = app.test_client()
    before = stored_rows(app.extensions["databases"])
    opened = 0
    for rule, method, address in addresses(app, OWN):
        if method == "GET" and rule.endpoint in PUBLIC_PAGES | RESIDENT_PAGES:
            with client.get(address) as page:
                every_page.holds(page, address)
            opened += 1
    assert opened > 25
    assert stored_rows(app.extensions["databases"]) == before


@pytest.mark.parametrize("municipality_code", [OWN, OTHER])
@pytest.mark.parametrize("email", [None, *EMAILS])
def test_a_role_opens_its_own_pages_and_no_others(
    app: Flask, email: str | None, municipality_code: str
) -> None:
    client = app.test_client()
    role = EMAILS.get(email or "", "")
    if email:
        assert log_in(client, email) == 303
    before = stored_rows(app.extensions["databases"])
    for rule, method, address in addresses(app, municipality_code):
        permission = STAFF_PAGES.get(rule.endpoint)
        if permission is None:
            continue
        with client.open(address, method=method) as page:
            named = "municipality_code" in rule.arguments
            foreign = role in ("municipality", "police") and named and municipality_code != OWN
            if not role:
                assert (page.status_code, page.location.split("?")[0]) == (303, "/inloggning"), address
            elif permission not in ROLES[role] | EVERY_ROLE or foreign:
                assert page.status_code == 403, address
                assert "Du har inte tillgång" in page.text
            elif method == "POST":
                # No form is taken without its token: the login's are shown once more.
                again = rule.endpoint == "login.change_password"
                assert (page.status_code, page.location) == ((303, address) if again else (400, None))
            else:
                assert page.status_code in (200, 303, 404), address  # nothing is released
                assert not (page.location or "").startswith("/inloggning"), address
            every_page.holds(page, address)
            assert page.headers["Cache-Control"] in ("no-store", "private, no-cache"), address
    assert stored_rows(app.extensions["databases"]) == before


def test_nobody_answers_without_having_shown_a_code(app: Flask) -> None:
    client = app.test_client()
    log_in(client, "analytiker@example.se")
    for rule, method, address in addresses(app, OWN):
        if rule.endpoint in RESIDENT_PAGES:
            page = client.open(address, method=method)
            assert (page.status_code, page.location) in ((303, "/"), (403, None)), address


def test_logging_out_ends_the_session_on_the_server(app: Flask) -> None:
    client = app.test_client()
    log_in(client, "kommun@example.se")
    cookie = client.get_cookie("trygg")
    assert cookie is not None
    copy = app.test_client()
    copy.set_cookie("trygg", cookie.value)
    assert copy.get("/kommun/").status_code == 200
    page = client.get("/kommun/")
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/utloggning", data={"csrf_token": token}).location == "/inloggning"
    assert copy.get("/kommun/").status_code == 303


def test_a_removed_right_takes_effect_at_once(app: Flask) -> None:
    client = app.test_client()
    log_in(client, "kommun@example.se")
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        accounts.invite(session, "kommun@example.se", "municipality", OTHER, "tests", datetime.now(UTC))
    assert client.get("/kommun/").status_code == 303
