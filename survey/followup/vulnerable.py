"""The police's vulnerable areas by year: the official class as it was read in, never inferred."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey.followup.places import Level, Place, districts, municipalities
from survey.models.source import OfficialClass, VulnerableListing

NOT_READ = "inte inläst"


@dataclass(frozen=True)
class VulnerableArea:
    """An area on the police's list of a year."""

    year: int
    name: str
    official_class: OfficialClass
    municipality_code: str
    district_code: str | None
    area_codes: tuple[str, ...]  # the survey's areas that it touches, where the file says so
    source: str


def years_read(session: Session) -> list[int]:
    """The years whose list has been read in; of any other year nothing is known."""
    held = select(VulnerableListing.year).where(VulnerableListing.replaced_by.is_(None)).distinct()
    return sorted(session.scalars(held))


def vulnerable(session: Session, place: Place, year: int) -> list[VulnerableArea]:
    """The listed areas of a place in a year; `years_read` tells whether an empty list means none."""
    rows = session.scalars(
        select(VulnerableListing).where(
            VulnerableListing.replaced_by.is_(None),
            VulnerableListing.year == year,
            _inside(session, place, date(year, 12, 31)),
        )
    ).all()
    found = [_listed(row) for row in rows]
    if place.level is Level.AREA:
        found = [one for one in found if place.code in one.area_codes]
    return sorted(found, key=lambda one: (one.municipality_code, one.name))


def ever_listed(session: Session, place: Place) -> list[VulnerableArea]:
    """The listed areas of a place in every year that has been read, each year's in turn."""
    return [one for year in years_read(session) for one in vulnerable(session, place, year)]


def classes_by_year(listed: Iterable[VulnerableArea]) -> dict[str, dict[int, OfficialClass]]:
    """The class of each listed area, by name and year."""
    found: dict[str, dict[int, OfficialClass]] = {}
    for one in listed:
        found.setdefault(one.name, {})[one.year] = one.official_class
    return dict(sorted(found.items()))


def current_count(session: Session, year: int) -> int:
    """How many areas the list of a year holds in the whole installation."""
    counted = select(func.count()).where(
        VulnerableListing.replaced_by.is_(None), VulnerableListing.year == year
    )
    return session.scalar(counted) or 0


def _inside(session: Session, place: Place, on: date) -> ColumnElement[bool]:
    """Of a police level by the district that the file names, where it names one; else by municipality."""
    touched = VulnerableListing.municipality_code.in_(municipalities(session, place, on))
    if place.level not in (Level.DISTRICT, Level.POLICE_AREA):
        return touched
    named = VulnerableListing.district_code
    return named.in_(districts(session, place, on)) | (named.is_(None) & touched)


def _listed(row: VulnerableListing) -> VulnerableArea:
    return VulnerableArea(
        row.year,
        row.name,
        OfficialClass(row.official_class),
        row.municipality_code,
        row.district_code,
        tuple(row.area_codes.split()),
        row.source,
    )
