"""A measure's page: every figure is its released row, every word its verdict, nothing of anybody else's."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from xml.etree import ElementTree

import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from PIL import Image
from released_wave import NACKA, VAXHOLM, _moved, add_release, made_up
from staff import logged_in

from survey.config import Settings
from survey.database import Databases

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


def cell(row: dict[str, object]) -> str:
    """How a released row must be written."""
    if not row["released"]:
        return ".."
    share, lower, upper = (percent(float(str(row[name]))) for name in ("estimate", "lower", "upper"))
    return f"{share} % ({lower}–{upper}), {int(float(str(row['n'])))} svar"


def rows_of(table: pd.DataFrame, measure: str, **where: str) -> list[dict[str, object]]:
    wanted = table[table["indicator"].eq(measure)]
    for name, value in where.items():
        wanted = wanted[wanted[name].eq(value)]
    return [{str(key): value for key, value in row.items()} for row in wanted.to_dict("records")]


def one_row(table: pd.DataFrame, measure: str, **where: str) -> dict[str, object]:
    (row,) = rows_of(table, measure, **where)
    return row


def groups(rows: list[list[str]]) -> Iterator[tuple[list[str], dict[str, str]]]:
    for row in rows:
        gender, age = GROUPS.get(row[0], ("all", row[0].removesuffix(" år").replace("–", "-")))
        yield row, {"gender": gender, "age_group": age}


def test_every_figure_and_word_of_a_measure_is_its_released_row(nacka: FlaskClient) -> None:
    released = made_up()
    estimates, changes, compared = released.estimates, released.changes, released.comparisons
    own = {"geography": "municipality", "code": NACKA}
    figures = words = 0
    for measure in MEASURES:
        found = tables(nacka.get(address(measure)).text)
        for row, group in groups(found["grupper"]):
            for cell_text, wave in zip(row[1:3], ("2019", "2018"), strict=True):
                assert cell_text == cell(one_row(estimates, measure, wave=wave, **own, **group)), (
                    measure,
                    row,
                )
                figures += cell_text != ".."
            change = one_row(changes, measure, **own, **group)
            assert (row[3][:1] in MARKS.values()) == (change["verdict"] in MARKS)
            assert row[3].startswith(MARKS.get(str(change["verdict"]), row[3]))
            verdict = one_row(compared, measure, **own, **group)["verdict"]
            assert WORDS.get(str(verdict), "kan inte jämföras") in row[4]
            words += verdict in ("above", "below")
        for row in found.get("delomraden", []):
            code = next(code for code, name in released.place.areas.items() if name == row[0])
            area = {"geography": "area", "code": code, "gender": "all", "age_group": "all"}
            assert row[1] == cell(one_row(estimates, measure, wave="2019", **area))
            verdict = one_row(compared, measure, **area)["verdict"]
            assert WORDS.get(str(verdict), "kan inte jämföras") in row[-1]
        total = {**own, "gender": "all", "age_group": "all"}
        assert [row[1] for row in found["over-tid"]] == [
            cell(one_row(estimates, measure, wave=wave, **total)) for wave in ("2018", "2019")
        ]
        assert [row[0] for row in found["kommuner"]] == ["Nacka", "Hela regionen", "Vaxholm"]
    assert figures > 50
    assert words > 0


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


def test_a_series_holds_only_waves_that_the_reader_may_open(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)
    client = logged_in(app, NACKA)
    monkeypatch.setattr("survey.clock.now", lambda: datetime(2019, 1, 1, tzinfo=UTC))
    assert client.get(address("unsafe_evening")).status_code == 404
    monkeypatch.undo()
    assert [row[0] for row in tables(client.get(address("unsafe_evening")).text)["over-tid"]] == [
        *("September 2018", "September 2019"),
    ]


def test_every_chart_of_a_measure_is_saved_with_its_source_n_and_the_mark(nacka: FlaskClient) -> None:
    text = nacka.get(address("unsafe_evening")).text
    links = [link for link in html.fromstring(text).xpath("//a/@href") if link.endswith((".svg", ".png"))]
    assert len(links) == 8
    for link in links:
        if link.endswith(".svg"):
            saved = nacka.get(link)
            drawing = ElementTree.fromstring(saved.data)
            said = [element.text or "" for element in drawing.iter(f"{SVG}text")]
            assert said[0] == "SIMULERADE SVAR – INGET RESULTAT"
            assert "873 svar. Källa: Trygghetsmätning 2019, Nacka, utgåva 1." in said
            assert "35\xa0%" in " ".join(said)
            assert saved.mimetype == "image/svg+xml"
            assert "SIMULERADE-SVAR.svg" in saved.headers["Content-Disposition"]
    picture = nacka.get(address("unsafe_evening", "/serie.png"))
    assert Image.open(BytesIO(picture.data)).width == 1440
    assert picture.mimetype == "image/png"


def test_each_measure_leads_to_the_one_before_and_after(nacka: FlaskClient) -> None:
    seen, here = [], "problem_litter"
    while len(seen) < 4:
        seen.append(here)
        page = html.fromstring(nacka.get(address(here)).text)
        links = page.xpath("//ul[@class='pager']//a/@href")
        assert len(links) == (1 if len(seen) == 1 else 2)
        assert len(seen) == 1 or links[0].endswith(f"/{seen[-2]}")
        here = re.sub(".*/", "", links[-1])
    assert len(set(seen)) == 4
