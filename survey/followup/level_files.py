"""Files of levels: which places there are above the municipality, and what belongs to what from when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.followup.places import LEVEL_WORDS, Level
from survey.models.area import Area
from survey.models.place import PAIRS, PlaceMembership, UpperPlace
from survey.models.police_district import DistrictMunicipality, PoliceDistrict
from survey.preparation.csv_files import Row, every_row, rows_in
from survey.preparation.districts import DISTRICT_CODE, Period, district_names
from survey.preparation.geography import municipality_names

FIELD = "fil"
COLUMNS = ("level", "code", "name", "parent_level", "parent_code", "valid_from", "valid_to")
LEVELS = ("area", "municipality", "district", "police_area", "region")
NAMED = ("district", "police_area", "region")  # the others are loaded with the geography
ALLOWED = (*PAIRS, ("municipality", "district"))
Key = tuple[str, str, str, str]  # level, code, level above, code above
Names = dict[tuple[str, str], str]


@dataclass
class LevelsFile:
    """What a file says, to be stored or told."""

    names: Names = field(default_factory=dict)
    memberships: dict[tuple[Key, date], date | None] = field(default_factory=dict)

    def summary(self) -> list[str]:
        counted = [(level, sum(one == level for one, _ in self.names)) for level in NAMED]
        told = [f"{LEVEL_WORDS[Level(level)].capitalize()}: {count}" for level, count in counted if count]
        return [*told, f"Tillhörigheter: {len(self.memberships)}"]


def read_levels(session: Session, file: str, content: bytes) -> LevelsFile:
    """The levels of a file, each row compared with those above it and with what is already read in."""
    rows = list(rows_in(file, content, COLUMNS))
    stored = _stored_names(session)
    reader = _Reader(stored | _said(rows), _stored_periods(session))
    every_row(FIELD, iter(rows), reader.take)
    return reader.found


def store_levels(session: Session, found: LevelsFile) -> None:
    """Keep what a file says; nothing is removed, and what is there already gets its new name or end."""
    for (level, code), name in found.names.items():
        session.merge(
            PoliceDistrict(code=code, name=name)
            if level == "district"
            else UpperPlace(level=level, code=code, name=name)
        )
    session.flush()
    for ((level, code, above, parent), since), until in found.memberships.items():
        if level == "municipality":
            row: DistrictMunicipality | PlaceMembership = DistrictMunicipality(
                district_code=parent, municipality_code=code, valid_from=since, valid_to=until
            )
        else:
            row = PlaceMembership(
                level=level,
                code=code,
                parent_level=above,
                parent_code=parent,
                valid_from=since,
                valid_to=until,
            )
        session.merge(row)
    session.flush()


class _Reader:
    """Takes rows one by one and remembers what they have said."""

    def __init__(self, known: Names, periods: dict[Key, dict[date, Period]]) -> None:
        self.found = LevelsFile()
        self._known = known
        self._periods = periods

    def take(self, row: Row) -> None:
        level, code = row.choice("level", LEVELS), row.text("code", 16)
        self._require_known(row, "code", level, code)
        if level in NAMED and row.values["name"]:
            self._name(row, level, code)
        if row.values["parent_level"]:
            self._membership(row, level, code)

    def _require_known(self, row: Row, column: str, level: str, code: str) -> None:
        if not DISTRICT_CODE.fullmatch(code):
            raise row.error(column, "bokstäver, siffror, bindestreck och understreck, högst 16")
        if (level, code) not in self._known:
            expected = "inläst" if level not in NAMED else "inläst, eller står med sitt namn i filen"
            raise row.error(column, f"en kod för {LEVEL_WORDS[Level(level)]} som är {expected}")

    def _name(self, row: Row, level: str, code: str) -> None:
        name = row.text("name")
        if self.found.names.setdefault((level, code), name) != name:
            raise row.error("name", f"{self.found.names[level, code]}, som platsen heter på en rad ovanför")

    def _membership(self, row: Row, level: str, code: str) -> None:
        above = row.choice("parent_level", [parent for one, parent in ALLOWED if one == level] or ["(tomt)"])
        parent = row.text("parent_code", 16)
        self._require_known(row, "parent_code", above, parent)
        since, until = row.day("valid_from"), row.optional_day("valid_to")
        if until is not None and until < since:
            raise row.error("valid_to", "tom eller inte före valid_from")
        key = (level, code, above, parent)
        held = self._periods.setdefault(key, {})
        held.pop(since, None)  # the same time with another end
        period = Period(since, until)
        if any(period.overlaps(other) for other in held.values()):
            raise row.error("valid_from", "efter den tid då platsen redan hör dit")
        held[since] = period
        self.found.memberships[key, since] = until


def _said(rows: Iterable[Row]) -> Names:
    """The places that the file itself names."""
    return {
        (row.values["level"], row.values["code"]): row.values["name"]
        for row in rows
        if row.values["level"] in NAMED and row.values["name"]
    }


def _stored_names(session: Session) -> Names:
    names: Names = {("municipality", code): name for code, name in municipality_names(session).items()}
    names |= {("district", code): name for code, name in district_names(session).items()}
    names |= {("area", code): name for code, name in session.execute(select(Area.code, Area.name))}
    for level, code, name in session.execute(select(UpperPlace.level, UpperPlace.code, UpperPlace.name)):
        names[level, code] = name
    return names


def _stored_periods(session: Session) -> dict[Key, dict[date, Period]]:
    found: dict[Key, dict[date, Period]] = {}
    for one in session.scalars(select(PlaceMembership)):
        key = (one.level, one.code, one.parent_level, one.parent_code)
        found.setdefault(key, {})[one.valid_from] = Period(one.valid_from, one.valid_to)
    for covered in session.scalars(select(DistrictMunicipality)):
        key = ("municipality", covered.municipality_code, "district", covered.district_code)
        found.setdefault(key, {})[covered.valid_from] = Period(covered.valid_from, covered.valid_to)
    return found
