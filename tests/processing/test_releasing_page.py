"""From a closed wave to reports by the browser alone: computed, reviewed, asked for, approved, corrected."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from staff import add_account, log_in
from werkzeug.test import TestResponse

from survey import worker
from survey.database import Databases
from survey.models.release import Estimate, Release
from survey.models.response import Response
from survey.processing.checklist import ITEMS

pytestmark = pytest.mark.usefixtures("computed_once")

PAGE = "/analys/2022/granska"


def databases(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


def client_of(app: Flask, email: str) -> FlaskClient:
    add_account(app, None, "analyst", email)
    client = app.test_client()
    log_in(client, email)
    return client


def post(client: FlaskClient, step: str, **fields: object) -> TestResponse:
    token = client.get(PAGE).text.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(f"/analys/2022/{step}", data={"csrf_token": token, **fields})


def work(app: Flask) -> None:
    worker.work(databases(app), app.extensions["settings"], once=True)


def asked(client: FlaskClient) -> str:
    return client.get(PAGE).text.split('name="asked" value="')[1].split('"')[0]


def change_manifest(app: Flask, change: Callable[[str], str]) -> str:
    """The manifest of the draft as it was, once it is changed."""
    with databases(app).transaction() as session:
        draft = session.scalars(select(Release).where(Release.released_at.is_(None))).one()
        before, draft.manifest = draft.manifest, change(draft.manifest)
        return before


def figures(page: str) -> list[str]:
    """The cells of a report's tables, those of the cover apart."""
    return re.findall(r"<td[^>]*>(.*?)</td>", page.split('<section class="page', 1)[1], re.DOTALL)


def versions(app: Flask) -> list[int]:
    with databases(app).reading() as session:
        return list(session.scalars(select(Release.version).where(Release.released_at.is_not(None))))


@pytest.fixture
def closed(app: Flask, add_wave) -> Flask:
    """A real wave of one municipality, closed."""
    with databases(app).transaction() as session:
        add_wave(session, "2022", ("0114",), synthetic=False)
    return app


def test_a_wave_is_computed_reviewed_released_and_corrected(closed: Flask) -> None:
    anna, bo = client_of(closed, "anna@example.se"), client_of(closed, "bo@example.se")
    assert "Räkna" in anna.get(PAGE).text
    assert post(anna, "berakna").status_code == 303
    assert "Beräkning av resultatet väntar" in anna.get(PAGE).text
    assert post(anna, "berakna").status_code == 422
    work(closed)
    page = anna.get(PAGE).text
    assert "Utkast till version 1" in page
    assert "Det finns ingen tidigare beräkning att jämföra med." in page
    with databases(closed).reading() as session:
        hidden = select(Estimate.id).where(Estimate.wave == "2022", Estimate.released.is_(False))
        number = f"{len(session.scalars(hidden).all()):,}".replace(",", "\xa0")
    assert f"<dt>Visas inte</dt><dd>{number}</dd>" in page
    assert anna.get(f"{PAGE}/dolda").text.count('<th scope="row">') > 0
    assert anna.get("/analys/2022/").status_code == 404
    assert "Svarsfrekvens</dt><dd>50" in page
    above, below = (
        re.search(rf"{at}.*?(\d,\d\d <span.*?</span>)", page)
        for at in (r"Jämnhet \(R\)</dt>", "Hela regionen</th>")
    )
    assert above and below and above[1] == below[1]  # one measure under one name
    assert "Så olika väger svaren" in page
    for query in ("", "?kommun=0114"):
        declared = anna.get(f"{PAGE}/kvalitet{query}").text
        assert "Svarsfrekvens efter ålder" in declared
        assert "Vikterna steg för steg" in declared
    assert anna.get(f"{PAGE}/kvalitet?kommun=0180").status_code == 404
    assert f'href="{PAGE}/rapport/0114"' in page
    draft = anna.get(f"{PAGE}/rapport/0114").text
    assert draft.count("UTKAST – INTE SLÄPPT") > 10  # on the cover and at every drawing
    assert "utkast, räknat " in draft
    assert anna.get(f"{PAGE}/rapport/0180").status_code == 404

    assert post(anna, "slapp", municipality="i morgon").status_code == 422
    missing = post(anna, "slapp", municipality="2090-01-31T09:00", ticked=["weights", "hidden"])
    assert missing.status_code == 422
    assert missing.text.count("Inte ikryssat: ") == len(ITEMS) - 2
    assert 'value="weights" checked' in missing.text
    assert post(anna, "slapp", municipality="2090-01-31T09:00", ticked=list(ITEMS)).status_code == 303
    assert versions(closed) == []
    assert "En annan person måste godkänna" in anna.get(PAGE).text
    assert post(anna, "godkann", asked=asked(bo)).status_code == 422
    assert "2090-01-31 kl. 09.00" in bo.get(PAGE).text
    assert post(bo, "godkann", asked="an earlier one").status_code == 422
    assert post(bo, "godkann", asked=asked(bo)).status_code == 303
    assert versions(closed) == [1]
    work(closed)
    page = anna.get(PAGE).text
    assert "1 rapporter och" in page
    with anna.get("/kommun/0114/2022/rapport.pdf") as report:
        assert report.data.startswith(b"%PDF")
    assert anna.get(f"{PAGE}/rapport/0114").status_code == 404  # there is no draft any more
    released = anna.get("/kommun/0114/2022/rapport").text
    assert "UTKAST" not in released
    assert figures(released) == figures(draft) != []

    assert post(anna, "tider", municipality="2091-01-31T09:00", public="2091-01-31T09:00").status_code == 303
    assert "2091-01-31T09:00" in anna.get(PAGE).text
    assert post(anna, "tider", region="2092-01-01T09:00").status_code == 422

    with databases(closed).transaction() as session:
        for late in session.scalars(select(Response).limit(40)).all():
            session.delete(late)
    post(anna, "berakna")
    work(closed)
    right = change_manifest(closed, lambda manifest: manifest.replace('"answers": "', '"answers": "0'))
    page = anna.get(PAGE).text
    assert page.count("har ändrats sedan utkastet räknades. Räkna omgången på nytt") == 2
    assert 'name="ticked"' not in page
    change_manifest(closed, lambda _: right)
    page = anna.get(PAGE).text
    assert "Utkast till version 2" in page
    assert "Jämfört med version 1, som är släppt" in page
    assert "Annat tal 0," not in page
    assert "De största ändringarna" in page
    assert post(anna, "slapp", reason=" ").status_code == 422
    assert post(anna, "slapp", reason="Fyrtio svar var fel", ticked=list(ITEMS)).status_code == 303
    assert post(bo, "godkann", asked=asked(bo)).status_code == 303
    page = anna.get(PAGE).text
    assert "Version 1 · ersatt" in page
    assert "Fyrtio svar var fel" in page


@pytest.mark.parametrize("step", ["berakna", "slapp", "godkann", "tider", "rapporter"])
def test_what_cannot_be_done_is_said_and_changes_nothing(closed: Flask, step: str) -> None:
    anna = client_of(closed, "anna@example.se")
    page = post(anna, step) if step != "berakna" else anna.get("/analys/1999/granska")
    assert page.status_code in (404, 422)
    assert "<h1>" in page.text
    assert versions(closed) == []


def test_a_wave_that_is_gone_wrong_says_why(closed: Flask) -> None:
    anna = client_of(closed, "anna@example.se")
    with databases(closed).transaction() as session:
        for answer in session.scalars(select(Response)).all():
            session.delete(answer)
    post(anna, "berakna")
    work(closed)
    assert "inga inlämnade svar" in anna.get(PAGE).text


def test_a_municipality_whose_report_fails_is_named_and_written_the_next_time(
    closed: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bo = client_of(closed, "anna@example.se"), client_of(closed, "bo@example.se")
    post(anna, "berakna")
    work(closed)
    post(anna, "slapp", ticked=list(ITEMS))
    post(bo, "godkann", asked=asked(bo))
    with monkeypatch.context() as short:
        short.setattr("survey.publication.report.children.CPU_SECONDS", 0)
        work(closed)
    page = anna.get(PAGE).text
    assert "Det här kunde inte göras" in page
    assert "<li>0114: " in page
    assert post(anna, "rapporter").status_code == 303
    closed.extensions["settings"] = replace(closed.extensions["settings"], report_languages=("en",))
    work(closed)
    page = anna.get(PAGE).text
    assert "Det här kunde inte göras" not in page
    assert "1 rapporter, 1 nya på andra språk och 12 filer." in page
    assert "Rapporten på engelska (pdf)" in anna.get("/kommun/0114/2022/").text
