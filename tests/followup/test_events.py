"""Events: where and to whom they are shown, how they are taken away, and what cannot be written."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.errors import Faults, UserError
from survey.followup.events import EventText, events, withdraw_event, write_event
from survey.followup.places import Level, place
from survey.models.audit_event import AuditEvent
from survey.models.event import PlaceEvent
from survey.models.source import SourceAudience

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
FIELD = date(2026, 10, 1), date(2026, 11, 20)
TEXT = EventText(
    date(2026, 10, 5), None, "measure", "Ny belysning vid busstorget.", "Kommunen", "municipality"
)


def test_an_event_is_shown_at_its_place_inside_it_and_around_it_to_its_audience(levels: Session) -> None:
    vaxholm, nacka, area, district, kalmar = (
        place(levels, level, code, FIELD[0])
        for level, code in (
            (Level.MUNICIPALITY, "0187"),
            (Level.MUNICIPALITY, "0182"),
            (Level.AREA, "0187-01"),
            (Level.DISTRICT, "L1"),
            (Level.MUNICIPALITY, "0880"),
        )
    )
    number = write_event(levels, vaxholm, TEXT, "kommun", NOW)
    for near in (vaxholm, area, district):
        (found,) = events(levels, near, *FIELD, SourceAudience.MUNICIPALITY)
        assert (found.id, found.place, found.words) == (number, vaxholm, "åtgärd")
    for far in (nacka, kalmar):
        assert events(levels, far, *FIELD, SourceAudience.POLICE) == []
    assert events(levels, vaxholm, *FIELD) == []  # everybody may not read it
    # Of what lasts for a time, any part of it is enough; what was over before, or comes after, is not there.
    long = replace(TEXT, starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 1), audience="public")
    write_event(levels, vaxholm, long, "kommun", NOW)
    for starts in (date(2026, 9, 30), date(2026, 11, 21)):
        write_event(levels, vaxholm, replace(TEXT, starts_on=starts), "kommun", NOW)
    assert [one.starts_on for one in events(levels, vaxholm, *FIELD, SourceAudience.POLICE)] == [
        date(2026, 9, 1),
        date(2026, 10, 5),
    ]
    with pytest.raises(UserError, match="inte på den här platsen"):
        withdraw_event(levels, number, "kommun", NOW, "0182")
    with pytest.raises(UserError, match="inte på den här platsen"):
        withdraw_event(levels, number, "någon", NOW, "0187", SourceAudience.PUBLIC)
    withdraw_event(levels, number, "en annan", NOW, "0187", SourceAudience.MUNICIPALITY)
    assert len(events(levels, vaxholm, *FIELD, SourceAudience.POLICE)) == 1
    with pytest.raises(UserError, match="redan borttagen"):
        withdraw_event(levels, number, "en annan", NOW)
    kept = levels.get_one(PlaceEvent, number)
    assert (kept.text, kept.written_by, kept.withdrawn_by) == (TEXT.text, "kommun", "en annan")
    assert levels.scalars(select(AuditEvent.action)).all() == ["write event"] * 4 + ["withdraw event"]


def test_a_faulty_event_is_told_at_its_fields_and_not_kept(levels: Session) -> None:
    vaxholm = place(levels, Level.MUNICIPALITY, "0187", FIELD[0])
    for wrong, field in (
        (replace(TEXT, starts_on=None), "starts_on"),
        (replace(TEXT, starts_on=date(1, 1, 1)), "starts_on"),
        (replace(TEXT, ends_on=date(2026, 10, 4)), "ends_on"),
        (replace(TEXT, kind="crime"), "kind"),
        (replace(TEXT, audience="nobody"), "audience"),
        (replace(TEXT, audience="police"), "audience"),
        (replace(TEXT, text=" "), "text"),
        (replace(TEXT, text="å" * 301), "text"),
        (replace(TEXT, source="\u202e"), "source"),
        (replace(TEXT, text="Samtal med 19900101-1234."), "text"),
        (replace(TEXT, source="bo@example.se"), "source"),
    ):
        with pytest.raises(Faults) as told:
            write_event(levels, vaxholm, wrong, "kommun", NOW, SourceAudience.MUNICIPALITY)
        assert set(told.value.by_field) == {field}
    assert levels.scalars(select(PlaceEvent)).all() == []
