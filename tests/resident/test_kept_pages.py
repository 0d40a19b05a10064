"""What is kept of a question page from one resident to the next says nothing of either."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from open_wave import Letter, add_open_wave, answer, enter, hidden, send

from survey.database import Databases
from survey.questionnaire.definition import load
from survey.resident.kept_pages import GAPS

FORM_VALUE = re.compile(r'(type="hidden" name="\w+" value=)"[^"]*"')


@pytest.fixture
def letters(app: Flask) -> list[Letter]:
    """Three letters of a real wave, whose pages are kept."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        return add_open_wave(session, 3, synthetic=False)


def walk(client: FlaskClient, letter: Letter) -> Iterator[tuple[str, str]]:
    """Each page that is kept as it comes, without what belongs to its reader alone."""
    landing = client.get(f"/s/{letter.token}").text.replace(letter.token, "")
    yield "landing", FORM_VALUE.sub(r"\1", landing)
    enter(client, letter)
    yield "about", FORM_VALUE.sub(r"\1", client.get("/om").text)
    for page in load("trygghet").pages:
        opened = client.get(f"/fraga/{page.id}")
        if opened.status_code == 200:
            yield page.id, FORM_VALUE.sub(r"\1", opened.text)
            answer(client, page.id)
    yield "review", FORM_VALUE.sub(r"\1", client.get("/granska").text)
    send(client, "/granska")
    yield "receipt", client.get("/tack").text


def test_a_kept_page_is_what_would_be_made_anew(app: Flask, letters: list[Letter]) -> None:
    first = list(walk(app.test_client(), letters[0]))
    assert len(app.extensions["kept pages"]) == len(first) > 5
    kept = list(walk(app.test_client(), letters[1]))
    app.extensions["kept pages"].clear()
    anew = list(walk(app.test_client(), letters[2]))
    assert first == kept == anew


def test_each_form_holds_its_own_token_and_state(app: Flask, letters: list[Letter]) -> None:
    forms = []
    for letter in letters[:2]:
        client = app.test_client()
        enter(client, letter)
        forms.append(hidden(client.get("/fraga/problems")))
    one, other = forms
    assert one.keys() == other.keys() == {"csrf_token", "state"}
    assert all(one[name] and one[name] != other[name] for name in one)


def test_a_page_with_a_choice_or_a_fault_is_not_kept(app: Flask, letters: list[Letter]) -> None:
    client = app.test_client()
    enter(client, letters[0])
    answer(client, "problems", {"problem_litter": "4"})
    assert " checked" in client.get("/fraga/problems").text
    assert answer(client, "problems", {"problem_litter": "no such code"}).status_code == 422
    kept = list(app.extensions["kept pages"].values())
    assert kept
    assert not any(" checked" in text or 'class="error"' in text for text in kept)


def test_the_notice_of_an_earlier_visit_is_for_that_visit_alone(app: Flask, letters: list[Letter]) -> None:
    client, again, other = (app.test_client() for _ in range(3))
    enter(client, letters[0])
    answer(client, "problems", {"problem_litter": "4"})
    again.post("/", data={**hidden(again.get("/")), "code": letters[0].code})
    enter(other, letters[1])
    assert "Du har redan svarat på den här sidan" in again.get("/fraga/problems").text
    assert "Du har redan svarat på den här sidan" not in other.get("/fraga/problems").text


def test_an_address_that_is_called_as_a_gap_is_shown_as_it_is(
    client: FlaskClient, letters: list[Letter]
) -> None:
    for name, gap in GAPS.items():
        page = client.get(f"/s/{gap}")
        assert f'action="/s/{gap}"' in page.text, name
        assert GAPS["token"] not in page.text.replace(f"/s/{gap}", "")
