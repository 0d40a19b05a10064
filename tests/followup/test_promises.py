"""A promise is written on a released baseline, signed by both, and held against what comes after."""

from datetime import date
from functools import partial

import pytest
from promised import (
    ACTIVITY,
    AFTER,
    AREA,
    BEFORE,
    BY,
    NACKA,
    SERIES,
    SURVEY,
    TODAY,
    add_results,
    only,
    sign,
    step,
    write,
)
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.errors import Conflict, Faults, UserError
from survey.followup.promises.following import note_result, take_step, write_note
from survey.followup.promises.overviews import municipality_promises
from survey.followup.promises.promise_page import read_promise_page
from survey.followup.promises.receipt import receipts
from survey.followup.promises.records import find_promise
from survey.followup.promises.sign_off import State
from survey.followup.promises.writing import rewrite_promise
from survey.models.audit_event import AuditEvent
from survey.models.promise import FocusArea, PromiseStep, PromiseVersion, StepKind
from survey.publication.embargo import SERVICE
from survey.publication.extracts import viewer_of


def test_a_promise_goes_from_draft_by_two_signatures_to_the_public_and_back(session: Session) -> None:
    nacka = session
    add_results(nacka)
    number = write(nacka, SURVEY)
    assert receipts(nacka, NACKA, "municipality", AFTER) == []
    sign(nacka, number)
    assert [one.title for one in receipts(nacka, NACKA, "police", AFTER)] == [SURVEY["title"]]
    assert receipts(nacka, NACKA, "public", AFTER) == []
    step(nacka, number, StepKind.PUBLISH)
    assert only(nacka, "public").measures[0].responsible == "Gatukontoret"
    with pytest.raises(Faults, match="Skriv varför"):
        rewrite_promise(nacka, NACKA, number, {**SURVEY, "version": "1"}, by=BY, now=BEFORE)
    with pytest.raises(Conflict):
        rewrite_promise(nacka, NACKA, number, {**SURVEY, "version": "7"}, by=BY, now=BEFORE)
    changed = {**SURVEY, "version": "1", "reason": "Nytt mål.", "target": "20"}
    rewrite_promise(nacka, NACKA, number, changed, by=BY, now=BEFORE)
    # What both have signed and everybody may read stands until the new version has come as far.
    assert only(nacka, "public").target == only(nacka).target == "25"
    sign(nacka, number)
    assert (only(nacka, "public").target, only(nacka).target) == ("25", "20")
    step(nacka, number, StepKind.PUBLISH)
    for nothing_or_too_much in ("", "x" * 501):
        with pytest.raises(Faults, match="dras tillbaka"):
            step(nacka, number, StepKind.WITHDRAW, nothing_or_too_much)
    step(nacka, number, StepKind.WITHDRAW, "Uppdraget har gått till regionen.")
    for audience in ("public", "municipality"):
        assert receipts(nacka, NACKA, audience, AFTER) == []
    record = find_promise(nacka, NACKA, number)
    assert [version.state for version in record.versions] == [State.PUBLISHED, State.WITHDRAWN]
    done = nacka.scalars(select(AuditEvent.action).where(AuditEvent.subject == f"{NACKA} {number}")).all()
    assert done == [
        *(
            "write promise",
            "promise step sign_municipality",
            "promise step sign_police",
            "promise step publish",
        ),
        *(
            "write promise",
            "promise step sign_municipality",
            "promise step sign_police",
            "promise step publish",
        ),
        "promise step withdraw",
    ]
    for statement in (update(PromiseVersion).values(title="Något annat"), delete(PromiseStep)):
        with pytest.raises(DBAPIError, match="as it was written"), nacka.begin_nested():
            nacka.execute(statement)


def test_a_draft_is_discarded_and_a_signature_taken_back_until_the_other_party_has_signed(
    session: Session,
) -> None:
    """On both databases: the steps are kept by a constraint of their own."""
    nacka = session
    add_results(nacka)
    listed = partial(municipality_promises, nacka, NACKA, SERVICE, TODAY)
    number = write(nacka, SURVEY)
    step(nacka, number, StepKind.SIGN_MUNICIPALITY)
    for wrong in (StepKind.DISCARD, StepKind.TAKE_BACK):  # signed; and by the municipality, not the police
        with pytest.raises(UserError):
            step(nacka, number, wrong)
    take_back = {"step": "take_back", "version": "1"}
    take_step(nacka, NACKA, number, take_back, by=BY, now=BEFORE, role="municipality")
    rewrite_promise(nacka, NACKA, number, {**SURVEY, "version": "1"}, by=BY, now=BEFORE)  # no reason is asked
    step(nacka, number, StepKind.DISCARD)
    assert ([one.record.id for one in listed().lines], len(listed().discarded)) == ([], 1)
    with pytest.raises(Conflict, match="borttaget"):
        rewrite_promise(nacka, NACKA, number, {**SURVEY, "version": "2"}, by=BY, now=BEFORE)
    # A draft over what both have signed goes, though one had signed it too; what holds stays.
    number = write(nacka, ACTIVITY)
    sign(nacka, number)
    rewrite_promise(nacka, NACKA, number, {**ACTIVITY, "version": "1", "reason": "x"}, by=BY, now=BEFORE)
    step(nacka, number, StepKind.SIGN_MUNICIPALITY)
    take_step(nacka, NACKA, number, take_back | {"version": "2"}, by=BY, now=BEFORE, role="municipality")
    step(nacka, number, StepKind.DISCARD)
    (line,) = listed().lines
    assert (line.state_word, only(nacka).promise_id) == ("Undertecknat av båda, inte publicerat", number)
    rewrite_promise(nacka, NACKA, number, {**ACTIVITY, "version": "1", "reason": "y"}, by=BY, now=BEFORE)
    assert find_promise(nacka, NACKA, number).newest.text.number == 3


def test_nobody_signs_for_the_other_party_nor_what_was_not_read(nacka: Session) -> None:
    number = write(nacka, SURVEY)
    form = {"step": "sign_police", "version": "1", "name": "Bo Ek", "position": "Chef"}
    with pytest.raises(UserError, match="polisen för polisen"):
        take_step(nacka, NACKA, number, form, by=BY, now=BEFORE, role="municipality")
    for wrong in ({"step": "publish"}, {"step": "nonsense"}, {"version": "2"}, {"version": ""}):
        with pytest.raises(UserError):
            take_step(nacka, NACKA, number, {**form, **wrong}, by=BY, now=BEFORE, role="analyst")
    with pytest.raises(UserError, match="inget sådant löfte"):
        find_promise(nacka, "0187", number)


JUDGED = (
    ("39", "reached", "beyond", "på rätt sida om målet"),
    ("34", "cannot_tell", "covered", "Målet ligger inom osäkerhetsintervallet"),
    ("25", "not_reached", "short", "på fel sida om målet"),
)


def test_a_share_is_judged_by_its_interval_and_the_verdict(nacka: Session) -> None:
    for target, *_ in JUDGED:
        sign(nacka, write(nacka, SURVEY, target=target))
    for (_, *expected, told), found in zip(
        JUDGED, receipts(nacka, NACKA, "municipality", AFTER), strict=True
    ):
        assert [found.status, found.ground] == expected
        said = " ".join(found.said)
        assert told in said
        assert "Andelen har minskat med 5" in said and "sedan september 2018" in said
        assert found.baseline is not None and found.baseline.figure.value == 48
    # Before the result is open to them, nobody is told how it went.
    early = receipts(nacka, NACKA, "municipality", BEFORE)
    assert {(one.status, one.ground, one.latest) for one in early} == {("going_on", "not_yet", None)}


def test_a_target_that_no_wave_is_likely_to_see_needs_a_reason(nacka: Session) -> None:
    with pytest.raises(Faults) as told:
        write(nacka, SURVEY, target="46")
    assert "omkring 8\u00a0procentenheter" in told.value.by_field["target"]
    assert set(told.value.by_field) == {"target", "accepted_because"}
    # A change that is large enough to be seen, to a level that no interval can lie wholly beyond.
    with pytest.raises(Faults, match="inte kan bli säkert nått") as told:
        write(nacka, SURVEY, target="0")
    assert set(told.value.by_field) == {"target", "accepted_because"}
    number = write(nacka, SURVEY, target="46", accepted_because="Vi mäter igen om två år.")
    text = find_promise(nacka, NACKA, number).newest.text
    assert (text.baseline, text.baseline_wave, text.accepted_because) == (
        48,
        "2018",
        "Vi mäter igen om två år.",
    )


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"target": "55"}, "target"),
    ({"target": "fyra"}, "target"),
    ({"target": "101"}, "target"),
    ({"title": ""}, "title"),
    ({"title": "x y" * 101}, "title"),
    ({"title": "x" * 61}, "title"),
    ({"title": "سنجعل المساء أكثر أمانا"}, "title"),
    ({"language": "ar"}, "language"),
    ({"due": "2019-T4"}, "due"),
    ({"kind": "wish"}, "kind"),
    ({"language": "xx"}, "language"),
    ({"indicator": "no_such"}, "indicator"),
    ({"place": "0187-01"}, "place"),
    ({"gender": "robot"}, "indicator"),
    ({"indicator": "reported_any", "age_group": "16-29", "gender": "man"}, "indicator"),
    ({"measure_1_text": "Vandra på kvällen"}, "measure_1_responsible"),
    ({"kind": "series", "indicator": ""}, "series"),
    ({"problem": "Fråga Bo, 070-123 45 67."}, "problem"),
    ({"measure_0_activities": "Inventera.\nSkriv till bo@example.se."}, "measure_0_activities"),
)


def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_stored(nacka: Session) -> None:
    for more, field in WRONG:
        with pytest.raises(Faults) as told:
            write(nacka, SURVEY, **more)
        assert field in told.value.by_field, more
    with pytest.raises(UserError, match="obligatoriska området"):
        write(nacka, SURVEY, focus_area="x")
    assert nacka.scalars(select(PromiseVersion.id)).all() == []


def test_other_sources_and_activities_are_noted_with_their_source(nacka: Session) -> None:
    focus = str(nacka.scalar(select(FocusArea.id)))
    series, activity = write(nacka, SERIES, focus_area=focus), write(nacka, ACTIVITY)
    given = {"on_day": "2019-02-28", "source": "Brå", "value": "1 050", "done": "yes"}
    with pytest.raises(UserError, match="undertecknat"):
        note_result(nacka, NACKA, series, given, by=BY, now=BEFORE, today=TODAY)
    for number in (series, activity):
        sign(nacka, number)
    waiting = receipts(nacka, NACKA, "municipality", AFTER)
    assert [(one.status, one.ground) for one in waiting] == [("cannot_tell", "not_yet")] * 2
    for number in (series, activity):
        note_result(nacka, NACKA, number, given, by=BY, now=BEFORE, today=TODAY)
    crimes, hired = receipts(nacka, NACKA, "municipality", AFTER)
    assert (crimes.status, crimes.focus_area, hired.status) == ("reached", "Unga i riskzon", "reached")
    assert crimes.said[0].replace("\u00a0", " ") == "1 050 brott 28 februari 2019, enligt Brå."
    assert hired.said == ("Gjort 28\u00a0februari\u00a02019, enligt Brå.",)
    for wrong in ({"on_day": "2019-04-01"}, {"on_day": "i går"}, {"source": ""}, {"value": "många"}):
        with pytest.raises(Faults) as told:
            note_result(nacka, NACKA, series, {**given, **wrong}, by=BY, now=BEFORE, today=TODAY)
        assert set(told.value.by_field) == set(wrong)
    survey = write(nacka, SURVEY)
    sign(nacka, survey)
    with pytest.raises(UserError, match="kommer därifrån"):
        note_result(nacka, NACKA, survey, given, by=BY, now=BEFORE, today=TODAY)


def test_notes_of_a_tertial_are_all_kept_and_the_newest_counts(nacka: Session) -> None:
    number = write(nacka, SURVEY)
    sign(nacka, number)
    # Published a tertial later, it was signed when it was: the first tertial waits for its note.
    form = {"step": StepKind.PUBLISH.value, "version": "1"}
    take_step(nacka, NACKA, number, form, by=BY, now=BEFORE.replace(month=6), role="analyst")
    reader = viewer_of("municipality", None, AFTER).reader
    page = read_promise_page(nacka, NACKA, number, reader, date(2019, 6, 10), "municipality")
    assert page.pointed_out == {}  # signed by both, it is as it is
    asked = write(
        nacka, ACTIVITY, owner="Enhetschef Ahmed Ali", problem="I Nacka efter åtgärdsplan 2018, SCB."
    )
    seen = read_promise_page(nacka, NACKA, asked, reader, date(2019, 6, 10), "municipality")
    assert seen.pointed_out == {"Ansvarig": ("Enhetschef Ahmed Ali",)}
    # Two fields beside each other are no first and last name; one field may hold both.
    fields = {
        "measure_0_text": "Anställa",
        "measure_0_responsible": "Socialförvaltningen",
        "measure_0_due": "2019-T2",
    }
    asked = write(nacka, ACTIVITY, **fields, measure_0_activities="Mötet leds av Anna\nSvensson.")
    seen = read_promise_page(nacka, NACKA, asked, reader, date(2019, 6, 10), "municipality")
    assert seen.pointed_out == {"Åtgärd 1": ("Anna Svensson",)}
    assert (only(nacka).agreed_on, page.lacks_note) == (TODAY, True)
    assert [one.code for one in page.noteable] == ["2019-T1", "2019-T2"]
    for status, text in (("on_plan", "Allt rullar."), ("delayed", "Lamporna dröjer.\x00")):
        form = {"tertial": "2019-T1", "status": status, "text": text}
        write_note(nacka, NACKA, number, form, by=BY, now=BEFORE, today=TODAY)
    found = only(nacka)
    assert (found.note, found.note_status, found.note_of) == (
        "Lamporna dröjer.",
        "Försenat",
        "T1 2019 (januari–april)",
    )
    for wrong in ({"tertial": "2019-T2"}, {"status": "fine"}, {"text": " "}, {"text": "Om 19900101-1234."}):
        form = {"tertial": "2019-T1", "status": "done", "text": "Klart.", **wrong}
        with pytest.raises(Faults) as told:
            write_note(nacka, NACKA, number, form, by=BY, now=BEFORE, today=TODAY)
        assert set(told.value.by_field) == set(wrong)


def test_an_area_and_a_group_have_their_own_figures(nacka: Session) -> None:
    number = write(nacka, SURVEY, place=AREA, target="20", accepted_because="Prov.")
    sign(nacka, number)
    found = only(nacka)
    assert found.area == "Område 1"
    assert found.goal.startswith("Andelen som") and "(Område 1)" in found.goal
    assert found.baseline is not None and found.baseline.wave == "2018"
