"""A question in one's own words: what not to write is said, and what was written is shown to its writer."""

from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, add_open_wave, answer, enter, hidden, send
from sqlalchemy import select
from test_open_link import begin, open_link_wave

from survey.database import Databases
from survey.models.free_text import FreeText
from survey.questionnaire.definition import load

ASKED = load("trygghet+fritext")
QUESTION, ADDRESS = "fritext_safer", "/fraga/fritext_page"
BEFORE = ("problems", "victimisation", "worry", "unsafe", "avoidance", "confidence")


def stored(app: Flask) -> list[str]:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return list(session.scalars(select(FreeText.text)))


def come_to_own_words(app: Flask, client: FlaskClient) -> Letter:
    """Answer every page before the one for own words."""
    databases: Databases = app.extensions["databases"]
    with databases.transaction() as session:
        letter = add_open_wave(session, 1, asked=ASKED.name)[0]
    enter(client, letter)
    for page in BEFORE:
        assert answer(client, page).status_code == 303
    return letter


def test_a_text_is_shown_again_to_the_visit_that_wrote_it_alone(app: Flask, client: FlaskClient) -> None:
    letter = come_to_own_words(app, client)
    page = client.get(ADDRESS).text
    assert "Skriv inte namn, telefonnummer, adress" in page
    assert "Det får plats 1000 tecken." in page
    refused = send(client, ADDRESS, {QUESTION: "ö" * 1001})
    assert refused.status_code == 422
    assert "Texten är för lång" in refused.text
    assert "ö" * 1001 in refused.text
    assert stored(app) == []
    form = hidden(client.get(ADDRESS))
    said = {**form, QUESTION: "Fler <b>lampor</b>\x00\r\nnu"}
    assert client.post(ADDRESS, data=said).status_code == 303
    assert client.post(ADDRESS, data=said).status_code == 303  # the same form sent twice
    assert stored(app) == ["Fler <b>lampor</b>\nnu"]
    assert "Fler &lt;b&gt;lampor&lt;/b&gt;" in client.get(ADDRESS).text
    assert client.get(ADDRESS).text.count("lampor") == 1
    assert answer(client, "background").status_code == 303
    review = client.get("/granska").text
    assert "Du har skrivit ett svar." in review
    assert "lampor" not in review

    later = app.test_client()
    assert send(later, "/", {"code": letter.code}).location == "/fortsatt"
    assert "lampor" not in later.get(ADDRESS).text
    assert send(later, ADDRESS, {QUESTION: ""}).status_code == 303  # left empty: what was written stays
    assert len(stored(app)) == 1
    assert send(later, ADDRESS, {QUESTION: "Inget"}).status_code == 303
    assert stored(app) == ["Inget"]
    assert send(later, ADDRESS, {QUESTION: " "}).status_code == 303
    assert stored(app) == []


def test_a_text_outlives_a_pause_that_was_too_long(app: Flask, client: FlaskClient) -> None:
    letter = come_to_own_words(app, client)
    for said, status in (("ö" * 1001, 422), ("Fler lampor,\nockså i Fisksätra.", 303)):
        form = {**hidden(client.get(ADDRESS)), QUESTION: said}
        client.delete_cookie("trygg")
        lost = client.post(ADDRESS, data=form)
        assert (lost.status_code, "Skriv koden igen" in lost.text) == (403, True)
        back = client.post("/fortsatt", data={**hidden(lost), "code": letter.code})
        assert back.status_code == status
        assert (said in back.text) == (status == 422)  # too long: there to be shortened
    assert stored(app) == [said]
    assert client.get("/fortsatt").location == "/fraga/background"


def test_who_comes_by_an_open_link_is_not_asked(app: Flask, client: FlaskClient) -> None:
    open_link_wave(app, ASKED.name)
    begin(client)
    for page in (*BEFORE, "background"):
        assert answer(client, page).status_code == 303
    assert client.get(ADDRESS).status_code == 404
    assert send(client, "/granska").status_code == 303
    assert stored(app) == []
