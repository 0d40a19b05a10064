"""What happened and what was done at a place, beside the survey: written down, withdrawn, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults, UserError
from survey.followup.audiences import readable_by
from survey.followup.places import Level, Place, around, place_ever
from survey.followup.text_check import personal_fault
from survey.models.event import EventKind, PlaceEvent
from survey.models.source import SourceAudience
from survey.publication import numbers

KIND_WORDS: Mapping[EventKind, str] = {
    EventKind.INCIDENT: "händelse",
    EventKind.POLICE: "insats av polisen",
    EventKind.MEASURE: "åtgärd",
    EventKind.SURROUNDINGS: "ändring i miljön",
    EventKind.MEDIA: "uppmärksamhet i medier",
    EventKind.OTHER: "annat",
}
LONGEST_TEXT, LONGEST_SOURCE = 300, 200
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Event:
    """An event as it may be shown."""

    id: int
    place: Place
    starts_on: date
    ends_on: date | None
    kind: EventKind
    text: str
    source: str
    audience: SourceAudience
    written_by: str
    written_at: datetime

    @property
    def words(self) -> str:
        return KIND_WORDS[self.kind]

    @property
    def days(self) -> str:
        return numbers.period(self.starts_on, self.ends_on) if self.ends_on else numbers.day(self.starts_on)


@dataclass(frozen=True)
class EventText:
    """What somebody writes of an event."""

    starts_on: date | None
    ends_on: date | None
    kind: str
    text: str
    source: str
    audience: str


def events(
    session: Session,
    place: Place,
    since: date,
    until: date,
    audience: SourceAudience = SourceAudience.PUBLIC,
) -> list[Event]:
    """What lies in a time, wholly or in part, at a place, inside it or around it; the earliest first.

    Without an audience, only what everybody may read.
    """
    rows = session.scalars(
        select(PlaceEvent).where(
            PlaceEvent.withdrawn_at.is_(None),
            PlaceEvent.starts_on <= until,
            func.coalesce(PlaceEvent.ends_on, PlaceEvent.starts_on) >= since,
            PlaceEvent.audience.in_(readable_by(audience)),
        )
    ).all()
    near = {day: around(session, place, day) for day in {row.starts_on for row in rows}}
    shown = [_shown(session, row) for row in rows if (Level(row.level), row.code) in near[row.starts_on]]
    return sorted(shown, key=lambda one: (one.starts_on, one.ends_on or one.starts_on, one.id))


def write_event(
    session: Session,
    place: Place,
    given: EventText,
    by: str,
    now: datetime,
    writes_as: SourceAudience = SourceAudience.POLICE,
) -> int:
    """Keep an event, for no audience that its writer does not read as; its number."""
    faults = _faults(given, readable_by(writes_as))
    if faults:
        raise Faults(faults)
    row = PlaceEvent(
        level=place.level.value,
        code=place.code,
        starts_on=given.starts_on,
        ends_on=given.ends_on if given.ends_on != given.starts_on else None,
        kind=given.kind,
        text=given.text.strip(),
        source=given.source.strip(),
        audience=given.audience,
        written_by=by,
        written_at=now.astimezone(UTC),
    )
    session.add(row)
    session.flush()
    audit.record(session, by, "write event", f"{place.level} {place.code}", event=row.id, kind=row.kind)
    return row.id


def withdraw_event(
    session: Session,
    event_id: int,
    by: str,
    now: datetime,
    municipality_code: str | None = None,
    reads_as: SourceAudience = SourceAudience.POLICE,
) -> None:
    """Take an event away from every page; it is kept with who took it away.

    Of a municipality, only what it can read and what lies in it.
    """
    row = session.get(PlaceEvent, event_id, with_for_update=True)
    if row is None or row.audience not in readable_by(reads_as) or not _lies_in(row, municipality_code):
        raise UserError("Händelsen finns inte på den här platsen.")
    if row.withdrawn_at is not None:
        raise UserError("Händelsen är redan borttagen.")
    row.withdrawn_by, row.withdrawn_at = by, now.astimezone(UTC)
    session.flush()
    audit.record(session, by, "withdraw event", f"{row.level} {row.code}", event=row.id)


def _lies_in(row: PlaceEvent, municipality_code: str | None) -> bool:
    if municipality_code is None:
        return True
    # The code of an area begins with its municipality's.
    return row.code[:4] == municipality_code and row.level in (Level.MUNICIPALITY, Level.AREA)


def _faults(given: EventText, audiences: Sequence[str]) -> dict[str, str]:
    faults = {}
    if given.starts_on is None or not EARLIEST <= given.starts_on <= LATEST:
        faults["starts_on"] = "Skriv dagen, till exempel 2026-11-30."
    elif given.ends_on is not None and not given.starts_on <= given.ends_on <= LATEST:
        faults["ends_on"] = "Sista dagen kan inte vara före den första."
    if given.kind not in set(EventKind):
        faults["kind"] = "Välj vad det är för slags händelse."
    if given.audience not in audiences:
        faults["audience"] = "Välj vilka som får läsa."
    for name, text, longest in (
        ("text", given.text, LONGEST_TEXT),
        ("source", given.source, LONGEST_SOURCE),
    ):
        if not text.strip() or len(text.strip()) > longest or not text.strip().isprintable():
            faults[name] = f"Skriv 1–{longest} tecken på en rad."
        elif fault := personal_fault(text):
            faults[name] = fault
    return faults


def _shown(session: Session, row: PlaceEvent) -> Event:
    return Event(
        row.id,
        place_ever(session, Level(row.level), row.code),
        row.starts_on,
        row.ends_on,
        EventKind(row.kind),
        row.text,
        row.source,
        SourceAudience(row.audience),
        row.written_by,
        row.written_at,
    )
