"""Borders of municipalities and areas, for maps: checked as a whole before any of them is stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import shapely
from shapely import Geometry
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.models.area import Area
from survey.models.border import AreaBorder, MunicipalityBorder
from survey.models.municipality import Municipality
from survey.preparation.border_checks import find_faults, simplify
from survey.preparation.border_files import Feature, read_features, require_faultless
from survey.preparation.geography import areas_on

# The municipalities of today go back to the reform of 1971.
SINCE_THE_REFORM = date(1971, 1, 1)
POINTS_PER_MUNICIPALITY = 60
POINTS_OF_AREAS = 1200  # of a municipality's areas together

Borders = Mapping[str, Geometry]


def load_municipality_borders(session: Session, content: bytes, valid_from: date, by: str) -> int:
    """Store where municipalities lie from a day on; the number of them."""
    names = {code: name for code, name in session.execute(select(Municipality.code, Municipality.name))}
    found = match(read_features(content), names, "ingen kommun som är inläst")
    require_faultless(find_faults(_labelled(found, names), None, ""))
    for code, shape in simplify(found, POINTS_PER_MUNICIPALITY * len(found)).items():
        session.merge(MunicipalityBorder(municipality_code=code, valid_from=valid_from, shape=shape))
    session.flush()
    audit.record(session, by, "load borders", "municipality", borders=len(found), valid_from=valid_from)
    return len(found)


def load_area_borders(session: Session, content: bytes, day: date, by: str) -> int:
    """Store where areas that are valid on a day lie, all those of each municipality in the file."""
    owners = areas_on(session, day)
    names = area_names(session, owners)
    found = match(read_features(content), names, f"inget delområde som gäller {day}")
    municipalities = sorted({owners[code] for code in found})
    faults: list[str] = []
    for owner in municipalities:
        codes = [code for code, of in owners.items() if of == owner]
        own = {code: found[code] for code in codes if code in found}
        faults += lacking(own, codes, names) or area_faults(session, owner, _labelled(own, names), day)
    require_faultless(faults)
    for owner in municipalities:
        store_area_borders(session, {code: shape for code, shape in found.items() if owners[code] == owner})
    audit.record(session, by, "load borders", "area", borders=len(found), day=day)
    return len(found)


def match(features: Sequence[Feature], names: Mapping[str, str], unknown: str) -> dict[str, Geometry]:
    """The shapes by code, in the order of `names`; a feature is known by its code, else by its name."""
    by_name = {name.casefold(): code for code, name in names.items()}
    found: dict[str, Geometry] = {}
    faults = []
    for feature in features:
        code = feature.code if feature.code in names else by_name.get(feature.name.casefold(), "")
        if not code:
            faults.append(f"{feature.label}: är {unknown}.")
        elif code in found:
            faults.append(f"{feature.label}: står mer än en gång. Slå ihop delarna till en yta.")
        else:
            found[code] = feature.shape
    require_faultless(faults)
    return {code: found[code] for code in names if code in found}


def lacking(found: Borders, wanted: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """A map with a hole in it is no map: what the file has no border for."""
    return [f"{names[code]} ({code}) saknar gräns i filen." for code in wanted if code not in found]


def area_faults(session: Session, municipality_code: str, labelled: Borders, day: date) -> list[str]:
    """What is wrong with the borders of a municipality's areas, beside each other and in the municipality."""
    around = municipality_borders(session, day, [municipality_code]).get(municipality_code)
    # Simplified, a border may cross itself by a hair.
    return find_faults(labelled, None if around is None else shapely.make_valid(around), "kommunen")


def store_area_borders(session: Session, found: Borders) -> None:
    """Store the borders of one municipality's areas, simplified together."""
    for code, shape in simplify(found, POINTS_OF_AREAS).items():
        session.merge(AreaBorder(area_code=code, shape=shape))
    session.flush()


def forget_area_border(session: Session, area_code: str) -> None:
    """Before an area that was never valid is removed."""
    session.execute(delete(AreaBorder).where(AreaBorder.area_code == area_code))


def area_borders(session: Session, area_codes: Iterable[str]) -> dict[str, Geometry]:
    """The borders of areas that have one, by code in order."""
    rows = session.execute(
        select(AreaBorder.area_code, AreaBorder.shape).where(AreaBorder.area_code.in_(list(area_codes)))
    )
    return {code: shapely.from_wkt(text) for code, text in sorted(tuple(row) for row in rows)}


def municipality_borders(
    session: Session, day: date, municipality_codes: Iterable[str] | None = None
) -> dict[str, Geometry]:
    """The borders of municipalities on a day, by code in order."""
    wanted = (
        select(MunicipalityBorder.municipality_code, MunicipalityBorder.shape)
        .where(MunicipalityBorder.valid_from <= day)
        .order_by(MunicipalityBorder.valid_from)
    )
    if municipality_codes is not None:
        wanted = wanted.where(MunicipalityBorder.municipality_code.in_(list(municipality_codes)))
    # The newest of each comes last and stays.
    newest = {code: text for code, text in session.execute(wanted)}
    return {code: shapely.from_wkt(newest[code]) for code in sorted(newest)}


def area_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names of areas by code, in order of code."""
    wanted = list(codes)
    rows = session.execute(select(Area.code, Area.name).where(Area.code.in_(wanted)))
    return dict(sorted((code, name) for code, name in rows))


def _labelled(found: Borders, names: Mapping[str, str]) -> dict[str, Geometry]:
    return {f"{names[code]} ({code})": shape for code, shape in found.items()}
