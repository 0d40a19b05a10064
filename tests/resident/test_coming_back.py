"""Whoever comes back with the letter cannot tell from any page whether the person was a victim of crime."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, answer, answer_all, enter, hidden, send
from test_answering import state_of

from survey.questionnaire.definition import load

DETAILS = "victimisation_details"
PAGES = [page.id for page in load("trygghet").pages]
CRIMES = [question.id for question in load("trygghet").questions if question.id.startswith("victim_")]
YES, NO = ({"victim_threat": "1"}, {"victim_threat": "2"})
# What belongs to the person, the visit or the moment, always of the same length.
PERSONAL = re.compile(r'(name="(?:state|csrf_token)" value=")[^"]+')
Seen = tuple[str, int, str | None, int, str]


def answer_until(client: FlaskClient, letter: Letter, last: str, said: dict[str, str]) -> None:
    """Answer in the person's own browser up to and with a page; the details only when they are asked."""
    enter(client, letter)
    for page_id in PAGES[: PAGES.index(last) + 1]:
        if page_id != DETAILS or said == YES:
            chosen = (
                said if page_id == "victimisation" else {"times_threat": "3"} if page_id == DETAILS else {}
            )
            assert answer(client, page_id, chosen).status_code == 303


def everything_seen_by_who_holds_the_letter(app: Flask, letter: Letter, entry: str) -> Iterator[Seen]:
    """Every address opened, and every form sent, in a browser that knows the letter and nothing else."""
    client = app.test_client()
    if entry == "code":
        sent = send(client, "/", {"code": letter.code})
    elif entry == "qr":
        sent = send(client, f"/s/{letter.token}")
    else:
        lost = client.post("/fraga/worry")
        sent = client.post("/fortsatt", data={**hidden(lost), "code": letter.code})
    yield "enter", sent.status_code, sent.location, len(sent.data), ""
    addresses = ["/fortsatt", "/om", "/granska", *(f"/fraga/{page_id}" for page_id in PAGES)]
    for method in ("GET", "broken token", "stale", "POST", "GET"):
        for address in addresses:
            opened = client.get(address, follow_redirects=True)
            fields = {**hidden(opened), "state": "stale"} if method == "stale" else hidden(opened)
            if method == "GET":
                page = client.get(address)
            elif address in ("/fortsatt", "/granska"):
                continue
            elif method == "broken token":
                page = client.post(address, data={"csrf_token": "broken"})
            else:
                page = client.post(address, data=fields)
            text = PERSONAL.sub(r"\1", page.text)
            yield f"{method} {address}", page.status_code, page.location, len(page.data), text
    yield "cookie", 0, None, len(str(client.get_cookie("trygg"))), ""


@pytest.mark.parametrize("entry", ["code", "qr", "pause"])
@pytest.mark.parametrize(
    ("victim_stops_at", "other_stops_at"),
    [
        ("victimisation", "victimisation"),
        (DETAILS, "victimisation"),
        ("worry", "worry"),
        (PAGES[-1], PAGES[-1]),
    ],
)
def test_every_page_after_coming_back_is_the_same_for_a_victim_and_for_others(
    app: Flask, letters: list[Letter], victim_stops_at: str, other_stops_at: str, entry: str
) -> None:
    answer_until(app.test_client(), letters[0], victim_stops_at, YES)
    answer_until(app.test_client(), letters[1], other_stops_at, NO)
    victim, other = (list(everything_seen_by_who_holds_the_letter(app, letter, entry)) for letter in letters)
    assert victim == other
    assert not any(DETAILS in (location or "") + text for _, _, location, _, text in victim)
    assert any("Tillbaka" in text for *_, text in victim)


def test_the_page_for_victims_is_stored_as_skipped_when_the_code_is_shown_again(
    app: Flask, letter: Letter
) -> None:
    answer_until(app.test_client(), letter, "victimisation", YES)
    before = state_of(app, letter)
    assert "times_threat" not in before.answers
    client = app.test_client()
    send(client, "/", {"code": letter.code})
    after = state_of(app, letter)
    assert after.answers == before.answers | {"times_threat": "", "reported_threat": ""}
    assert client.get("/fortsatt").location == "/fraga/worry"
    assert f'href="/fraga/{DETAILS}"' not in client.get("/fraga/worry").text
    assert 'href="/fraga/victimisation"' in client.get("/fraga/worry").text


def test_opening_a_page_stores_nothing(app: Flask, client: FlaskClient, letter: Letter) -> None:
    """The other browser came first; the answer that would be told was given after that."""
    own = app.test_client()
    answer_until(own, letter, "problems", YES)
    send(client, "/", {"code": letter.code})
    answer(own, "victimisation", YES)
    before = state_of(app, letter)
    for address in ("/fortsatt", "/granska", f"/fraga/{DETAILS}", "/fraga/worry", "/fraga/victimisation"):
        page = client.get(address)
        assert DETAILS not in (page.location or "") + page.text
    assert state_of(app, letter) == before
    assert answer(client, "worry").location == "/fraga/unsafe"
    assert state_of(app, letter).answers["times_threat"] == ""


def test_what_was_told_about_the_crime_is_kept_and_counts(app: Flask, letter: Letter) -> None:
    answer_until(app.test_client(), letter, DETAILS, YES)
    client = app.test_client()
    send(client, "/", {"code": letter.code})
    for page_id in PAGES:
        if page_id != DETAILS:
            assert answer(client, page_id).status_code == 303
    assert client.post("/granska", data=hidden(client.get("/granska"))).location == "/tack"
    stored = state_of(app, letter)
    assert stored.submitted
    assert (stored.answers["victim_threat"], stored.answers["times_threat"]) == ("1", "3")


def test_the_persons_own_window_still_takes_the_details(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    answer_until(client, letter, "victimisation", YES)
    form = hidden(client.get(f"/fraga/{DETAILS}"))
    send(app.test_client(), "/", {"code": letter.code})
    sent = client.post(f"/fraga/{DETAILS}", data={**form, "times_threat": "2"})
    assert sent.location == "/fraga/worry"
    assert state_of(app, letter).answers["times_threat"] == "2"
    assert f'href="/fraga/{DETAILS}"' in client.get("/fraga/worry").text


def test_answering_the_filter_anew_asks_the_same_of_everybody(app: Flask, letters: list[Letter]) -> None:
    answer_until(app.test_client(), letters[0], PAGES[-1], YES)
    answer_until(app.test_client(), letters[1], PAGES[-1], NO)
    shown = []
    for letter in letters:
        client = app.test_client()
        send(client, "/", {"code": letter.code})
        sent = answer(client, "victimisation", {**dict.fromkeys(CRIMES, "2"), **YES})
        assert sent.location == f"/fraga/{DETAILS}"
        assert client.get("/granska").location == f"/fraga/{DETAILS}"
        page = client.get(sent.location).text
        assert "Du har redan svarat" not in page
        shown.append(PERSONAL.sub(r"\1", page))
        assert answer(client, DETAILS, {"reported_threat": "2"}).location == "/granska"
        review = client.get("/granska").text
        assert "Tre gånger eller fler" not in review
        shown.append(PERSONAL.sub(r"\1", review))
    assert shown[:2] == shown[2:]


@pytest.mark.parametrize("guess", [YES, NO])
def test_a_guess_at_the_answers_cannot_be_tried(app: Flask, letter: Letter, guess: dict[str, str]) -> None:
    answer_until(app.test_client(), letter, "victimisation", YES)
    client = app.test_client()
    send(client, "/", {"code": letter.code})
    tried = answer(client, "victimisation", {"state": "stale", **guess})
    assert tried.status_code == 409
    partly = answer(client, "victimisation", {**guess})
    assert partly.location == "/fraga/worry"
    assert "checked" not in client.get("/fraga/victimisation").text


def test_answers_carried_over_a_pause_go_on_to_the_details(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    """The form on the screen says it already: nothing more is told, and nothing the person said is lost."""
    answer_until(client, letter, "problems", YES)
    form = {**hidden(client.get("/fraga/victimisation")), **YES}
    client.delete_cookie("trygg")
    page = client.post("/fraga/victimisation", data=form)
    client.post("/fortsatt", data={**hidden(page), "code": letter.code})
    assert client.get("/fortsatt").location == f"/fraga/{DETAILS}"


def test_answers_carried_over_a_pause_leave_earlier_ones_that_were_not_shown(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    answer_until(app.test_client(), letter, "victimisation", YES)
    send(client, "/", {"code": letter.code})
    form = {**hidden(client.get("/fraga/victimisation")), "victim_theft": "2"}
    client.delete_cookie("trygg")
    page = client.post("/fraga/victimisation", data=form)
    client.post("/fortsatt", data={**hidden(page), "code": letter.code})
    stored = state_of(app, letter).answers
    assert (stored["victim_threat"], stored["victim_theft"]) == ("1", "2")
    assert client.get("/fortsatt").location == "/fraga/worry"


def test_a_form_does_not_tell_how_many_pages_were_saved(
    app: Flask, client: FlaskClient, letter: Letter
) -> None:
    enter(client, letter)
    states = []
    for _ in range(12):
        states.append(hidden(client.get("/fraga/problems"))["state"])
        answer(client, "problems")
    assert len(set(states)) == 12
    assert len({len(state) for state in states}) == 1
    answer_all(client)
