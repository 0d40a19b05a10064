"""Results for everybody: not a second before their moment, each figure as released, and no login anywhere."""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import add_open_wave
from released_wave import NACKA, WAVE, add_release
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.config import Settings
from survey.database import Databases
from survey.models.release import Audience, Change, Estimate, Release
from survey.models.releasing import Embargo
from survey.models.wave import Wave
from survey.pace import Pace
from survey.publication import numbers, results
from survey.publication.embargo import SERVICE
from survey.publication.pages import public_results
from survey.publication.pages.public_results import PlaceResult
from survey.questionnaire import indicators as library

MOMENT = datetime(2020, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE, AREA, TABLE = (
    f"/resultat/{NACKA}",
    f"/resultat/{NACKA}/{NACKA}-01",
    f"/resultat/{NACKA}/{WAVE}/resultat.csv",
)
CODEBOOK = TABLE.replace("resultat.csv", "kodbok.csv")
WORKBOOK = TABLE.replace(".csv", ".xlsx")
TEXTS = (PLACE, f"{PLACE}/{WAVE}", AREA, TABLE, CODEBOOK)
RESULTS = (*TEXTS, WORKBOOK)
ARTICLES = ("/sa-gjordes-undersokningen", "/ar-brevet-akta", "/personuppgifter", "/tillganglighet")
NOTICE = "SIMULERADE SVAR – INGET RESULTAT"


def words(page: TestResponse) -> str:
    """What a reader sees in the page itself, with plain spaces."""
    main = re.search(r"<main.*?</main>", page.text, re.DOTALL)
    assert main is not None
    text = re.sub(r"<title>.*?</title>", " ", main[0], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def in_database(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


def place_of(app: Flask, area_code: str = "") -> PlaceResult:
    with in_database(app).reading() as session:
        report = results.municipality_report(session, WAVE, NACKA, SERVICE)
    return public_results.of_area(report, area_code) if area_code else public_results.of_municipality(report)


def open_from(session: Session, moment: datetime | None) -> None:
    session.execute(update(Embargo).where(Embargo.audience == Audience.PUBLIC.value).values(opens_at=moment))


def stop_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("survey.clock.now", lambda: moment)


def test_nothing_is_shown_or_kept_before_the_public_moment_and_everything_from_it(
    app: Flask, client: FlaskClient, released: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_database(app).transaction() as session:
        open_from(session, MOMENT)
    stop_clock(monkeypatch, MOMENT - SECOND)
    assert "Nacka" not in client.get("/resultat/").text
    told = [client.get(address) for address in RESULTS]
    assert {page.status_code for page in told} == {404}
    assert len({words(page) for page in told}) == 1
    assert "Resultaten släpps den 2 mars 2020 klockan 09.00." in words(told[0])
    assert {page.headers["Cache-Control"] for page in told} == {"no-store"}
    # A page opened a second before may not stand in a cache a second after.
    assert client.get("/resultat/").headers["Cache-Control"] == "public, max-age=1"
    stop_clock(monkeypatch, MOMENT)
    assert f'href="{PLACE}"' in client.get("/resultat/").text
    for address in RESULTS:
        with client.get(address) as page:
            assert page.status_code == 200, address
            assert page.headers["Cache-Control"] == "public, max-age=60", address


def test_without_a_moment_closed_and_missing_places_look_the_same(
    app: Flask, client: FlaskClient, released: int
) -> None:
    with in_database(app).transaction() as session:
        open_from(session, None)
    told = [client.get(address) for address in (*RESULTS, "/resultat/9999", "/resultat/9999/9999-01")]
    assert {(page.status_code, words(page)) for page in told} == {(404, words(told[0]))}
    assert "släpps" not in words(told[0])


def test_every_figure_is_the_released_row_and_every_word_of_change_its_verdict(
    app: Flask, client: FlaskClient, released: int
) -> None:
    seen = words(client.get(PLACE))
    with in_database(app).reading() as session:
        rows = _rows(session, Estimate, released)
        changes = _rows(session, Change, released)
    place = place_of(app)
    assert len(place.headlines) == 5
    for told in place.headlines:
        row = rows[told.measure.id]
        count, lower, upper = (numbers.whole_percent(share) for share in (row.estimate, row.lower, row.upper))
        said = told.sentence % {"count": count}
        start = seen.index(said)
        part = seen[start : seen.index("Alla siffror i tabell", start)]
        assert f"Troligen mellan {lower} och {upper} av 100. Antal svar på frågan: {row.n}." in part
        verdict = changes[told.measure.id].verdict
        assert ("har ökat" in part) == (verdict == "up")
        assert ("har minskat" in part) == (verdict == "down")
        assert ("oförändrad" in part) == (verdict == "unchanged")
        assert ("inte att säga" in part) == (verdict == "too_uncertain")
        for group in (*told.measure.genders, *told.measure.ages):
            assert f"{group.now.value} {group.now.interval} {group.now.answers}" in seen, group
    certain = {told.measure.label for told in place.certain}
    assert certain == {
        told.measure.label for told in place.told if changes[told.measure.id].verdict in ("up", "down")
    }
    listed = seen[seen.index("Säkra förändringar") : seen.index("Säker betyder")]
    assert all((told.measure.label in listed) == (told in place.certain) for told in place.told)
    for told in place.problems:
        assert f"{told.measure.label} {told.group.now.value} {told.group.now.interval}" in seen


def _rows(session: Session, table: type[Estimate] | type[Change], release_id: int) -> dict[str, Estimate]:
    query = select(table).where(
        table.release_id == release_id,
        table.wave == WAVE,
        table.code == NACKA,
        table.gender == "all",
        table.age_group == "all",
    )
    return {row.indicator: row for row in session.scalars(query)}


def test_the_file_to_download_has_the_figures_of_the_page(
    client: FlaskClient, app: Flask, released: int
) -> None:
    with client.get(TABLE) as sent:
        assert "SIMULERADE-SVAR" in sent.headers["Content-Disposition"]
        lines = list(csv.DictReader(StringIO(sent.text)))
    totals = {
        line["indicator"]: line
        for line in lines
        if (line["code"], line["gender"], line["age_group"]) == (NACKA, "all", "all")
    }
    assert "se" not in lines[0]
    for told in place_of(app).headlines:
        assert int(totals[told.measure.id]["percent"]) == told.group.now.value


def test_an_area_has_a_page_only_with_figures_and_hides_those_that_are_hidden(
    app: Flask, client: FlaskClient, released: int
) -> None:
    seen = words(client.get(AREA))
    place = place_of(app, f"{NACKA}-01")
    for told in place.headlines:
        assert told.sentence % {"count": told.group.now.value} in seen
    with in_database(app).transaction() as session:
        _add_release(
            session,
            released,
            wave_code=WAVE,
            version=2,
            reason="Område 1 var för litet.",
            hidden=f"{NACKA}-01",
        )
    hidden = client.get(AREA)
    assert (hidden.status_code, hidden.headers["Cache-Control"]) == (404, "no-store")
    page = client.get(PLACE)
    assert f'href="{AREA}"' not in page.text
    assert "Resultatet visas inte för: Område 1" in words(page)
    assert "Det här är version 2. Område 1 var för litet." in words(page)


def _add_release(
    session: Session, like: int, *, wave_code: str, version: int, reason: str | None, hidden: str = ""
) -> None:
    """Another release open to everybody with the rows of a first one, those of one place hidden."""
    first = session.get_one(Release, like)
    kept = {name: getattr(first, name) for name in ("synthetic", "created_at", "created_by", "manifest")}
    made = Release(wave_code=wave_code, version=version, reason=reason, **kept)
    session.add(made)
    session.flush()
    for table in (Estimate, Change):
        if table is Change and wave_code != WAVE:
            continue
        rows = session.scalars(select(table).where(table.release_id == like, table.wave <= wave_code)).all()
        session.execute(insert(table), [_copied(row, made.id, row.code == hidden) for row in rows])
    made.released_at, made.released_by = MOMENT, "tests"
    session.add(Embargo(release_id=made.id, audience=Audience.PUBLIC.value, opens_at=MOMENT))


def _copied(row: Estimate | Change, release_id: int, hide: bool) -> dict[str, object]:
    names = [column.name for column in row.__table__.columns if column.name not in ("id", "release_id")]
    values = {name: getattr(row, name) for name in names}
    if hide:
        figures = ("n", "estimate", "se", "df", "lower", "upper", "n_eff", "change", "n_previous")
        values |= {name: None for name in figures if name in values}
        values |= {"released": False, "reason": "few_answers"}
    return {**values, "release_id": release_id}


def test_a_municipality_is_found_by_its_name_or_code(client: FlaskClient, released: int) -> None:
    for asked, found in (("NACK", True), (NACKA, True), ("vax", False), ("x" * 900, False)):
        assert (f'href="{PLACE}"' in client.get(f"/resultat/?sok={asked}").text) == found, asked
    assert "Ingen kommun passar" in client.get("/resultat/?sok=zz").text
    assert client.get("/resultat/?sok=%00").status_code == 200


def test_every_page_opens_without_login_leaves_no_cookie_and_names_what_is_simulated(
    app: Flask, released: int
) -> None:
    client = app.test_client()
    for address in ("/resultat/", *TEXTS, *ARTICLES):
        with client.get(address) as page:
            assert page.status_code == 200, address
            assert "Set-Cookie" not in page.headers, address
            assert not re.search(r"<script|<style|style=|\son\w+=|(?:src)=\"(?:https?:)?//", page.text), (
                address
            )
            told = NOTICE in page.text
        assert told == (address not in ARTICLES[1:]), address
    with in_database(app).transaction() as session:
        add_open_wave(session)
    assert all(NOTICE in client.get(address).text for address in ARTICLES)


def test_a_real_result_may_be_found_by_all_and_a_simulated_one_is_kept_out_of_searches(
    app: Flask, settings: Settings
) -> None:
    with in_database(app).transaction() as session:
        add_release(session, settings.output, synthetic=False)
    page = app.test_client().get(PLACE)
    assert NOTICE not in page.text
    assert "noindex" not in page.text
    assert "noindex" in app.test_client().get("/resultat/9999").text


def test_a_page_that_has_not_changed_is_not_sent_again_and_is_packed(
    client: FlaskClient, released: int
) -> None:
    first = client.get(PLACE, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert len(first.data) < 8_000
    again = client.get(PLACE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=60"
    assert {"Cookie", "Accept-Encoding"} <= set(first.vary)
    chosen = client.get(f"{PLACE}?language=en")
    assert chosen.headers["Cache-Control"] == "no-store"
    assert client.get(PLACE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_figures_are_the_same_in_every_language_and_a_draft_is_never_half_shown(
    app: Flask, client: FlaskClient, released: int
) -> None:
    with in_database(app).transaction() as session:
        add_open_wave(session)  # simulated, so that drafts are let in where people answer
    figures = {
        f"{group.now.value} {group.now.interval} {group.now.answers}"
        for told in place_of(app).headlines
        for group in (told.group, *told.measure.genders, *told.measure.ages)
    }
    for asked, spoken, said in (
        ("sv-x-ll", "sv-x-ll", "Så svarade de som bor här"),
        ("en", "en", "How the people who live here answered"),
        ("ar", "ar", "هكذا أجاب السكان هنا"),
        ("fi", "sv", "Så svarade de som bor här"),  # a draft gives way to Swedish, whole
    ):
        page = client.get(f"{PLACE}?language={asked}")
        assert f'<html lang="{spoken}"' in page.text
        seen = words(page)
        assert said in seen
        assert [figure for figure in figures if figure not in seen] == []
        headings = " ".join(re.findall(r"<(?:h\d|caption|dt|th)[^>]*>([^<]*)", page.text))
        assert bool(re.search("[åäö]", headings)) == spoken.startswith("sv"), headings


def test_older_waves_stay_readable_and_say_that_there_is_a_newer(
    app: Flask, client: FlaskClient, released: int
) -> None:
    with in_database(app).transaction() as session:
        _add_release(session, released, wave_code="2018", version=1, reason=None)
    assert f'href="{PLACE}/2018"' in client.get(PLACE).text
    page = client.get(f"{PLACE}/2018")
    assert "Det finns ett nyare resultat." in page.text
    assert "Det finns ingen tidigare undersökning att jämföra med." in page.text
    assert "Säkra förändringar" not in page.text
    # What is promised stands on the newest page alone, and the articles are those of the wave.
    for older in (page, client.get(AREA)):
        assert "står på sidan med kommunens nyaste resultat" in older.text
        assert "Inget är inlagt än" not in older.text
    assert 'href="/sa-gjordes-undersokningen/2018"' in page.text
    titles = [client.get(f"/sa-ar-matten-gjorda/{code}").text.split("<p>")[2] for code in ("2018", WAVE)]
    assert titles[0] != titles[1]
    with in_database(app).transaction() as session:
        session.execute(update(Wave).values(closed_on=date(2019, 9, 30)))
    told = words(client.get(f"/sa-gjordes-undersokningen/{WAVE}"))
    assert "Undersökningen gjordes från 2 september 2019 till 30 september 2019." in told  # closed early
    assert "till 30 september 2019" in words(client.get(PLACE))
    assert client.get("/sa-gjordes-undersokningen/2017").status_code == 404


def test_everybody_reads_how_each_measure_is_made_in_swedish(client: FlaskClient, released: int) -> None:
    for address in ("/sa-ar-matten-gjorda", "/sa-ar-matten-gjorda?language=ar"):
        page = client.get(address)
        assert page.status_code == 200
        assert '<html lang="sv"' in page.text
    told = words(page)
    for measure in library.indicators():
        assert " ".join(f"{measure.label} {measure.measure} {measure.base_text}".split()) in told
    assert "Ett mycket stort problem (räknas i andelen)" in told
    assert "Vet inte (räknas inte med)" in told
    book = client.get(CODEBOOK).data.decode("utf-8-sig")
    rows = list(csv.reader(StringIO(book), csv.Sniffer().sniff(book, ",;")))
    assert {"unsafe_evening", "police_trust"} <= {cell for row in rows for cell in row}


def test_a_link_says_so_when_it_leads_out_of_the_reader_s_language(
    client: FlaskClient, released: int
) -> None:
    page = client.get(f"{PLACE}?language=ar")
    assert '<html lang="ar" dir="rtl"' in page.text
    (body,) = re.findall(r"<main.*?</main>", page.text, re.DOTALL)
    links = re.findall(r'<a href="(/(?!static)[^"?]*)"([^>]*)>(.*?)</a>', body)
    swedish = set()
    for address, more, text in links:
        found = client.get(address)
        spoken = re.search(r'<html lang="([^"]*)"', found.text) if found.mimetype == "text/html" else None
        if spoken and spoken[1] != "ar":
            swedish.add(address)
            assert 'hreflang="sv"' in more and "(بالسويدية)" in text, address
    assert f"/sa-ar-matten-gjorda/{WAVE}" in swedish


def test_results_are_read_at_a_pace_and_articles_are_not(
    client: FlaskClient, released: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.readers.OF_NETWORK", Pace(2, 60))
    assert [client.get(PLACE).status_code for _ in range(3)] == [200, 200, 429]
    slowed = client.get(TABLE)
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "60")
    assert "Vänta en minut och försök igen." in slowed.text
    picture = client.get(f"/lagesbild/oppen/{NACKA}/kallor")
    assert (picture.status_code, picture.headers["Retry-After"]) == (429, "60")
    assert client.get("/personuppgifter").status_code == 200
