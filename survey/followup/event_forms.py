"""What a form says of an event, as the event is kept."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from survey.errors import Faults, UserError
from survey.followup.events import EventText
from survey.followup.places import Level, Place, place


def text_given(given: Mapping[str, str]) -> EventText:
    """The event of a form, not yet looked at; days that are none are missing."""
    return EventText(
        starts_on=_day(given.get("starts_on", "")),
        ends_on=_last_day(given.get("ends_on", "")),
        kind=given.get("kind", ""),
        text=given.get("text", ""),
        source=given.get("source", ""),
        audience=given.get("audience", ""),
    )


def place_given(session: Session, given: Mapping[str, str], today: date) -> Place:
    """The place of a form: level and code in one field, or in two.

    Raises:
        Faults: there is no such place; told at the field of the code.
    """
    level, colon, code = given.get("place", "").partition(":")
    if not colon:
        level, code = given.get("level", ""), given.get("code", "").strip()
    if level not in set(Level):
        raise Faults({"level": "Välj en nivå."})
    try:
        return place(session, Level(level), code or ("SE" if level == Level.NATION else ""), today)
    except UserError as error:
        raise Faults({"code": str(error)}) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _last_day(text: str) -> date | None:
    if not text.strip():
        return None
    found = _day(text)
    if found is None:
        raise Faults({"ends_on": "Skriv dagen som 2026-11-30, eller lämna tomt."})
    return found
