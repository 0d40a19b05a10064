"""Loads municipalities and their areas; what is already there is updated, never moved."""

import re
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import UserError
from survey.models.area import Area
from survey.models.municipality import Municipality
from survey.preparation.csv_files import Row, read_rows

MUNICIPALITY_COLUMNS = ("municipality_code", "municipality", "county_code", "county", "police_region")
KIND_COLUMN = "skr_group"  # may be left out
AREA_COLUMNS = ("area_code", "municipality_code", "name", "valid_from", "valid_to")
MUNICIPALITY_CODE = re.compile(r"\d{4}", re.ASCII)
AREA_CODE = re.compile(r"(\d{4})-\w{1,11}", re.ASCII)


def load_municipalities(session: Session, path: Path, by: str) -> int:
    """Store the municipalities of a file; the number of them."""
    found: dict[str, Municipality] = {}
    for row in read_rows(path, MUNICIPALITY_COLUMNS):
        code = row.text("municipality_code")
        if not MUNICIPALITY_CODE.fullmatch(code):
            raise row.error("municipality_code", "en kommunkod med fyra siffror")
        if code in found:
            raise row.error("municipality_code", "en kommun som inte redan står i filen")
        found[code] = Municipality(
            code=code,
            name=row.text("municipality"),
            county_code=row.text("county_code", 2),
            county=row.text("county"),
            police_region=row.text("police_region", 40),
            skr_group=(row.text(KIND_COLUMN, 80) if row.values.get(KIND_COLUMN) else None),
        )
    for municipality in found.values():
        session.merge(municipality)
    session.flush()
    audit.record(session, by, "load municipalities", path.name, municipalities=len(found))
    return len(found)


def load_areas(session: Session, path: Path, by: str) -> int:
    """Store the areas of a file; the number of them."""
    municipalities = set(session.scalars(select(Municipality.code)))
    owners = {code: owner for code, owner in session.execute(select(Area.code, Area.municipality_code))}
    found: dict[str, Area] = {}
    for row in read_rows(path, AREA_COLUMNS):
        area = _area(row, municipalities)
        if area.code in found:
            raise row.error("area_code", "ett delområde som inte redan står i filen")
        if owners.get(area.code, area.municipality_code) != area.municipality_code:
            raise row.error("municipality_code", f"{owners[area.code]}, som delområdet redan hör till")
        found[area.code] = area
    for area in found.values():
        session.merge(area)
    session.flush()
    audit.record(session, by, "load areas", path.name, areas=len(found))
    return len(found)


def _area(row: Row, municipalities: set[str]) -> Area:
    code, owner = row.text("area_code", 16), row.text("municipality_code")
    if owner not in municipalities:
        raise row.error("municipality_code", "en kommun som är inläst")
    matched = AREA_CODE.fullmatch(code)
    if not matched or matched[1] != owner:
        raise row.error("area_code", f"kommunkoden, bindestreck och ett löpnummer, till exempel {owner}-07")
    valid_from, valid_to = row.day("valid_from"), row.optional_day("valid_to")
    if valid_to is not None and valid_to < valid_from:
        raise row.error("valid_to", "tom eller inte före valid_from")
    return Area(
        code=code, municipality_code=owner, name=row.text("name"), valid_from=valid_from, valid_to=valid_to
    )


def areas_on(session: Session, day: date) -> dict[str, str]:
    """The areas that are valid on a date, with the municipality of each, in order of code."""
    valid = select(Area.code, Area.municipality_code).where(
        Area.valid_from <= day, (Area.valid_to.is_(None)) | (Area.valid_to >= day)
    )
    # Sorted here: databases do not agree on the order of texts.
    return dict(sorted((code, owner) for code, owner in session.execute(valid)))


def municipality_names(session: Session) -> dict[str, str]:
    """Every municipality's name by code, in order of code."""
    named = select(Municipality.code, Municipality.name).order_by(Municipality.code)
    return {code: name for code, name in session.execute(named)}


def area_names(session: Session, municipality_code: str) -> dict[str, str]:
    """Every area of a municipality by code, those that are no longer valid too."""
    named = select(Area.code, Area.name).where(Area.municipality_code == municipality_code)
    return {code: name for code, name in session.execute(named)}


def find_municipality(session: Session, code: str) -> Municipality:
    """The municipality with this code."""
    # PostgreSQL refuses to be asked for what no code holds.
    municipality = session.get(Municipality, code) if code.isprintable() else None
    if municipality is None:
        raise UserError(
            f"Det finns ingen inläst kommun med koden {code!r}. Läs in kommunerna med: trygg geography load"
        )
    return municipality
