"""What residents wrote: the screener reads it, the municipality what was passed, and nobody anything else."""

import json
import re

import pytest
from flask import Flask
from open_wave import hidden
from released_wave import EARLIER, NACKA, RELEASED_AT, VAXHOLM, WAVE, add_release, open_to_all
from staff import add_police, logged_in

from survey.config import Settings
from survey.database import Databases
from survey.models.free_text import FreeText
from survey.models.passed_text import PassedText
from survey.models.release import Release
from survey.questionnaire.definition import load

ASKED = load("trygghet+fritext")
QUESTION = "fritext_safer"
READING, SCREENING = f"/kommun/{NACKA}/{WAVE}/egna-ord", f"/drift/{WAVE}/fritext"
LARGE = 2**62 + 5000  # ids are drawn up to 2**63
WAITING = "Grannen Kalle Planterad på Storgatan 5 låter. Fler lampor!"


@pytest.fixture
def written(app: Flask, settings: Settings) -> Databases:
    """Nine texts are passed in each municipality and one more of Nacka waits; the release is not open yet."""
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        release = session.get_one(Release, add_release(session, settings.output, released=False))
        asked = {code: {"name": ASKED.name, "hash": ASKED.hash} for code in (NACKA, VAXHOLM)}
        release.manifest = json.dumps({**json.loads(release.manifest), "local_questions": asked})
        for place, code in enumerate((NACKA, VAXHOLM)):
            for number in range(9):
                key = 1000 * place + number * 7919 % 997
                values = {"wave_code": WAVE, "municipality_code": code, "question_id": QUESTION}
                session.add(FreeText(id=key, text=f"Rått {number}", state="passed", **values))
                session.flush()
                session.add(PassedText(id=key, free_text_id=key, text=f"<i>Sagt {number}", **values))
        waiting = FreeText(id=LARGE, wave_code=WAVE, municipality_code=NACKA, question_id=QUESTION)
        waiting.text, waiting.state = WAITING, "waiting"
        session.add(waiting)
    return found


def test_the_municipality_reads_ten_texts_or_none_when_its_results_are_open(
    app: Flask, written: Databases
) -> None:
    nacka, screener = logged_in(app, NACKA), logged_in(app, role="screener")
    assert nacka.get(READING).status_code == 404
    start = screener.get("/drift/fritext").text
    assert "Väntar: 1 · Läses en gång till: 0 · Släppta igenom: 18" in " ".join(start.split())
    page = screener.get(SCREENING)
    assert '<mark title="namn">Grannen Kalle Planterad<span class="hidden"> (namn)</span></mark>' in page.text
    assert '<mark title="adress">Storgatan 5' in page.text
    send_to = re.findall(r'action="(/drift/[^"]+)"', page.text)[0].replace("&amp;", "&")
    form = {**hidden(page), "decision": "passed"}
    added = screener.post(send_to, data={**form, "text": WAITING + " Och mer."})
    assert added.status_code == 422
    assert "Det går bara att ta bort" in added.text
    assert "Och mer." in added.text
    less = "Grannen [borttaget] låter. Fler lampor!"
    assert screener.post(send_to, data={**form, "text": less}).status_code == 303
    assert "Det finns inga fler svar som väntar." in screener.get(SCREENING).text
    assert screener.get(f"{SCREENING}?lage=hemligt").status_code == 404
    assert screener.get(f"/drift/{EARLIER}/fritext").status_code == 404
    assert screener.post(send_to.replace(str(LARGE), str(2**70)), data=form).status_code == 404

    assert nacka.get(READING).status_code == 404  # not open yet
    with written.transaction() as session:
        release = session.query(Release).one()
        release.released_at = RELEASED_AT
        open_to_all(session, release.id, RELEASED_AT)
    read = nacka.get(READING).text
    assert less in read
    assert "&lt;i&gt;Sagt 8" in read
    assert "Planterad" not in read
    assert "Rått" not in read
    assert READING in nacka.get(f"/kommun/{NACKA}/{WAVE}/").text
    few = logged_in(app, VAXHOLM).get(READING.replace(NACKA, VAXHOLM))
    assert "Svaren är för få för att visas" in few.text
    assert "Sagt" not in few.text

    for client in (logged_in(app, role="analyst"), add_police(app, "L1", NACKA), screener):
        assert client.get(READING).status_code == 403
    for client in (nacka, logged_in(app, role="owner")):
        assert client.get(SCREENING).status_code == 403
