"""Situation pictures on pages: each role opens its own places, writes where it may, reads what it may."""

import re
from datetime import date
from io import BytesIO
from urllib.parse import urlencode
from xml.etree import ElementTree
from zipfile import ZipFile

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from live_server import faults_of, page_of, press
from markupsafe import escape
from open_wave import hidden
from openpyxl import load_workbook
from pictured import DISTRICT, NOW, ONLY_VAXHOLM, POLICE_AREA, REGION, TODAY, add_other_sources
from playwright.sync_api import Browser
from released_wave import NACKA, VAXHOLM, WAVE
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from staff import PASSWORD
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.followup import places
from survey.followup.events import EventText, write_event
from survey.followup.places import Level
from survey.models.area import Area
from survey.models.police_district import DistrictMunicipality
from survey.models.releasing import Embargo
from survey.models.situation_picture import SituationPicture
from survey.models.source import Series

OPENS = {
    f"kommun/{NACKA}": ("analyst", "nacka", "police"),
    f"delomrade/{NACKA}-01": ("analyst", "nacka", "police"),
    f"kommun/{VAXHOLM}": ("analyst", "vaxholm", "police", "police_of_vaxholm"),
    f"lokalpolisomrade/{DISTRICT}": ("analyst", "nacka", "vaxholm", "police"),
    f"lokalpolisomrade/{ONLY_VAXHOLM}": ("analyst", "vaxholm", "police_of_vaxholm"),
    f"polisomrade/{POLICE_AREA}": ("analyst", "nacka", "vaxholm", "police", "police_of_vaxholm"),
    f"region/{REGION}": ("analyst", "nacka", "vaxholm", "police", "police_of_vaxholm"),
    "land/SE": ("analyst", "nacka", "vaxholm", "police", "police_of_vaxholm"),
}
EVENT = EventText(date(2019, 9, 12), None, "measure", "Ny belysning.", "Kommunen", "public")
HERE = f"/lagesbild/kommun/{NACKA}/{WAVE}/"


def post(client: FlaskClient, action: str, **fields: str) -> TestResponse:
    """Send a form with the token of the browser's session, which a light page carries."""
    token = hidden(client.get("/losenord"))["csrf_token"]
    return client.post(action, data={"csrf_token": token, **fields})


def read_document(
    content: bytes,
) -> tuple[list[tuple[str, str]], str, list[tuple[str, bool, list[list[str]]]]]:
    """Headings, language and tables of a document, read by what its own standard calls them."""
    word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    with ZipFile(BytesIO(content)) as files:
        body, styles = (
            ElementTree.fromstring(files.read(f"word/{name}.xml")) for name in ("document", "styles")
        )

    def said(element: ElementTree.Element) -> str:
        return "".join(one.text or "" for one in element.iter(f"{word}t"))

    headings = [
        (style.get(f"{word}val", ""), said(one))
        for one in body.iter(f"{word}p")
        if (style := one.find(f"{word}pPr/{word}pStyle")) is not None
        and style.get(f"{word}val", "").startswith("Heading")
    ]
    tables = [
        (
            caption.get(f"{word}val", "")
            if (caption := one.find(f"{word}tblPr/{word}tblCaption")) is not None
            else "",
            one.find(f"{word}tr/{word}trPr/{word}tblHeader") is not None,
            [[said(cell) for cell in row.findall(f"{word}tc")] for row in one.findall(f"{word}tr")],
        )
        for one in body.iter(f"{word}tbl")
    ]
    language = styles.find(f".//{word}rPrDefault//{word}lang")
    assert language is not None
    return headings, language.get(f"{word}val", ""), tables


def written(part: str, words: str, audience: str = "municipality", based_on: str = "0") -> dict[str, str]:
    """The fields of one text of a draft."""
    return {f"text-{part}": words, f"audience-{part}": audience, f"based_on-{part}": based_on}


def test_each_role_opens_its_own_places_on_every_level(partners: dict[str, FlaskClient]) -> None:
    for place, opens in OPENS.items():
        for name, client in partners.items():
            assert client.get(f"/lagesbild/{place}/").status_code == (200 if name in opens else 403), (
                place,
                name,
            )
    for name, page in (
        ("nacka", f"kommun/{VAXHOLM}/{WAVE}/"),
        ("police_of_vaxholm", f"kommun/{NACKA}/{WAVE}/"),
    ):
        for part in ("", "andringar", "lag", "lagesbild.json", "lagesbild.xlsx", "utkast"):
            assert partners[name].get(f"/lagesbild/{page}{part}").status_code == 403, (name, page, part)
    # Above the district the region writes alone.
    assert partners["police"].get(f"/lagesbild/region/{REGION}/{WAVE}/utkast").status_code == 403
    for unknown in ("kommun/9999/", "lokalpolisomrade/L9/", f"kommun/{NACKA}/1999/", f"{HERE[11:]}?nr=77"):
        assert partners["analyst"].get(f"/lagesbild/{unknown}").status_code == 404, unknown


def test_an_area_that_is_no_more_keeps_its_pictures_and_a_municipality_what_it_signed(
    app: Flask, partners: dict[str, FlaskClient]
) -> None:
    found: Databases = app.extensions["databases"]
    area, nacka, analyst = f"/lagesbild/delomrade/{NACKA}-01/", partners["nacka"], partners["analyst"]
    with found.transaction() as session:
        area_row = session.get_one(Area, f"{NACKA}-01")
        area_row.valid_to = date(2021, 12, 31)
        session.add(Area(code=f"{NACKA}-09", municipality_code=NACKA, name="Ny", valid_from=date(2022, 1, 1)))
    page = nacka.get(area)
    assert "till och med 31\u00a0december\u00a02021" in page.text and f"{area}{WAVE}/" in page.text
    assert "gällde till och med 31\u00a0december\u00a02021" in nacka.get(f"{area}{WAVE}/").text
    # Many areas have the same name: where it lies is said beside it.
    assert all("delområde i Nacka" in nacka.get(address).text for address in (area, f"{area}{WAVE}/"))
    assert f'href="{area}"' in nacka.get(f"/lagesbild/kommun/{NACKA}/").text
    assert f'href="{area}{WAVE}/"' in nacka.get(HERE).text
    assert f"/{WAVE}/" not in nacka.get(f"/lagesbild/delomrade/{NACKA}-09/").text  # not there that year
    assert partners["vaxholm"].get(area).status_code == 403

    # Nacka signs its district's picture, and then leaves the district.
    district = f"/lagesbild/lokalpolisomrade/{DISTRICT}/{WAVE}/"
    assert post(analyst, f"{district}borja").status_code == 303
    shown = re.search(r'name="fingerprint" value="(\w+)"', nacka.get(f"{district}utkast").text)
    assert shown is not None
    for name, side in (("analyst", "police"), ("vaxholm", VAXHOLM), ("nacka", NACKA)):
        seen = {"fingerprint": shown[1], "empty": "yes"}
        answer = post(partners[name], f"{district}underteckna", side=side, **seen)
        assert answer.status_code == 303, name
    with found.transaction() as session:
        left = {"district_code": DISTRICT, "municipality_code": NACKA}
        session.execute(update(DistrictMunicipality).filter_by(**left).values(valid_to=date(2021, 12, 31)))
    assert nacka.get(answer.location).status_code == 200
    for other in (
        district,
        f"{district}utkast",
        f"/lagesbild/lokalpolisomrade/{DISTRICT}/",
        f"{district}?nr=99",
    ):
        assert nacka.get(other).status_code == 403, other


def test_nothing_is_seen_before_the_embargo_of_the_role(app: Flask, partners: dict[str, FlaskClient]) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        closed = update(Embargo).where(Embargo.audience == "municipality")
        session.execute(closed.values(opens_at=None))
    for part in ("", "andringar", "lag", "lagesbild.json"):
        assert partners["nacka"].get(f"{HERE}{part}").status_code == 404
    assert post(partners["nacka"], f"{HERE}borja").status_code == 404
    assert partners["police"].get(HERE).status_code == 200
    assert post(partners["police"], f"{HERE}borja").status_code == 303
    assert "Går inte att underteckna än" in partners["police"].get(f"{HERE}utkast").text
    # The texts of a draft tell of the figures: they open with them.
    text = written("analysis", "Oron har ökat.")
    assert post(partners["police"], f"{HERE}text", **text).status_code == 303
    assert partners["nacka"].get(f"{HERE}utkast").status_code == 404
    for step in ("text", "underteckna"):
        assert post(partners["nacka"], f"{HERE}{step}", **text).status_code == 404, step


def test_police_and_municipality_write_and_sign_one_picture(
    app: Flask, partners: dict[str, FlaskClient]
) -> None:
    databases: Databases = app.extensions["databases"]
    nacka, police = partners["nacka"], partners["police"]
    with databases.transaction() as session:
        add_other_sources(session)
        here = places.place(session, Level.MUNICIPALITY, NACKA, TODAY)
        write_event(session, here, EVENT, "tests", NOW)
    results, to_picture = f"/resultat/{NACKA}", f'href="/lagesbild/oppen/{NACKA}"'
    assert to_picture not in app.test_client().get(results).text
    draft, action = f"{HERE}utkast", f"{HERE}text"
    assert nacka.get(draft).status_code == 404  # nobody has begun
    assert post(nacka, f"{HERE}borja").status_code == 303
    assert post(nacka, action, **written("analysis", "Mörka vägar <b>och</b> parker.")).status_code == 303
    assert "Kan det här peka ut någon?" not in nacka.get(draft).text
    stale = post(police, action, **written("analysis", "Mitt eget."), **written("plan", "Vår plan."))
    assert stale.status_code == 422 and "Någon annan har ändrat" in stale.text
    assert all(one in stale.text for one in ("Mitt eget.", "Vår plan.", "Så lyder den andras text nu"))
    assert "personnummer" in post(nacka, action, **written("note-", "19900101-1234", "public")).text
    secret = written("note-", "Bara för polisen. Fråga Bo Ek, Storgatan 3 A i Nacka.", "police")
    assert post(police, action, **secret).status_code == 303

    # What looks like a name or an address is told, to those who may read it, and stops nobody.
    assert "Anteckning 1: Fråga Bo Ek, Storgatan 3 A</li>" in police.get(draft).text
    assert "Kan det här peka ut någon?" not in nacka.get(draft).text

    # Nobody writes over a note that they may not read, nor one that they could not read afterwards.
    (newest,) = re.findall(
        r'name="based_on-note-1" value="(\d+)"', police.get(draft).text.split("Bara för polisen")[0]
    )[-1:]
    over = post(nacka, action, **written("note-1", "Mitt i stället.", based_on=newest)).text
    assert "inte öppen för dig" in over and "Mitt i stället." in over
    assert "Välj vilka som får läsa" in post(nacka, action, **secret).text
    for page in (HERE, draft, f"{HERE}lagesbild.json"):
        assert "Bara för polisen" not in nacka.get(page).text, page
        assert 'value="police"' not in nacka.get(page).text, page
    assert "Bara för polisen" in police.get(HERE).text
    assert "Mörka vägar &lt;b&gt;och&lt;/b&gt; parker." in nacka.get(f"{HERE}lag").text

    shown = re.search(r'name="fingerprint" value="(\w+)"', nacka.get(draft).text)
    assert shown is not None
    sign, seen = f"{HERE}underteckna", {"fingerprint": shown[1]}
    assert post(nacka, sign, side="police", **seen).status_code == 422  # only for one's own side
    unsaved = post(nacka, sign, side=NACKA, **seen, **written("plan", "Planen är inte sparad."))
    assert unsaved.status_code == 422 and "Planen är inte sparad." in unsaved.text
    empty = post(nacka, sign, side=NACKA, **seen)  # with parts that nobody has written, only when it is said
    assert empty.status_code == 422 and "Inget är skrivet under: Kartläggning, Åtgärdsplan" in empty.text
    seen["empty"] = "yes"
    assert post(nacka, sign, side=NACKA, **seen).status_code == 303
    frozen = post(police, sign, side="police", **seen)
    assert frozen.status_code == 303
    signed = nacka.get(frozen.location)
    assert "undertecknad" in signed.text and "Bara för polisen" not in signed.text
    as_it_stands = nacka.get(HERE).text  # which says that there is a signed one, and where
    assert frozen.location in as_it_stands and "inte påbörjad" not in as_it_stands
    assert f'<h2><a href="{frozen.location}">' in nacka.get(f"/lagesbild/kommun/{NACKA}/").text
    assert "Bara för polisen" in police.get(frozen.location).text
    assert "Larm, Nacka" in police.get(frozen.location).text  # the drawing in words
    assert "Larm" not in signed.text and "1 händelse runt svarstiden" in signed.text
    assert app.test_client().get(results).text.count(to_picture) == 1
    everybody = app.test_client().get(f"/lagesbild/oppen/{NACKA}")
    assert everybody.status_code == 200 and "undertecknad" in everybody.text
    assert "Bara för polisen" not in everybody.text and "Mörka vägar" not in everybody.text
    sources = app.test_client().get(f"/lagesbild/oppen/{NACKA}/kallor")
    assert "Berget" in sources.text and "Larm" not in sources.text
    with databases.transaction() as session:
        session.execute(update(Series).values(audience="public"))
    sources = app.test_client().get(f"/lagesbild/oppen/{NACKA}/kallor")
    assert "Bara larm." in sources.text and "Påhittade uppgifter" in sources.text
    assert app.test_client().get("/lagesbild/oppen/9999/kallor").status_code == 404
    assert app.test_client().get(f"/lagesbild/oppen/{VAXHOLM}").status_code == 404
    with pytest.raises(IntegrityError, match="signed"), databases.transaction() as session:
        session.execute(text("UPDATE situation_picture SET content = '{}'"))
    district = police.get(f"/lagesbild/lokalpolisomrade/{DISTRICT}/").text
    assert "2019: undertecknad" in district and "2019: inte påbörjad" in district
    with databases.transaction() as session:
        session.execute(update(Embargo).where(Embargo.audience == "public").values(opens_at=None))
    assert app.test_client().get(f"/lagesbild/oppen/{NACKA}").status_code == 404
    assert nacka.get(draft).status_code == 404  # what is signed is written in no more
    late = post(nacka, action, **written("plan", "Skrivet för sent."))
    assert late.status_code == 404 and "Skrivet för sent." in late.text

    since = nacka.get(f"{HERE}andringar").text
    assert "Lägesbilderna bygger på samma mätning. Mellan dem är ingen förändring prövad." in since
    # Nobody has taken a text away when nobody has begun to write.
    assert "inga texter att jämföra med" in since and "borttaget" not in since
    query = urlencode({"nr": frozen.location.rsplit("=", 1)[1]})
    given = orjson.loads(nacka.get(f"{HERE}lagesbild.json?{query}").data)
    whole = re.sub(r"</?span[^>]*>", "", signed.text)  # intervals are kept on one line
    assert given["summary"] and all(whole.count(str(escape(one))) == 1 for one in given["summary"])
    assert given["texts"][0]["text"] == "Mörka vägar <b>och</b> parker."
    book = load_workbook(BytesIO(nacka.get(f"{HERE}lagesbild.xlsx?{query}").data))
    rows = list(book["Mått"].iter_rows(min_row=5, values_only=True))
    assert [row[1] for row in rows] == [one["label"] for one in given["measures"]]
    assert {"Problem i området"} < {row[0] for row in rows}
    assert "kommunen och polisen" in [row[3] for row in book["Texter"].iter_rows(min_row=5, values_only=True)]
    shares = [one["now"]["value"] for one in given["measures"]]
    assert [row[2] * 100 if isinstance(row[2], float | int) else None for row in rows] == pytest.approx(
        shares
    )

    headings, language, tables = read_document(nacka.get(f"{HERE}lag.docx?{query}").data)
    assert [one for level, one in headings if level == "Heading1"] == [
        "1. Kartläggning",
        "2. Analys",
        "3. Åtgärdsplan",
        "4. Uppföljning",
    ]
    assert language == "sv-SE"
    assert all(title and has_header for title, has_header, _ in tables)
    profile = next(rows for title, _, rows in tables if title.startswith("Andel som tycker"))
    labels = {one["indicator"]: one["label"] for one in given["measures"]}
    assert [row[0] for row in profile[1:]] == [labels[name] for name in given["profile"]["order"]]
    assert "Bara för polisen" not in str((headings, tables))
    assert partners["analyst"].get(f"/lagesbild/region/{REGION}/{WAVE}/lag.docx").status_code == 404

    # The next one is signed on figures that are not open to everybody: until they are, this one stays.
    with databases.transaction() as session:
        session.execute(update(Embargo).where(Embargo.audience == "public").values(opens_at=NOW))
        kept = session.scalars(select(SituationPicture).where(SituationPicture.signed_at.is_not(None))).one()
        of_next = {
            "content": (kept.content or "").replace('"version":"1"', '"version":"2"'),
            "fingerprint": "f",
        }
        of_next |= {"level": kept.level, "code": kept.code, "wave_code": WAVE, "begun_by": "x"}
        session.add(
            SituationPicture(**of_next, begun_at=kept.begun_at, signed_at=kept.begun_at.replace(year=2090))
        )
    assert "utgåva 1" in app.test_client().get(f"/lagesbild/oppen/{NACKA}").text
    assert "undertecknad 2090" not in app.test_client().get(f"/lagesbild/oppen/{NACKA}").text


def test_no_page_of_pictures_has_an_accessibility_fault(
    browser: Browser, address: str, pictured: dict[str, str]
) -> None:
    page = page_of(browser, 360, scripts=True)  # the checker is a script; the pages have none
    page.goto(f"{address}/inloggning?next=/lagesbild/")
    page.fill("#email", pictured["nacka"])
    page.fill("#password", PASSWORD)
    page.click("main button")
    faults = faults_of(page)
    page.goto(f"{address}{HERE}")
    page.click("text=Börja skriva")
    page.fill("#text-mapping", "Vi ser mörka vägar.")
    page.fill("#text-plan", "Vi bygger ljusa vägar.")
    press(page, "Underteckna för Nacka")  # not before the texts are saved
    assert page.input_value("#text-mapping") == "Vi ser mörka vägar."
    press(page, "Spara texterna")
    assert page.input_value("#text-plan") == "Vi bygger ljusa vägar."
    page.fill("#text-plan", "Vi bygger ljusa vägar och parker.")
    page.context.clear_cookies()
    press(page, "Spara texterna")
    assert "Vi bygger ljusa vägar och parker." in page.locator("textarea").all_text_contents()
    faults += faults_of(page)
    page.goto(f"{address}/inloggning?next={HERE}utkast")
    page.fill("#email", pictured["nacka"])
    page.fill("#password", PASSWORD)
    page.click("main button")
    faults += faults_of(page)
    wide = (f"kommun/{NACKA}/{WAVE}/", f"kommun/{NACKA}/{WAVE}/utkast")
    narrow = (*wide[:1], f"kommun/{NACKA}/", f"kommun/{NACKA}/{WAVE}/lag", f"kommun/{NACKA}/{WAVE}/andringar")
    narrow += (f"kommun/{NACKA}/tertial/2019-T3", f"lokalpolisomrade/{DISTRICT}/{WAVE}/")
    for width, paths in ((360, narrow), (1280, wide)):
        page.set_viewport_size({"width": width, "height": 740})
        for path in paths:
            page.goto(f"{address}/lagesbild/{path}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            faults += faults_of(page)
    assert faults == []
