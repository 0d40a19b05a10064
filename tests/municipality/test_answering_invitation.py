"""A municipality answers an invitation in its own pages, or an owner for it; nobody else sees it."""

import re
from datetime import timedelta
from io import BytesIO

import invited_wave
import pytest
from drawn_borders import SIDE, by_code, collection, feature, square
from flask import Flask
from flask.testing import FlaskClient
from invited_wave import OTHER, OWN, WAVE
from PIL import Image
from sqlalchemy import delete, select, update
from staff import logged_in
from werkzeug.test import TestResponse

from survey.database import Databases
from survey.errors import UserError
from survey.models.area import Area
from survey.models.audit_event import AuditEvent
from survey.models.wave import Wave
from survey.preparation import logos, proposed_borders, standings
from survey.preparation.basic_areas import load_basic_areas
from survey.preparation.completeness import Part
from survey.preparation.participation import Answer
from survey.preparation.plan_checks import PlanSettings
from survey.preparation.plans import set_plan
from survey.preparation.standings import Standing

BASE = f"/kommun/{OWN}/omgang/{WAVE}/"
STEPS = (
    "",
    "delomraden",
    "extra-urval",
    "egna-fragor",
    "avsandare",
    "kontaktperson",
    "overenskommelse",
)
CONTACT = {"name": "Karin Ek", "email": "karin@example.se", "phone": "08-465 004 01"}


def store(app: Flask) -> Databases:
    found: Databases = app.extensions["databases"]
    return found


@pytest.fixture
def invited(app: Flask) -> Flask:
    """Vaxholm is invited to a real wave that is being planned."""
    with store(app).transaction() as session:
        invited_wave.plan_wave(session)
        invited_wave.invite(session)
    return app


@pytest.fixture
def vaxholm(invited: Flask) -> FlaskClient:
    return logged_in(invited, OWN)


@pytest.fixture
def accepted(vaxholm: FlaskClient) -> FlaskClient:
    assert send(vaxholm, "svar", answer="yes").status_code == 303
    return vaxholm


def token(client: FlaskClient) -> dict[str, str]:
    """Every page of staff has a form to log out with."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(BASE).text)
    return {"csrf_token": found[1]} if found else {}


def send(client: FlaskClient, step: str, **fields: object) -> TestResponse:
    return client.post(f"{BASE}{step}", data={**token(client), **fields})


def standing(app: Flask) -> Standing:
    with store(app).reading() as session:
        return standings.find_standing(session, WAVE, OWN)


def png(side: int = 60) -> bytes:
    file = BytesIO()
    Image.new("RGB", (side * 3, side), "navy").save(file, "PNG")
    return file.getvalue()


def test_the_invitation_is_listed_and_tells_what_is_asked_until_when(vaxholm: FlaskClient) -> None:
    assert f'href="{BASE}"' in vaxholm.get("/kommun/").text
    page = vaxholm.get(BASE).text
    assert "Välkommen med i mätningen." in page
    assert "15\u00a0december\u00a02026" in page
    assert "Det här behövs" not in page


def test_a_yes_is_made_complete_page_by_page(invited: Flask, accepted: FlaskClient) -> None:
    assert "Kommunens ja är inte komplett än" in accepted.get(BASE).text
    assert send(accepted, "delomraden", choice="keep").location == BASE
    assert "De tas bort senast 13\u00a0juni\u00a02027" in accepted.get(f"{BASE}kontaktperson").text
    assert send(accepted, "kontaktperson", **CONTACT).status_code == 303
    version = re.findall(r'name="version" value="(\w{64})"', accepted.get(f"{BASE}overenskommelse").text)
    confirmed = {"version": version[0], "name": "Bo Ek", "position": "Kommundirektör"}
    assert send(accepted, "overenskommelse", **confirmed).location == f"{BASE}overenskommelse"
    assert "Kommunens ja är komplett" in accepted.get(BASE).text
    assert "Bo Ek, Kommundirektör" in accepted.get(f"{BASE}overenskommelse").text
    assert standing(invited).missing == ()


def test_what_is_voluntary_is_kept_too(invited: Flask, accepted: FlaskClient) -> None:
    send(accepted, "extra-urval", **{"0187-01": "200"})
    send(accepted, "egna-fragor", questions="skargard")
    send(accepted, "avsandare", name="Vaxholms stad", phone="08-465 004 02")
    found = standing(invited)
    assert (found.extra, found.local_questions and found.local_questions.name) == (200, "skargard")
    assert found.sender is not None and found.sender.name == "Vaxholms stad"
    page = accepted.get(f"{BASE}extra-urval").text
    assert "I varje delområde dras 300 personer." in page
    assert page.count("→ <b>") == 2  # margin and change of the one area with more
    assert "dras lika många" in accepted.get(f"{BASE}delomraden").text
    with store(invited).transaction() as session:
        set_plan(session, WAVE, PlanSettings(rule="proportional"), None, "test")
    page = accepted.get(f"{BASE}extra-urval").text
    assert "I genomsnitt dras 300 personer" in page
    assert "elmarginal" not in page
    assert 'value="200"' in page
    assert "dras lika många" not in accepted.get(f"{BASE}delomraden").text
    send(accepted, "egna-fragor", questions="")
    assert standing(invited).local_questions is None
    assert accepted.get("/analys/formular/trygghet/sv/?egna=skargard").status_code == 200


def test_borders_are_shown_on_a_map_or_all_that_is_wrong_is_told(
    invited: Flask, accepted: FlaskClient
) -> None:
    def hand_in(content: bytes) -> TestResponse:
        return send(accepted, "delomraden/granser", borders=(BytesIO(content), "karta.geojson"))

    assert hand_in(by_code({f"{OWN}-01": square(0), f"{OWN}-02": square(1)})).location == f"{BASE}delomraden"
    shown = accepted.get(f"{BASE}delomraden").text
    assert shown.count("<svg") == 1
    assert "1 Område 1</text>" in shown
    wrong = hand_in(by_code({"0187-08": square(0), "0187-09": square(1)}))
    assert wrong.status_code == 422
    assert all(wrong.text.count(f"0187-0{number}: är inget delområde") == 2 for number in (8, 9))
    assert 'href="#borders-1"' in wrong.text and 'id="borders-1"' in wrong.text
    assert "ingen GeoJSON" in hand_in(b"PK\x03\x04").text
    assert "Välj en fil" in send(accepted, "delomraden/granser").text
    send(accepted, "delomraden", choice="propose", listing="Vaxön;0187A0010")
    assert hand_in(collection(feature({"namn": "Vaxön"}, square(0)))).status_code == 303
    page = accepted.get(f"{BASE}delomraden").text
    assert page.count("<svg") == 2
    assert "Kommunens förslag" in page
    owner = logged_in(invited, None, "owner")
    deciding = owner.get(f"/drift/{WAVE}/kommuner/{OWN}/delomraden").text
    assert deciding.count("<svg") == 2


def test_areas_are_put_together_of_parts_in_a_list_or_on_a_map_and_proposed_with_their_borders(
    invited: Flask, accepted: FlaskClient
) -> None:
    assert accepted.get(f"{BASE}delomraden/rita").status_code == 404
    assert "delomraden/rita" not in accepted.get(f"{BASE}delomraden").text
    parts = {f"{OWN}A00{number}0": square(number) for number in (1, 2, 3)}
    named = [feature({"deso": key, "kommunnamn": "Vaxholm"}, ring) for key, ring in parts.items()]
    with store(invited).transaction() as session:
        with pytest.raises(UserError, match="0999A0010: hör till 0999"):
            load_basic_areas(session, collection(*named, feature({"deso": "0999A0010"}, square(4))), "test")
        assert load_basic_areas(session, collection(*named), "test") == 3
    assert f'href="{BASE}delomraden/rita"' in accepted.get(f"{BASE}delomraden").text
    page = accepted.get(f"{BASE}delomraden/rita").text
    rules = accepted.get(f"{BASE}delomraden/rita/karta.css")
    assert rules.mimetype == "text/css"
    for key in parts:
        assert f'id="k-{key}" name="key" value="{key}"' in page
        assert f'id="m-{key}" for="k-{key}"' in page
        assert f"#m-{key}{{clip-path:polygon(" in rules.text

    def make(**fields: object) -> TestResponse:
        return send(accepted, "delomraden/rita", **fields)

    first, second, third = parts
    assert "Välj minst en del" in make(name="Väst", listing="").text
    assert f'value="{first}" checked' in make(name="", key=first, listing="").text
    made = make(name="Väst", key=[first, second], listing="")
    assert (made.status_code, f'id="k-{first}"' in made.text) == (200, False)
    west = f"Väst;{first} {second}\n"
    assert f"{west}</textarea>" in made.text
    assert "väst finns redan" in make(name="väst", key=third, listing=west).text
    assert f"Kvar är {third}" in make(hand_in="1", listing=west).text
    assert f'id="k-{first}"' in make(remove="Väst", listing=west).text
    assert make(hand_in="1", listing=f"{west}Öst;0999A0010").status_code == 422
    assert standing(invited).proposal is None
    whole = f"{west}Öst;{third}\n"
    assert make(hand_in="1", listing=whole).location == f"{BASE}delomraden"
    with store(invited).reading() as session:
        found = proposed_borders.find(session, WAVE, OWN)
    assert {name: round(shape.area / SIDE**2) for name, shape in found.items()} == {"Väst": 2, "Öst": 1}
    assert accepted.get(f"{BASE}delomraden/rita").text.count("<li><b>") == 2  # where it was left


def test_a_logo_is_shown_as_it_will_be_printed_and_can_be_taken_away(accepted: FlaskClient) -> None:
    sent = send(accepted, "logotyp", logo=(BytesIO(png()), "../../etc/logo.png"))
    assert sent.location == f"{BASE}avsandare"
    shown = accepted.get(f"{BASE}logotyp")
    assert shown.mimetype == "image/png" and shown.data == logos.read_logo(png()).content
    assert send(accepted, "logotyp/ta-bort").status_code == 303
    assert accepted.get(f"{BASE}logotyp").status_code == 404


def test_a_file_that_is_no_logo_is_told_at_its_field(accepted: FlaskClient) -> None:
    for content in (b"", b"<svg onload='x'/>", b"\x89PNG\r\n\x1a\n" + b"\xff" * 200_000):
        sent = send(accepted, "logotyp", logo=(BytesIO(content), "logo.png"))
        assert sent.status_code == 422
        assert 'id="logo-error"' in sent.text


def test_a_file_beyond_every_measure_is_stopped_at_the_door(accepted: FlaskClient) -> None:
    huge = BytesIO(b"\0" * (logos.LARGEST_FILE + 20 * 1024))
    assert send(accepted, "logotyp", logo=(huge, "logo.png")).status_code == 413
    assert send(accepted, "svar", answer="no", reason="x" * 70_000).status_code == 413


def test_a_new_listing_can_be_written_or_sent_as_a_file(invited: Flask, accepted: FlaskClient) -> None:
    send(accepted, "delomraden", choice="propose", listing="Vaxön;0187A0010\r\nResarö;0187B0010")
    proposal = standing(invited).proposal
    assert proposal is not None and [area.name for area in proposal.listing] == ["Vaxön", "Resarö"]
    file = BytesIO("Namn;Nycklar\nÖarna;0187C0010\n".encode("cp1252"))
    send(accepted, "delomraden", choice="propose", file=(file, "områden.csv"))
    proposal = standing(invited).proposal
    assert proposal is not None and [area.name for area in proposal.listing] == ["Öarna"]


UNUSABLE: tuple[tuple[str, dict[str, str], str], ...] = (
    ("svar", {}, 'id="answer-error"'),
    ("svar", {"answer": "maybe"}, 'id="answer-error"'),
    ("svar", {"answer": "no", "reason": "a\x00b"}, "inga styrtecken"),
    ("svar", {"answer": "no", "reason": "x" * 3000}, "1–2000 tecken"),
    ("delomraden", {}, 'id="choice-error"'),
    ("delomraden", {"choice": "propose", "listing": "Vaxön;0186A"}, "0187"),
    ("delomraden", {"choice": "propose"}, "0 delområden"),
    ("extra-urval", {"0187-01": "-5"}, 'id="0187-01-error"'),
    ("extra-urval", {"0187-01": "9" * 400}, 'id="0187-01-error"'),
    ("egna-fragor", {"questions": "../../hemligt"}, "inga egna frågor som heter"),
    ("avsandare", {"phone": "08-465 004 02"}, 'id="name-error"'),
    ("kontaktperson", {**CONTACT, "email": "ingen"}, 'id="email-error"'),
    ("overenskommelse", {"version": "0" * 64, "name": "B", "position": "C"}, "har ändrats"),
)


def test_what_cannot_be_used_is_told_and_stays_in_the_fields(accepted: FlaskClient) -> None:
    for step, fields, told in UNUSABLE:
        page = send(accepted, step, **fields)
        assert page.status_code == 422, (step, fields)
        assert "Det här behöver ändras" in page.text and told in page.text, (step, fields)
        assert "phone" not in fields or 'value="08-465' in page.text


def test_a_municipality_without_areas_has_none_to_keep_and_is_shown_the_way(
    invited: Flask, accepted: FlaskClient
) -> None:
    with store(invited).transaction() as session:
        session.execute(delete(Area))
    page = accepted.get(f"{BASE}delomraden").text
    assert "inga att behålla" in page and 'value="keep"' not in page
    refused = send(accepted, "delomraden", choice="keep")
    assert refused.status_code == 422 and "inga delområden att behålla" in refused.text
    assert Part.AREAS in standing(invited).missing
    assert "Föreslå en indelning först" in accepted.get(f"{BASE}extra-urval").text
    send(accepted, "delomraden", choice="propose", listing="Vaxön;0187A0010")
    assert "inga att behålla" not in accepted.get(f"{BASE}delomraden").text
    assert "när kommunens förslag till delområden är infört" in accepted.get(f"{BASE}extra-urval").text


def test_areas_that_are_kept_must_still_be_there(invited: Flask, accepted: FlaskClient) -> None:
    send(accepted, "delomraden", choice="keep")
    assert Part.AREAS not in standing(invited).missing
    with store(invited).transaction() as session:
        session.execute(update(Area).values(valid_from=invited_wave.POPULATION_DATE + timedelta(days=1)))
    assert Part.AREAS in standing(invited).missing


def test_a_no_can_have_a_reason_and_be_changed(invited: Flask, vaxholm: FlaskClient) -> None:
    send(vaxholm, "svar", answer="no", reason="Ingen budget.")
    assert standing(invited).participant.answer is Answer.DECLINED
    page = vaxholm.get(BASE).text
    assert "Tackat nej" in page and "Ingen budget." in page and "får frågorna" not in page
    assert "Svara först ja" in vaxholm.get(f"{BASE}kontaktperson").text
    assert send(vaxholm, "kontaktperson", **CONTACT).status_code == 422
    send(vaxholm, "svar", answer="yes")
    assert standing(invited).missing == tuple(Part)


def test_when_the_frame_is_loaded_the_pages_tell_and_change_nothing(
    invited: Flask, accepted: FlaskClient
) -> None:
    with store(invited).transaction() as session:
        session.get_one(Wave, WAVE).status = "framed"
    assert send(accepted, "svar", answer="no").status_code == 422
    assert standing(invited).participant.answer is Answer.ACCEPTED
    assert "inte längre att ändra" in accepted.get(f"{BASE}extra-urval").text
    assert "Går inte längre att ändra" in accepted.get("/kommun/").text


def test_another_municipality_sees_nothing_and_changes_nothing(invited: Flask) -> None:
    lidingo = logged_in(invited, OTHER)
    for step in (*STEPS, "logotyp"):
        assert lidingo.get(f"{BASE}{step}").status_code == 403
        assert lidingo.get(f"/kommun/{OTHER}/omgang/{WAVE}/{step}").status_code == 404
    for step in ("svar", *STEPS[1:], "logotyp", "logotyp/ta-bort"):
        given = {**token(lidingo), "answer": "yes"}
        assert lidingo.post(f"{BASE}{step}", data=given).status_code == 403
        assert lidingo.post(f"/kommun/{OTHER}/omgang/{WAVE}/{step}", data=given).status_code == 404
    assert "Inbjudningar" not in lidingo.get("/kommun/").text
    assert standing(invited).participant.answer is Answer.INVITED


def test_an_unknown_wave_is_told_without_naming_the_others(vaxholm: FlaskClient) -> None:
    page = vaxholm.get(f"/kommun/{OWN}/omgang/1999/")
    assert page.status_code == 404
    assert WAVE not in page.text


def test_an_owner_fills_in_for_a_municipality_and_the_log_says_who(invited: Flask) -> None:
    owner = logged_in(invited, role="owner")
    assert "Du svarar för kommunen" in owner.get(BASE).text
    assert send(owner, "svar", answer="yes", reason="Svar per brev.").status_code == 303
    assert send(owner, "kontaktperson", **CONTACT).status_code == 303
    with store(invited).reading() as session:
        done = session.scalars(select(AuditEvent).where(AuditEvent.action == "participation")).all()
    assert [event.actor for event in done] == ["owner@example.se"]
