"""The levels above and below a place on a day: many-to-many, since levels do not nest in each other."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey.errors import UserError
from survey.followup.memberships import covered_by, districts_over, members_of, parents_of
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.models.place import UpperPlace
from survey.preparation.districts import district_names
from survey.preparation.geography import areas_on, find_municipality, municipality_names


class Level(StrEnum):
    """A level of geography, the smallest first."""

    AREA = "area"
    MUNICIPALITY = "municipality"
    DISTRICT = "district"
    POLICE_AREA = "police_area"
    REGION = "region"
    NATION = "nation"


LEVEL_WORDS: Mapping[Level, str] = {
    Level.AREA: "delområde",
    Level.MUNICIPALITY: "kommun",
    Level.DISTRICT: "lokalpolisområde",
    Level.POLICE_AREA: "polisområde",
    Level.REGION: "polisregion",
    Level.NATION: "hela landet",
}
NATION_CODE = "SE"
CODES_NAMED = 30  # to whoever gives a code that there is not
SHARED_LEVELS = (
    Level.AREA,
    Level.MUNICIPALITY,
    Level.DISTRICT,
)  # by police and municipality; above: the region


@dataclass(frozen=True)
class Place:
    """A place by its level and code; the same code may stand on two levels."""

    level: Level
    code: str
    name: str


def place(session: Session, level: Level, code: str, on: date) -> Place:
    """The place with this code on a level; an area must be valid on the day."""
    known = _names(session, level, on)
    if (name := known.get(code)) is None:
        there = ", ".join(f"{one} ({known[one]})" for one in sorted(known)[:CODES_NAMED])
        more = f" och {len(known) - CODES_NAMED} till" if len(known) > CODES_NAMED else ""
        raise UserError(
            f"Det finns ingen inläst plats med koden ”{code[:40]}” på nivån {LEVEL_WORDS[level]} den {on}. "
            + (f"De som finns: {there}{more}." if there else "Nivån är inte inläst. Läs in den under Källor.")
        )
    return Place(level, code, name)


def place_ever(session: Session, level: Level, code: str) -> Place:
    """The place with this code whenever it was valid; one that nobody knows any longer goes by its code."""
    return Place(level, code, _names(session, level, None).get(code, code))


def places(session: Session, level: Level, on: date) -> list[Place]:
    """Every place of a level on a day, in order of code."""
    return [Place(level, code, name) for code, name in sorted(_names(session, level, on).items())]


def parents(session: Session, place: Place, on: date) -> list[Place]:
    """All places that the place lies in, wholly or in part; the nearest level first."""
    above = list(Level)[list(Level).index(place.level) + 1 :]
    return [one for level in above for one in _named(session, level, _above(session, place, level, on), on)]


def children(session: Session, place: Place, on: date) -> list[Place]:
    """The places on the nearest level below that has any."""
    for level in _BELOW[place.level]:
        found = _named(session, level, _below(session, place, level, on), on)
        if found:
            return found
    return []


def municipalities(session: Session, place: Place, on: date) -> list[str]:
    """The codes of the municipalities that a place touches, in order."""
    return sorted(_TOUCHED[place.level](session, place.code, on))


def around(session: Session, place: Place, on: date) -> set[tuple[Level, str]]:
    """The place itself, all that lies in it on a day and all that it lies in, by level and code."""
    found = {(one.level, one.code) for one in parents(session, place, on)} | {(place.level, place.code)}
    if place.level is Level.AREA:
        return found
    inside = set(municipalities(session, place, on))
    found |= {(Level.MUNICIPALITY, code) for code in inside}
    found |= {(Level.AREA, code) for code, owner in areas_on(session, on).items() if owner in inside}
    for level in (Level.REGION, Level.POLICE_AREA, Level.DISTRICT):
        if list(Level).index(level) < list(Level).index(place.level):
            found |= {(level, code) for code in _below(session, place, level, on)}
    return found


def districts(session: Session, place: Place, on: date) -> list[str]:
    """The codes of the local police districts that a place touches, in order."""
    if place.level is Level.AREA:
        return sorted(_districts_of_area(session, place.code, on))
    if place.level is Level.POLICE_AREA:
        return sorted(members_of(session, Level.DISTRICT, Level.POLICE_AREA, {place.code}, on))
    if place.level is Level.DISTRICT:
        return [place.code]
    return sorted(districts_over(session, municipalities(session, place, on), on))


_BELOW: Mapping[Level, tuple[Level, ...]] = {
    Level.NATION: (Level.REGION, Level.MUNICIPALITY),
    Level.REGION: (Level.POLICE_AREA, Level.DISTRICT, Level.MUNICIPALITY),
    Level.POLICE_AREA: (Level.DISTRICT,),
    Level.DISTRICT: (Level.MUNICIPALITY,),
    Level.MUNICIPALITY: (Level.AREA,),
    Level.AREA: (),
}


def _names(session: Session, level: Level, on: date | None) -> dict[str, str]:
    """The names of a level's places by code; without a day also of areas that are no longer valid."""
    if level is Level.NATION:
        return {NATION_CODE: "Sverige"}
    if level is Level.MUNICIPALITY:
        return municipality_names(session)
    if level is Level.AREA:
        named = _pairs(session, select(Area.code, Area.name))
        return named if on is None else {code: named[code] for code in areas_on(session, on)}
    if level is Level.DISTRICT:
        return district_names(session)
    return _upper_names(session, level)


def _pairs(session: Session, query: Select[str, str]) -> dict[str, str]:
    return {code: name for code, name in session.execute(query)}


def _upper_names(session: Session, level: Level) -> dict[str, str]:
    loaded = _pairs(session, select(UpperPlace.code, UpperPlace.name).where(UpperPlace.level == level.value))
    if level is not Level.REGION:
        return loaded
    # A region that the municipalities name and no file of levels has given its code.
    named = set(session.scalars(select(Municipality.police_region))) - set(loaded.values())
    return {_plain(name): name for name in named} | loaded


def _plain(name: str) -> str:
    """A name as a code: Öst becomes Ost."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(one if one.isalnum() else "-" for one in letters)[:16]


def _named(session: Session, level: Level, codes: Iterable[str], on: date) -> list[Place]:
    names = _names(session, level, on)
    return [Place(level, code, names[code]) for code in sorted(codes) if code in names]


def _above(session: Session, place: Place, level: Level, on: date) -> set[str]:
    if level is Level.NATION:
        return {NATION_CODE}
    if level is Level.MUNICIPALITY:
        return _TOUCHED[place.level](session, place.code, on)
    found = set(districts(session, place, on))
    if level is Level.DISTRICT:
        return found
    areas = parents_of(session, Level.DISTRICT, Level.POLICE_AREA, found, on)
    if place.level is Level.POLICE_AREA:
        areas = {place.code}
    if level is Level.POLICE_AREA:
        return areas
    loaded = parents_of(session, Level.POLICE_AREA, Level.REGION, areas, on)
    return loaded or _regions_by_name(session, municipalities(session, place, on))


def _below(session: Session, place: Place, level: Level, on: date) -> set[str]:
    if place.level is Level.NATION:
        return set(_names(session, level, on))
    if level is Level.AREA:
        return {code for code, owner in areas_on(session, on).items() if owner == place.code}
    if level is Level.MUNICIPALITY:
        return _TOUCHED[place.level](session, place.code, on)
    if level is Level.DISTRICT:
        return set(districts(session, place, on))
    return members_of(session, level, place.level, {place.code}, on)


def _of_area(session: Session, code: str, _on: date) -> set[str]:
    return set(session.scalars(select(Area.municipality_code).where(Area.code == code)))


def _itself(session: Session, code: str, _on: date) -> set[str]:
    return {find_municipality(session, code).code}


def _of_district(session: Session, code: str, on: date) -> set[str]:
    return covered_by(session, {code}, on)


def _of_police_area(session: Session, code: str, on: date) -> set[str]:
    return covered_by(session, members_of(session, Level.DISTRICT, Level.POLICE_AREA, {code}, on), on)


def _of_region(session: Session, code: str, on: date) -> set[str]:
    """What its police areas cover, and the municipalities that name it without lying in any of another."""
    name = _upper_names(session, Level.REGION).get(code)
    named = set(session.scalars(select(Municipality.code).where(Municipality.police_region == name)))
    areas = members_of(session, Level.POLICE_AREA, Level.REGION, {code}, on)
    covered = covered_by(session, members_of(session, Level.DISTRICT, Level.POLICE_AREA, areas, on), on)
    return covered | (named - _placed(session, on))


def _of_nation(session: Session, _code: str, _on: date) -> set[str]:
    return set(municipality_names(session))


_TOUCHED: Mapping[Level, Callable[[Session, str, date], set[str]]] = {
    Level.AREA: _of_area,
    Level.MUNICIPALITY: _itself,
    Level.DISTRICT: _of_district,
    Level.POLICE_AREA: _of_police_area,
    Level.REGION: _of_region,
    Level.NATION: _of_nation,
}


def _placed(session: Session, on: date) -> set[str]:
    """The municipalities whose region the files of levels tell."""
    regions = set(_upper_names(session, Level.REGION))
    areas = members_of(session, Level.POLICE_AREA, Level.REGION, regions, on)
    return covered_by(session, members_of(session, Level.DISTRICT, Level.POLICE_AREA, areas, on), on)


def _regions_by_name(session: Session, codes: Iterable[str]) -> set[str]:
    named = set(session.scalars(select(Municipality.police_region).where(Municipality.code.in_(codes))))
    return {code for code, name in _upper_names(session, Level.REGION).items() if name in named}


def _districts_of_area(session: Session, code: str, on: date) -> set[str]:
    """Those it is said to lie in; else the district of its municipality, when there is only one."""
    said = parents_of(session, Level.AREA, Level.DISTRICT, {code}, on)
    around = districts_over(session, _of_area(session, code, on), on)
    return said or (around if len(around) == 1 else set())
