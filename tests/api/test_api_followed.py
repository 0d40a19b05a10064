"""What stands beside the survey: every caller gets what its place and audience may read, and nothing else."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from followed import AT, add_followed, add_regression, add_table
from json_stat_format import json_stat_faults
from pictured import DISTRICT, ONLY_VAXHOLM, POLICE_AREA
from px_format import px_faults
from released_wave import NACKA, VAXHOLM, WAVE, open_to_all
from sqlalchemy import select, update
from staff import logged_in

from survey import clock, create_app
from survey.config import Settings
from survey.database import Databases
from survey.followup import places
from survey.followup.feeds.callers import caller_of
from survey.followup.pictures.sharing import Partner, may_open
from survey.followup.places import Level
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.release import Audience, Release
from survey.models.releasing import Embargo
from survey.notice import NOTICE

NewToken = Callable[..., str]
Row = dict[str, Any]
LISTS = (
    *("tables", "table-rows", "promises", "promise-measures", "pictures", "series", "series-values"),
    "events",
)


def rows(client: FlaskClient, name: str, token: str = "") -> list[Row]:
    page = client.get(f"/api/v1/{name}", headers={"Authorization": f"Bearer {token}"} if token else {})
    assert page.status_code == 200, page.text
    found: list[Row] = page.json["rows"]
    assert len(found) == page.json["total"]
    return found


def told(client: FlaskClient, token: str) -> dict[str, set[str]]:
    """What a caller is told, in a word for each thing."""
    table = rows(client, "table-rows", token)
    pictures = rows(client, "pictures", token)
    texts = set()
    for one in pictures:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        picture = client.get(f"/api/v1/pictures/{one['picture']}", headers=headers)
        assert picture.status_code == 200
        texts |= {text["text"] for text in picture.json["texts"]}
    promises = rows(client, "promises", token)
    assert {one["promise"] for one in promises} == {
        one["promise"] for one in rows(client, "promise-measures", token)
    }
    assert {row["table"] for row in table} == {row["table"] for row in rows(client, "tables", token)}
    assert {row["series"] for row in rows(client, "series", token)} == {
        row["series"] for row in rows(client, "series-values", token)
    }
    return {
        "tables": {one["title"] for one in rows(client, "tables", token)},
        "promises": {one["title"] for one in promises},
        "notes": {one["note"] for one in promises if one["note"]},
        "events": {one["text"] for one in rows(client, "events", token)},
        "values": {f"{one['code']} {one['series']}" for one in rows(client, "series-values", token)},
        "pictures": {one["code"] for one in pictures},
        "texts": texts,
    }


def at(codes: tuple[str, ...], audiences: tuple[str, ...], between: str = " for ") -> set[str]:
    return {f"{code}{between}{one}" for code, one in product(codes, audiences)}


def test_every_caller_is_told_what_its_place_and_audience_may_read(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    every, both = (NACKA, VAXHOLM, DISTRICT), (NACKA, VAXHOLM)
    circles = ("public", "municipality", "police")
    published = {f"published {code}" for code in both}
    public = told(client, "")
    assert public == {
        "tables": {"for public"},
        "promises": published,
        "notes": set(),
        "events": at(every, ("public",)),
        "values": at(every, ("public",), " "),
        "pictures": {*both},
        "texts": at(both, ("public",)),
    }
    assert told(client, new_token("public")) == public
    assert told(client, new_token("municipality", NACKA)) == {
        "tables": {"for public", "for municipality", f"for municipality {NACKA}"},
        "promises": {*published, f"signed {NACKA}"},
        "notes": {f"note {NACKA}"},
        "events": at(every, ("public",)) | at((NACKA, DISTRICT), ("municipality",)),
        "values": at(every, ("public",), " ") | at((NACKA, DISTRICT), ("municipality",), " "),
        "pictures": {NACKA, DISTRICT},
        "texts": at((NACKA, DISTRICT), ("public", "municipality")),
    }
    everything = {
        "tables": {"for public", "for municipality", f"for municipality {NACKA}"},
        "promises": {*published, *(f"signed {code}" for code in both)},
        "notes": {f"note {code}" for code in both},
        "events": at(every, circles),
        "values": at(every, circles, " "),
        "pictures": {*every},
        "texts": at(every, circles),
    }
    assert told(client, new_token("district", DISTRICT)) == everything
    assert told(client, new_token("police_area", POLICE_AREA)) == everything
    assert told(client, new_token("region")) == everything | {"tables": everything["tables"] | {"for region"}}
    assert told(client, new_token("district", ONLY_VAXHOLM)) == {
        "tables": {"for public", "for municipality"},
        "promises": {*published, f"signed {VAXHOLM}"},
        "notes": {f"note {VAXHOLM}"},
        "events": at(every, ("public",)) | at((VAXHOLM,), circles),
        "values": at(every, ("public",), " ") | at((VAXHOLM,), circles, " "),
        "pictures": {VAXHOLM},
        "texts": at((VAXHOLM,), circles),
    }


def test_pictures_that_may_not_be_opened_are_not_there_by_number_either(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    region = {"Authorization": f"Bearer {new_token('region')}"}
    own = {"Authorization": f"Bearer {new_token('municipality', NACKA)}"}
    listed = client.get("/api/v1/pictures?code=0187", headers=region).json["rows"]
    assert [one["code"] for one in listed] == [VAXHOLM]
    number = listed[0]["picture"]
    answers = [client.get(f"/api/v1/pictures/{one}", headers=own) for one in (number, 99, 2**31 - 1)]
    assert [one.status_code for one in answers] == [404, 404, 404]
    assert client.get(f"/api/v1/pictures/{2**31}", headers=region).status_code == 404
    found = client.get(f"/api/v1/pictures/{number}", headers=region)
    again = {**region, "If-None-Match": found.headers["ETag"]}
    assert client.get(f"/api/v1/pictures/{number}", headers=again).status_code == 304
    assert found.json["notice"] == NOTICE


def test_a_caller_is_near_just_what_the_pages_let_its_people_open(app: Flask) -> None:
    databases: Databases = app.extensions["databases"]
    today, both = clock.today(), frozenset({NACKA, VAXHOLM})
    people = {
        ("municipality", NACKA): Partner("municipality", NACKA, None, frozenset()),
        ("district", DISTRICT): Partner("police", None, DISTRICT, both),
        ("district", ONLY_VAXHOLM): Partner("police", None, ONLY_VAXHOLM, frozenset({VAXHOLM})),
    }
    with databases.reading() as session:
        every = [one for level in Level for one in places.places(session, level, today)]
        for (scope, code), partner in people.items():
            near = caller_of(session, scope, code, clock.now()).near(session)
            assert near is not None
            opened = {(one.level, one.code) for one in every if may_open(session, partner, one, today)}
            assert opened == set(near), (scope, code)


def test_nothing_of_a_release_is_told_before_it_opens(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    databases: Databases = app.extensions["databases"]
    later = datetime(2090, 1, 1, tzinfo=UTC)
    tokens = {
        Audience.PUBLIC: "",
        Audience.POLICE: new_token("district", DISTRICT),
        Audience.MUNICIPALITY: new_token("municipality", NACKA),
        Audience.REGION: new_token("region"),
    }
    with databases.transaction() as session:
        session.execute(update(Embargo).values(opens_at=later))
    for token in tokens.values():
        for name in ("tables", "table-rows", "pictures", "response-rates", "diagnostics"):
            assert rows(client, name, token) == [], name
    # A correction has taken over what the first version waited for; the tables beside that open with it.
    with databases.transaction() as session:
        session.execute(update(Embargo).values(opens_at=None))
        moment = {name: AT for name in ("created_at", "released_at")}
        whose = {"created_by": "t", "released_by": "t", "wave_code": WAVE, "synthetic": True}
        second = Release(**moment, **whose, version=2, manifest="{}")
        session.add(second)
        session.flush()
        open_to_all(session, second.id, AT)
    assert [row["version"] for row in rows(client, "tables")] == [1]


def test_an_approved_table_is_the_same_in_every_form(client: FlaskClient) -> None:
    (table,) = rows(client, "tables")
    address = f"/api/v1/table-rows?table={table['table']}"
    found = client.get(address).json["rows"]
    assert [(one["category_label"], one["value"], one["lower"], one["n"]) for one in found] == [
        ("Alla", 23, 21, 812),
        ("Lägenhet", None, None, None),
    ]
    text = list(csv.DictReader(StringIO(client.get(f"{address}&format=csv").text, newline="")))
    assert [(one["value"], one["notice"]) for one in text] == [("23", NOTICE), ("", NOTICE)]
    stat = json.loads(client.get(f"{address}&format=json-stat").data)
    assert stat["id"] == ["wave", "housing", "statistic", "content"]
    assert stat["value"] == {**dict(zip("0123", (812, 23, 21, 27), strict=True)), **dict.fromkeys("4567")}
    assert (set(stat["status"].values()), stat["role"].get("geo")) == ({"few_answers"}, None)
    assert list(json_stat_faults(stat)) == []
    px = client.get(f"{address}&format=px")
    assert list(px_faults(px.data)) == []
    assert '"Bostad"' in px.data.decode("windows-1252")
    for asked, status in (
        ("table-rows?format=json-stat", 409),
        ("table-rows?table=1,3&format=px", 409),
        ("table-rows?table=1", 404),
        ("table-rows?table=5", 404),
        ("tables?wave=1999", 404),
    ):
        assert client.get(f"/api/v1/{asked}").status_code == status, asked


def test_a_key_of_a_municipality_reads_no_other_municipalitys_rows_of_a_table(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        release_id = session.scalars(select(Release.id)).one()
        beside = (session, release_id, "municipality", None)
        table = add_table(*beside, places=(NACKA, VAXHOLM))
        area = session.scalars(select(Area.code).where(Area.municipality_code == VAXHOLM).limit(1)).one()
        limited = add_table(*beside, limited_to=f"gender=woman|man area={area}")
    for token, there in (
        (new_token("municipality", NACKA), {"all", NACKA}),
        (new_token("district", ONLY_VAXHOLM), {"all", VAXHOLM}),
        (new_token("district", DISTRICT), {"all", NACKA, VAXHOLM}),
        (new_token("region"), {"all", NACKA, VAXHOLM}),
    ):
        found = rows(client, "table-rows", token)
        assert {one["category"] for one in found if one["table"] == table} == there
        assert any(one["table"] == limited for one in found) == (VAXHOLM in there)
        headers = {"Authorization": f"Bearer {token}"}
        cube = client.get(f"/api/v1/table-rows?table={table}&format=json-stat", headers=headers).json
        assert {*cube["dimension"]["municipality"]["category"]["index"]} == there


def test_an_odds_ratio_is_told_with_what_it_is_compared_with(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    """The other municipality is named; how many answered there is told at home only."""
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        release_id = session.scalars(select(Release.id)).one()
        table = add_regression(session, release_id, "municipality", (NACKA, VAXHOLM))
    for code, answers, ratios, here in (
        (
            VAXHOLM,
            [None, 812],
            [None, 1.24],
            ("812", "och vad de jämförs med", "skiljer sig säkert från det"),
        ),
        (NACKA, [812], [None], ("812", "Här visas rader för den egna")),
    ):
        found = [
            one
            for one in rows(client, "table-rows", new_token("municipality", code))
            if one["table"] == table
        ]
        assert found[0]["other_category"] == "reference"
        assert ([one["n"] for one in found], [one["value"] for one in found]) == (answers, ratios)
        page = logged_in(app, code).get(f"/kommun/{code}/{WAVE}/tabeller/{table}/")
        assert (page.status_code, page.text.count("1 (jämförs med)"), page.text.count(">812<")) == (200, 1, 1)
        assert all(words in page.text for words in here)


def test_a_key_of_a_municipality_outside_a_wave_reads_the_waves_open_tables(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        names = {"name": "Ekerö", "county_code": "01", "county": "Län", "police_region": "Stockholm"}
        session.add(Municipality(code="0125", **names))
    headers = {"Authorization": f"Bearer {new_token('municipality', '0125')}"}
    (table,) = client.get("/api/v1/tables?limit=1", headers=headers).json["rows"]
    for form in ("json", "csv", "json-stat", "px"):
        told = client.get(f"/api/v1/table-rows?table={table['table']}&format={form}", headers=headers)
        assert (
            told.status_code,
            NOTICE in told.data.decode("windows-1252" if form == "px" else "utf-8"),
        ) == (
            200,
            True,
        ), form


def test_how_many_answered_is_told_as_the_pages_tell_it(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    own, region = new_token("municipality", NACKA), new_token("region")
    public = rows(client, "response-rates")
    totals = {(row["legal_gender"], row["age_group"]) for row in public}
    assert totals == {("all", "all")}
    assert {row["municipality_code"] for row in public} == {NACKA, VAXHOLM}
    groups = [row for row in rows(client, "response-rates", own) if row["legal_gender"] != "all"]
    assert {row["municipality_code"] for row in groups} == {NACKA}
    assert len(rows(client, "response-rates", region)) > len(groups) + len(public)
    assert rows(client, "diagnostics") == []
    (mine, *_) = rows(client, "diagnostics", own)
    assert mine["municipality_code"] == NACKA
    assert "weight_max" not in mine
    assert "weight_max" in rows(client, "diagnostics", region)[0]
    assert "<collMode>webb</collMode>" in client.get(f"/api/v1/codebook?wave={WAVE}").text


def test_any_page_may_fetch_what_everybody_reads_but_never_with_a_token(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    for name in ("estimates?limit=1", "promises", "openapi.json", "estimates?wave=1999"):
        page = client.get(f"/api/v1/{name}", headers={"Origin": "https://example.org"})
        assert page.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in page.headers
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    asks = client.options(
        "/api/v1/estimates", headers={**asked, "Access-Control-Request-Headers": "authorization"}
    )
    assert asks.headers["Access-Control-Allow-Methods"] == "GET"
    assert "authorization" not in asks.headers["Access-Control-Allow-Headers"].lower()
    shown = {"Origin": "https://example.org", "Authorization": f"Bearer {new_token('public')}"}
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/waves", headers=shown).headers


def test_the_lists_are_the_same_on_postgresql(postgresql_settings: Settings) -> None:
    from released_wave import add_release

    app = create_app(postgresql_settings)
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        add_followed(session, add_release(session, postgresql_settings.output))
    client = app.test_client()
    for name in (*LISTS, "estimates", "changes", "response-rates", "places"):
        assert rows(client, f"{name}?limit=10000"), name
    assert client.get(f"/api/v1/estimates?wave={WAVE}&code={NACKA}&format=px").status_code == 200
    databases.dispose()
