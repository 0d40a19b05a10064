"""A resident's way from the letter to the receipt, page by page."""

import re
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, answer, answer_all, enter, hidden, send

from survey.collection import responses
from survey.collection.responses import ResponseState
from survey.database import Databases


def state_of(app: Flask, letter: Letter) -> ResponseState:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return responses.current(session, letter.case_id)


def test_code_leads_through_every_page_to_the_receipt(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client, victim=True)
    review = client.get("/granska")
    assert "Våld" not in review.text and "Har någon slagit" in review.text
    sent = client.post("/granska", data=hidden(review))
    assert (sent.status_code, sent.location) == (303, "/tack")
    assert "Tack, klart!" in client.get("/tack").text
    stored = state_of(app, letter)
    assert stored.submitted
    assert stored.answers["victim_violence"] == "1"


def test_opening_the_qr_address_starts_nothing(app: Flask, client: FlaskClient, letter: Letter) -> None:
    landing = client.get(f"/s/{letter.token}")
    assert landing.status_code == 200
    assert client.get("/om").status_code == 303  # still outside
    assert not state_of(app, letter).begun
    sent = client.post(f"/s/{letter.token}", data=hidden(landing))
    assert sent.location == "/om"
    assert client.get("/om").status_code == 200


def test_every_question_can_be_skipped(app: Flask, client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    for page in ("problems", "victimisation", "worry", "unsafe", "avoidance", "confidence", "background"):
        assert answer(client, page).status_code == 303
    client.post("/granska", data=hidden(client.get("/granska")))
    stored = state_of(app, letter)
    assert stored.submitted
    assert set(stored.answers.values()) == {""}


def test_details_are_asked_only_of_those_who_said_yes(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer(client, "problems")
    assert answer(client, "victimisation", {"victim_threat": "1"}).location == "/fraga/victimisation_details"
    details = client.get("/fraga/victimisation_details").text
    assert "times_threat" in details
    assert "times_violence" not in details
    assert answer(client, "victimisation", {"victim_threat": "2"}).location == "/fraga/worry"
    assert client.get("/fraga/victimisation_details").location == "/fraga/worry"


def test_a_page_ahead_cannot_be_opened(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    assert client.get("/fraga/background").location == "/fraga/problems"
    assert client.get("/granska").location == "/fraga/problems"


def test_coming_back_shows_no_earlier_answers_and_keeps_them(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer(client, "problems", {"problem_litter": "4", "problem_fights": "2"})
    assert 'value="4" checked' in client.get("/fraga/problems").text  # this visit gave it
    elsewhere = app.test_client()
    assert send(elsewhere, "/", {"code": letter.code}).location == "/fortsatt"
    assert elsewhere.get("/fortsatt").location == "/fraga/victimisation"
    again = elsewhere.get("/fraga/problems")
    assert "checked" not in again.text
    assert "Du har redan svarat på den här sidan" in again.text
    elsewhere.post("/fraga/problems", data={**hidden(again), "problem_litter": "1"})
    stored = state_of(app, letter).answers
    assert (stored["problem_litter"], stored["problem_fights"]) == ("1", "2")
    # The kept answer was given elsewhere: this visit must not show it now either.
    assert "checked" not in elsewhere.get("/fraga/problems").text


def test_review_says_only_that_earlier_pages_are_answered(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client, victim=True)
    assert "Inget problem" in client.get("/granska").text
    elsewhere = app.test_client()
    send(elsewhere, "/", {"code": letter.code})
    review = elsewhere.get("/granska").text
    assert "Inget problem" not in review
    assert "Har någon slagit" not in review
    assert review.count("Besvarad.") == 7  # the page asked only of victims is not named
    changed = elsewhere.post("/granska", data={**hidden(elsewhere.get("/granska")), "state": "stale"})
    assert changed.status_code == 409
    assert "För din säkerhet visar vi inte vad" in changed.text
    assert "Så här ser de ut nu" not in changed.text


def test_changing_from_the_review_leads_back_to_it(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer_all(client)
    assert answer(client, "worry", {"worry_fraud": "3"}).location == "/granska"


def test_the_language_is_kept_and_the_page_saved_when_it_changes(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    sent = answer(client, "problems", {"problem_litter": "3", "language": "ar"})
    assert sent.location == "/fraga/problems?language=ar"
    page = client.get(sent.location).text
    assert '<html lang="ar" dir="rtl">' in page
    assert 'value="3" checked' in page
    assert '<html lang="ar" dir="rtl">' in client.get("/fraga/problems").text
    answer(client, "problems")
    assert state_of(app, letter).language == "ar"


def test_every_page_has_the_way_out_and_says_that_answers_are_simulated(
    client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    answer_all(client, victim=True)
    pages = ["/", "/om", "/granska", "/fraga/problems", "/fraga/victimisation_details", f"/s/{letter.token}"]
    first = client.get("/", headers={"Accept-Language": "ar, sv;q=0.5"}).text
    assert re.findall(r'hreflang="(.*?)"', first)[:2] == ["ar", "sv"]  # offered, not chosen
    assert '<html lang="sv"' in first
    for address in [*pages, "/finns-inte"]:
        text = client.get(address).text
        assert 'hreflang="ar"' in text or ('href="#sprak"' in text and 'id="sprak"' in text), address
        assert 'action="/lamna"' in text, address
        assert "SIMULERADE SVAR – INGET RESULTAT" in text, address


def test_pages_about_crime_end_with_where_to_get_help(client: FlaskClient, letter: Letter) -> None:
    enter(client, letter)
    answer_all(client, victim=True)
    for page in ("victimisation", "victimisation_details"):
        text = client.get(f"/fraga/{page}").text
        for number in ("112", "114 14", "020-50 50 50", "116 006", "116 111"):
            assert number in text
    assert "020-50 50 50" not in client.get("/fraga/worry").text


def test_leaving_quickly_ends_the_visit_on_the_server(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    stolen = client.get_cookie("trygg")
    assert stolen is not None
    left = client.post("/lamna")  # without any token: leaving always works
    assert (left.status_code, left.location) == (303, "https://www.smhi.se/")
    assert left.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    copy = app.test_client()
    copy.set_cookie("trygg", stolen.value)
    assert copy.get("/fraga/problems").location == "/?paus=1"
    assert client.get("/fraga/problems").location == "/"  # nothing that tells of answers


def test_the_receipt_is_only_for_who_has_handed_in(client: FlaskClient, letter: Letter) -> None:
    assert client.get("/tack").location == "/"
    enter(client, letter)
    assert client.get("/tack").location == "/"


def test_the_number_to_call_is_that_of_the_installation(app: Flask, client: FlaskClient) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], help_phone="020-12 <b>")
    page = client.get("/?language=ar").text
    assert '<a class="number" dir="ltr" href="tel:02012">020-12 &lt;b&gt;</a>' in page
    assert "08-465" not in page
