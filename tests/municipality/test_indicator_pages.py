"""A measure's page: every figure is its released row, every word its verdict, nothing of anybody else's."""

import json
from collections.abc import Hashable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import golden
import pandas as pd
import pytest
import released_wave
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from PIL import Image
from released_wave import NACKA, RELEASED_AT, VAXHOLM, _moved, add_release, made_up, open_to_all
from staff import logged_in
from stored_release import wave_row

from survey.config import Settings
from survey.database import Databases
from survey.models.release import Estimate, Release
from survey.models.releasing import Embargo
from survey.models.series import PublishedFigure
from survey.questionnaire.definition import load

MEASURES = (
    "problem_litter",
    "victim_any",
    "reported_any",
    "worry_burglary",
    "unsafe_evening",
    "police_trust",
)
WORDS = {"above": "högre", "below": "lägre", "no_certain_difference": "ingen säker skillnad"}
MARKS = {"up": "▲", "down": "▼"}
Row = dict[Hashable, Any]
GROUPS = {"Alla": ("all", "all"), "Kvinnor": ("woman", "all"), "Män": ("man", "all")}
MOVED = _moved
SVG = "{http://www.w3.org/2000/svg}"


def address(measure: str, more: str = "") -> str:
    return f"/kommun/{NACKA}/2019/matt/{measure}{more}"


def tables(text: str) -> dict[str, list[list[str]]]:
    """The tables of a page by the section they stand in, cell by cell as a reader sees them."""
    found = {}
    for section in html.fromstring(text).iterfind(".//section"):
        rows = [
            [" ".join(cell.text_content().split()) for cell in row.iterchildren()]
            for row in section.iterfind(".//tbody/tr")
        ]
        if rows:
            found[section.get("id")] = rows
    return found


def percent(value: float) -> int:
    return int((Decimal(repr(value)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def cell(row: Row) -> str:
    """How a released row must be written."""
    if not row["released"]:
        return ".."
    share, lower, upper = (percent(row[name]) for name in ("estimate", "lower", "upper"))
    answers = f"{int(row['n']):,}".replace(",", " ")
    return f"{share} % ({lower}–{upper}), {answers} svar"


class Rows:
    """A released table, row by row."""

    KEY = ("indicator", "wave", "geography", "code", "gender", "age_group")

    def __init__(self, table: pd.DataFrame) -> None:
        self.found = {tuple(row[name] for name in self.KEY): row for row in table.to_dict("records")}

    def of(self, *place: str, wave: str = "2019", gender: str = "all", age_group: str = "all") -> Row:
        measure, geography, code = place
        return self.found[measure, wave, geography, code, gender, age_group]


def groups(rows: list[list[str]]) -> Iterator[tuple[list[str], dict[str, str]]]:
    for row in rows:
        gender, age = GROUPS.get(row[0], ("all", row[0].removesuffix(" år").replace("–", "-")))
        yield row, {"gender": gender, "age_group": age}


def test_every_figure_and_word_of_a_measure_is_its_released_row(nacka: FlaskClient) -> None:
    released = made_up()
    estimates, changes, compared = map(Rows, (released.estimates, released.changes, released.comparisons))
    codes = {name: code for code, name in released.place.areas.items()}
    certain = crossed = 0
    for measure in MEASURES:
        own = (measure, "municipality", NACKA)
        found = tables(nacka.get(address(measure)).text)
        for row, group in groups(found["grupper"]):
            assert row[1] == cell(estimates.of(*own, **group)), (measure, row)
            assert row[2] == cell(estimates.of(*own, wave="2018", **group)), (measure, row)
            verdict = str(changes.of(*own, **group)["verdict"])
            assert (row[3][:1] in MARKS.values()) == (verdict in MARKS)
            assert row[3].startswith(MARKS.get(verdict, row[3]))
            verdict = str(compared.of(*own, **group)["verdict"])
            assert WORDS.get(verdict, "kan inte jämföras") in row[4]
            certain += verdict in ("above", "below")
        for row in found.get("kon-alder", []):
            gender, age = row[0].removesuffix(" år").split(" ")
            group = {"gender": GROUPS[gender][0], "age_group": age.replace("–", "-")}
            assert row[1] == cell(estimates.of(*own, **group)), (measure, row)
            assert row[2] == cell(estimates.of(*own, wave="2018", **group)), (measure, row)
            assert row[3].startswith(MARKS.get(str(changes.of(*own, **group)["verdict"]), row[3]))
        crossed += len(found.get("kon-alder", []))
        for row in found.get("delomraden", []):
            area = (measure, "area", codes[row[0]])
            assert row[1] == cell(estimates.of(*area))
            assert WORDS.get(str(compared.of(*area)["verdict"]), "kan inte jämföras") in row[-1]
        series = [cell(estimates.of(*own, wave=wave)) for wave in ("2018", "2019")]
        assert [row[1] for row in found["over-tid"]] == series
        assert [row[0] for row in found["kommuner"]] == ["Nacka", "Hela regionen", "Vaxholm"]
        region = estimates.of(measure, "all", "all")
        assert [row[1] for row in found["kommuner"]] == [series[1], cell(region), series[1]]
    assert certain > 0
    assert crossed >= 4 * 2 * len(golden.AGES)


def test_the_overview_says_higher_and_lower_where_the_verdict_does(nacka: FlaskClient) -> None:
    text = nacka.get(f"/kommun/{NACKA}/2019/").text
    table = made_up().comparisons
    sure = table[table["verdict"].isin(["above", "below"])]
    totals = sure[sure["gender"].eq("all") & sure["age_group"].eq("all")]
    page = html.fromstring(text)
    for section, geography in (("sticker-ut", "municipality"), ("delomraden", "area")):
        told = [
            (link.get("href").rsplit("/", 1)[1], "above" if "högre" in item.text_content() else "below")
            for item in page.get_element_by_id(section).iterfind(".//ul/li")
            for link in item.iterfind("a")
        ]
        rows = totals[totals["geography"].eq(geography)]
        assert sorted(told) == sorted(zip(rows["indicator"], rows["verdict"], strict=True))
        assert told


def marked_vaxholm(table: pd.DataFrame, code: str) -> pd.DataFrame:
    """A released table of a municipality; Vaxholm's groups and areas say what Nacka says nowhere."""
    moved = MOVED(table, code)
    if code == VAXHOLM and "estimate" in moved:
        total = (
            moved["geography"].eq("municipality") & moved["gender"].eq("all") & moved["age_group"].eq("all")
        )
        for name, in_all, in_groups in (
            ("estimate", 0.83, 0.91),
            ("lower", 0.82, 0.9),
            ("upper", 0.84, 0.92),
        ):
            moved[name] = total.map({True: in_all, False: in_groups})
        moved["released"] = 1
    if code == VAXHOLM and "change" in moved:
        moved = moved.assign(change=0.87, verdict="up", released=1)
    return moved


def test_a_municipality_sees_of_another_its_totals_and_nothing_else(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("released_wave._moved", marked_vaxholm)
    # Not the rows that are kept for all tests.
    monkeypatch.setattr("released_wave._figures", released_wave._figures.__wrapped__)
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)
    client = logged_in(app, NACKA)
    overview = client.get(f"/kommun/{NACKA}/2019/").text
    assert "83\xa0%" not in overview
    for text in (overview, client.get(address("unsafe_evening")).text):
        assert "91\xa0%" not in text
        assert "+87" not in text
        assert f"{VAXHOLM}-" not in text
    told = tables(client.get(address("unsafe_evening")).text)["kommuner"]
    assert told[-1][0] == "Vaxholm"
    assert told[-1][1].startswith("83 % (82–84)")


def test_a_series_reaches_back_over_releases_that_the_reader_may_open(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wave of 2017 is in the release of 2018 alone, which opens to municipalities later."""
    found: Databases = app.extensions["databases"]
    moment = datetime(2021, 1, 1, tzinfo=UTC)
    with found.transaction() as session:
        add_release(session, settings.output)
        first = replace(golden.wave("2018", True), code="2017", field_start=date(2017, 9, 4))
        session.add(wave_row(first))
        session.flush()
        release = Release(wave_code="2018", version=1, synthetic=True, created_by="tests", manifest="{}")
        release.created_at = RELEASED_AT
        session.add(release)
        session.flush()
        place, all_people = ("municipality", NACKA), ("all", "all")
        for wave in ("2017", "2018"):
            row = golden.estimate_row(wave, place, all_people, "unsafe_evening", 0.2, 900)
            session.add(Estimate(**{**row, "released": True}, release_id=release.id))
        session.flush()
        release.released_at = RELEASED_AT
        session.add(Embargo(release_id=release.id, audience="municipality", opens_at=moment))
    client = logged_in(app, NACKA)
    for now, waves in ((moment - timedelta(seconds=1), ["2018", "2019"]), (moment, ["2017", "2018", "2019"])):
        monkeypatch.setattr("survey.clock.now", lambda now=now: now)
        text = client.get(address("unsafe_evening")).text
        rows = tables(text)["over-tid"]
        assert [row[0] for row in rows] == [f"September {wave}" for wave in waves]
        # Three points invite to a line that nobody has tested.
        assert ("ökat eller minskat sedan september 2017 är inte prövat" in text) is (len(waves) == 3)
        # What two releases tell is told by the later one.
        assert rows[-2][1] == cell(Rows(made_up().estimates).of("unsafe_evening", *place, wave="2018"))
    assert rows[0][1].startswith("20 %")


def test_own_questions_and_what_was_published_stand_on_pages_of_their_municipality_alone(
    app: Flask, settings: Settings
) -> None:
    found: Databases = app.extensions["databases"]
    merged = load("trygghet+skargard")
    asked = {NACKA: {"name": merged.name, "hash": merged.hash}}
    place = ("municipality", NACKA)
    with found.transaction() as session:
        release = session.get_one(Release, add_release(session, settings.output, released=False))
        release.manifest = json.dumps({**json.loads(release.manifest), "local_questions": asked})
        for group in golden.GROUPS:
            row = golden.estimate_row("2019", place, group[:2], "skargard_ferry", 0.44, int(900 * group[2]))
            session.add(Estimate(**{**row, "released": True}, release_id=release.id))
        session.flush()
        release.released_at = RELEASED_AT
        open_to_all(session, release.id, RELEASED_AT)
        for wave, share, synthetic in (("2016", 0.61, True), ("2015", 0.99, False), ("2019", 0.98, True)):
            session.add(published_figure(wave, share, synthetic))
    client = logged_in(app, NACKA)
    overview = tables(client.get(f"/kommun/{NACKA}/2019/").text)["local"]
    assert overview[0][1].startswith("44 % (")
    page = client.get(address("skargard_ferry")).text
    shown = tables(page)
    assert [row[1][:4] for row in shown["over-tid"]] == ["44 %"]
    assert [row[0] for row in shown["kon-alder"]][:1] == ["Kvinnor 16–29 år"]
    assert "kommuner" not in shown
    assert "Hur trygg känner du dig på skärgårdsbåtar och färjor?" in page
    assert "jämförs inte med tidigare mätningar" in page
    assert logged_in(app, VAXHOLM).get(f"/kommun/{VAXHOLM}/2019/matt/skargard_ferry").status_code == 404
    series = tables(client.get(address("unsafe_evening")).text)["over-tid"]
    assert [row[0] for row in series] == ["2016", "September 2018", "September 2019"]
    assert series[0][1:4] == ["61 %", "–", "–"]
    assert series[0][4] == "Som publicerat (Årsrapporten), inte räknat här och inte prövat"


def published_figure(wave: str, share: float, synthetic: bool) -> PublishedFigure:
    row = golden.estimate_row(wave, ("municipality", NACKA), ("all", "all"), "unsafe_evening", share, 900)
    kept = ("wave", "geography", "code", "gender", "age_group", "indicator", "statistic", "estimate")
    return PublishedFigure(
        **{name: row[name] for name in kept},
        source="Årsrapporten",
        synthetic=synthetic,
        imported_on=date(2020, 1, 1),
    )


def test_every_chart_is_saved_with_source_n_and_mark_and_measures_lead_to_each_other(
    nacka: FlaskClient,
) -> None:
    text = nacka.get(address("unsafe_evening")).text
    before, after = html.fromstring(text).xpath("//ul[@class='pager']//a/@href")
    assert (before, after) == (address("worry_vandalism"), address("unsafe_daytime"))
    links = [link for link in html.fromstring(text).xpath("//a/@href") if link.endswith((".svg", ".png"))]
    assert len(links) == 10
    for link in links:
        if link.endswith(".svg"):
            saved = nacka.get(link)
            drawing = ElementTree.fromstring(saved.data)
            said = [element.text or "" for element in drawing.iter(f"{SVG}text")]
            assert said[0] == "SIMULERADE SVAR – INGET RESULTAT"
            assert "873 svar. Källa: Trygghetsmätning 2019, Nacka, utgåva 1." in said
            own = {"kon-alder": "49\xa0% / 43\xa0%"}
            assert own.get(link.rpartition("/")[2].removesuffix(".svg"), "35\xa0%") in " ".join(said)
            assert saved.mimetype == "image/svg+xml"
            assert "SIMULERADE-SVAR.svg" in saved.headers["Content-Disposition"]
    picture = nacka.get(address("unsafe_evening", "/serie.png"))
    assert Image.open(BytesIO(picture.data)).width == 1440
    assert picture.mimetype == "image/png"
