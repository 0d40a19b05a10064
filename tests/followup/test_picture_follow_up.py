"""Between two pictures: what may be said of a difference, and what a tertial shows of a place."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import promised
import pytest
from pictured import add_other_sources
from promised import ACTIVITY, AFTER, BEFORE, NACKA
from sqlalchemy.orm import Session

from survey.database import Databases
from survey.followup.events import EventText, write_event
from survey.followup.pictures.composing import compose
from survey.followup.pictures.differences import OTHER_WAVES, SAME_WAVE, differences
from survey.followup.pictures.seen import seen_by
from survey.followup.pictures.tertials import find_tertial, read_tertial
from survey.followup.places import Level, Place, place
from survey.followup.promises.following import note_result, take_step, write_note
from survey.followup.promises.tertials import Tertial
from survey.followup.promises.writing import write_promise
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.models.source import SourceAudience
from survey.publication.embargo import reader_of

BY, TODAY = "kommun@example.se", AFTER.date()
READER = reader_of("municipality", AFTER)


@pytest.fixture
def nacka(sqlite_databases: Databases) -> Iterator[Session]:
    """Two waves of Nacka, a district over it, and a promise that both have signed."""
    with Session(sqlite_databases.survey.execution_options(sqlite_begin="IMMEDIATE")) as session:
        promised.add_results(session)
        session.add(PoliceDistrict(code="L1", name="Distrikt L1"))
        session.flush()
        since = date(2018, 1, 1)
        session.add(DistrictMunicipality(district_code="L1", municipality_code=NACKA, valid_from=since))
        hire = {"text": "Utlys tjänsterna", "responsible": "Kommunen", "activities": "", "due": "2019-T1"}
        form = {**ACTIVITY, **{f"measure_0_{part}": value for part, value in hire.items()}}
        number = write_promise(session, NACKA, form, by=BY, now=BEFORE)
        for step, role in (("sign_municipality", "municipality"), ("sign_police", "analyst")):
            form = {"step": step, "version": "1", "name": "Bo Ek", "position": "Chef"}
            take_step(session, NACKA, number, form, by=BY, now=BEFORE, role=role)
        yield session
        session.rollback()


def both(session: Session) -> tuple[Place, Place]:
    return place(session, Level.MUNICIPALITY, NACKA, TODAY), place(session, Level.DISTRICT, "L1", TODAY)


def test_the_later_verdict_alone_says_what_has_changed(nacka: Session) -> None:
    here, district = both(nacka)
    before = compose(nacka, here, "2018", READER, TODAY)
    now = compose(nacka, here, "2019", READER, TODAY)
    assert [one.audience for one in now.promises] == ["municipality"]
    # What one municipality shares with its police stays with the police above it.
    assert [one.audience for one in compose(nacka, district, "2019", READER, TODAY).promises] == ["police"]

    rows = {row.label: row for row in differences(before, now).figures}
    words = {"up": "har ökat", "down": "har minskat", "unchanged": "oförändrat"}
    seen = set()
    for one in now.measures:
        verdict = one.change.verdict
        seen.add(verdict)
        assert rows[one.label].certain is (verdict in ("up", "down"))
        expected = words.get(verdict, "går inte att säga" if verdict == "too_uncertain" else "visas inte")
        assert rows[one.label].said == expected
    assert {"up", "down", "too_uncertain"} <= seen

    elsewhere = replace(before, period=replace(before.period, name="maj 2015"))
    assert {row.said for row in differences(elsewhere, now).figures} == {OTHER_WAVES}
    same = replace(now, measures=tuple(replace(one, now=before.measures[0].now) for one in now.measures))
    assert {row.said for row in differences(same, now).figures} == {SAME_WAVE}
    assert not differences(same, now).certain
    assert differences(now, now).figures == ()


def test_a_tertial_shows_what_was_noted_what_waits_and_how_old_the_survey_is(nacka: Session) -> None:
    here, district = both(nacka)
    for day, text in ((date(2019, 2, 1), "I tertialet."), (date(2019, 6, 1), "Efter det.")):
        write_event(nacka, here, EventText(day, None, "other", text, "Polisen", "municipality"), BY, BEFORE)
    add_other_sources(nacka)
    first = Tertial(2019, 1)
    told = read_tertial(nacka, here, first, READER, TODAY)
    assert [(one.title, [point.period for point in one.values]) for one in told.series] == [
        ("Larm", ["2019-01"])
    ]
    assert [one.text for one in told.events] == ["I tertialet."]
    assert [(one.title, one.awaited) for one in told.promises] == [(ACTIVITY["title"], True)]
    # Meanwhile it goes on, with its last day and what is due.
    (running,) = read_tertial(nacka, here, first, READER, date(2019, 4, 1)).promises
    assert (running.awaited, running.status, running.last_day, running.measures) == (
        *(False, "", date(2019, 8, 31)),
        ("Utlys tjänsterna",),
    )
    assert (
        read_tertial(nacka, here, Tertial(2019, 3), READER, date(2019, 10, 1)).promises == ()
    )  # past its due
    assert told.survey is not None
    assert (told.survey.code, told.months_old, told.is_old) == ("2018", 6, False)
    assert read_tertial(nacka, district, first, READER, TODAY, {"0187"}).promises == ()
    assert read_tertial(nacka, district, first, READER, TODAY).events[0].audience == "police"

    note = {"tertial": "2019-T1", "status": "on_plan", "text": "Rekryteringen har börjat."}
    (only,) = told.promises
    write_note(nacka, NACKA, only.promise_id, note, by=BY, now=AFTER, today=TODAY)
    (noted,) = read_tertial(nacka, here, first, READER, TODAY).promises
    assert (noted.awaited, noted.status, noted.note) == (False, "Enligt plan", "Rekryteringen har börjat.")
    assert noted.told == ""
    done = {"done": "yes", "on_day": "2019-04-20", "source": "Socialtjänsten"}
    note_result(nacka, NACKA, only.promise_id, done, by=BY, now=AFTER, today=TODAY)
    (noted,) = read_tertial(nacka, here, first, READER, TODAY).promises
    assert (noted.status, noted.told) == (
        "Enligt plan",
        "Gjort 20\u00a0april\u00a02019, enligt Socialtjänsten.",
    )
    # It is told in its own tertial, and in no other.
    assert {one.told for one in read_tertial(nacka, here, first.next, READER, TODAY).promises} <= {""}
    picture = compose(nacka, here, "2019", READER, TODAY)
    assert [one.classes for one in picture.vulnerable.areas] == [(("2017", "riskområde"),)]
    assert "För 2019 är listan inte inläst" in picture.vulnerable.said
    assert [one.values[-1].value for one in picture.other_sources] == [9.0]
    (larm,) = (one for one in picture.sources if one.used and one.name == "Larm")
    assert larm.why.endswith("Inläst 1\u00a0mars\u00a02019.")
    assert "Larm" not in {one.name for one in seen_by(picture, SourceAudience.MUNICIPALITY).sources}
    assert find_tertial("2020-T1", TODAY) == Tertial(2020, 1)
    assert [find_tertial(written, TODAY) for written in ("2020-T2", "2019-04", "nonsense")] == [None] * 3
