"""Two at once: a signature holds for exactly what it saw, and no second tab undoes the first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest
from pictured import NOW, TODAY, add_pictured_wave
from promised import ACTIVITY
from released_wave import NACKA, WAVE
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey import audit
from survey.config import Settings
from survey.database import Databases
from survey.errors import Conflict, Faults, UserError
from survey.followup.events import EventText, write_event
from survey.followup.pictures import draft_form, drafts, records, signing
from survey.followup.pictures.content import Picture, Text
from survey.followup.pictures.differences import differences
from survey.followup.pictures.draft_form import Given
from survey.followup.pictures.drafts import ANALYSIS
from survey.followup.pictures.signing import POLICE
from survey.followup.places import Level, Place, place
from survey.followup.promises.following import take_step
from survey.followup.promises.records import find_promise
from survey.followup.promises.sign_off import State
from survey.followup.promises.writing import rewrite_promise, write_promise
from survey.models.municipality import Municipality
from survey.models.source import SourceAudience
from survey.publication.embargo import reader_of

READER = reader_of("municipality", NOW)
BY = "tests@example.se"


@pytest.fixture
def nacka(databases: Databases, settings: Settings) -> Place:
    with databases.transaction() as session:
        add_pictured_wave(session, settings.output)
        return place(session, Level.MUNICIPALITY, NACKA, TODAY)


def at_once(databases: Databases, *acts: Callable[[Session], object]) -> list[object]:
    """What each act gave, or why it was refused, when all begin together in transactions of their own."""
    ready = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        ready.wait()
        try:
            with databases.transaction() as session:
                return act(session)
        except UserError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_nobody_signs_what_they_have_not_seen(databases: Databases, nacka: Place) -> None:
    def sign(side: str, seen: str) -> Callable[[Session], bool]:
        return lambda session: signing.sign(
            session, nacka, records.draft_of(session, nacka, WAVE) or draft, side, seen, BY, NOW
        )

    def write(words: str, over: int) -> Callable[[Session], None]:
        given = Given(ANALYSIS, words, "municipality", over)
        return lambda session: draft_form.write_texts(
            session, nacka, draft.id, [given], BY, NOW, SourceAudience.POLICE
        )

    def standing() -> tuple[str, int]:
        with databases.reading() as session:
            picture = signing.as_signed(session, nacka, draft, NOW)
            shown = draft_form.editables(session, draft.id, SourceAudience.POLICE)
            over = next(one.based_on for one in shown if one.part == ANALYSIS)
            return signing.shared_fingerprint(picture, nacka.level), over

    begun = at_once(databases, *[lambda session: drafts.begin(session, nacka, WAVE, READER, BY, NOW)] * 2)
    (draft,) = (one for one in begun if not isinstance(one, Conflict))
    assert isinstance(draft, records.PictureRecord)

    # Two tabs write over the same version: one is kept, the other is told.
    first = at_once(databases, write("Först.", 0), write("Samtidigt.", 0))
    assert sorted(type(one) for one in first if one) == [Faults]

    # The police sign while the municipality writes: the signature counts for the text it saw, or not at all.
    seen, over = standing()
    signed, written = at_once(databases, sign(POLICE, seen), write("Medan polisen undertecknar.", over))
    assert written is None and (signed is False or isinstance(signed, Conflict))
    seen, over = standing()
    with databases.reading() as session:
        sides = signing.sides_of(session, nacka, draft, seen)
    assert [(one.signed_by, one.lapsed) for one in sides] == [
        (BY, True) if signed is False else ("", False),
        ("", False),
    ]

    # Both sign at once, the police in two tabs: it is frozen once, as they saw it.
    answers = at_once(databases, sign(POLICE, seen), sign(NACKA, seen), sign(POLICE, seen))
    assert answers.count(True) == 1
    late = at_once(databases, write("För sent.", over), sign(NACKA, seen))
    assert [type(one) for one in late] == [Conflict, Conflict]
    with databases.reading() as session:
        kept = records.signed_content(session, records.find_picture(session, nacka, draft.id))
    assert signing.shared_fingerprint(kept, nacka.level) == seen
    assert [one.text for one in kept.texts] == ["Medan polisen undertecknar."]
    what_is_signed_stays(databases, nacka, draft, kept)


def what_is_signed_stays(
    databases: Databases, nacka: Place, draft: records.PictureRecord, kept: Picture
) -> None:
    """Whatever happens afterwards; the next draft tells what is new."""
    with databases.transaction() as session:
        secret = Text("note-1", "Anteckning 1", "Bara vi.", "police", "2020-03-01")
        with_note = replace(kept, texts=(*kept.texts, secret))
        seen = signing.shared_fingerprint(kept, nacka.level)
        assert signing.shared_fingerprint(with_note, nacka.level) == seen
        said = "En tidning skrev om parken."
        happened = EventText(date(2019, 9, 20), None, "media", said, "Polisen", "public")
        write_event(session, nacka, happened, BY, NOW)
        next_one = drafts.begin(session, nacka, WAVE, READER, BY, NOW)
        with pytest.raises(UserError, match="Den parten"):
            signing.sign(session, nacka, next_one, "0187", seen, BY, NOW)
        given = Given(ANALYSIS, "Medan kommunen undertecknar.", "municipality", 0)
        draft_form.write_texts(session, nacka, next_one.id, [given], BY, NOW, SourceAudience.POLICE)
        changed = differences(kept, signing.as_signed(session, nacka, next_one, NOW))
        assert changed.figures == ()
        assert [(one.kind, one.name) for one in changed.lines] == [
            ("Källa", "Händelser"),
            ("Händelse", f"2019-09-20: {said}"),
        ]
        assert [(one.kind, one.text.strip()) for one in changed.texts[0].pieces][1:3] == [
            ("removed", "polisen"),
            ("added", "kommunen"),
        ]
        assert records.signed_content(session, records.find_picture(session, nacka, draft.id)) == kept
        for statement in (
            "UPDATE situation_picture SET content = '{}'",
            "DELETE FROM situation_picture",
            "UPDATE picture_text SET text = 'annat'",
            "DELETE FROM picture_signature",
        ):
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(text(statement))
        acts = {event.action for event in audit.events(session, 30)}
        assert {"begin picture", "write in picture", "sign picture", "freeze picture"} <= acts


def test_a_promise_is_signed_as_it_was_read(databases: Databases) -> None:
    with databases.transaction() as session:
        session.add(Municipality(code=NACKA, name="Nacka", county_code="01", county="", police_region=""))
        session.flush()
        number = write_promise(session, NACKA, ACTIVITY, by=BY, now=NOW)
    signer = {"version": "1", "name": "Bo Ek", "position": "Chef"}

    def sign(kind: str, role: str) -> Callable[[Session], None]:
        given = {**signer, "step": kind}
        return lambda session: take_step(session, NACKA, number, given, by=BY, now=NOW, role=role)

    def rewrite(session: Session) -> None:
        given = {**ACTIVITY, "title": "Något annat.", "version": "1", "reason": "Nytt."}
        rewrite_promise(session, NACKA, number, given, by=BY, now=NOW)

    sides = (sign("sign_municipality", "municipality"), sign("sign_police", "police"))
    assert at_once(databases, *sides) == [None, None]
    with databases.reading() as session:
        assert find_promise(session, NACKA, number).newest.state is State.AGREED
    # Two tabs rewrite the same version: the second is told that it has changed.
    assert sorted(map(type, at_once(databases, rewrite, rewrite)), key=str) == [type(None), Conflict]
    late = at_once(databases, sides[0])
    assert isinstance(late[0], Conflict)
    with databases.reading() as session:
        record = find_promise(session, NACKA, number)
        assert record.newest.state is State.DRAFT and record.agreed is record.versions[0]
