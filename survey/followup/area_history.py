"""Areas over time: those that are no longer valid keep their pictures, and say until when they held."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.followup.places import Level, Place, place
from survey.models.area import Area


@dataclass(frozen=True)
class Validity:
    """From when until when an area holds; without an end it still does."""

    first_day: date
    last_day: date | None

    def holds(self, on: date) -> bool:
        return self.first_day <= on and (self.last_day is None or on <= self.last_day)


@dataclass(frozen=True)
class FormerArea:
    """An area that no longer holds."""

    place: Place
    validity: Validity


def lasting_place(session: Session, level: Level, code: str, on: date) -> Place:
    """The place with this code on a day, or an area that held on another.

    Raises:
        UserError: nobody has read in such a place.
    """
    row = _area(session, code) if level is Level.AREA else None
    return Place(level, row.code, row.name) if row else place(session, level, code, on)


def validity(session: Session, here: Place) -> Validity | None:
    """When an area holds; None of other levels, whose places do not end."""
    row = _area(session, here.code) if here.level is Level.AREA else None
    return Validity(row.valid_from, row.valid_to) if row else None


def former_areas(session: Session, here: Place, on: date) -> list[FormerArea]:
    """The areas of a municipality that have ended before a day, the latest first."""
    if here.level is not Level.MUNICIPALITY:
        return []
    ended = select(Area).where(Area.municipality_code == here.code, Area.valid_to < on)
    rows = session.scalars(ended.order_by(Area.valid_to.desc(), Area.code))
    return [
        FormerArea(Place(Level.AREA, row.code, row.name), Validity(row.valid_from, row.valid_to))
        for row in rows
    ]


def _area(session: Session, code: str) -> Area | None:
    # PostgreSQL refuses to be asked for what no code holds.
    return session.get(Area, code) if code.isprintable() else None
