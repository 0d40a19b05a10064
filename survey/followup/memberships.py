"""What the files of levels say of a day: which districts cover what, and what belongs to what above it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from survey.models.place import PlaceMembership
from survey.models.police_district import DistrictMunicipality


def districts_over(session: Session, codes: Iterable[str], on: date) -> set[str]:
    """The districts that cover any of the municipalities, wholly or in part."""
    covering = select(DistrictMunicipality.district_code).where(
        DistrictMunicipality.municipality_code.in_(codes), *_holds(DistrictMunicipality, on)
    )
    return set(session.scalars(covering))


def covered_by(session: Session, codes: Iterable[str], on: date) -> set[str]:
    """The municipalities that any of the districts covers, wholly or in part."""
    covered = select(DistrictMunicipality.municipality_code).where(
        DistrictMunicipality.district_code.in_(codes), *_holds(DistrictMunicipality, on)
    )
    return set(session.scalars(covered))


def parents_of(session: Session, level: str, parent: str, codes: Iterable[str], on: date) -> set[str]:
    """What the places of a level belong to on a level above."""
    found = select(PlaceMembership.parent_code).where(
        PlaceMembership.level == level,
        PlaceMembership.parent_level == parent,
        PlaceMembership.code.in_(codes),
        *_holds(PlaceMembership, on),
    )
    return set(session.scalars(found))


def members_of(session: Session, level: str, parent: str, codes: Iterable[str], on: date) -> set[str]:
    """What of a level belongs to the places of a level above."""
    found = select(PlaceMembership.code).where(
        PlaceMembership.level == level,
        PlaceMembership.parent_level == parent,
        PlaceMembership.parent_code.in_(codes),
        *_holds(PlaceMembership, on),
    )
    return set(session.scalars(found))


def _holds(
    table: type[DistrictMunicipality] | type[PlaceMembership], on: date
) -> tuple[ColumnElement[bool], ...]:
    return table.valid_from <= on, (table.valid_to.is_(None)) | (table.valid_to >= on)
