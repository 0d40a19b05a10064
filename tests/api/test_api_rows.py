"""Other systems read the released figures: each reader what it may, when it may, cell by cell as released."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from released_wave import NACKA, VAXHOLM, WAVE
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.models.api_token import ApiToken
from survey.models.release import Audience, Change, Comparison, Estimate, QualityFigure
from survey.models.releasing import Embargo
from survey.notice import NOTICE
from survey.publication import numbers
from survey.publication.extract_columns import TABLES

MOMENT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NewToken = Callable[..., str]


def ask(client: FlaskClient, address: str, token: str = "", **headers: str) -> TestResponse:
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    return client.get(f"/api/v1/{address}", headers={**shown, **headers})


def rows(client: FlaskClient, address: str, token: str = "") -> list[dict[str, Any]]:
    """Every row, page after page."""
    found: list[dict[str, Any]] = []
    path = f"{address}{'&' if '?' in address else '?'}limit=5000"
    while path:
        page = ask(client, path, token)
        assert page.status_code == 200, page.text
        found += page.json["rows"]
        path = (page.json["next"] or "").removeprefix("/api/v1/")
    assert len(found) == page.json["total"]
    return found


def stored(app: Flask, model: Any, *conditions: Any) -> list[Any]:
    databases: Databases = app.extensions["databases"]
    with databases.reading() as session:
        return list(session.scalars(select(model).where(model.wave == WAVE, *conditions).order_by(model.id)))


def embargo(app: Flask, audience: Audience, moment: datetime | None) -> None:
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        of = Embargo.audience == audience.value
        session.execute(update(Embargo).where(of).values(opens_at=moment))


def test_each_reader_gets_its_rows_as_they_were_released(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    region = rows(client, "estimates", new_token("region"))
    everything = stored(app, Estimate)
    assert [tuple(row.values()) for row in region] == [
        tuple(getattr(one, name) for name in row) for one, row in zip(everything, region, strict=True)
    ]
    public = rows(client, "estimates")
    assert len(public) == len(everything)
    for row, one in zip(public, everything, strict=True):
        assert row["percent"] == (None if one.estimate is None else numbers.whole_percent(one.estimate))
        assert (row["n"], row["reason"], row["released"]) == (one.n, one.reason, one.released)
    assert not {"se", "df", "estimate", "population", "n_eff"} & set(public[0])

    # What is open to everybody a key gives too; before that of others their totals alone.
    key = new_token("municipality", NACKA)
    assert rows(client, "estimates", key) == public
    embargo(app, Audience.PUBLIC, None)
    own = rows(client, "estimates", key)
    assert {row["code"][:4] for row in rows(client, "comparisons", key)} == {NACKA}
    of_others = [row for row in own if row["code"].startswith(VAXHOLM)]
    assert {(row["geography"], row["gender"], row["age_group"]) for row in of_others} == {
        ("municipality", "all", "all")
    }
    assert len(own) == len(everything) - len(
        stored(
            app,
            Estimate,
            Estimate.code.startswith(VAXHOLM),
            (Estimate.geography == "area") | (Estimate.gender != "all") | (Estimate.age_group != "all"),
        )
    )
    assert "se" not in own[0]


def test_changes_comparisons_and_quality_tell_no_more_than_the_pages(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    region, own = new_token("region"), new_token("municipality", VAXHOLM)
    for row, one in zip(rows(client, "changes"), stored(app, Change), strict=True):
        assert row["change_points"] == (None if one.change is None else numbers.points(one.change))
        assert row["verdict"] == (one.verdict if one.released else "not_comparable")
    comparisons = rows(client, "comparisons")
    assert len(comparisons) == len(stored(app, Comparison))
    assert not {"difference", "lower", "upper"} & set(comparisons[0])
    assert rows(client, "comparisons", own) == comparisons
    assert "difference" in rows(client, "comparisons", region)[0]
    assert [row["municipality_code"] for row in rows(client, "quality")] == ["all"]
    assert rows(client, "quality")[0]["value"] == 0.123
    assert [row["municipality_code"] for row in rows(client, "quality", own)] == ["all", VAXHOLM]
    assert [row["value"] for row in rows(client, "quality", region)] == [
        one.value for one in stored(app, QualityFigure)
    ]
    asked = rows(client, "item-nonresponse", region)
    assert [(row["municipality_code"], row["answered"], row["asked"]) for row in asked] == [
        ("all", 0.9123, 812),
        (NACKA, 0.9123, 812),
        (VAXHOLM, None, None),
    ]
    (told,) = rows(client, "item-nonresponse")
    assert (told["municipality_code"], told["item"], told["answered"]) == ("all", "problem_drugs", 0.912)
    assert "asked" not in told
    assert [row["municipality_code"] for row in rows(client, "item-nonresponse", own)] == ["all", VAXHOLM]


def test_nothing_is_told_before_the_moment_of_each_audience_and_no_answer_outlives_it(
    app: Flask, client: FlaskClient, new_token: NewToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = {
        Audience.REGION: new_token("region"),
        Audience.MUNICIPALITY: new_token("municipality", NACKA),
        Audience.PUBLIC: "",
    }
    for days, audience in enumerate(readers):
        embargo(app, audience, MOMENT + timedelta(days=days))
    for days, (audience, token) in enumerate(readers.items()):
        moment = MOMENT + timedelta(days=days)
        monkeypatch.setattr("survey.clock.now", lambda at=moment: at - SECOND)
        for name in ("waves", "places", *TABLES):
            before = ask(client, name, token)
            assert (before.json["rows"], before.json["releases"], before.json["total"]) == ([], [], 0), name
            keeping = before.headers["Cache-Control"]
            assert keeping == ("public, max-age=1" if audience is Audience.PUBLIC else "private, no-cache")
            told = ask(client, f"{name}?wave={WAVE}", token)
            assert (told.status_code, told.headers["Cache-Control"]) == (404, "no-store")
            assert f"{moment:%Y-%m-%d}" in told.json["detail"]
        etag = before.headers["ETag"]
        monkeypatch.setattr("survey.clock.now", lambda at=moment: at)
        after = ask(client, "estimates", token, **{"If-None-Match": etag})
        assert after.status_code == 200
        assert after.json["rows"]
        again = ask(client, "estimates", token, **{"If-None-Match": after.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_filters_pages_and_forms_hold_the_same_rows(client: FlaskClient, new_token: NewToken) -> None:
    asked = f"estimates?wave={WAVE}&code={NACKA},{NACKA}-01&gender=woman&gender=man&age_group=all"
    found = rows(client, asked)
    every = rows(client, "estimates")
    assert found == [
        row
        for row in every
        if row["code"] in (NACKA, f"{NACKA}-01") and row["gender"] != "all" and row["age_group"] == "all"
    ]
    first = ask(client, f"{asked}&limit=7&offset=7")
    assert first.json["rows"] == found[7:14]
    assert f"<{first.json['next']}>" in first.headers["Link"]
    assert first.json["notice"] == NOTICE
    text = ask(client, f"{asked}&limit=7&offset=7", Accept="text/csv;q=0.9, text/html")
    assert text.mimetype == "text/csv"
    assert {"Accept", "Authorization"} <= set(text.vary)
    table = list(csv.DictReader(StringIO(text.text, newline="")))
    assert {row.pop("notice") for row in table} == {NOTICE}
    as_text = {None: "", True: "1", False: "0"}
    for row, one in zip(table, found[7:14], strict=True):
        assert row == {name: as_text.get(value, str(value)) for name, value in one.items()}
    assert ask(client, "estimates", Accept="text/html").status_code == 406


def test_the_lists_name_what_the_figures_are_about(
    app: Flask, client: FlaskClient, new_token: NewToken
) -> None:
    assert [row["wave"] for row in rows(client, "waves")] == [WAVE]
    places = {row["code"]: row["name"] for row in rows(client, "places")}
    measures = {row["indicator"] for row in rows(client, "indicators")}
    figures = rows(client, "estimates")
    assert {row["code"] for row in figures} == set(places)
    assert {row["indicator"] for row in figures} <= measures
    assert (places["all"], places[NACKA], places[f"{VAXHOLM}-02"]) == ("Alla kommuner", "Nacka", "Område 2")
    embargo(app, Audience.PUBLIC, None)
    seen = {row["code"] for row in rows(client, "places", new_token("municipality", NACKA))}
    assert seen == {"all", NACKA, VAXHOLM, f"{NACKA}-01", f"{NACKA}-02"}


def test_a_token_opens_until_its_last_day_or_its_withdrawal(
    app: Flask, client: FlaskClient, new_token: NewToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey import clock
    from survey.preparation import api_tokens

    databases: Databases = app.extensions["databases"]
    token = new_token("region")
    assert ask(client, "waves", token).status_code == 200
    with databases.reading() as session:
        kept = session.scalars(select(ApiToken)).one()
        assert kept.last_used_on == clock.today()
        assert token not in str(vars(kept))
    for wrong in ("wrong", token[:-1], token + "x", "x" * 5000, "å"):
        refused = client.get("/api/v1/waves", headers={"Authorization": f"Bearer {wrong}"})
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="trygg"')
    assert client.get("/api/v1/waves", headers={"Authorization": "Basic eDp5"}).status_code == 401
    tomorrow = clock.today() + timedelta(days=1)
    with monkeypatch.context() as patched:
        patched.setattr("survey.clock.today", lambda: tomorrow)
        assert ask(client, "waves", token).status_code == 401
    with databases.transaction() as session:
        api_tokens.withdraw(session, kept.id, "tests", clock.today())
    assert ask(client, "waves", token).status_code == 401


def test_who_asks_too_fast_waits_and_a_token_has_a_pace_of_its_own(
    client: FlaskClient, new_token: NewToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.pace import Pace

    monkeypatch.setattr("survey.preparation.api_tokens.OF_NETWORK", Pace(2, 60))
    token = new_token("public")
    assert [ask(client, "waves").status_code for _ in range(3)] == [200, 200, 429]
    slow = ask(client, "waves")
    assert (slow.headers["Retry-After"], slow.mimetype) == ("60", "application/problem+json")
    assert ask(client, "waves", token).status_code == 200
