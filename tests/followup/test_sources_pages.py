"""Other sources and events on the pages: from a file to what a municipality reads, and nothing beyond it."""

from datetime import timedelta
from io import BytesIO

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from live_server import faults_of, page_of, press
from open_wave import TODAY, add_open_wave, hidden, send
from playwright.sync_api import Browser
from staff import PASSWORD, add_account, add_police, logged_in

from survey import audit
from survey.cli import main
from survey.config import Settings
from survey.database import Databases
from survey.models.municipality import Municipality, Participation

SERIES = b"level,code,period,value,note\nmunicipality,0187,2026-01,12,\nmunicipality,0187,2026-02,,under 5\n"
NEXT = b"level,code,period,value,note\nmunicipality,0187,2026-01,13,\nmunicipality,0182,2026-01,99,\n"
LISTED = (
    b"year,name,class,municipality_code,district_code,area_codes,source\n2023,Torget,utsatt,0187,,,Polisen\n"
)
ABOUT = {
    "code": "anmalda",
    "title": "Anmälda brott",
    "source": "Brå",
    "limits": "Bara det anmälda.",
    "unit": "antal",
    "audience": "municipality",
}
DAY = TODAY - timedelta(days=3)
EVENT = {
    "place": "area:0187-01",
    "starts_on": str(DAY),
    "kind": "measure",
    "text": "Ny belysning vid torget.",
    "source": "Kommunen",
    "audience": "municipality",
}
OWN = "/kommun/0187/kallor/"


@pytest.fixture
def place(app: Flask) -> Flask:
    """An open wave in Vaxholm, and Nacka beside it."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_open_wave(session, letters=1)
        session.add(
            Municipality(
                code="0182", name="Nacka", county_code="01", county="Ett län", police_region="Stockholm"
            )
        )
        session.add(Participation(wave_code="2026-11", municipality_code="0187", accepted=True))
    return app


def test_a_file_is_checked_and_then_read_in_and_shown_with_its_source(place: Flask) -> None:
    analyst, own = logged_in(place), logged_in(place, "0187")
    start = "/analys/kallor/ny/serie"

    def hand_in(content: bytes, address: str = start, **about: str) -> str:
        fields = {**ABOUT, **about, "fil": (BytesIO(content), "brott.csv")}
        sent = send(analyst, address, fields)
        return sent.location if sent.status_code == 303 else sent.text

    assert "Välj en fil." in send(analyst, start, ABOUT).text
    wrong = hand_in(SERIES.replace(b",12,", b",tolv,"), code="")
    assert "brott.csv, rad 2: kolumnen value är &#39;tolv&#39;" in wrong
    assert 'value="Anmälda brott"' in wrong  # what was written stays
    waiting = hand_in(SERIES)
    checked = analyst.get(waiting).text
    assert all(words in checked for words in ("Nya värden: 2", "Får läsas av", "kommunen och polisen"))
    assert "Väntar: kontrollerad men inte inläst" in analyst.get("/analys/kallor/").text
    assert "Anmälda brott" not in own.get(OWN).text
    assert analyst.post(f"{waiting}las-in", data=hidden(analyst.get(waiting))).status_code == 303
    assert "redan inläst" in analyst.post(f"{waiting}las-in", data=hidden(analyst.get(start))).text
    page = own.get(OWN).text
    for text in ("Anmälda brott", "Källa: Brå.", "Begränsningar: Bara det anmälda.", "jan 2026", "under 5"):
        assert text in page
    wider = hand_in(NEXT, audience="public")
    assert "En fil kan inte öppna den för fler" in wider
    later = hand_in(NEXT, source="Brå, rättad")
    checked = analyst.get(later).text
    assert all(
        words in checked for words in ("Ändrade värden: 1", "Filen ändrar 1 uppgift", "<b>Brå, rättad</b>")
    )
    analyst.post(f"{later}las-in", data=hidden(analyst.get(later)))
    shown = analyst.get("/analys/kallor/serie/anmalda/?plats=municipality:0187").text
    assert "Värden som en senare fil har ersatt" in shown
    assert ">12<" in shown
    assert ">13<" in shown
    assert ">99<" not in own.get(OWN).text  # Nacka's
    # To let more people read it is an act of its own, confirmed and logged.
    page, chosen = "/analys/kallor/serie/anmalda/", {"seen": "municipality", "audience": "public"}
    chosen |= hidden(analyst.get(start))
    for wrong in ({}, {"audience": "police", "confirmed": "yes"}, {"seen": "police", "confirmed": "yes"}):
        assert analyst.post(f"{page}oppna", data=chosen | wrong).status_code == 422
    assert "Den har 3 värden." in analyst.get(page).text
    assert analyst.post(f"{page}oppna", data=chosen | {"confirmed": "yes"}).status_code == 303
    assert "Låt fler läsa serien" not in analyst.get(page).text
    found: Databases = place.extensions["databases"]
    with found.transaction() as session:
        assert audit.events(session, 1)[0].action == "open series"
    filled_in = analyst.get(f"{start}?serie=anmalda").text
    assert 'value="Anmälda brott"' in filled_in
    dropped = hand_in(LISTED, "/analys/kallor/ny/utsatta-omraden")
    assert analyst.post(f"{dropped}ta-bort", data=hidden(analyst.get(dropped))).location == "/analys/kallor/"
    assert analyst.get(dropped).status_code == 404
    assert "Ingen lista är inläst. Det säger inget" in own.get(OWN).text
    listed = hand_in(LISTED, "/analys/kallor/ny/utsatta-omraden")
    analyst.post(f"{listed}las-in", data=hidden(analyst.get(listed)))
    assert "inlästa för 2023. Andra år: inte inläst." in own.get(OWN).text
    # Only for the police: neither the municipality nor its events say that it is there.
    secret = hand_in(SERIES, code="inre", title="Polisens egen", audience="police")
    analyst.post(f"{secret}las-in", data=hidden(analyst.get(secret)))
    police = add_police(place, "L1", "0187")
    assert "Polisens egen" in police.get(OWN).text
    assert "Polisens egen" not in own.get(OWN).text


def test_a_series_is_opened_and_its_mark_taken_away_on_its_page_and_by_command(
    place: Flask, settings: Settings
) -> None:
    analyst = logged_in(place)
    for code in ("en", "tre"):
        fields = {**ABOUT, "code": code, "synthetic": "ja", "fil": (BytesIO(SERIES), "brott.csv")}
        waiting = send(analyst, "/analys/kallor/ny/serie", fields).location
        analyst.post(f"{waiting}las-in", data=hidden(analyst.get(waiting)))
    page = "/analys/kallor/serie/en/"
    given = hidden(analyst.get(page)) | {"reason": "Fel kryss i formuläret"}
    told = analyst.post(f"{page}inte-pahittad", data=given)
    assert (told.status_code, "Kryssa i att alla värden är riktiga" in told.text) == (422, True)
    assert "Fel kryss i formuläret" in told.text
    assert analyst.post(f"{page}inte-pahittad", data=given | {"real": "yes"}).status_code == 303
    assert "Serien är inte påhittad" not in analyst.get(page).text

    environment = {
        "TRYGG_SURVEY_DATABASE": settings.survey_database,
        "TRYGG_IDENTITY_DATABASE": settings.identity_database,
    }

    def command(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(main, ["source", *arguments], env=environment, input=answer)

    held = "Serien tre får läsas av kommunen och polisen. Den har 2 värden. Öppna alla?"
    refused = command("open", "tre", "--audience", "public", answer="n\n")
    assert (refused.exit_code, held in refused.output) == (1, True)
    assert "Låt fler läsa serien" in analyst.get("/analys/kallor/serie/tre/").text
    assert command("open", "tre", "--audience", "police", "--yes").exit_code == 2
    assert command("open", "ingen", "--audience", "public", "--yes").exit_code == 2
    assert "får nu läsas av alla" in command("open", "tre", "--audience", "public", answer="y\n").output
    assert "Låt fler läsa serien" not in analyst.get("/analys/kallor/serie/tre/").text
    assert command("unmark", "tre", "--reason", "Fel kryss", answer="n\n").exit_code == 1
    assert "Serien är inte påhittad" in analyst.get("/analys/kallor/serie/tre/").text
    assert command("unmark", "tre", "--reason", "Fel kryss", "--yes").exit_code == 0
    assert command("unmark", "tre", "--reason", "Fel kryss", "--yes").exit_code == 2
    found: Databases = place.extensions["databases"]
    with found.reading() as session:
        assert [one.action for one in audit.events(session, 2)] == ["unmark invented series", "open series"]


def test_an_event_is_written_beside_the_field_period_and_taken_away(place: Flask) -> None:
    own, nacka = logged_in(place, "0187"), logged_in(place, "0182")
    address = f"{OWN}handelser/"
    faulty = send(own, address, EVENT | {"text": "", "place": "municipality:0182"})
    assert (faulty.status_code, "Välj kommunen eller ett av dess delområden." in faulty.text) == (422, True)
    assert "Skriv 1–300 tecken" in send(own, address, EVENT | {"text": ""}).text
    assert "Välj vilka som får läsa" in send(own, address, EVENT | {"audience": "police"}).text
    assert "Skriv dagen" in send(own, address, EVENT | {"ends_on": "i går"}).text
    assert send(own, address, EVENT).status_code == 303
    page = own.get(address).text
    assert "1 händelse runt svarstiden" in page
    assert page.count("Ny belysning vid torget.") >= 2  # beside the field period, and among all
    assert nacka.get(address).status_code == 403
    assert (
        nacka.post(f"{address}1/ta-bort", data=hidden(nacka.get("/kommun/0182/kallor/"))).status_code == 403
    )
    other = nacka.get("/kommun/0182/kallor/handelser/")
    tried = nacka.post("/kommun/0182/kallor/handelser/1/ta-bort", data=hidden(other))
    assert (tried.status_code, "inte på den här platsen" in tried.text) == (422, True)
    analyst = logged_in(place)
    assert "Ny belysning" in analyst.get("/analys/handelser/?plats=municipality:0187").text
    assert "Ny belysning" not in analyst.get("/analys/handelser/?plats=municipality:0182").text
    police = add_police(place, "L1", "0187")
    assert "Ny belysning" in police.get(address).text
    assert "Spara händelsen" not in police.get(address).text
    assert own.post(f"{address}1/ta-bort", data=hidden(own.get(address))).status_code == 303
    assert "Ny belysning" not in own.get(address).text
    # What looks like somebody's name or address is pointed out to those who may take the event away.
    assert "Kan det här peka ut någon?" not in own.get(address).text
    named = EVENT | {"text": "Polisen talade med Sven Karlsson på Storgatan 14.", "source": "Vaxholms stad"}
    assert send(own, address, named).status_code == 303
    for page in (own.get(address).text, analyst.get("/analys/handelser/").text):
        assert "Kan det här peka ut någon?" in page
        assert "åtgärd: Sven Karlsson, Storgatan 14</li>" in page
    assert "Kan det här peka ut någon?" not in police.get(address).text
    unknown = send(analyst, "/analys/handelser/", EVENT | {"place": "", "level": "district", "code": "L9"})
    assert "koden ”L9” på nivån lokalpolisområde" in unknown.text
    assert "De som finns: L1 (" in unknown.text


def test_no_page_of_sources_has_a_fault(browser: Browser, place: Flask, address: str) -> None:
    analyst, own = logged_in(place), logged_in(place, "0187")
    rows = b"".join(b"municipality,0187,2025-%02d,%d,\n" % (month, month) for month in range(1, 13))
    fields = {**ABOUT, "fil": (BytesIO(SERIES + rows), "brott.csv")}
    waiting = send(analyst, "/analys/kallor/ny/serie", fields).location
    analyst.post(f"{waiting}las-in", data=hidden(analyst.get(waiting)))
    send(own, f"{OWN}handelser/", EVENT)
    found: list[str] = []
    for email, pages in (
        (add_account(place, "0187", email="en@example.se"), (OWN, f"{OWN}handelser/")),
        (
            add_account(place, None, email="tva@example.se"),
            (
                "/analys/kallor/",
                "/analys/kallor/ny/serie",
                "/analys/kallor/serie/anmalda/",
            ),
        ),
    ):
        page = page_of(browser, 320, scripts=True)
        page.goto(f"{address}/inloggning")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        press(page, "Logga in")
        for one in pages:
            page.goto(f"{address}{one}")
            found += faults_of(page)
            for button in page.get_by_role("button", name="Spara händelsen").all():
                button.click()
                assert "Det här behöver ändras" in page.content()
                found += faults_of(page)
    assert found == []
