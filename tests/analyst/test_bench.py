"""The bench: a view is its address, hidden figures say why, and the page counts what it compares."""

import csv
from io import BytesIO, StringIO

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import hidden
from openpyxl import load_workbook
from released_wave import add_release
from staff import add_account, log_in, logged_in

from survey.config import Settings
from survey.database import Databases
from survey.publication.bench.fishing import count_comparisons
from survey.publication.drawings.chart_rows import Frame
from survey.publication.drawings.funnel_plot import draw_funnel, place_points

SPLIT = (
    "matt=unsafe_evening&omgang=2019&plats=0182&bredvid=all&kon=var-for-sig&alder=var-for-sig&bild=andelar"
)


@pytest.fixture
def analyst(app: Flask, settings: Settings) -> FlaskClient:
    """An analyst's browser beside a release of two municipalities."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output)
    return logged_in(app)


def test_a_view_is_its_address_and_its_files_hold_the_same_rows(analyst: FlaskClient) -> None:
    page = analyst.get(f"/analys/bank/?{SPLIT}")
    assert page.status_code == 200
    rows = list(csv.DictReader(StringIO(analyst.get(f"/analys/bank/vy.csv?{SPLIT}").text.lstrip("\ufeff"))))
    assert len(rows) > 5
    assert page.text.count('<tr><th scope="row">') == len(rows)
    assert {row["indicator"] for row in rows} == {"unsafe_evening"}
    assert {row["geography"] for row in rows} == {"all", "municipality"}
    assert {row["gender"] for row in rows} >= {"all", "woman", "man"}
    with analyst.get(f"/analys/bank/vy.xlsx?{SPLIT}") as answer:
        sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet.max_row == 4 + len(rows)
    cube = orjson.loads(analyst.get(f"/analys/bank/vy.json?{SPLIT}").data)
    stored = {float(row["estimate"]) for row in rows if row["estimate"]}
    place = list(cube["dimension"]["content"]["category"]["index"]).index("estimate")
    size = cube["size"][-1]
    told = {value for at, value in cube["value"].items() if int(at) % size == place and value is not None}
    assert told == stored
    hidden_rows = [row for row in rows if row["released"] == "0"]
    assert all(not row["estimate"] for row in hidden_rows)


def test_the_guard_counts_what_survives_correction() -> None:
    """Benjamini-Hochberg of five by hand: 0.009 x 5/1 = 0.045 survives, 0.021 x 5/2 = 0.0525 does not."""
    found = count_comparisons([0.04, 0.009, None, 0.5, 0.021, 0.9], groups=4)
    assert (found.tests, found.alone, found.left, found.pairs) == (5, 3, 1, 6)
    assert found.survive == (False, True, False, False, False, False)
    assert "3 av dem ser säkra ut" in found.sentences[1]
    assert "En står kvar" in found.sentences[1]
    # What the result calls uncertain is not made certain by a view with fewer comparisons.
    judged = count_comparisons([0.04, 0.009, 0.001], groups=73, certain=[False, True, False])
    assert (judged.survive, judged.left, judged.uncertain) == ((False, True, False), 1, 2)
    assert "2 till klarar den prövningen men är för osäkra i resultatet" in judged.sentences[1]
    assert "2\u00a0628 jämförelser" in judged.sentences[2]
    few = count_comparisons([0.04, 0.5], groups=1)
    assert "risken ungefär 10 procent att minst en" in few.sentences[0]  # 1 - 0.95 x 0.95
    assert few.of_table()[0].startswith(
        "Tabellen prövar 2 skillnader. Även om alla grupper vore lika vore risken"
    )
    assert "skulle ungefär 2 av dem se säkra" in count_comparisons([0.5] * 41, groups=1).sentences[0]
    assert count_comparisons([None], groups=1).sentences == ("Vyn innehåller ingen prövad förändring.",)


def test_pictures_are_drawn_or_say_why_not_and_what_is_not_there_is_named(analyst: FlaskClient) -> None:
    alone = "matt=unsafe_evening&omgang=2019&plats=kommuner&kon=all&alder=all&bild="
    for picture in ("andelar", "forandring"):
        assert "<svg" in analyst.get(f"/analys/bank/?{alone}{picture}").text
    # A funnel lies around the region: it stands beside when nothing else is chosen to.
    funnel = analyst.get(f"/analys/bank/?{alone}tratt&bredvid=").text
    assert "behöver minst 3 platser" in funnel
    assert (
        '<option value="all" selected>Hela regionen'
        in funnel.split('name="bredvid"')[1].split("</select>")[0]
    )
    assert "behöver regionens tal" in analyst.get(f"/analys/bank/?{alone}tratt&bredvid=0182").text
    assert (
        "en grupp i taget"
        in analyst.get(f"/analys/bank/?{alone.replace('kon=all', 'kon=var-for-sig')}tratt").text
    )
    page = analyst.get("/analys/bank/?matt=nonsense&plats=9999&omgang=1999")
    assert page.status_code == 422
    assert all(f"{name}” finns inte" in page.text for name in ("nonsense", "9999", "Mätningen ”1999"))
    assert analyst.get("/analys/bank/vy.csv?matt=nonsense").status_code == 422


def test_a_funnel_names_those_outside_as_long_as_no_name_covers_another() -> None:
    places = [
        ("Vaxholm", 0.34, 300.0),
        ("Nykvarn", 0.343, 306.0),
        ("Salem", 0.14, 440.0),
        ("Ekerö", 0.24, 235.0),
    ]
    points = place_points([*places, ("Gotland", 0.19, 350.0)], 0.24)
    assert [one.standing for one in points] == ["far", "far", "far", "inside", "outside"]
    drawn = draw_funnel(points, 0.24, Frame("", "", "", ()), notice="", source="")
    assert [one.name for one in drawn.marks] == ["Vaxholm", "", "Salem", "", "Gotland"]


def test_a_kept_view_is_the_owners_until_it_is_shared(app: Flask, analyst: FlaskClient) -> None:
    add_account(app, None, email="other@example.se")
    other = app.test_client()
    assert log_in(other, "other@example.se").status_code == 303

    def save(name: str, **more: str) -> int:
        form = {**hidden(analyst.get("/analys/bank/")), "matt": "unsafe_evening", "bild": "forandring"}
        return analyst.post("/analys/bank/vyer", data={**form, "namn": name, **more}).status_code

    assert save("Otrygga") == 303
    assert "Otrygga" in analyst.get("/analys/bank/").text
    assert "Otrygga" not in other.get("/analys/bank/").text
    assert save("Otrygga", delad="ja") == 303
    shown = other.get("/analys/bank/").text
    assert "matt=unsafe_evening" in shown
    assert "bild=forandring" in shown
    assert save("  ") == save("a\0b") == save("\u202eb") == 422
    token = {"csrf_token": hidden(other.get("/analys/bank/"))["csrf_token"]}
    assert other.post("/analys/bank/vyer/1/ta-bort", data=token).status_code == 422
    token = {"csrf_token": hidden(analyst.get("/analys/bank/"))["csrf_token"]}
    assert analyst.post("/analys/bank/vyer/1/ta-bort", data=token).status_code == 303
    assert "Otrygga" not in other.get("/analys/bank/").text
