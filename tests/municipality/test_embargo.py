"""Nobody reads a release before its moment: every page and file, by role, a second before and at the time."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from released_wave import NACKA, VAXHOLM, add_release
from sqlalchemy import select
from staff import add_police, logged_in

from survey.config import Settings
from survey.database import Databases
from survey.errors import Faults
from survey.models.audit_event import AuditEvent
from survey.models.release import Audience
from survey.models.releasing import Embargo
from survey.processing import embargoes
from survey.publication import embargo, releases
from survey.publication.embargo import Reader

MOMENT = datetime(2020, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OF_MUNICIPALITY = [
    f"/kommun/{NACKA}/2019/{page}"
    for page in (
        *("", "delomraden", "versioner", "rapport.pdf", "rapport", "rapport.html", "matt/unsafe_evening"),
        *("matt/unsafe_evening/serie.svg", "diagram/forandringar.svg"),
        *("resultat.csv", "resultat.xlsx", "resultat.pptx", "kodbok.csv", "kodbok.json"),
    )
]
TABLES = ("estimates", "changes", "diagnostics", "response_rates")
STATISTICS_FILES = tuple(f"statistik/{form}" for form in ("px", "json-stat", "parquet", "ddi"))
ANALYST_FILES = ("resultat.xlsx", "kodbok.csv", "kodbok.json", *STATISTICS_FILES)
OF_ANALYST = [
    "/analys/2019/",
    *(f"/analys/2019/{table}.csv" for table in TABLES),
    *(f"/analys/2019/{file}" for file in ANALYST_FILES),
    *OF_MUNICIPALITY,
]
READERS = [(role, page) for role in ("police", "municipality") for page in OF_MUNICIPALITY]
READERS += [("analyst", page) for page in OF_ANALYST]
AUDIENCE = {
    "police": Audience.POLICE,
    "municipality": Audience.MUNICIPALITY,
    "analyst": Audience.REGION,
}
TITLE = "Trygghet i Nacka"


@pytest.fixture
def release_id(app: Flask, settings: Settings) -> int:
    """The wave of 2019, open to nobody until the moment, and to each audience a day after the one before."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        release_id = add_release(session, settings.output)
        for days, audience in enumerate(Audience):
            row = session.get_one(Embargo, (release_id, audience.value))
            row.opens_at = MOMENT + timedelta(days=days)
    return release_id


def opens(audience: Audience) -> datetime:
    return MOMENT + timedelta(days=list(Audience).index(audience))


def stop_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let whoever is logged in read at a given moment."""
    monkeypatch.setattr("survey.clock.now", lambda: moment)


def client_of(app: Flask, role: str) -> FlaskClient:
    if role == "police":
        return add_police(app, "L1", NACKA)
    return logged_in(app, NACKA) if role == "municipality" else logged_in(app)


def test_every_page_and_file_opens_at_its_moment_and_not_a_second_before(
    app: Flask, release_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = {role: client_of(app, role) for role in AUDIENCE}
    for role, page in READERS:
        moment = opens(AUDIENCE[role])
        stop_clock(monkeypatch, moment - SECOND)
        with clients[role].get(page) as before:
            assert before.status_code == 404, (role, page)
            assert TITLE not in before.text
            assert "attachment" not in before.headers.get("Content-Disposition", "")
        stop_clock(monkeypatch, moment)
        with clients[role].get(page) as after:
            assert after.status_code == 200, (role, page)


def test_the_walk_covers_every_page_of_results(app: Flask) -> None:
    """A new page of results must be walked too."""
    walked = {page for _, page in READERS}
    addresses = {"municipality_code": NACKA, "wave_code": "2019", "table": "estimates", "form": "json"}
    addresses |= {"indicator_id": "unsafe_evening", "chart": "serie", "picture": "svg", "file_form": "px"}
    adapter = app.url_map.bind("localhost")
    pages = {"municipality.result", "municipality.areas", "municipality.report_file", "municipality.table"}
    pages |= {"municipality.report_page", "municipality.report_page_file"}
    pages |= {"municipality.indicator", "municipality.indicator_chart", "municipality.chart"}
    pages |= {"municipality.versions", "municipality.workbook", "municipality.deck", "municipality.codebook"}
    no_results = {"municipality.fieldwork"}  # counts of the field, told while it runs
    # Tables on request have theirs proven where they are approved: tests/processing/test_table_requests.py
    no_results |= {"municipality.approved_table", "municipality.approved_table_file"}
    pages |= {"analyst.wave", "analyst.table", "analyst.workbook", "analyst.codebook"}
    pages |= {"analyst.statistics_file"}
    permissions = ("see municipality", "see every municipality", "download tables")
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", "") in permissions
        and "wave_code" in rule.arguments
        and "GET" in (rule.methods or set())
    }
    assert found - no_results == pages
    for rule in app.url_map.iter_rules():
        if rule.endpoint in pages:
            values = {name: addresses[name] for name in rule.arguments}
            if rule.endpoint == "municipality.chart":
                values["chart"] = "forandringar"
            assert adapter.build(rule.endpoint, values) in walked


@pytest.mark.parametrize("audience", list(Audience))
def test_an_audience_sees_a_release_from_its_own_moment(
    app: Flask, release_id: int, audience: Audience
) -> None:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        for late, seen in ((-SECOND, []), (timedelta(0), ["2019"]), (SECOND, ["2019"])):
            reader = Reader(audience, opens(audience) + late)
            assert [wave.code for wave in releases.released_waves(session, reader)] == seen


def test_a_role_that_is_not_named_reads_what_everybody_may() -> None:
    assert embargo.reader_of("print", MOMENT).audience is Audience.PUBLIC
    assert embargo.reader_of("", MOMENT).audience is Audience.PUBLIC


def test_the_municipality_is_told_when_and_nothing_else(
    app: Flask, release_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(app, NACKA)
    stop_clock(monkeypatch, opens(Audience.MUNICIPALITY) - SECOND)
    told = "den 4 mars 2020 kl. 09.00"
    for page in ("/kommun/", *OF_MUNICIPALITY):
        text = client.get(page).text
        assert told in text.replace("\xa0", " "), page
        assert f'href="/kommun/{NACKA}/2019/"' not in text
        assert "%" not in text.split("<main", 1)[1]
    other = client.get(f"/kommun/{VAXHOLM}/2019/")
    assert other.status_code == 403
    assert "4 mars" not in other.text


def test_a_release_without_a_moment_is_open_to_nobody(app: Flask, settings: Settings) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)
        for row in session.scalars(select(Embargo)).all():
            session.delete(row)
    with found.reading() as session:
        for audience in Audience:
            assert releases.released_waves(session, Reader(audience, datetime(2090, 1, 1, tzinfo=UTC))) == ()


def test_a_moment_is_moved_until_it_has_passed_and_the_move_is_kept(app: Flask, release_id: int) -> None:
    found: Databases = app.extensions["databases"]
    now = opens(Audience.POLICE)
    with found.transaction() as session:
        embargoes.change(session, "2019", {"public": "2020-04-01 09:00"}, by="chief@example.se", now=now)
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.actor, event.action) == ("chief@example.se", "change embargo")
        assert "2020-04-01T09:00" in event.detail
        moved = Reader(Audience.PUBLIC, datetime(2020, 4, 1, 7, tzinfo=UTC))
        assert len(releases.released_waves(session, moved)) == 1
        earlier = Reader(Audience.PUBLIC, moved.now - SECOND)
        assert releases.released_waves(session, earlier) == ()
        with pytest.raises(Faults, match="har passerat"):
            embargoes.change(session, "2019", {"police": "2020-05-01"}, by="chief@example.se", now=now)
        with pytest.raises(Faults, match="tidigare"):
            embargoes.change(session, "2019", {"municipality": "2020-06-01"}, by="chief@example.se", now=now)


@pytest.mark.parametrize(
    "text", ["i morgon", "2027-13-01", "1800-01-01", "2027-01-01T09:00+05:00", "9" * 5000]
)
def test_a_moment_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(Faults, match="kommunerna"):
        embargoes.read_times({"municipality": text})


def test_a_wider_audience_never_reads_before_a_nearer_one() -> None:
    with pytest.raises(Faults, match="allmänheten"):
        embargoes.read_times({"municipality": "2027-02-01 09:00", "public": "2027-02-01 08:59"})
